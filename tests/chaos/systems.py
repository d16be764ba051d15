"""Systems in memory with every habit that a vendor's documents know: change entries that come late, twice, in any order
and with equal timestamps, a clock of their own, calls that are refused for a while, and answers that are lost.

Whoever saves what is written down in a ledger, for the oracle alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from mksync.core.records import Logged, Outcome, Page, Replaced, Selection, Side, Value, Write
from mksync.errors import AccessError, OutcomeUnknown, Temporary
from mksync.ports import CursorExpired
from tests.memory import MemoryPort, PlugPulled, System, UnreadPort, Values

Habit = Callable[[str, Value], Value]
STEPS = ("", "", "write", "wrote", "fetch")  # where faults are aimed at
FAULTS = ("die", "lost", "half", "temporary", "access", "expired", "edit", "mirror")


@dataclass(frozen=True, slots=True)
class Save:
    """One field of a record took another value. `order`: over both systems together."""

    order: int
    side: Side
    object: str
    id: str
    field: str
    old: Value
    new: Value
    ours: bool  # written by mksync
    made: bool  # the record did not exist before
    cycle: int  # cycles that had begun by then


@dataclass
class Ledger:
    """Everything that was saved on both sides, in its order."""

    saves: list[Save] = field(default_factory=list)
    cycle: int = 0
    disturbed: set[int] = field(default_factory=set)  # cycles whose answers may have been lost
    order: Iterator[int] = field(default_factory=count)


@dataclass
class Fault:
    """What happens at the nth step that a side takes in a cycle; `at`: at the nth of these steps."""

    kind: str
    nth: int
    edit: Callable[[], None]
    at: str = ""
    also: bool = False  # somebody edits right before it


@dataclass
class ChaosSystem(System):
    """`delays`: how many reads of the feed an entry is kept back for; a calm system keeps nothing back."""

    ledger: Ledger = field(default_factory=Ledger)
    random: Random = field(default_factory=Random)
    calm: bool = True
    ours: bool = False
    saved: int = 0
    fault: Fault | None = None
    waiting: list[tuple[int, tuple[str, str], list[Replaced]]] = field(default_factory=list)

    def put(self, object: str, id: str, **values: Value) -> str:
        before = dict(self.records.get(object, {}).get(id, {}))
        super().put(object, id, **values)
        self.saved += 1
        if (after := self.records[object][id]) != before:
            self.stamps[object, id] = self.saved
        for name, value in after.items():
            if before.get(name) != value:
                self._tell(object, id, name, before.get(name), value, made=not before)
        return id

    def _tell(self, object: str, id: str, name: str, old: Value, new: Value, *, made: bool) -> None:
        ledger = self.ledger
        ledger.saves.append(
            Save(next(ledger.order), self.side, object, id, name, old, new, self.ours, made, ledger.cycle)
        )

    def _logs(self, object: str, id: str, old: Values, new: Values) -> None:
        """The log's clock knows whole minutes, so that most entries of a cycle have the same timestamp."""
        at = self.now() // 60 * 60
        changed = [name for name in new if self.tells and old[name] != new[name]]
        told = [
            Replaced(object, id, one, f"{self.saved} {one}", at, Logged(old[one]), Logged(new[one])) for one in changed
        ]
        self.waiting.append((self._delay(), (object, id), told))

    def _delay(self) -> int:
        return 0 if self.calm else self.random.choice((0, 0, 0, 1, 2))

    def publish(self) -> None:
        """What the feed tells from now on: what is due, in any order, and some of it twice."""
        due = [one for one in self.waiting if self.calm or not one[0]]
        self.waiting = [(delay - 1, *rest) for delay, *rest in self.waiting if delay and not self.calm]  # type: ignore[misc]
        self.random.shuffle(due)
        for _, entry, told in due:
            self.log.append(entry)
            self.told.append(told)
        if self.log and self.random.random() < 0.3:
            again = self.random.randrange(len(self.log))
            self.log.append(self.log[again])
            self.told.append(self.told[again])

    def take(self, step: str) -> bool:
        """A call of mksync's. True if half of it is to be done before its answer is lost."""
        fault = self.fault
        if fault is None or fault.at not in ("", step):
            return False
        fault.nth -= 1
        if fault.nth:
            return False
        self.fault = None
        if fault.kind == "edit" or fault.also:
            fault.edit()
        if fault.kind == "edit":
            return False
        return self._fail(fault.kind, step)

    def _fail(self, kind: str, step: str) -> bool:
        if kind == "die":
            raise PlugPulled(step)
        if kind == "expired" and step == "changes":
            raise CursorExpired
        if step == "wrote" or (kind == "lost" and step == "write"):
            raise OutcomeUnknown(f"{self.side} {step}: the answer was lost")
        if kind == "half" and step == "write":
            return True
        if kind == "access":
            raise AccessError(f"{self.side} {step}: the token has expired")
        raise Temporary(f"{self.side} {step}: too many calls")


class ChaosPort(MemoryPort):
    """A signed-in `ChaosSystem`."""

    system: ChaosSystem

    def _call(self, name: str) -> None:
        self.system.calls += 1
        if name != "write":
            self.system.take(name)

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        self.system.publish()
        yield from super().changes(selection, cursor)

    def write(self, object: str, writes: Sequence[Write], fields: Sequence[str]) -> Iterator[Outcome]:
        assert len(writes) <= self.batch
        self.system.calls += 1
        half = self.system.take("write")
        self.system.ours = True
        try:
            outcomes = [self._write(object, one, fields) for one in (writes[: len(writes) // 2] if half else writes)]
        finally:
            self.system.ours = False
        if half:
            raise OutcomeUnknown(f"{self.system.side} write: half of it was done")
        self.system.take("wrote")
        yield from outcomes


class NumberingPort(ChaosPort):
    """One whose records are called by numbers, as Marketo's people and companies are."""

    def _id(self, object: str, number: int) -> str:
        return str(number)


class ChaosUnreadPort(ChaosPort, UnreadPort):
    """Marketo's."""
