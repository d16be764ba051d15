"""A quick sync that an admin orders: on which records, how often, and what it leaves alone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mksync.core.pairs import Direction, Policy
from mksync.core.records import Catalogue, Field, FieldType, Gone, Record, Schema, Side, Sides
from mksync.core.report import RunReport
from mksync.engine.backfill import Backfill, Range
from mksync.engine.project import PERSON
from mksync.engine.run import Options, run_once
from mksync.errors import ConfigError
from tests.memory import MemoryPort, PlugPulled
from tests.world import CRM, KEY, World

MANY = 40  # more than a brake needs
TITLE = Backfill("lead", ("title",))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Leads whose titles differ, and nobody has edited them since: Marketo's were settled so."""
    world = World(tmp_path)
    for number in range(MANY):
        world.lead(number, FirstName=f"Ana {number}", Title="CRM title")
    world.cycle()
    for stranger in ("X1", "X2"):  # the feed overlaps: it would tell of whoever was made last
        world.marketo.put(PERSON, stranger)
    world.cycle()
    drift(world)
    return world


def drift(world: World) -> None:
    """Marketo comes to hold something else without anybody having heard of it."""
    for person in world.marketo.records[PERSON].values():
        person["title"] = "drifted" if person[KEY] else None


def titles(world: World) -> set[object]:
    return {person["title"] for person in world.marketo.records[PERSON].values() if person[KEY]}


def filled(world: World, backfill: Backfill = TITLE, *, dry: bool = False) -> RunReport:
    world.clock.sleep(300)
    return run_once(world.project(), Options(dry=dry, backfill=backfill))


def test_every_linked_record_is_filled_and_no_brake_is_applied(world: World) -> None:
    report = filled(world)
    assert titles(world) == {"CRM title"}
    assert (report.objects[0].initial_total, report.objects[0].collisions_total) == (MANY, 0)
    assert report.notes == (f"quick sync: lead.title is taken from CRM on {MANY} linked records",)
    assert world.cycle().quiet


def test_a_brake_still_minds_the_other_fields(world: World) -> None:
    for number in range(MANY):
        world.crm.put("lead", f"L{number}", Phone=f"555 {number}")
    report = filled(world, dry=True)
    assert len([text for text in report.warnings if text.startswith("a brake would stop this run")]) == 1


def test_empty_values_clear_marketos_and_what_it_held_is_kept(world: World) -> None:
    for number in range(MANY):
        world.crm.records["lead"][f"L{number}"]["Title"] = None
    report = filled(world)
    assert titles(world) == {None}
    assert {row.marketo for row in report.objects[0].collisions} == {"drifted"}


def test_a_pair_that_flows_to_the_crm_is_filled_from_marketo(world: World) -> None:
    world.directions["title"] = Direction.TO_CRM
    report = filled(world)
    assert {lead["Title"] for lead in world.crm.records["lead"].values()} == {"drifted"}
    assert report.notes == (f"quick sync: lead.title is taken from Marketo on {MANY} linked records",)


def test_what_the_policy_holds_is_listed_and_not_filled(world: World) -> None:
    world.policies["title"] = Policy.HOLD
    report = filled(world)
    assert titles(world) == {"drifted"}
    assert report.objects[0].held_total == MANY
    world.policies.clear()
    filled(world)
    assert titles(world) == {"CRM title"}


def test_the_same_order_goes_on_where_a_kill_stopped_it(world: World) -> None:
    steps = iter(range(1_000))

    def die(step: str) -> None:
        if step == "marketo write" and next(steps) == 3:
            raise PlugPulled(step)

    world.marketo.at_step = die
    with pytest.raises(PlugPulled):
        filled(world)
    world.marketo.at_step = lambda step: None
    before = world.marketo.writes
    assert before > 0
    world.reopen()
    filled(world)
    assert titles(world) == {"CRM title"}
    rows = world.mirror.db.execute("SELECT count(*) FROM write WHERE status = 'written' AND kind = 'update'").fetchone()
    assert rows[0] == MANY, "nobody is filled twice"


def test_the_next_cycle_of_any_kind_goes_on_with_it(world: World) -> None:
    def die(step: str) -> None:
        if step == "marketo write":
            raise PlugPulled(step)

    world.marketo.at_step = die
    with pytest.raises(PlugPulled):
        filled(world)
    world.marketo.at_step = lambda step: None
    world.reopen()
    world.cycle()
    assert titles(world) == {"CRM title"}
    drift(world)
    filled(world)
    assert titles(world) == {"CRM title"}, "an order that was carried out is not taken for the one that is under way"


def test_a_dry_run_orders_nothing(world: World) -> None:
    report = filled(world, dry=True)
    assert report.objects[0].updated == MANY
    assert titles(world) == {"drifted"}
    assert world.cycle().quiet


# A time


MADE = Field("MadeOn", "Made on", FieldType.DATETIME, writable=False)


class Stamped:
    """A world whose leads say when they were made: lead n on day n + 1 of the month."""

    def __init__(self, world: World) -> None:
        self.world = world
        schema = CRM["lead"]
        fields = {**schema.fields, MADE.name: MADE}
        world.crm.schemas = {**world.crm.schemas, "lead": Schema("lead", "Lead", fields)}
        for number, lead in enumerate(world.crm.records["lead"].values()):
            lead[MADE.name] = f"2026-03-{number % 28 + 1:02}T12:00:00Z"

    def filled(self, range: Range, fields: Sequence[str] = ("title",)) -> RunReport:
        self.world.clock.sleep(300)
        lead = Catalogue("lead", "Lead", created=MADE.name)
        usual = self.world.project()
        project = replace(usual, catalogue={**usual.catalogue, "lead": lead})
        return run_once(project, Options(backfill=Backfill("lead", tuple(fields), range)))


@pytest.fixture
def stamped(world: World) -> Stamped:
    return Stamped(world)


def days(world: World, title: str) -> set[str]:
    """The days of the leads whose people hold this title."""
    people = {person[KEY] for person in world.marketo.records[PERSON].values() if person["title"] == title}
    return {str(lead[MADE.name])[8:10] for id, lead in world.crm.records["lead"].items() if id in people}


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("2026-03-05T00:00:00Z", "", 5, 28),
        ("2026-03-05T12:00:00Z", "2026-03-08T12:00:00Z", 5, 8),
        ("2026-03-05T12:00:01Z", "2026-03-08T11:59:59Z", 6, 7),
    ],
)
def test_only_records_of_the_time_are_filled_its_ends_included(
    stamped: Stamped, since: str, until: str, first: int, last: int
) -> None:
    stamped.filled(Range("created", since, until))
    assert days(stamped.world, "CRM title") == {f"{day:02}" for day in range(first, last + 1)}
    assert stamped.world.cycle().quiet


def test_a_kill_while_records_are_looked_for_is_made_up_for(stamped: Stamped) -> None:
    def die(step: str) -> None:
        if step == "marketo fetch":
            raise PlugPulled(step)

    world = stamped.world
    world.marketo.at_step = die
    with pytest.raises(PlugPulled):
        stamped.filled(Range("created", "2026-03-05T00:00:00Z"))
    world.marketo.at_step = lambda step: None
    world.reopen()
    stamped.filled(Range("created", "2026-03-05T00:00:00Z"))
    assert days(world, "drifted") == {"01", "02", "03", "04"}


def test_a_crm_that_does_not_tell_the_time_says_so(stamped: Stamped) -> None:
    with pytest.raises(ConfigError, match="CRM does not tell when a lead was updated"):
        stamped.filled(Range("updated", "2026-03-05T00:00:00Z"))


def test_a_field_that_rests_has_nothing_to_be_filled_from(world: World) -> None:
    usual = world.project()
    pairs = {object: [one for one in found if one.name != "title"] for object, found in usual.pairs.items()}
    with pytest.raises(ConfigError, match=r"lead\.title is suspended"):
        run_once(replace(usual, pairs=pairs, suspended=(("lead", "title", "Title"),)), Options(backfill=TITLE))


def test_ports_are_asked_for_stamps_only_where_a_time_is_given(world: World) -> None:
    asked: list[Sequence[str]] = []

    class Watched(MemoryPort):
        def fetch(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Record | Gone]:
            asked.append(fields)
            return super().fetch(object, ids, fields)

    usual = world.project()
    ports = Sides(usual.ports[Side.MARKETO], Watched(world.crm))
    run_once(replace(usual, ports=ports), Options(backfill=TITLE))
    assert asked == []
