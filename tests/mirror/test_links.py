"""Who belongs to whom, what is due, and bases that move one field at a time."""

import sqlite3

import pytest

from mksync.core.records import Gone, Side, Sides
from mksync.engine.project import PERSON
from mksync.mirror import Mirror
from tests.mirror.conftest import Rows
from tests.mirror.samples import KEY, PAIRS, link, see_person, see_record


def _clean(mirror: Mirror) -> None:
    for table in ("marketo_person", "crm_lead", "crm_contact"):
        mirror.db.execute(f"UPDATE {table} SET _dirty = 0")


def _due(mirror: Mirror, object: str = "lead") -> list[str]:
    mirror.links.collect_due(object)
    return [linked.ids.crm for linked in mirror.links.due(object, PAIRS[object], 0, 100)]


def test_a_link_pairs_one_person_with_one_record(mirror: Mirror, rows: Rows) -> None:
    link(mirror, "P1", "L1")
    assert rows("link") == [
        {"id": 1, "object": "lead", "counterpart": "person", "person": 1, "record": 1, "matched_by": "email",
         "settled": 0, "state": "live", "since": 1},
    ]  # fmt: skip
    by_person, by_record = mirror.links.of_person(1), mirror.links.of_record("lead", 1)
    assert by_person == by_record
    assert by_person is not None
    assert mirror.links.of_person(2) is mirror.links.of_record("contact", 1) is None


@pytest.mark.parametrize(("object", "person", "record"), [("lead", 1, 2), ("lead", 2, 1), ("contact", 1, 2)])
def test_nobody_is_linked_twice(mirror: Mirror, object: str, person: int, record: int) -> None:
    link(mirror, "P1", "L1")
    link(mirror, "P3", "C1", "contact")
    see_person(mirror, "P2")
    with pytest.raises(sqlite3.IntegrityError):
        mirror.links.add(object, person, record, "email", 1)


def test_links_that_rest_are_not_counted(mirror: Mirror) -> None:
    link(mirror, "P1", "L1")
    mirror.links.set_state(link(mirror, "P2", "L2"), "crm deleted")
    link(mirror, "P3", "C1", "contact")
    assert (mirror.links.count("lead"), mirror.links.count("contact")) == (1, 1)


def test_a_link_is_due_once_if_either_of_its_records_is_to_be_judged(mirror: Mirror) -> None:
    for number in (1, 2, 3, 4):
        link(mirror, f"P{number}", f"L{number}")
    _clean(mirror)
    mirror.snapshots.soil(Side.MARKETO, PERSON, "P1")
    mirror.snapshots.soil(Side.CRM, "lead", "L2")
    mirror.snapshots.soil(Side.MARKETO, PERSON, "P3")
    mirror.snapshots.soil(Side.CRM, "lead", "L3")
    assert _due(mirror) == ["L1", "L2", "L3"]


def test_links_that_rest_or_have_lost_a_record_are_not_due(mirror: Mirror) -> None:
    mirror.links.set_state(link(mirror, "P1", "L1"), "person merged")
    link(mirror, "P2", "L2")
    link(mirror, "P3", "L3")
    mirror.snapshots.bury(Side.CRM, "lead", [Gone("lead", "L2", "deleted")])
    mirror.snapshots.bury(Side.MARKETO, PERSON, [Gone(PERSON, "P3", "deleted")])
    assert _due(mirror) == []


def test_each_object_has_its_own_due_links(mirror: Mirror) -> None:
    link(mirror, "P1", "L1")
    link(mirror, "P2", "C1", "contact")
    assert (_due(mirror, "lead"), _due(mirror, "contact")) == (["L1"], ["C1"])


def test_due_links_come_in_pieces_of_any_size(mirror: Mirror) -> None:
    for number in range(5):
        link(mirror, f"P{number}", f"L{number}")
    mirror.links.collect_due("lead")
    after = 0
    sizes: list[int] = []
    while piece := mirror.links.due("lead", PAIRS["lead"], after, 2):
        after, sizes = piece[-1].link, [*sizes, len(piece)]
    assert sizes == [2, 2, 1]


def test_a_due_link_tells_what_both_sides_hold_and_held(mirror: Mirror) -> None:
    number = link(mirror, "P1", "L1")
    see_person(mirror, "P1", title="CEO", email="ana@example.com", score=3)
    see_record(mirror, "L1", Title="CTO", HasOptedOut=True)
    mirror.links.rebase(number, "lead", Side.MARKETO, {"title": "CFO"})
    mirror.links.rebase(number, "lead", Side.CRM, {"Title": "COO"})
    linked = mirror.links.load("lead", PAIRS["lead"], number)
    assert linked is not None
    assert (linked.ids, linked.keys, linked.version, linked.settled) == (Sides("P1", "L1"), Sides(1, 1), "v1", False)
    assert linked.now.marketo == {KEY: None, "email": "ana@example.com", "title": "CEO", "score": 3, "optedOut": None}
    assert linked.now.crm == {"Id": None, "Email": None, "Title": "CTO", "Score__c": None, "HasOptedOut": 1}
    assert (linked.base.marketo["title"], linked.base.crm["Title"], linked.base.crm["Email"]) == ("CFO", "COO", None)


def test_a_base_moves_only_in_the_fields_and_on_the_side_that_were_seen(mirror: Mirror, rows: Rows) -> None:
    number = link(mirror, "P1", "L1")
    mirror.links.rebase(number, "lead", Side.MARKETO, {"title": "CTO", "score": 1})
    mirror.links.rebase(number, "lead", Side.MARKETO, {"score": None})
    mirror.links.rebase(number, "lead", Side.CRM, {})
    mirror.links.mark_settled(number)
    (base,) = rows("marketo_lead_base", "_link", "title", "score")
    assert base == {"_link": number, "title": "CTO", "score": None}
    assert rows("crm_lead_base") == []
    assert rows("link", "settled") == [{"settled": 1}]


def test_a_link_that_moves_forgets_its_bases_and_is_judged_as_a_first_meeting(mirror: Mirror, rows: Rows) -> None:
    number = link(mirror, "P1", "L1")
    other = link(mirror, "P2", "L2")
    for one in (number, other):
        for side, name in ((Side.MARKETO, "title"), (Side.CRM, "Title")):
            mirror.links.rebase(one, "lead", side, {name: "CTO"})
        mirror.links.mark_settled(one)
    mirror.links.set_state(number, "crm deleted")
    found = mirror.links.of_person(1)
    assert found is not None
    mirror.links.move(found, object="contact", record=see_record(mirror, "C1", object="contact"))
    assert rows("link", "id", "object", "person", "record", "settled", "state") == [
        {"id": 1, "object": "contact", "person": 1, "record": 1, "settled": 0, "state": "live"},
        {"id": 2, "object": "lead", "person": 2, "record": 2, "settled": 1, "state": "live"},
    ]
    assert rows("marketo_lead_base", "_link") == rows("crm_lead_base", "_link") == [{"_link": other}]


def test_a_link_that_is_removed_takes_its_bases_along(mirror: Mirror, rows: Rows) -> None:
    number = link(mirror, "P1", "L1")
    mirror.links.rebase(number, "lead", Side.MARKETO, {"title": "CTO"})
    mirror.links.rebase(number, "lead", Side.CRM, {"Title": "CTO"})
    mirror.links.remove(number, "lead")
    assert rows("link") == rows("marketo_lead_base") == rows("crm_lead_base") == []


@pytest.mark.parametrize(
    ("state", "gone", "there"),
    [
        ("crm deleted", None, True),
        ("person deleted", None, True),
        ("crm deleted", "L1", False),
        ("crm deleted", "P1", False),
        ("person merged", None, False),  # who was merged does not come back by itself
    ],
)
def test_a_link_that_rests_is_found_once_both_its_records_are_there_again(
    mirror: Mirror, rows: Rows, state: str, gone: str | None, there: bool
) -> None:
    number = link(mirror, "P1", "L1")
    mirror.links.mark_settled(number)
    mirror.links.set_state(number, state)
    mirror.snapshots.bury(Side.CRM, "lead", [Gone("lead", gone or "", "deleted")])
    mirror.snapshots.bury(Side.MARKETO, PERSON, [Gone(PERSON, gone or "", "deleted")])
    found = [one.id for object in ("lead", "contact") for one in mirror.links.revived(object)]
    assert found == ([number] if there else [])
    assert rows("link", "state", "settled") == [{"state": state, "settled": 1}], "the bases are kept"


def test_all_linked_records_of_one_object_can_be_judged_again(mirror: Mirror, rows: Rows) -> None:
    link(mirror, "P1", "L1")
    link(mirror, "P2", "C1", "contact")
    see_record(mirror, "L2")
    _clean(mirror)
    mirror.links.soil_all("lead")
    assert [(row["_id"], row["_dirty"]) for row in rows("crm_lead")] == [("L1", 1), ("L2", 0)]
    assert rows("crm_contact", "_dirty") == [{"_dirty": 0}]
