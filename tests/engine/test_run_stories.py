"""A cycle, told as stories over two systems in memory."""

from pathlib import Path

import pytest

from mksync.core.pairs import Direction, Policy
from mksync.core.records import Ref, Refusal, Side
from mksync.engine.project import PERSON
from mksync.errors import BrakeApplied, MirrorError
from tests.memory import lost_answers
from tests.world import KEY, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_new_crm_record_becomes_a_person_that_carries_its_id(world: World) -> None:
    world.lead(1, FirstName="Ana", Email="ana@example.com")
    report = world.cycle()
    person = world.person_of("L1")
    assert (person["firstName"], person["email"], person[KEY]) == ("Ana", "ana@example.com", "L1")
    assert report.objects[0].created == 1
    assert report.exit_code == 0


def test_the_cycle_after_that_writes_nothing(world: World) -> None:
    world.lead(1, FirstName="Ana", Email="ana@example.com")
    world.cycle()
    before = world.writes()
    report = world.cycle()
    assert world.writes() == before
    assert report.quiet


def test_people_known_only_to_marketo_stay_there(world: World) -> None:
    world.marketo.put(PERSON, "P1", firstName="Bo", email="bo@example.com")
    world.cycle()
    assert world.crm.records == {}


def test_different_fields_changed_on_both_sides_both_survive(world: World) -> None:
    world.lead(1, Title="CTO", Phone="1")
    world.cycle()
    world.crm.put("lead", "L1", Phone="2")
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO")
    report = world.cycle()
    assert (world.person_of("L1")["title"], world.person_of("L1")["phone"]) == ("CEO", "2")
    assert (world.crm.records["lead"]["L1"]["Title"], world.crm.records["lead"]["L1"]["Phone"]) == ("CEO", "2")
    assert report.objects[0].collisions_total == 0


@pytest.mark.parametrize(("object", "record", "winner"), [("lead", "L1", "marketo"), ("contact", "C1", "crm")])
def test_the_same_field_changed_on_both_sides_is_decided_by_the_object(
    world: World, object: str, record: str, winner: str
) -> None:
    world.crm.put(object, record, Title="CTO")
    world.cycle()
    world.crm.put(object, record, Title="from the CRM")
    world.marketo.put(PERSON, world.person_id(record), title="from Marketo")
    report = world.cycle()
    won = {"marketo": "from Marketo", "crm": "from the CRM"}[winner]
    assert world.crm.records[object][record]["Title"] == world.person_of(record)["title"] == won
    (collision,) = [row for part in report.objects for row in part.collisions]
    assert (collision.marketo, collision.crm, collision.winner) == ("from Marketo", "from the CRM", Side(winner))


def test_a_value_that_a_server_reformats_causes_no_further_write(world: World) -> None:
    world.marketo.reformat = lambda name, value: value[:3] if name == "title" and isinstance(value, str) else value
    world.lead(1, Title="Chief of Staff")
    world.cycle()
    before = world.writes()
    world.cycle()
    world.cycle()
    assert world.writes() == before
    assert world.crm.records["lead"]["L1"]["Title"] == "Chief of Staff"


def test_records_with_one_email_are_linked_and_their_first_difference_is_settled_by_the_policy(world: World) -> None:
    world.marketo.put(PERSON, "P1", email="ANA@example.com", title="CEO")
    world.lead(1, Email="ana@example.com", Title="CTO", Phone="1")
    report = world.cycle()
    assert world.person_of("L1")["phone"] == "1"
    assert world.crm.records["lead"]["L1"]["Title"] == "CEO"
    assert [row.kind for row in report.objects[0].collisions] == ["initial"]
    assert len(world.marketo.records[PERSON]) == 1


def test_an_ambiguous_match_is_held_and_neither_linked_nor_created(world: World) -> None:
    world.lead(1, Email="ana@example.com")
    world.lead(2, Email="Ana@example.com")
    world.marketo.put(PERSON, "P1", email="ana@example.com")
    report = world.cycle()
    assert report.exit_code == 3
    assert report.objects[0].held_total == 2
    assert world.marketo.records[PERSON]["P1"][KEY] is None


def test_what_a_side_refuses_is_listed_and_not_sent_again_until_the_record_changes(world: World) -> None:
    world.lead(1, Title="CTO", Phone="1234567")
    world.cycle()
    world.crm.refuse = lambda id, values: Refusal("VALIDATION", "too short") if values.get("Phone") == "12" else None
    world.marketo.put(PERSON, world.person_id("L1"), phone="12")
    report = world.cycle()
    assert report.exit_code == 3
    assert [row.code for row in report.objects[0].rejected] == ["VALIDATION"]
    before = world.writes()
    assert world.cycle().exit_code == 3
    assert world.writes() == before
    world.marketo.put(PERSON, world.person_id("L1"), phone="7654321")
    assert world.cycle().exit_code == 0
    assert world.crm.records["lead"]["L1"]["Phone"] == "7654321"


def test_one_refused_record_changes_nothing_for_another(world: World) -> None:
    world.lead(1, Title="CTO")
    world.lead(2, Title="CTO")
    world.cycle()
    world.crm.refuse = lambda id, values: Refusal("VALIDATION", "no") if id == "L1" else None
    for record in ("L1", "L2"):
        world.marketo.put(PERSON, world.person_id(record), title="CEO")
    world.cycle()
    titles = [world.crm.records["lead"][record]["Title"] for record in ("L1", "L2")]
    assert titles == ["CTO", "CEO"]


def test_a_refusal_on_one_side_does_not_bring_the_write_back_when_the_other_side_was_written(world: World) -> None:
    world.lead(1, Title="CTO", Phone="1")
    world.cycle()
    world.crm.refuse = lambda id, values: Refusal("VALIDATION", "no")
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO")
    world.crm.put("lead", "L1", Phone="2")
    world.cycle()
    before = world.writes()
    world.cycle()
    assert world.writes() == before


def test_an_edit_between_read_and_write_survives(world: World) -> None:
    world.lead(1, Title="CTO", Phone="1")
    world.cycle()
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO")

    def edit_before_write(step: str) -> None:
        if step == "crm write":
            world.crm.at_step = lambda step: None
            world.crm.put("lead", "L1", Title="edited meanwhile", Phone="2")

    world.crm.at_step = edit_before_write
    world.cycle()
    assert world.crm.records["lead"]["L1"]["Title"] == "edited meanwhile"
    report = world.cycle()
    assert [row.crm for row in report.objects[0].collisions] == ["edited meanwhile"]
    assert world.crm.records["lead"]["L1"]["Phone"] == world.person_of("L1")["phone"] == "2"


def test_a_person_who_came_to_be_since_marketo_was_read_is_not_created_again(world: World) -> None:
    world.lead(1, Email="ana@example.com", FirstName="Ana")

    def sign_up(step: str) -> None:
        if step == "marketo find":
            world.marketo.at_step = lambda step: None
            world.marketo.put(PERSON, "P9", email="Ana@example.com")

    world.marketo.at_step = sign_up
    world.cycle()
    world.cycle()
    assert list(world.marketo.records[PERSON]) == ["P9"]
    assert world.person_of("L1")["firstName"] == "Ana"


@pytest.mark.parametrize("step", ["marketo write", "marketo wrote"])
def test_a_lost_answer_to_a_create_makes_no_second_person(world: World, step: str) -> None:
    world.lead(1, FirstName="Ana")
    world.marketo.at_step = lost_answers({step})
    assert world.cycle().exit_code == (5 if step == "marketo write" else 0)
    world.marketo.at_step = lambda step: None
    world.cycle()
    assert [values["firstName"] for values in world.marketo.records[PERSON].values()] == ["Ana"]


@pytest.mark.parametrize("step", ["crm write", "crm wrote"])
def test_a_lost_answer_to_an_update_ends_as_if_it_had_come(world: World, step: str) -> None:
    world.lead(1, Title="CTO")
    world.cycle()
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO")
    world.crm.at_step = lost_answers({step})
    world.cycle()
    world.crm.at_step = lambda step: None
    world.cycle()
    before = world.writes()
    world.cycle()
    assert world.crm.records["lead"]["L1"]["Title"] == "CEO"
    assert world.writes() == before


def test_a_dry_run_shows_the_plan_and_leaves_both_sides_and_the_mirror_alone(world: World) -> None:
    world.lead(1, Title="CTO")
    world.cycle()
    world.crm.put("lead", "L1", Title="CEO")
    dump = list(world.mirror.db.iterdump())
    sides = (world.marketo.snapshot(), world.crm.snapshot())
    report = world.cycle(dry=True)
    assert [(row.field, row.was, row.now) for row in report.objects[0].changes] == [("title", "CTO", "CEO")]
    assert list(world.mirror.db.iterdump()) == dump
    assert (world.marketo.snapshot(), world.crm.snapshot()) == sides


def test_a_field_policy_overrides_the_object(tmp_path: Path) -> None:
    world = World(tmp_path, {"title": Policy.CRM})
    world.lead(1, Title="CTO")
    world.cycle()
    world.crm.put("lead", "L1", Title="from the CRM")
    world.marketo.put(PERSON, world.person_id("L1"), title="from Marketo")
    world.cycle()
    assert world.person_of("L1")["title"] == "from the CRM"


def test_policy_hold_leaves_both_values_and_lists_them(tmp_path: Path) -> None:
    world = World(tmp_path, {"title": Policy.HOLD})
    world.lead(1, Title="CTO")
    world.cycle()
    world.crm.put("lead", "L1", Title="from the CRM")
    world.marketo.put(PERSON, world.person_id("L1"), title="from Marketo")
    report = world.cycle()
    assert (world.person_of("L1")["title"], world.crm.records["lead"]["L1"]["Title"]) == (
        "from Marketo",
        "from the CRM",
    )
    assert [(row.field, row.marketo, row.crm) for row in report.objects[0].held] == [
        ("title", "from Marketo", "from the CRM")
    ]
    assert report.exit_code == 3


def test_a_one_way_field_edited_on_its_receiving_side_is_written_over_and_logged(world: World) -> None:
    world.directions["title"] = Direction.TO_MARKETO
    world.lead(1, Title="CTO")
    world.cycle()
    world.marketo.put(PERSON, world.person_id("L1"), title="mine")
    report = world.cycle()
    assert world.person_of("L1")["title"] == "CTO"
    assert [(row.kind, row.marketo, row.winner) for row in report.objects[0].collisions] == [
        ("overruled", "mine", Side.CRM)
    ]


def test_a_record_deleted_in_the_crm_keeps_its_person_and_is_written_no_more(world: World) -> None:
    world.lead(1, Title="CTO")
    world.cycle()
    world.crm.drop("lead", "L1")
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO")
    before = world.writes()
    world.cycle()
    assert world.writes() == before
    assert len(world.marketo.records[PERSON]) == 1


def test_a_person_deleted_in_marketo_is_not_resurrected(world: World) -> None:
    world.lead(1, Title="CTO")
    world.cycle()
    world.marketo.drop(PERSON, world.person_id("L1"))
    world.crm.put("lead", "L1", Title="CEO")
    world.cycle()
    assert world.marketo.records[PERSON] == {}
    assert list(world.crm.records["lead"]) == ["L1"]


def test_a_converted_lead_takes_its_person_along_to_the_contact(world: World) -> None:
    world.lead(1, Title="CTO", Email="ana@example.com")
    world.cycle()
    world.contact(1, Title="CTO", Email="ana@example.com")
    world.crm.drop("lead", "L1", "converted", Ref("contact", "C1"))
    world.cycle()
    assert world.person_of("C1")["title"] == "CTO"
    assert len(world.marketo.records[PERSON]) == 1
    world.crm.put("contact", "C1", Title="from the CRM")
    world.marketo.put(PERSON, world.person_id("C1"), title="from Marketo")
    world.cycle()
    assert world.person_of("C1")["title"] == "from the CRM"


def test_another_organisation_behind_the_same_address_stops_the_run(world: World) -> None:
    world.lead(1, Title="CTO")
    world.crm.organisation = "org-2"
    with pytest.raises(MirrorError, match="another"):
        world.cycle()
    assert world.writes() == 0


def _many(world: World, number: int) -> None:
    for i in range(number):
        world.lead(i, Title="CTO", Email=f"{i}@example.com")
    world.cycle()


def test_too_large_a_share_changed_stops_before_the_first_write_until_the_number_is_confirmed(world: World) -> None:
    _many(world, 30)
    for i in range(30):
        world.marketo.put(PERSON, world.person_id(f"L{i}"), title="CEO")
    before = world.writes()
    with pytest.raises(BrakeApplied, match="30 of 30"):
        world.cycle()
    with pytest.raises(BrakeApplied):
        world.cycle(confirm=29)
    assert world.writes() == before
    world.cycle(confirm=30)
    assert {values["Title"] for values in world.crm.records["lead"].values()} == {"CEO"}


def test_a_side_that_answers_empty_stops_the_run_and_nobody_is_taken_for_deleted(world: World) -> None:
    _many(world, 30)
    kept, world.crm.records["lead"] = world.crm.records["lead"], {}
    from mksync.engine.pull import full_read_needed

    full_read_needed(world.project(), Side.CRM)
    before = world.writes()
    with pytest.raises(BrakeApplied, match="0 of 30"):
        world.cycle()
    world.crm.records["lead"] = kept
    assert world.cycle().exit_code == 0
    assert world.writes() == before
    assert world.mirror.links.count("lead") == 30
