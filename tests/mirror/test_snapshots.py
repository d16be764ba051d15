"""What a side last held: what staging marks, who is gone, who waits to be judged."""

import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.records import Field, FieldType, Gone, Record, Ref, Side, Value
from mksync.engine.project import PERSON
from mksync.mirror import Mirror, migrations, schema, snapshots
from mksync.mirror.snapshots import Snapshots
from tests.mirror.conftest import Rows
from tests.mirror.samples import KEY, PEOPLE, RECORDS, link, see_person, see_record

ANA: dict[str, Value] = {"email": "ana@example.com", "title": "CTO", "score": 7, "optedOut": False}


def _judged(mirror: Mirror, id: str, **values: Value) -> int:
    """A person that was read and judged."""
    pid = see_person(mirror, id, **values)
    mirror.snapshots.clean(Side.MARKETO, PERSON, pid)
    return pid


def test_a_new_record_is_kept_field_by_field_under_the_vendors_names_and_waits_to_be_judged(
    mirror: Mirror, rows: Rows
) -> None:
    see_person(mirror, "P1", 3, **ANA)
    assert rows("marketo_person") == [
        {"_pid": 1, "_id": "P1", "_version": None, "_gone": None, "_into": None, "_dirty": 1, "_seen": 3,
         KEY: None, "email": "ana@example.com", "title": "CTO", "score": 7, "optedOut": 0},
    ]  # fmt: skip


def test_a_record_that_is_read_again_as_it_was_stays_judged(mirror: Mirror, rows: Rows) -> None:
    _judged(mirror, "P1", **ANA)
    see_person(mirror, "P1", 4, **ANA)
    assert rows("marketo_person", "_id", "_dirty", "_seen") == [{"_id": "P1", "_dirty": 0, "_seen": 4}]


@pytest.mark.parametrize(
    ("field", "value", "dirty"),
    [
        ("title", "CEO", 1),
        ("title", None, 1),
        ("title", "cto", 1),
        (KEY, "L1", 1),
        ("score", 8, 1),
        ("optedOut", True, 1),
        ("email", "bo@example.com", 1),
        ("email", "Ana@Example.com", 0),  # the same address
    ],
)
def test_whatever_moved_has_to_be_judged(mirror: Mirror, rows: Rows, field: str, value: Value, dirty: int) -> None:
    _judged(mirror, "P1", **ANA)
    see_person(mirror, "P1", **{**ANA, field: value})
    (row,) = rows("marketo_person", "_dirty", field)
    assert row == {"_dirty": dirty, field: value}


def test_another_version_alone_is_kept_and_is_nothing_to_judge(mirror: Mirror, rows: Rows) -> None:
    pid = see_record(mirror, "L1", Title="CTO")
    mirror.snapshots.clean(Side.CRM, "lead", pid)
    again = Record("lead", "L1", {"Title": "CTO"}, "v2")
    mirror.snapshots.stage(Side.CRM, "lead", RECORDS, [again], 1)
    assert rows("crm_lead", "_version", "_dirty") == [{"_version": "v2", "_dirty": 0}]


def test_what_waits_to_be_judged_still_waits_after_it_is_read_again(mirror: Mirror, rows: Rows) -> None:
    see_person(mirror, "P1", **ANA)
    see_person(mirror, "P1", **ANA)
    assert rows("marketo_person", "_dirty") == [{"_dirty": 1}]


TEXT_OR_EMPTY = st.sampled_from([None, "a", "A", "b", "ä", "Ä", "0", " "])


@given(first=st.lists(TEXT_OR_EMPTY, min_size=3, max_size=3), then=st.lists(TEXT_OR_EMPTY, min_size=3, max_size=3))
def test_staging_marks_a_record_exactly_if_one_of_its_texts_is_another(
    first: list[str | None], then: list[str | None]
) -> None:
    fields = [Field(name, name, FieldType.TEXT) for name in ("one", "two", "three")]
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrations.migrate(db)
    snapshots = Snapshots(db)
    schema.ensure_snapshot(db, "marketo_person", fields)
    for values in (first, then):
        db.execute("UPDATE marketo_person SET _dirty = 0")
        named = dict(zip(["one", "two", "three"], values, strict=True))
        snapshots.stage(Side.MARKETO, PERSON, fields, [Record(PERSON, "P1", named)], 1)
    assert db.execute("SELECT _dirty, one, two, three FROM marketo_person").fetchall() == [(int(first != then), *then)]
    db.close()


HELD = st.fixed_dictionaries({
    "text": st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
    "flag": st.none() | st.booleans(),
    "number": st.none() | st.integers(-5, 5),
})  # fmt: skip


@given(
    st.lists(HELD, max_size=4).flatmap(lambda some: st.sampled_from([some, some * 30])), st.sampled_from(["v1", None])
)
def test_records_staged_together_are_kept_each_with_its_own_values(
    held: list[dict[str, Value]], version: str | None
) -> None:
    types = {"text": FieldType.TEXT, "flag": FieldType.BOOLEAN, "number": FieldType.INTEGER}
    fields = [Field(name, name, type) for name, type in types.items()]
    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.ensure_snapshot(db, "crm_lead", fields)
    read = [Record("lead", f"L{at}", values, version if at else "v0") for at, values in enumerate(held)]
    Snapshots(db).stage(Side.CRM, "lead", fields, read, 1)
    kept = Snapshots(db).get_all(Side.CRM, "lead", [record.id for record in read], fields)
    assert kept == {record.id: record for record in read}
    assert [type(value) for (value,) in db.execute("SELECT flag FROM crm_lead WHERE flag")] == [int] * sum(
        one["flag"] is True for one in held
    )
    db.close()


def _gone(id: str, reason: Any = "deleted", into: Ref | None = None) -> Gone:
    return Gone("lead", id, reason, into)


def test_a_record_that_is_gone_is_kept_with_what_became_of_it(mirror: Mirror, rows: Rows) -> None:
    pid = see_record(mirror, "L1", Title="CTO")
    mirror.snapshots.clean(Side.CRM, "lead", pid)
    mirror.snapshots.bury(Side.CRM, "lead", [_gone("L1", "converted", Ref("contact", "C:1"))])
    assert rows("crm_lead", "_gone", "_into", "_dirty", "Title") == [
        {"_gone": "converted", "_into": "contact:C:1", "_dirty": 1, "Title": "CTO"}
    ]
    (departed,) = mirror.snapshots.departed(Side.CRM, "lead")
    assert (departed.id, departed.reason, departed.into) == ("L1", "converted", Ref("contact", "C:1"))
    assert mirror.snapshots.find(Side.CRM, Ref("lead", "L1")) == departed
    assert mirror.snapshots.find(Side.CRM, Ref("lead", "L2")) is None


def test_all_who_are_gone_by_now_are_told_of_however_many_and_none_that_is_found_to_be_so_meanwhile(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "AT_A_TIME", 2)
    pids = [see_record(mirror, f"L{number}") for number in range(6)]
    mirror.snapshots.bury(Side.CRM, "lead", [_gone(f"L{number}") for number in range(5)])
    told = []
    for departed in mirror.snapshots.departed(Side.CRM, "lead"):
        told.append(departed.id)
        mirror.snapshots.bury(Side.CRM, "lead", [_gone("L5")])
        mirror.snapshots.clean(Side.CRM, "lead", pids[4])
    assert told == ["L0", "L1", "L2", "L3", "L4"]


def test_who_was_never_known_stays_unknown_when_gone(mirror: Mirror, rows: Rows) -> None:
    mirror.snapshots.bury(Side.CRM, "lead", [_gone("L9")])
    assert rows("crm_lead") == []


def test_who_was_never_known_and_went_into_another_is_kept_as_a_step_on_the_way(mirror: Mirror, rows: Rows) -> None:
    mirror.snapshots.bury(Side.CRM, "lead", [_gone("L9", "merged", Ref("lead", "L1"))])
    assert rows("crm_lead", "_id", "_gone", "_into") == [{"_id": "L9", "_gone": "merged", "_into": "lead:L1"}]
    assert mirror.snapshots.count(Side.CRM, "lead") == 0


def test_to_hear_again_that_a_record_is_gone_is_no_news_but_a_better_reason_is(mirror: Mirror) -> None:
    pid = see_record(mirror, "L1")
    for gone, news in (
        (_gone("L1"), 1),
        (_gone("L1"), 0),
        (_gone("L1", "merged", Ref("lead", "L2")), 1),
    ):
        mirror.snapshots.bury(Side.CRM, "lead", [gone])
        assert len(list(mirror.snapshots.departed(Side.CRM, "lead"))) == news
        mirror.snapshots.clean(Side.CRM, "lead", pid)


def test_a_record_that_came_back_is_there_again_and_is_judged(mirror: Mirror, rows: Rows) -> None:
    pid = see_record(mirror, "L1", Title="CTO")
    mirror.snapshots.bury(Side.CRM, "lead", [_gone("L1", "merged", Ref("lead", "L2"))])
    mirror.snapshots.clean(Side.CRM, "lead", pid)
    see_record(mirror, "L1", Title="CTO")
    assert rows("crm_lead", "_gone", "_into", "_dirty") == [{"_gone": None, "_into": None, "_dirty": 1}]


def test_what_a_full_read_did_not_show_is_gone_and_only_that(mirror: Mirror, rows: Rows) -> None:
    for id, generation in (("P1", 1), ("P2", 2), ("P3", 3)):
        see_person(mirror, id, generation)
    snapshots = mirror.snapshots
    assert (snapshots.seen(Side.MARKETO, PERSON, 2), snapshots.unseen(Side.MARKETO, PERSON, 2)) == (2, 1)
    snapshots.bury_unseen(Side.MARKETO, PERSON, 2)
    gone = [(row["_id"], row["_gone"]) for row in rows("marketo_person")]
    assert gone == [("P1", "deleted"), ("P2", None), ("P3", None)]
    assert snapshots.unseen(Side.MARKETO, PERSON, 2) == 0
    assert snapshots.count(Side.MARKETO, PERSON) == 2


def test_unlinked_records_are_those_that_wait_are_there_and_belong_to_nobody(mirror: Mirror) -> None:
    link(mirror, "P1", "L1")
    see_record(mirror, "L2", Title="CTO")
    mirror.snapshots.clean(Side.CRM, "lead", see_record(mirror, "L3"))
    see_record(mirror, "L4")
    mirror.snapshots.bury(Side.CRM, "lead", [_gone("L4")])
    see_record(mirror, "L5")
    found = mirror.snapshots.unlinked("lead", RECORDS, 0, 10)
    assert [record.id for _, record in found] == ["L2", "L5"]
    pid, record = found[0]
    assert (record.values["Title"], record.version) == ("CTO", "v1")
    assert [id for id, _ in mirror.snapshots.unlinked("lead", RECORDS, 0, 1)] == [pid]
    assert [record.id for _, record in mirror.snapshots.unlinked("lead", RECORDS, pid, 10)] == ["L5"]


def test_a_record_is_unlinked_even_if_another_objects_record_of_the_same_row_number_is_linked(mirror: Mirror) -> None:
    see_person(mirror, "P1")
    pid, other = see_record(mirror, "C1", object="contact"), see_record(mirror, "L1")
    assert pid == other
    mirror.links.add("contact", 1, pid, "email", 1)
    assert [record.id for _, record in mirror.snapshots.unlinked("lead", RECORDS, 0, 10)] == ["L1"]


def test_records_are_found_by_a_value_whatever_its_case_unless_they_are_gone(mirror: Mirror) -> None:
    for id, email in (("P1", "ana@example.com"), ("P2", "Ana@Example.com"), ("P3", "bo@example.com")):
        see_person(mirror, id, email=email)
    mirror.snapshots.bury(Side.MARKETO, PERSON, [Gone(PERSON, "P2", "deleted")])
    assert mirror.snapshots.ids_where(Side.MARKETO, PERSON, "email", "ANA@example.com") == ["P1"]
    see_person(mirror, "P2", email="Ana@Example.com")
    assert mirror.snapshots.ids_where(Side.MARKETO, PERSON, "email", "ANA@example.com") == ["P1", "P2"]
    assert mirror.snapshots.ids_where(Side.MARKETO, PERSON, "email", "ana@example.com", limit=1) == ["P1"]


def test_a_record_is_given_back_as_it_was_last_read_also_if_it_is_gone(mirror: Mirror) -> None:
    see_person(mirror, "P1", **ANA)
    mirror.snapshots.bury(Side.MARKETO, PERSON, [Gone(PERSON, "P1", "deleted")])
    found = mirror.snapshots.get(Side.MARKETO, PERSON, "P1", PEOPLE)
    assert found == Record(PERSON, "P1", {KEY: None, **ANA})
    assert mirror.snapshots.get(Side.MARKETO, PERSON, "P9", PEOPLE) is None
    assert mirror.snapshots.pid(Side.MARKETO, PERSON, "P9") is None


def test_people_without_a_living_link_wait_for_nothing(mirror: Mirror, rows: Rows) -> None:
    link(mirror, "P1", "L1")
    mirror.links.set_state(link(mirror, "P2", "L2"), "crm deleted")
    see_person(mirror, "P3")
    mirror.snapshots.clean_unlinked(PERSON)
    assert [(row["_id"], row["_dirty"]) for row in rows("marketo_person")] == [("P1", 1), ("P2", 0), ("P3", 0)]


def test_records_whose_person_is_gone_wait_for_nothing_and_unlinked_ones_still_do(mirror: Mirror, rows: Rows) -> None:
    link(mirror, "P1", "L1")
    mirror.links.set_state(link(mirror, "P2", "L2"), "person deleted")
    see_record(mirror, "L3")
    mirror.snapshots.clean_left_behind("lead")
    assert [(row["_id"], row["_dirty"]) for row in rows("crm_lead")] == [("L1", 1), ("L2", 0), ("L3", 1)]
