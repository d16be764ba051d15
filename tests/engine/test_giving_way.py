"""Others work while a cycle stands still: nothing they wrote is undone, and nothing is sent twice or forgotten."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mksync.core.records import Page, Record, Selection, Side, Sides
from mksync.core.report import RunReport
from mksync.engine.giving_way import take_back
from mksync.engine.project import PERSON, Project
from mksync.engine.run import Options, run_once
from mksync.engine.settle import stage
from mksync.engine.turns import Alone
from mksync.mirror.history import Chosen
from mksync.ports import Port
from tests.memory import MemoryPort
from tests.mirror.samples import planned
from tests.world import World

NUMBERS = range(1, 9)
Work = Callable[[Project], None]


@dataclass
class Visitor(Alone):
    """Somebody has something to do at certain pauses of the cycle, counted from 1."""

    world: World
    work: dict[int, Work]
    pauses: int = 0
    worked: list[int] = field(default_factory=list)

    def give_way(self) -> bool:
        self.pauses += 1
        if self.pauses not in self.work:
            return False
        self.worked.append(self.pauses)
        self.work[self.pauses](self.world.project())
        return True


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    for number in NUMBERS:
        world.lead(number, Email=f"{number}@example.com", Title="CTO")
    world.cycle()
    world.cycle()
    return world


class ReadsAhead(MemoryPort):
    """Reads its whole feed before it tells of any of it, as a fast network does."""

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        yield from list(super().changes(selection, cursor))


def cycle_with(world: World, visitor: Visitor) -> RunReport:
    world.clock.sleep(300)
    ports: Sides[Port] = Sides(ReadsAhead(world.marketo), ReadsAhead(world.crm))
    return run_once(replace(world.project(), turns=visitor, ports=ports), Options())


def written_in_turn(world: World, title: str) -> Work:
    """Somebody edits a person in Marketo, and a command in turn brings that to the CRM at once."""

    def work(project: Project) -> None:
        person = world.person_id("L1")
        world.marketo.put(PERSON, person, title=title)
        world.crm.put("lead", "L1", Title=title)
        take_back(project, [person], [("lead", "L1")])
        with project.mirror.transaction():
            for side, object, id in ((Side.MARKETO, PERSON, person), (Side.CRM, "lead", "L1")):
                (record,) = project.ports[side].fetch(object, [id], project.names(side, object))
                assert isinstance(record, Record)
                stage(project, side, object, [record])
            pid = project.mirror.snapshots.pid(Side.MARKETO, PERSON, person)
            assert pid is not None
            link = project.mirror.links.of_person(pid, PERSON)
            assert link is not None
            project.mirror.links.rebase(link.id, "lead", Side.MARKETO, {"title": title})
            project.mirror.links.rebase(link.id, "lead", Side.CRM, {"Title": title})

    return work


def everybody_edits(world: World) -> None:
    for number in reversed(NUMBERS):
        world.crm.put("lead", f"L{number}", Phone=f"555-000{number}", Title=f"VP {number}")


@pytest.mark.parametrize("pause", range(1, 7))
def test_a_page_that_was_read_before_somebody_wrote_is_not_taken_for_an_edit_after_it(world: World, pause: int) -> None:
    everybody_edits(world)
    visitor = Visitor(world, {pause: written_in_turn(world, "Chair")})
    cycle_with(world, visitor)
    for _ in range(2):
        assert (world.person_of("L1")["title"], world.crm.records["lead"]["L1"]["Title"]) == ("Chair", "Chair")
        world.cycle()
    assert visitor.worked == [pause]
    assert world.person_of("L1")["phone"] == "555-0001"
    assert [world.person_of(f"L{number}")["title"] for number in NUMBERS][1:] == [f"VP {n}" for n in NUMBERS][1:]
    assert world.cycle().exit_code == 0


def test_what_was_taken_back_is_not_sent_and_leaves_no_loser_in_the_log(world: World) -> None:
    """A collision was decided, and not written yet: nobody has lost."""
    person = world.person_id("L8")
    world.crm.put("lead", "L8", Title="VP")
    world.marketo.put(PERSON, person, title="CEO")
    everybody = [world.person_id(f"L{number}") for number in NUMBERS[:-1]]
    for one in everybody:
        world.marketo.put(PERSON, one, phone="555-0100")
    taken: list[tuple[int, int]] = []

    def logged(project: Project) -> int:
        return len(list(project.mirror.history.collisions(Chosen(ids=("L8",)))))

    def work(project: Project) -> None:
        before = logged(project)
        take_back(project, [person], [])
        taken.append((before, logged(project)))

    class WhilePlanned(Visitor):
        def give_way(self) -> bool:
            if not taken and self.world.mirror.journal.batch(3, Side.CRM, "lead", "update", 1):
                work(self.world.project())
            return bool(taken)

    cycle_with(world, WhilePlanned(world, {}))
    assert taken == [(1, 0)]
    assert world.crm.records["lead"]["L8"]["Title"] == "VP"
    world.cycle()
    assert world.crm.records["lead"]["L8"]["Title"] == "CEO"
    assert len(list(world.mirror.history.collisions(Chosen(ids=("L8",))))) == 1


def test_what_somebody_planned_and_died_over_is_taken_back_and_what_they_sent_is_looked_up(world: World) -> None:
    everybody_edits(world)
    person = world.person_id("L2")

    def died(project: Project) -> None:
        for record, status in (("L1", "planned"), ("L2", "sent")):
            project.mirror.journal.plan(planned(record, cycle=99, person=world.person_id(record)))
            (write,) = project.mirror.journal.batch(99, Side.CRM, "lead", "update", 9)
            project.mirror.journal.mark([write.id], status)
            if status == "planned":
                project.mirror.journal.mark([write.id], "put aside")
        project.mirror.db.execute("UPDATE write SET status = 'planned' WHERE status = 'put aside'")

    visitor = Visitor(world, {3: died})
    cycle_with(world, visitor)
    statuses = dict(world.mirror.db.execute("SELECT record_id, status FROM write WHERE cycle = 99").fetchall())
    assert statuses == {"L2": "lost"}, "it was never there"
    assert world.crm.records["lead"]["L1"]["Title"] == "VP 1"
    assert world.marketo.records[PERSON][person]["title"] == "VP 2"


def test_a_dry_run_lets_nobody_between(world: World) -> None:
    everybody_edits(world)
    visitor = Visitor(world, {})
    run_once(replace(world.project(), turns=visitor), Options(dry=True))
    assert visitor.pauses == 0
