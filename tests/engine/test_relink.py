"""Links follow what becomes of records, in either system, and nothing is resolved that only a human can."""

from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from mksync.core.records import Ref, Refusal, Side
from mksync.core.report import RunReport
from mksync.engine.project import PERSON
from mksync.errors import BrakeApplied
from tests.world import KEY, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def two(world: World) -> World:
    """Two leads with a person each, in step: L1 with P001, L2 with P002."""
    world.lead(1, Title="one", Email="one@example.com")
    world.lead(2, Title="two", Email="two@example.com")
    world.cycle()
    assert [world.person_id(record) for record in ("L1", "L2")] == ["P001", "P002"]
    return world


def merge_leads(world: World, loser: str, winner: str) -> None:
    world.crm.drop("lead", loser, "merged", Ref("lead", winner))


def merge_people(world: World, loser: str, winner: str) -> None:
    world.marketo.drop(PERSON, loser, "merged", Ref(PERSON, winner))


def held(report: RunReport) -> list[Any]:
    return [row for part in report.objects for row in part.held]


def lives(report: RunReport) -> list[tuple[str, str | None, str | None, str]]:
    """(what happened, record, person, survivor) of everything that became of linked records."""
    events = [event for part in report.objects for event in part.lives]
    assert len(events) == sum(sum(part.lives_total.values()) for part in report.objects)
    return [(event.kind, event.record.id, event.record.person_id, event.survivor) for event in events]


def links(world: World) -> list[tuple[str, str, str, str]]:
    """(object, person, record, state) of every link."""
    db = sqlite_utils.Database(world.mirror.db)
    people = {row["_pid"]: row["_id"] for row in db.table("marketo_person").rows}
    records = {
        (object, row["_pid"]): row["_id"] for object in ("lead", "contact") for row in db.table(f"crm_{object}").rows
    }
    return sorted(
        (row["object"], people[row["person"]], records[row["object"], row["record"]], row["state"])
        for row in db.table("link").rows
    )


def test_a_merge_in_the_crm_of_two_that_have_a_person_each_is_held_for_a_human(two: World) -> None:
    merge_leads(two, "L1", "L2")
    report = two.cycle()
    (row,) = held(report)
    assert (row.record.id, row.record.person_id, row.record.label) == ("L1", "P001", "one@example.com")
    assert row.reason == "merged into L2 in CRM, but Marketo still has a record for each"
    assert row.remedy == (
        "merge person P001 into person P002 in Marketo, or delete person P001 there; Marketo's API merges with"
        " POST /rest/v1/leads/P002/merge.json?leadId=P001"
    )
    assert report.exit_code == 3
    assert links(two) == [("lead", "P001", "L1", "crm merged"), ("lead", "P002", "L2", "live")]


def test_a_merge_in_marketo_of_two_that_have_a_record_each_is_held_for_a_human(two: World) -> None:
    merge_people(two, "P001", "P002")
    report = two.cycle()
    (row,) = held(report)
    assert (row.record.id, row.record.person_id) == ("L1", "P001")
    assert row.reason == "merged into P002 in Marketo, but CRM still has a record for each"
    assert row.remedy == "merge L1 into L2 in CRM, or delete L1 there"
    assert links(two) == [("lead", "P001", "L1", "person merged"), ("lead", "P002", "L2", "live")]


def test_what_was_merged_is_held_until_it_is_merged_on_the_other_side_and_the_survivors_keep_in_step(
    two: World,
) -> None:
    merge_leads(two, "L1", "L2")
    two.cycle()
    two.crm.put("lead", "L2", Title="still in step")
    assert two.cycle().exit_code == 3
    assert two.marketo.records[PERSON]["P002"]["title"] == "still in step"
    assert two.marketo.records[PERSON]["P001"]["title"] == "one"


@pytest.mark.parametrize("loser", ["P001", "P002"])
@pytest.mark.parametrize("together", [False, True])
def test_merging_the_people_too_ends_it_whoever_survives(two: World, loser: str, together: bool) -> None:
    survivor = {"P001": "P002", "P002": "P001"}[loser]
    merge_leads(two, "L1", "L2")
    if not together:
        two.cycle()
    merge_people(two, loser, survivor)
    report = two.cycle()
    assert (held(report), report.exit_code) == ([], 0)
    assert links(two) == [("lead", survivor, "L2", "live")]
    _in_step(two, survivor, "L2")


@pytest.mark.parametrize("loser", ["L1", "L2"])
@pytest.mark.parametrize("together", [False, True])
def test_merging_the_records_too_ends_it_whichever_survives(two: World, loser: str, together: bool) -> None:
    survivor = {"L1": "L2", "L2": "L1"}[loser]
    merge_people(two, "P001", "P002")
    if not together:
        two.cycle()
    merge_leads(two, loser, survivor)
    report = two.cycle()
    assert (held(report), report.exit_code) == ([], 0)
    assert links(two) == [("lead", "P002", survivor, "live")]
    _in_step(two, "P002", survivor)


def _in_step(world: World, person: str, record: str) -> None:
    """Edits flow both ways, and then it is quiet."""
    world.cycle()
    world.crm.put("lead", record, Title="from the CRM")
    world.marketo.put(PERSON, person, phone="123")
    world.cycle()
    assert world.marketo.records[PERSON][person]["title"] == "from the CRM"
    assert world.crm.records["lead"][record]["Phone"] == "123"
    assert world.marketo.records[PERSON][person][KEY] == record
    before = world.writes()
    assert world.cycle().quiet
    assert world.writes() == before


def test_deleting_what_the_merge_left_behind_ends_it_too(two: World) -> None:
    merge_leads(two, "L1", "L2")
    two.cycle()
    two.marketo.drop(PERSON, "P001")
    report = two.cycle()
    assert (held(report), links(two)) == ([], [("lead", "P002", "L2", "live")])


def test_a_survivor_that_nobody_was_linked_with_takes_the_person_over(two: World) -> None:
    two.lead(3, Title="three")
    merge_leads(two, "L1", "L3")
    two.cycle()
    assert links(two) == [("lead", "P001", "L3", "live"), ("lead", "P002", "L2", "live")]
    assert len(two.marketo.records[PERSON]) == 2
    _in_step(two, "P001", "L3")


def test_a_person_that_nobody_was_linked_with_takes_the_record_over(two: World) -> None:
    two.marketo.put(PERSON, "P900", email="one@elsewhere.example.com")
    merge_people(two, "P001", "P900")
    two.cycle()
    assert links(two) == [("lead", "P002", "L2", "live"), ("lead", "P900", "L1", "live")]
    _in_step(two, "P900", "L1")


def test_a_conversion_into_a_contact_that_has_a_person_of_its_own_is_held(two: World) -> None:
    two.contact(1, Title="contact", Email="contact@example.com")
    two.cycle()
    two.crm.drop("lead", "L1", "converted", Ref("contact", "C1"))
    report = two.cycle()
    (row,) = held(report)
    assert (row.record.object, row.record.id, row.record.person_id) == ("lead", "L1", "P001")
    assert row.reason == "converted into C1 in CRM, but Marketo still has a record for each"
    merge_people(two, "P001", two.person_id("C1"))
    assert two.cycle().exit_code == 0


def test_a_survivor_may_have_been_merged_and_converted_since(two: World) -> None:
    two.lead(3)
    two.contact(1, Title="contact")
    merge_leads(two, "L1", "L3")
    two.crm.drop("lead", "L3", "converted", Ref("contact", "C1"))
    two.cycle()
    assert links(two) == [("contact", "P001", "C1", "live"), ("lead", "P002", "L2", "live")]


def test_records_that_were_merged_into_one_another_end_nowhere_and_not_in_a_loop(two: World) -> None:
    merge_leads(two, "L1", "L2")
    merge_leads(two, "L2", "L1")
    assert two.cycle().exit_code == 0
    assert {state for *_, state in links(two)} == {"crm merged"}


def test_a_merge_into_a_record_that_the_sync_user_cannot_see_is_a_loss(world: World) -> None:
    for number in range(30):
        world.lead(number, Email=f"{number}@example.com")
    world.cycle()
    for number in range(30):
        merge_leads(world, f"L{number}", "somewhere else")
    with pytest.raises(BrakeApplied, match="30 of 30 linked lead records were deleted"):
        world.cycle()
    world.cycle(confirm=30)
    assert {state for *_, state in links(world)} == {"crm merged"}


def test_an_undeleted_record_takes_up_its_link_again_and_edits_of_both_sides_meanwhile_flow(two: World) -> None:
    two.crm.drop("lead", "L1")
    report = two.cycle()
    assert links(two)[0] == ("lead", "P001", "L1", "crm deleted")
    assert lives(report) == [("crm deleted", "L1", "P001", "")]
    two.marketo.put(PERSON, "P001", title="meanwhile in Marketo", phone="1")
    assert two.cycle().quiet
    two.crm.put("lead", "L1", Title="one", Email="one@example.com", FirstName="Ana")
    report = two.cycle()
    assert links(two)[0] == ("lead", "P001", "L1", "live")
    assert lives(report) == [("crm undeleted", "L1", "P001", "")]
    assert two.crm.records["lead"]["L1"]["Title"] == "meanwhile in Marketo"
    assert two.crm.records["lead"]["L1"]["Phone"] == "1"
    assert two.marketo.records[PERSON]["P001"]["firstName"] == "Ana"
    assert report.objects[0].collisions == ()
    _in_step(two, "P001", "L1")


def test_what_both_sides_changed_around_a_deletion_is_a_collision(two: World) -> None:
    two.crm.drop("lead", "L1")
    two.cycle()
    two.marketo.put(PERSON, "P001", title="of Marketo")
    two.crm.put("lead", "L1", Title="of the CRM", Email="one@example.com")
    report = two.cycle()
    (row,) = report.objects[0].collisions
    assert (row.kind, row.marketo, row.crm, row.winner) == ("collision", "of Marketo", "of the CRM", Side.MARKETO)


def test_a_record_made_anew_takes_over_the_person_of_the_one_that_was_deleted(two: World) -> None:
    two.crm.drop("lead", "L1")
    two.cycle()
    two.lead(9, Title="anew", Email="ONE@example.com")
    report = two.cycle()
    assert (report.exit_code, len(two.marketo.records[PERSON])) == (0, 2)
    assert links(two) == [("lead", "P001", "L9", "live"), ("lead", "P002", "L2", "live")]
    _in_step(two, "P001", "L9")


def test_a_merge_that_was_held_is_over_when_another_record_takes_the_person(two: World) -> None:
    merge_leads(two, "L1", "L2")
    assert len(held(two.cycle())) == 1
    two.lead(3, Email="one@example.com")
    report = two.cycle()
    assert (held(report), report.exit_code) == ([], 0)
    assert links(two) == [("lead", "P001", "L3", "live"), ("lead", "P002", "L2", "live")]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("L1", "person P001 carries the id of another record, L1"),
        (None, "person P001 is already linked to another lead, L1"),  # somebody emptied it
    ],
)
def test_a_new_record_does_not_take_a_person_whose_own_record_is_there(
    two: World, key: str | None, reason: str
) -> None:
    two.marketo.put(PERSON, "P001", email="nine@example.com", **{KEY: key})
    two.crm.refuse = lambda id, values: Refusal("NO", "no")
    two.lead(10, Email="nine@example.com")
    assert reason in [row.reason for row in held(two.cycle())]
    assert ("lead", "P001", "L1", "live") in links(two)


def test_nothing_is_left_of_a_link_whose_both_ends_are_deleted(two: World) -> None:
    two.crm.drop("lead", "L1")
    two.cycle()
    two.marketo.drop(PERSON, "P001")
    two.cycle()
    assert links(two) == [("lead", "P002", "L2", "live")]


def test_what_a_deleted_record_left_over_is_no_longer_listed(two: World) -> None:
    two.crm.refuse = lambda id, values: Refusal("NO", "no") if id == "L1" else None
    two.marketo.put(PERSON, "P001", title="refused")
    assert two.cycle().exit_code == 3
    two.crm.drop("lead", "L1")
    assert two.cycle().exit_code == 0


def test_an_ambiguous_record_that_is_deleted_is_no_longer_held(world: World) -> None:
    world.marketo.put(PERSON, "P1", email="ana@example.com")
    world.lead(1, Email="ana@example.com")
    world.lead(2, Email="ana@example.com")
    assert len(held(world.cycle())) == 2
    world.crm.drop("lead", "L2")
    report = world.cycle()
    assert (held(report), report.exit_code) == ([], 0)
    assert world.person_of("L1")["email"] == "ana@example.com"


def test_edits_of_records_whose_other_end_is_gone_are_not_judged_over_and_over(two: World) -> None:
    two.crm.drop("lead", "L1")
    two.marketo.drop(PERSON, "P002")
    two.cycle()
    two.marketo.put(PERSON, "P001", title="edited")
    two.crm.put("lead", "L2", Title="edited")
    two.cycle()
    for side, object in ((Side.MARKETO, "marketo_person"), (Side.CRM, "crm_lead")):
        waiting = [row["_id"] for row in sqlite_utils.Database(two.mirror.db).table(object).rows_where("_dirty")]
        assert waiting == [], side
