"""What a cycle costs that finds nothing to do, or little: the same, however many people there are.

Counted, not timed: API calls, and the steps that SQLite's virtual machine takes for every statement of the mirror.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from mksync.app import cycle, open_app
from mksync.core.report import RunReport
from mksync.engine.progress import Silent
from mksync.engine.run import Options
from mksync.mirror.standing import standings
from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.scenarios.sandbox_world import NOW, World

FEW, MANY = 100, 900  # each with one pair of leads that share an e-mail, which is judged in every cycle


@dataclass(frozen=True)
class Cost:
    report: RunReport
    steps: int

    @property
    def calls(self) -> Mapping[str, int]:
        return self.report.calls


def _cost(world: World, minutes: float) -> Cost:
    """The cost of the next cycle."""
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    world.clock.sleep(60 * minutes)
    with open_app(world.config, world.clock) as app:
        app.mirror.db.set_progress_handler(count, 1)
        report = cycle(app, Options(), Silent())
        app.mirror.db.set_progress_handler(None, 0)
        return Cost(report, steps[0])


def _edit_both_sides(world: World) -> None:
    """One person in Marketo, and another one's lead in the CRM."""
    with world.mirror() as mirror:
        found = mirror.db.execute(
            "SELECT p._id, r._id FROM link JOIN marketo_person AS p ON p._pid = person"
            " JOIN crm_lead AS r ON r._pid = record WHERE object = 'lead' ORDER BY link.id LIMIT 2"
        )
        (person, _), (_, record) = found.fetchall()
    assert world.marketo.edit(person, title="Edited in Marketo")
    assert world.crm.edit("lead", record, title="Edited in Salesforce")


def _settled(folder: Path, people: int) -> Iterator[World]:
    """In step, and the change feeds have told of the first cycle's own writes."""
    with Sandbox.start(clock=SandboxClock(frozen_at=NOW), people=people) as sandbox:
        world = World(folder, sandbox)
        world.prepare()
        world.init()
        assert world.cycle().objects[0].updated > people / 3
        world.cycle(minutes=15)
        yield world


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from _settled(tmp_path_factory.mktemp("few"), FEW)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from _settled(tmp_path_factory.mktemp("many"), MANY)


def test_an_idle_cycle_costs_three_calls_and_reads_no_table(few: World, many: World) -> None:
    small, large = (_cost(world, minutes=15) for world in (few, many))
    assert small.calls == large.calls == {"Marketo": 2, "Salesforce": 1}
    assert not any(part.created or part.updated for part in large.report.objects)
    assert large.steps <= 1.1 * small.steps


def test_two_edits_cost_the_same_however_many_people_there_are(few: World, many: World) -> None:
    for world in (few, many):
        _edit_both_sides(world)
    small, large = (_cost(world, minutes=15) for world in (few, many))
    assert [part.updated for part in large.report.objects] == [2, 0]
    assert small.calls == large.calls
    assert sum(large.calls.values()) <= 10
    assert large.steps <= 1.1 * small.steps


def test_the_status_costs_the_same_however_many_people_there_are(few: World, many: World) -> None:
    steps = [0, 0]
    for at, world in enumerate((few, many)):

        def count(at: int = at) -> int:
            steps[at] += 1
            return 0

        with world.mirror() as mirror:
            mirror.db.set_progress_handler(count, 1)
            found = standings(mirror.db)
            mirror.db.set_progress_handler(None, 0)
        assert sum(one.links["live"] for one in found) >= len(found) * 10
    assert steps[1] <= 1.1 * steps[0]
