"""Kill a run at every HTTP call and at every commit of its mirror, run again: the same end as without the kill."""

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mksync.core.records import Side
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen
from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.scenarios.crms import CRMS, Crm
from tests.scenarios.meaning import meaning
from tests.scenarios.plug import Plug, PlugPulled, plugged
from tests.scenarios.sandbox_world import KEY, NOW, World

SAMPLE = 6  # steps of a kind in every build; all of them with MKSYNC_EXPLORE=1
KINDS = ("marketo before", "marketo after", "crm before", "crm after", "commit before", "commit after")


@dataclass(frozen=True)
class Prepared:
    """A folder with a project and the state of both systems, and the time there."""

    folder: Path
    now: float
    crm: Crm

    @contextmanager
    def copy(self, folder: Path) -> Iterator[World]:
        """The same project and the same two systems once more, at another address."""
        shutil.copytree(self.folder, folder)
        with started(folder, self.crm, self.now) as sandbox:
            here = World(folder, sandbox, self.crm)
            here.prepare()
            with here.mirror() as mirror:  # on loopback an instance of Marketo is known by its address
                mirror.project.set(f"{Side.MARKETO}_organisation", sandbox.marketo_url.removeprefix("http://"))
            yield here
        shutil.rmtree(folder)


def started(folder: Path, crm: Crm, now: float) -> Sandbox:
    """Marketo and the CRM alone, with their state in the folder."""
    clock = SandboxClock(frozen_at=now)
    return Sandbox.start(state=folder / "sandbox.db", clock=clock, vendors=("marketo", crm.system))


@pytest.fixture(scope="module", params=CRMS, ids=lambda crm: crm.system)
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Everything a cycle can have to do is still to be done."""
    crm: Crm = request.param
    folder = tmp_path_factory.mktemp("prepared")
    with started(folder, crm, NOW) as sandbox:
        here = World(folder, sandbox, crm)
        here.prepare()
        here.init()
        leads = [
            here.crm.named("lead", lastName=f"Roe {number}", title="CTO", phone="+1 555 0100 200")
            for number in range(6)
        ]
        contacts = [here.crm.named("contact", lastName=f"Poe {number}", title="CFO") for number in range(2)]
        here.cycle()
        _edit(here, leads, contacts)
        return Prepared(folder, sandbox.clock.now(), crm)


def _edit(here: World, leads: list[str], contacts: list[str]) -> None:
    """Creates, updates both ways, a collision each way, a first difference, a refusal and a delete."""
    person = {id: here.person_of(id) for id in (*leads, *contacts)}
    here.crm.named("lead", lastName="New", email="new@example.com")
    here.crm.named("contact", lastName="New too", email="new.too@example.com")
    here.marketo.create(lastName="Match", email="match@example.com", title="from Marketo")
    here.crm.named("lead", lastName="Match", email="match@example.com", title="from the CRM")
    here.marketo.edit(person[leads[0]], title="CEO", interests="Events;Mobile")
    here.crm.edit("lead", leads[1], title="COO", unsubscribed=True, phone=None)
    here.marketo.edit(person[leads[2]], title="of Marketo")
    here.crm.edit("lead", leads[2], title="of the CRM", fitScore=12.5)
    here.marketo.edit(person[contacts[0]], title="of Marketo", firstName="Ana")
    here.crm.edit("contact", contacts[0], title="of the CRM")
    assert here.marketo.edit(person[leads[3]], phone="12", title="refused with the phone")
    here.crm.delete("lead", leads[4])
    here.marketo.delete(person[leads[5]])
    here.crm.edit("contact", contacts[1], lastDemoAt="2026-03-02T10:00:00Z", mktoPersonNotes="one\ntwo 😀")


@dataclass(frozen=True)
class End:
    """What both systems hold, what waits, every value that lost, and how often each record was written."""

    people: list[Any]
    records: dict[str, Any]
    rejected: set[Any]
    held: set[Any]
    lost: Counter[Any]
    writes: Counter[Any]


def _end(here: World) -> End:
    people = here.marketo.people(*here.marketo_fields, KEY).values()
    told = [(row[KEY], *(meaning(name, row[name]) for name in here.marketo_fields)) for row in people]
    records = {object: here.crm.everything(object) for object in here.fields}
    everything = Chosen()
    with here.mirror() as mirror:
        return End(
            sorted(told, key=repr),
            records,
            {(row.record.id, row.fields, row.code) for _, row in mirror.history.rejected(everything)},
            {(row.record.id, row.field, row.reason) for _, row in mirror.history.held(everything)},
            Counter(
                (row.record.id, row.field, row.marketo, row.crm, row.winner)
                for *_, row in mirror.history.collisions(everything)
            ),
            Counter(_written(mirror, here.fields)),
        )


def _written(mirror: Mirror, objects: Iterable[str]) -> Iterator[tuple[str | None, str, str]]:
    """Every write that is known to have had its effect, after the first two cycles."""
    for cycle in mirror.history.cycles():
        for object in objects if cycle.id > 2 else ():
            for write, status in mirror.journal.of_cycle(cycle.id, object, 1_000):
                if status == "written":
                    yield write.record_id, write.side, write.kind


def _undisturbed(prepared: Prepared, folder: Path) -> tuple[End, Plug]:
    with prepared.copy(folder) as here:
        with plugged(here) as plug:
            report = here.cycle()
        assert report.exit_code == 3
        return _end(here), plug


def test_the_cycle_has_everything_that_a_kill_could_spoil(prepared: Prepared, tmp_path: Path) -> None:
    end, plug = _undisturbed(prepared, tmp_path / "undisturbed")
    assert {winner for *_, winner in end.lost} == set(Side)
    assert {(side, kind) for _, side, kind in end.writes} == {
        ("marketo", "create"),
        ("marketo", "update"),
        ("crm", "update"),
    }
    assert [code for *_, code in end.rejected] == [prepared.crm.refusal.code]
    assert {step.rpartition(" ")[0] for step in plug.steps} == set(KINDS)
    assert {call.partition(" ")[0] for call in plug.written} == set(Side)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_any_step_leaves_the_same_end_as_no_kill(prepared: Prepared, tmp_path: Path, kind: str) -> None:
    expected, plug = _undisturbed(prepared, tmp_path / "undisturbed")
    fatal = [step for step in plug.steps if step.startswith(kind)]
    assert fatal
    if not os.environ.get("MKSYNC_EXPLORE"):
        fatal = fatal[:: len(fatal) // SAMPLE + 1]
    for step in fatal:
        with prepared.copy(tmp_path / "copy") as here:
            with plugged(here, step), pytest.raises(PlugPulled):
                here.cycle()
            here.cycle()
            assert _end(here) == expected, f"killed at {step}"
            with plugged(here) as plug:
                here.cycle()
            assert plug.written == [], f"killed at {step}: not quiet afterwards"
