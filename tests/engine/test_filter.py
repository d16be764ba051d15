"""Records that say No are left out, and nobody who was linked is lost: the truth tables of the sync filter."""

from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from mksync.core.filter import FROZEN, STARTED
from mksync.core.records import Refusal, Side, Value
from mksync.core.report import RunReport
from mksync.engine.project import PERSON
from mksync.engine.story import stories
from tests.engine.test_relink import held, links
from tests.world import KEY, World

FLAGS = [None, True, False]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, filtered=True)


@pytest.fixture
def linked(world: World) -> World:
    """L1 is in step with P001, and its flag says Yes."""
    world.lead(1, Title="CTO", Phone="1", Email="one@example.com", Sync__c=True)
    world.cycle()
    return world


@pytest.fixture
def frozen(linked: World) -> World:
    linked.lead(1, Sync__c=False)
    linked.cycle()
    return linked


def people(world: World) -> dict[str, Any]:
    return world.marketo.records.get(PERSON, {})


def events(report: RunReport) -> list[tuple[str, str | None]]:
    """What the filter did in a cycle: "filtered" or "sync started", and to which record."""
    found = [(FROZEN, name.id) for part in report.objects for name in part.filtered]
    return found + [(STARTED, name.id) for part in report.objects for name in part.started]


def waiting(world: World) -> list[str]:
    tables = ("marketo_person", "crm_lead", "crm_contact")
    return [
        row["_id"]
        for table in tables
        for row in sqlite_utils.Database(world.mirror.db).table(table).rows_where("_dirty")
    ]


@pytest.mark.parametrize("object", ["lead", "contact"])
@pytest.mark.parametrize(("flag", "synced"), [(None, True), (True, True), (False, False)])
def test_a_new_record_is_synced_unless_it_says_no(world: World, object: str, flag: Value, synced: bool) -> None:
    world.crm.put(object, "R1", Email="r@example.com", Sync__c=flag)
    report = world.cycle()
    assert bool(people(world)) is synced
    assert (report.exit_code, events(report), waiting(world)) == (0, [], [])
    assert world.cycle().quiet


@pytest.mark.parametrize("flag", FLAGS)
def test_without_a_filter_the_column_means_nothing(tmp_path: Path, flag: Value) -> None:
    world = World(tmp_path, filtered=True)
    world.filters = {}
    world.lead(1, Sync__c=flag)
    world.cycle()
    assert world.person_of("L1")


def test_one_object_can_be_filtered_and_the_other_not(world: World) -> None:
    del world.filters["contact"]
    world.lead(1, Sync__c=False)
    world.contact(1, Sync__c=False)
    world.cycle()
    assert [values[KEY] for values in people(world).values()] == ["C1"]


def test_a_person_with_the_address_of_a_record_that_is_left_out_is_left_alone(world: World) -> None:
    world.marketo.put(PERSON, "X1", email="one@example.com", title="mine")
    world.lead(1, Email="one@example.com", Title="theirs", Sync__c=False)
    report = world.cycle()
    assert (world.writes(), report.exit_code, held(report), links(world)) == (0, 0, [], [])
    assert world.cycle().quiet


def test_a_record_that_is_left_out_makes_nobody_ambiguous(world: World) -> None:
    world.marketo.put(PERSON, "X1", email="one@example.com")
    for number in range(1, 8):
        world.lead(number, Email="one@example.com", Sync__c=False)
    world.contact(1, Email="ONE@example.com", Sync__c=True)
    report = world.cycle()
    assert (report.exit_code, held(report)) == (0, [])
    assert links(world) == [("contact", "X1", "C1", "live")]


def test_what_was_held_is_no_longer_listed_when_it_says_no_and_the_other_one_is_matched(world: World) -> None:
    world.marketo.put(PERSON, "X1", email="one@example.com")
    world.lead(1, Email="one@example.com")
    world.lead(2, Email="one@example.com")
    assert len(held(world.cycle())) == 2
    world.lead(2, Sync__c=False)
    report = world.cycle()
    assert (report.exit_code, held(report)) == (0, [])
    assert links(world) == [("lead", "X1", "L1", "live")]


@pytest.mark.parametrize("flag", [None, True])
@pytest.mark.parametrize("known", [False, True])
def test_an_unlinked_record_that_turns_yes_is_matched_or_created_at_once(
    world: World, flag: Value, known: bool
) -> None:
    if known:
        world.marketo.put(PERSON, "X1", email="one@example.com")
    world.lead(1, Email="one@example.com", Title="CTO", Sync__c=False)
    world.cycle()
    world.lead(1, Sync__c=flag)
    world.cycle()
    assert world.person_of("L1")["title"] == "CTO"
    assert len(people(world)) == 1


@pytest.mark.parametrize("before", [None, True])
def test_a_no_freezes_the_link_and_what_came_with_it_does_not_flow(world: World, before: Value) -> None:
    world.lead(1, Title="CTO", Sync__c=before)
    world.cycle()
    writes = world.writes()
    world.lead(1, Title="CEO", Sync__c=False)
    report = world.cycle()
    assert (world.person_of("L1")["title"], world.writes()) == ("CTO", writes)
    assert (events(report), report.exit_code, waiting(world)) == ([(FROZEN, "L1")], 0, [])
    assert links(world) == [("lead", "P001", "L1", FROZEN)]


@pytest.mark.parametrize("side", list(Side))
def test_nothing_flows_through_a_frozen_link_either_way(frozen: World, side: Side) -> None:
    writes = frozen.writes()
    if side is Side.CRM:
        frozen.lead(1, Title="CRM")
    else:
        frozen.marketo.put(PERSON, "P001", title="Marketo")
    report = frozen.cycle()
    assert (frozen.writes(), report.quiet, waiting(frozen)) == (writes, True, [])


def test_a_frozen_link_lists_nothing(linked: World) -> None:
    linked.crm.refuse = lambda id, values: Refusal("NO", "no")
    linked.marketo.put(PERSON, "P001", title="refused")
    assert linked.cycle().exit_code == 3
    linked.lead(1, Sync__c=False)
    report = linked.cycle()
    assert (report.exit_code, [part.rejected for part in report.objects]) == (0, [(), ()])


@pytest.mark.parametrize("flag", [None, True])
def test_what_was_edited_on_one_side_meanwhile_flows_when_a_yes_thaws_the_link(frozen: World, flag: Value) -> None:
    frozen.lead(1, Title="CRM")
    frozen.marketo.put(PERSON, "P001", phone="Marketo")
    frozen.cycle()
    frozen.lead(1, Sync__c=flag)
    report = frozen.cycle()
    assert (events(report), report.exit_code) == ([(STARTED, "L1")], 0)
    assert [part.collisions_total + part.initial_total for part in report.objects] == [0, 0]
    assert (frozen.person_of("L1")["title"], frozen.crm.records["lead"]["L1"]["Phone"]) == ("CRM", "Marketo")
    assert links(frozen) == [("lead", "P001", "L1", "live")]
    assert frozen.cycle().quiet


@pytest.mark.parametrize(("object", "winner"), [("lead", "Marketo"), ("contact", "CRM")])
def test_what_both_sides_edited_meanwhile_is_a_collision_by_policy(world: World, object: str, winner: str) -> None:
    id = world.crm.put(object, "R1", Title="CTO", Sync__c=True)
    world.cycle()
    world.crm.put(object, id, Title="CRM", Sync__c=False)
    world.marketo.put(PERSON, world.person_id(id), title="Marketo")
    world.cycle()
    world.crm.put(object, id, Sync__c=True)
    report = world.cycle()
    (row,) = [row for part in report.objects for row in part.collisions]
    assert (row.kind, row.marketo, row.crm, row.base_crm) == ("collision", "Marketo", "CRM", "CTO")
    assert (world.person_of(id)["title"], world.crm.records[object][id]["Title"]) == (winner, winner)


def test_a_no_and_a_yes_between_two_cycles_are_nothing(linked: World) -> None:
    linked.lead(1, Title="CEO", Sync__c=False)
    linked.lead(1, Sync__c=True)
    assert events(linked.cycle()) == []
    assert linked.person_of("L1")["title"] == "CEO"


def test_the_log_of_a_person_tells_when_it_was_frozen_and_started(frozen: World) -> None:
    frozen.lead(1, Sync__c=True)
    frozen.cycle()
    (story,) = stories(frozen.mirror, "one@example.com")
    assert [(cycle, event.kind, event.record.person_id) for cycle, _, event in story.events] == [
        (2, FROZEN, "P001"),
        (3, STARTED, "P001"),
    ]


def test_the_filter_column_is_never_written(linked: World) -> None:
    sent: list[str] = []
    linked.crm.refuse = lambda id, values: sent.extend(values)
    linked.marketo.put(PERSON, "P001", title="CEO", phone="2")
    linked.cycle()
    assert sorted(sent) == ["Phone", "Title"]


def test_a_dry_run_tells_what_would_be_frozen_and_started_and_does_neither(frozen: World) -> None:
    frozen.lead(2, Email="two@example.com")
    frozen.cycle()
    frozen.lead(1, Sync__c=True)
    frozen.lead(2, Sync__c=False)
    assert events(frozen.cycle(dry=True)) == [(FROZEN, "L2"), (STARTED, "L1")]
    assert [state for *_, state in links(frozen)] == [FROZEN, "live"]
    assert events(frozen.cycle()) == [(FROZEN, "L2"), (STARTED, "L1")]


def test_a_cycle_of_one_object_loses_no_flip_of_the_other(linked: World) -> None:
    linked.contact(1, Title="CTO", Email="c@example.com")
    linked.cycle()
    linked.contact(1, Title="CEO", Sync__c=False)
    linked.cycle(objects=("lead",))
    linked.contact(1, Sync__c=True)
    linked.cycle(objects=("lead",))
    linked.cycle()
    assert linked.person_of("C1")["title"] == "CEO"
