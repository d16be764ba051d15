"""Cycle after cycle: when the next one begins, and which failures end the watch."""

from collections.abc import Callable
from dataclasses import replace

from mksync.core.frozen import dataclass
from mksync.core.habits import Habits, Then
from mksync.core.report import RunReport
from mksync.errors import AccessError, BrakeApplied, ConfigError, LockHeld, MirrorError, MksyncError, Temporary
from mksync.ports import Clock

FIRST_RETRY = 10.0  # seconds after the first passing failure; each further one in a row waits twice as long


@dataclass(frozen=True, slots=True)
class Totals:
    """Since the watch began."""

    cycles: int = 0
    failed: int = 0
    created: int = 0
    updated: int = 0
    collisions: int = 0

    def with_report(self, report: RunReport) -> "Totals":
        parts = report.objects
        return replace(
            self,
            cycles=self.cycles + 1,
            created=self.created + sum(part.created for part in parts),
            updated=self.updated + sum(part.updated for part in parts),
            collisions=self.collisions + sum(part.collisions_total for part in parts),
        )

    def with_failure(self) -> "Totals":
        return replace(self, cycles=self.cycles + 1, failed=self.failed + 1)


@dataclass(frozen=True, slots=True)
class Round:
    """One cycle of a watch: a report, or what it failed with."""

    totals: Totals  # this one included
    ended: float  # seconds since the epoch
    report: RunReport | None = None
    error: MksyncError | None = None
    failures: int = 0  # in a row, this one included
    told: bool = False  # whether the round before failed with the very same words
    next: float | None = None  # when the next one begins; None: there is none

    @property
    def exit_code(self) -> int:
        if self.error is not None:
            return self.error.exit_code
        return self.report.exit_code if self.report is not None else 0


@dataclass(frozen=True, slots=True)
class Watch:
    """How to watch.

    `once`: one cycle; raises MksyncError. `habits`: as they are by now. `tell`: after every cycle. `wait`: lets so
    many seconds pass. `random`: 0 to 1. What else `once` and `wait` raise ends the watch.
    """

    once: Callable[[], RunReport]
    habits: Callable[[], Habits]
    clock: Clock
    tell: Callable[[Round], None]
    wait: Callable[[float], None]
    random: Callable[[], float]

    def run(self, cycles: int | None = None) -> Round:
        """Go on for so many cycles, or for ever. Returns the last of them."""
        round = self._round(Round(Totals(), 0.0), cycles)
        while round.next is not None:
            self.wait(round.next - self.clock.now())
            round = self._round(round, cycles)
        return round

    def _round(self, before: Round, cycles: int | None) -> Round:
        round = self._ended(before)
        if round.totals.cycles == cycles:
            round = replace(round, next=None)
        self.tell(round)
        return round

    def _ended(self, before: Round) -> Round:
        try:
            report = self.once()
        except MksyncError as error:
            failures, totals = before.failures + 1, before.totals.with_failure()
            told = before.error is not None and before.error.message == error.message
            next = self._after(pause_after(error, failures, self.habits(), self.random))
            return Round(totals, self.clock.now(), None, error, failures, told, next)
        next = self._after(usual_pause(self.habits(), self.random))
        return Round(before.totals.with_report(report), self.clock.now(), report, next=next)

    def _after(self, pause: float | None) -> float | None:
        return None if pause is None else self.clock.now() + pause


def usual_pause(habits: Habits, random: Callable[[], float]) -> float:
    """Seconds between two cycles."""
    return habits.interval + habits.jitter * random()


def pause_after(error: MksyncError, failures: int, habits: Habits, random: Callable[[], float]) -> float | None:
    """Seconds until it is tried again; None: the watch ends.

    What passes by itself waits longer each time, and half of that at random, so that many do not all come back at once.
    """
    if isinstance(error, Temporary | LockHeld):
        longest = min(habits.longest_retry, FIRST_RETRY * 2.0 ** min(failures - 1, 30))
        return longest * (1 + random()) / 2
    then = _then(error, habits)
    return usual_pause(habits, random) if then == "pause" else None


def _then(error: MksyncError, habits: Habits) -> Then:
    match error:
        case BrakeApplied():
            return habits.on_brake
        case AccessError():
            return habits.on_access
        case MirrorError():
            return habits.on_mirror
        case ConfigError():
            return habits.on_config
    return "stop"
