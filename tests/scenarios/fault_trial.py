"""One fault at one call of a cycle: what the cycle makes of it, and that nothing of it remains once it is over."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

from mksync.config import FILE
from mksync.engine.fields import SCHEMA_AGE
from mksync.sandbox.faults import Fault
from tests.scenarios.crash import End, Prepared, prepare, started
from tests.scenarios.crash import end as end_of
from tests.scenarios.crms import Crm
from tests.scenarios.fault_calls import Call, plug_of, recorded
from tests.scenarios.fault_table import CLIENT, TROUBLES, Trouble, error_of
from tests.scenarios.one_way import ALL, Deals
from tests.scenarios.plug import Plug, plugged, plugging
from tests.scenarios.sandbox_world import Ended, World

HEALED, REJECTED, RESTS, LATER = "healed", "rejected", "rests", "next cycle"
TEMPORARY = 5
HUMAN = (2, 6, 7, 8)
LONGEST = 1_800.0  # seconds of waiting in one cycle, all calls and all back-off together
MOST_CALLS = 400  # of one run: more would never end
FOREVER = 1_000_000
LASTING = ("sign-in", "activity log", "changes", "changes of people", "create person", "update records")
_NAMES = tuple(field.name for field in fields(End))


def prepare_all(folder: Path, crm: Crm) -> Prepared:
    """Everything that a cycle can have to do is to be done: it signs in, deletes a role, and describes fields."""
    made = prepare(folder, crm)
    with started(folder, crm, made.now) as sandbox:
        here = World(folder, sandbox, crm)
        toml = here.folder / FILE
        toml.write_text(f"{toml.read_text()}\n[mirror]\nkeep_tokens = false\n")
        deals = Deals(here, next(one for one in ALL if one.facts is crm))
        deals.delete("role", min(deals.records("role")))
        here.clock.sleep(2 * SCHEMA_AGE)
        return replace(made, now=sandbox.clock.now())


@dataclass(frozen=True)
class Cell:
    """One trial. `lasting`: every call of that vendor from this one on meets the fault, until the cycle has ended."""

    trouble: Trouble
    call: Call
    lasting: bool

    def __str__(self) -> str:
        return f"{self.trouble.key} at {self.call.side} {self.call.nth} ({self.call.kind}), lasting: {self.lasting}"


@dataclass(frozen=True)
class Undisturbed:
    """How the cycle ends without a fault, and the calls it makes."""

    end: End
    code: int
    calls: tuple[Call, ...]

    @classmethod
    def of(cls, prepared: Prepared, folder: Path) -> "Undisturbed":
        with prepared.copy(folder) as here:
            calls, code = recorded(here)
            return cls(end_of(here), code, tuple(calls))

    def cells(self, vendor: str, side: str) -> Iterator[Cell]:
        """At the first call of each kind; lasting from the sign-in on, from a read and from a write on."""
        seen: set[str] = set()
        for call in self.calls:
            if call.side != side or call.kind in seen:
                continue
            seen.add(call.kind)
            for trouble in filter(lambda one: one.meets(call), TROUBLES[vendor]):
                yield Cell(trouble, call, lasting=False)
                if call.kind in LASTING and not trouble.row:
                    yield Cell(trouble, call, lasting=True)


def tried(prepared: Prepared, folder: Path, undisturbed: Undisturbed, cell: Cell) -> str:
    """What became of the cycle. Raises AssertionError if it was none of what may be, or did not mend afterwards."""
    try:
        with prepared.copy(folder) as here:
            return _tried(here, undisturbed, cell)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tried(here: World, undisturbed: Undisturbed, cell: Cell) -> str:
    began = here.clock.now()
    with plugging(plug_of(here, Bounded)) as plug, struck(here, plug, cell):
        ended = here.command("run-once")
    assert here.clock.now() - began < LONGEST, f"{cell}: waited {here.clock.now() - began} seconds"
    outcome = _outcome(here, undisturbed, ended, cell)
    if outcome != HEALED:
        _mends(here, undisturbed, cell, outcome)
    _is_quiet(here, undisturbed, cell)
    return outcome


def _outcome(here: World, undisturbed: Undisturbed, ended: Ended, cell: Cell) -> str:
    if ended.code in (TEMPORARY, *HUMAN):
        if "without an answer" not in ended.err:
            assert ended.err.startswith("error: "), (str(cell), ended)
            assert "hint: " in ended.err, (str(cell), ended.err)
        return str(ended.code)
    assert ended.code in (undisturbed.code, 3), (str(cell), ended)
    end = end_of(here)
    if end == undisturbed.end:
        return HEALED
    if len(end.rejected) > len(undisturbed.end.rejected):
        return REJECTED
    if "is not synced" in ended.err:
        return RESTS
    assert cell.trouble.row, (str(cell), ended)
    return LATER


def _mends(here: World, undisturbed: Undisturbed, cell: Cell, outcome: str) -> None:
    """After the fault, and after the admin has had tried again what was refused, nothing tells of it any more."""
    here.clock.sleep(300)
    again = here.command("run-once", "--retry-rejected")
    end, expected = (_comparable(one, outcome) for one in (end_of(here), undisturbed.end))
    assert end == expected, f"{cell}: another end\n{_differences(end, expected)}"
    assert again.code == undisturbed.code, (str(cell), again)


def _comparable(end: End, outcome: str) -> End:
    """A person does not wait for its company: where that was refused, the person is written once more.

    An object that was left out comes back as one that was selected anew: with a quick sync, and what that logs.
    """
    if outcome == REJECTED:
        return replace(end, writes=Counter())
    if outcome in (RESTS, str(HUMAN[-1])):
        return replace(end, lost=Counter(), writes=Counter())
    return end


def _is_quiet(here: World, undisturbed: Undisturbed, cell: Cell) -> None:
    here.clock.sleep(300)
    with plugged(here) as plug:
        quiet = here.command("run-once")
    assert quiet.code == undisturbed.code, (str(cell), quiet)
    assert plug.written == [], f"{cell}: not quiet afterwards"


def _differences(end: End, expected: End) -> str:
    return "\n".join(_difference(name, getattr(end, name), getattr(expected, name)) for name in _NAMES)


def _difference(name: str, got: object, expected: object) -> str:
    rows = [list(one.items()) if isinstance(one, dict) else list(one) for one in (got, expected)]  # type: ignore[call-overload]
    more, less = ([row for row in rows[one] if row not in rows[1 - one]] for one in (0, 1))
    return f"{name}: there is {more}, there should be {less}" if more or less else ""


class Bounded(Plug):
    """A run that calls and calls is a hang."""

    def step(self, kind: str) -> None:
        assert len(self.steps) < 6 * MOST_CALLS, "the run does not come to an end"
        super().step(kind)


@contextmanager
def struck(here: World, plug: Plug, cell: Cell) -> Iterator[None]:
    """While this lasts, the fault waits for its call."""
    if cell.trouble.name in CLIENT:
        plug.at_step = _OnThisComputer(cell)
        yield
        return
    vendor = here.facts.system if cell.call.side == "crm" else cell.call.side
    times = FOREVER if cell.lasting else 1
    faults = here.sandbox.faults
    faults.script(Fault(cell.trouble.name, vendor, after=cell.call.nth - 1, times=times, row=cell.trouble.row))
    yield
    assert faults.to_come() < times, f"{cell}: the fault met no call"
    faults.clear()


class _OnThisComputer:
    """A call that does not leave this computer, or whose answer does not reach it in time."""

    def __init__(self, cell: Cell) -> None:
        when = "after" if cell.trouble.name.endswith("_after") else "before"
        self._kind = f"{cell.call.side} {when}"
        self._cell = cell

    def __call__(self, step: str) -> None:
        kind, _, nth = step.rpartition(" ")
        due = int(nth) >= self._cell.call.nth if self._cell.lasting else int(nth) == self._cell.call.nth
        if kind == self._kind and due:
            raise error_of(self._cell.trouble.name)
