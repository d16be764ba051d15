"""Memory does not grow with the number of people: nothing is kept for each of them but in the mirror."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mksync.core.brakes import Limits
from mksync.core.records import Gone, Outcome, Page, Record, Ref, Selection, Side, Value, Write
from mksync.engine import matching, plan
from mksync.engine.progress import Silent
from mksync.engine.project import PERSON, Project
from mksync.engine.run import run_once
from mksync.engine.setup import pin, set_up
from mksync.mirror import snapshots
from tests.memory import MemoryPort, System
from tests.world import World

FEW, MANY = 700, 2_000
CHUNK = 50  # so that of few there are several, too
MOST = 50  # bytes a person: not even an id has room in that


class Crowd(MemoryPort):
    """So many records, none of which is kept anywhere. Each is made when it is read, and takes every write.

    A third of the leads were converted before anybody looked; a fifth have nobody in Marketo.
    """

    def __init__(self, system: System, many: int) -> None:
        super().__init__(system, batch=CHUNK)
        self._many = many

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        for at in range(int(cursor or 0), self._many, 20):
            numbers = range(at, min(at + 20, self._many))
            yield Page([self._made(number) for number in numbers], self._gone(numbers), str(at), full=True)
        yield Page(cursor=str(self._many), full=cursor is None)

    def _gone(self, numbers: Sequence[int]) -> list[Gone]:
        if self.system.side is Side.MARKETO:
            return []
        return [Gone("lead", f"L{number}", "converted", Ref("contact", f"C{number}")) for number in numbers[::3]]

    def _made(self, number: int, **written: Value) -> Record:
        crm = self.system.side is Side.CRM
        object = "lead" if crm else PERSON
        values: dict[str, Value] = dict.fromkeys(self.system.schemas[object].fields)
        address = f"{number}@example.com" if crm or number % 5 else f"nobody{number}@example.com"
        if crm:
            values |= {"Id": f"L{number}", "Email": address, "Title": "CTO", "HasOptedOutOfEmail": False}
        else:
            values |= {"email": address, "title": "CEO", "phone": f"{number}", "unsubscribed": False}
        return Record(object, f"L{number}" if crm else f"{number}", values | written, "1" if crm else None)

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        yield from ()

    def write(self, object: str, writes: Sequence[Write], fields: Sequence[str]) -> Iterator[Outcome]:
        for write in writes:
            number = int((write.id or str(write.token)).lstrip("L"))
            made = self._made(number, **write.values)
            made = made if write.id else replace(made, id=f"{self._many + number}")
            yield Outcome(write.ref, "written", made, created=write.id is None)


class Tidy(Silent):
    """Python keeps up to 2,000 freed tuples of each size, until it collects its garbage."""

    def read(self, title: str, records: int) -> None:
        gc.collect()

    def wrote(self, title: str, records: int) -> None:
        gc.collect()


def _init(project: Project) -> None:
    report = set_up(project, pin(project.mirror, project.ports), 10, Tidy())
    assert report.linked["lead"] > 0


def _first_cycle(project: Project) -> None:
    (leads, _) = run_once(project, progress=Tidy()).objects
    assert leads.created > 0
    assert leads.updated > 0


def _peaks(folder: Path, many: int) -> list[int]:
    """Bytes that Python has in use at the most, while a project of so many people is set up, and in its first cycle."""
    world = World(folder, limits=Limits(least=2 * many))
    project = replace(world.project(), ports=world.systems.map(lambda system: Crowd(system, many)))
    found = [_peak(work, project) for work in (_init, _first_cycle)]
    world.mirror.close()
    return found


def _peak(work: Callable[[Project], None], project: Project) -> int:
    gc.freeze()
    tracemalloc.start()
    try:
        work(project)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.unfreeze()


@pytest.fixture(scope="module")
def growth(tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    """Bytes a person, of both."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((matching, "CHUNK"), (plan, "CHUNK"), (snapshots, "AT_A_TIME")):
            patch.setattr(module, name, CHUNK)
        # Once for nothing: what is kept for the next time is kept whatever the number.
        _, few, many = (_peaks(tmp_path_factory.mktemp("people"), number) for number in (FEW, FEW, MANY))
    return [(more - less) / (MANY - FEW) for less, more in zip(few, many, strict=True)]


def test_setting_up_three_times_as_many_people_takes_no_more_memory(growth: list[float]) -> None:
    assert growth[0] < MOST


def test_a_first_cycle_of_three_times_as_many_people_takes_no_more_memory(growth: list[float]) -> None:
    assert growth[1] < MOST
