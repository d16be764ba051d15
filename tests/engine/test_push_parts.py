"""A batch that is answered in part: what is known stands, and only the rest is looked up."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mksync.core.records import Outcome, Refusal, Sides, Write
from mksync.core.report import RunReport
from mksync.engine.project import PERSON
from mksync.engine.run import Options, run_once
from mksync.errors import OutcomeUnknown, Temporary
from tests.memory import MemoryPort, System
from tests.world import World

PEOPLE = 6
RULE = Refusal("RULE", "not so", ("Phone",), "a rule", "write otherwise")


class HalfAnswered(MemoryPort):
    """Answers for the first half of a batch and raises for the second, which is `done` all the same."""

    def __init__(self, system: System, error: Exception, *, done: bool) -> None:
        super().__init__(system, batch=PEOPLE)
        self.error, self.done, self.fetched = error, done, 0

    def write(self, object: str, writes: Sequence[Write], fields: Sequence[str]) -> Iterator[Outcome]:
        half = len(writes) // 2
        yield from super().write(object, writes[:half], fields)
        if self.done:
            list(super().write(object, writes[half:], fields))
        raise self.error


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Six people whose phone numbers were edited in Marketo; the CRM refuses the first."""
    world = World(tmp_path)
    for number in range(PEOPLE):
        world.lead(number, Phone="555 0100")
    world.cycle()
    for number in range(PEOPLE):
        world.marketo.put(PERSON, world.person_id(f"L{number}"), phone="556")
    world.crm.refuse = lambda id, _values: RULE if id == "L0" else None
    return world


def cycle(world: World, error: Exception, *, done: bool) -> RunReport:
    project = world.project()
    port = HalfAnswered(world.crm, error, done=done)
    return run_once(replace(project, ports=Sides(project.ports.marketo, port)), Options())


def rejected(report: RunReport) -> list[tuple[str, int]]:
    return [(row.code, row.tries) for part in report.objects for row in part.rejected]


def phones(world: World) -> list[object]:
    return [world.crm.records["lead"][f"L{number}"]["Phone"] for number in range(PEOPLE)]


def test_a_refusal_is_known_also_if_the_rest_of_its_batch_went_unanswered(world: World) -> None:
    before = world.crm.writes
    report = cycle(world, OutcomeUnknown("the answer was lost"), done=True)
    assert rejected(report) == [("RULE", 1)]
    assert phones(world) == ["555 0100", *["556"] * 5]
    assert world.crm.writes - before == PEOPLE  # each once
    assert rejected(world.cycle()) == [("RULE", 1)]
    assert world.crm.writes - before == PEOPLE


@pytest.mark.parametrize("error", [OutcomeUnknown("lost"), Temporary("the day's calls are used up")])
def test_what_was_not_done_is_written_by_the_next_cycle_and_what_was_is_not(world: World, error: Exception) -> None:
    if isinstance(error, OutcomeUnknown):
        cycle(world, error, done=False)
    else:
        with pytest.raises(Temporary, match="used up"):
            cycle(world, error, done=False)
    assert phones(world).count("556") == 2
    before = world.crm.writes
    assert rejected(world.cycle()) == [("RULE", 1)]
    assert phones(world) == ["555 0100", *["556"] * 5]
    assert world.crm.writes - before == 3
