"""Kill a cycle at every step, run it again: the same end as if it had never been killed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mksync.core.records import Refusal
from mksync.engine.project import PERSON
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen
from tests.memory import PlugPulled, fatal
from tests.world import World


class FragileMirror(Mirror):
    """A mirror that tells a hook before and after each commit."""

    at_step: Callable[[str], None] = staticmethod(lambda step: None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with super().transaction():
            yield
            if self._depth == 1:
                self.at_step("before commit")
        if self._depth == 0:
            self.at_step("after commit")


def _scenario(folder: Path) -> World:
    """Creates, updates both ways, a collision each way, a first difference, a refusal and a conversion-free delete."""
    folder.mkdir()
    world = World(folder)
    for number in range(5):
        world.lead(number, FirstName=f"F{number}", Title="CTO", Phone="1", Email=f"{number}@example.com")
    world.contact(1, Title="CFO")
    world.marketo.put(PERSON, "P90", email="match@example.com", title="from Marketo")
    world.cycle()
    world.lead(10, FirstName="New", Email="new@example.com")
    world.lead(11, FirstName="Match", Email="match@example.com", Title="from the CRM")
    world.marketo.put(PERSON, world.person_id("L0"), title="CEO", phone="2")
    world.crm.put("lead", "L1", Title="COO", HasOptedOutOfEmail=True)
    world.marketo.put(PERSON, world.person_id("L2"), title="M")
    world.crm.put("lead", "L2", Title="C", Phone="3")
    world.marketo.put(PERSON, world.person_id("C1"), title="M")
    world.crm.put("contact", "C1", Title="C")
    world.crm.refuse = lambda id, values: Refusal("NO", "no") if id == "L3" else None
    world.marketo.put(PERSON, world.person_id("L3"), title="refused")
    world.crm.drop("lead", "L4")
    world.mirror.close()
    world.mirror = FragileMirror.open(world.path)
    return world


def _hook(world: World, at_step: Callable[[str], None]) -> None:
    world.marketo.at_step = world.crm.at_step = at_step
    assert isinstance(world.mirror, FragileMirror)
    world.mirror.at_step = at_step


def _end(world: World) -> object:
    """What both sides hold, which people there are by the record they carry, and what is left over."""
    people = sorted(tuple(sorted((k, repr(v)) for k, v in p.items())) for p in world.marketo.records[PERSON].values())
    report = world.cycle(dry=True)
    leftovers = [[(row.record.id, row.code) for row in part.rejected] for part in report.objects]
    losers = sorted(
        [(row.record.id, row.field, row.marketo, row.crm) for *_, row in world.mirror.history.collisions(Chosen())],
        key=repr,
    )
    return people, world.crm.snapshot(), leftovers, losers


def _steps(folder: Path) -> int:
    world = _scenario(folder)
    steps: list[str] = []
    _hook(world, steps.append)
    world.cycle()
    return len(steps)


def test_a_kill_at_any_step_leaves_the_same_end_as_no_kill(tmp_path: Path) -> None:
    undisturbed = _scenario(tmp_path / "undisturbed")
    undisturbed.cycle()
    expected = _end(undisturbed)
    steps = _steps(tmp_path / "count")
    assert steps > 30, "the scenario has to have steps worth killing at"
    for number in range(1, steps + 1):
        world = _scenario(tmp_path / f"kill{number}")
        _hook(world, fatal(number))
        with pytest.raises(PlugPulled) as death:
            world.cycle()
        _hook(world, lambda step: None)
        world.reopen()
        world.cycle()
        assert _end(world) == expected, f"killed at step {number}: {death.value}"
        before = world.writes()
        world.cycle()
        assert world.writes() == before, f"killed at step {number}: not quiet afterwards"
