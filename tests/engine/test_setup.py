"""First contact: pinned organisations, links, and a rehearsal that tells what the first cycle then does."""

from dataclasses import replace
from pathlib import Path

import pytest

from mksync.core.records import Side
from mksync.core.report import Change, SetupReport
from mksync.engine.progress import Silent
from mksync.engine.project import PERSON
from mksync.engine.pull import full_read_needed
from mksync.engine.setup import pin, set_up
from mksync.errors import BrakeApplied, MirrorError, Temporary
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def _init(world: World) -> SetupReport:
    project = world.project()
    return set_up(project, pin(world.mirror, project.ports), 100, Silent())


def _people(world: World) -> None:
    """One linked by e-mail whose titles differ, one lead alone, one contact alone, one person alone."""
    world.marketo.put(PERSON, "P1", email="ana@example.com", title="CEO")
    world.marketo.put(PERSON, "P2", email="only@example.com")
    world.lead(1, Email="ana@example.com", Title="CTO")
    world.lead(2, Email="bo@example.com")
    world.contact(1, Email="cy@example.com")


def test_init_links_what_matches_and_writes_nothing(world: World) -> None:
    _people(world)
    sides = (world.marketo.snapshot(), world.crm.snapshot())
    report = _init(world)
    assert (world.marketo.snapshot(), world.crm.snapshot()) == sides
    assert (report.linked, report.only_marketo) == ({"lead": 1, "contact": 0}, 1)
    assert report.identities[Side.MARKETO].organisation == "org-1"


def test_init_tells_what_the_first_cycle_then_does(world: World) -> None:
    _people(world)
    told = _init(world).first_cycle
    done = world.cycle()
    assert told.dry
    for before, after in zip(told.objects, done.objects, strict=True):
        assert before == replace(after, changes=tuple(_planned(row) for row in after.changes))


def _planned(row: Change) -> Change:
    """A change as it was told before it was made: who is created has no id yet."""
    record = replace(row.record, person_id=None) if row.kind == "created" else row.record
    return replace(row, record=record, state="planned")


def test_init_can_be_repeated(world: World) -> None:
    _people(world)
    first = _init(world)
    again = _init(world)
    assert (again.linked, again.only_marketo) == (first.linked, first.only_marketo)
    world.cycle()
    before = world.writes()
    assert _init(world).linked == {"lead": 2, "contact": 1}
    world.cycle()
    assert world.writes() == before


@pytest.mark.parametrize("side", ["marketo", "crm"])
def test_a_mirror_belongs_to_its_two_organisations(world: World, side: str) -> None:
    _init(world)
    getattr(world, side).organisation = "org-2"
    with pytest.raises(MirrorError, match=r"another .* organisation \(org-1, not org-2\)"):
        _init(world)
    assert {world.mirror.project.get(f"{one}_organisation") for one in Side} == {"org-1"}


def test_a_repeated_init_takes_nobody_for_deleted_whom_a_bad_answer_does_not_show(world: World) -> None:
    for number in range(30):
        world.lead(number, Email=f"{number}@example.com")
    _init(world)
    world.cycle()
    kept, world.crm.records["lead"] = world.crm.records["lead"], {}
    full_read_needed(world.project(), Side.CRM)
    with pytest.raises(BrakeApplied, match="0 of 30") as brake:
        _init(world)
    assert "run-once" in brake.value.hint
    world.crm.records["lead"] = kept
    before = world.writes()
    assert world.cycle().exit_code == 0
    assert (world.writes(), world.mirror.links.count("lead")) == (before, 30)


def test_an_init_that_breaks_off_is_on_record_and_is_taken_up_by_the_next(world: World) -> None:
    for number in range(9):
        world.lead(number, Email=f"{number}@example.com")

    def outage(step: str) -> None:
        if step == "crm changes" and world.crm.calls > 3:
            raise Temporary("the CRM does not answer")

    world.crm.at_step = outage
    with pytest.raises(Temporary):
        _init(world)
    (cycle,) = world.mirror.history.cycles()
    assert (cycle.command, cycle.exit_code, list(cycle.warnings)) == ("init", 5, ["the CRM does not answer"])
    world.crm.at_step = lambda step: None
    _init(world)
    world.cycle()
    assert len(world.marketo.records[PERSON]) == 9
