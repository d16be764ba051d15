"""Counts the calls that a vendor counts, and stops before a daily budget, or what is left to others, is crossed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock

from mksync.core.quota import DAY, Quota
from mksync.errors import Temporary
from mksync.ports import Clock

TOLD_FOR = 600.0  # seconds that a vendor's own count is gone by; then one call may ask what it is now


class Meter:
    """Calls of one system.

    `budget`: the most calls of a day, `used_today` of which were made before this run. With a `clock`, the budget
    begins anew as a day does: `day_begins` seconds after midnight, UTC. `tells`: the vendor's answers tell how many
    calls of the last 24 hours there were and may be (`tell`). `reserve`: the share of what the vendor tells, else of
    the budget, that is left to others.
    """

    def __init__(
        self,
        system: str,
        *,
        budget: int | None = None,
        used_today: int = 0,
        clock: Clock | None = None,
        day_begins: float = 0.0,
        reserve: float = 0.0,
        tells: bool = False,
    ) -> None:
        self._system = system
        self._reserve = reserve
        self._tells = tells
        self._budget = None if budget is None else Quota(used_today, budget, 0.0 if tells else reserve)
        self._told: Quota | None = None
        self._told_at = 0.0
        self._calls = 0
        self._clock = clock
        self._day_begins = day_begins
        self._day = self._today()
        self._lock = Lock()

    @property
    def calls(self) -> int:
        """Calls since the beginning."""
        return self._calls

    @property
    def quota(self) -> Quota | None:
        """As the vendor told it last, or the budget where it tells nothing; None: not known."""
        with self._lock:
            self._turn_day()
            return self._told if self._tells else self._budget

    @property
    def left(self) -> int | None:
        """Calls until the nearest bound; None: there is none."""
        with self._lock:
            self._turn_day()
            return min((quota.left for quota in self._bounds()), default=None)

    @property
    def day_began(self) -> float:
        """Seconds since the epoch."""
        return self._today() * DAY + self._day_begins

    def take(self) -> None:
        """Count one call before it is sent. Raises Temporary if it would cross a bound; then it is not counted."""
        with self._lock:
            self._check(1)
            self._count(1)

    def afford(self, calls: int) -> None:
        """Raises Temporary if so many calls would cross a bound: better to stop before the first of them."""
        with self._lock:
            self._check(calls)

    def give_back(self) -> None:
        """The call was not counted by the vendor after all."""
        with self._lock:
            self._count(-1)

    def rebase(self, used_today: int) -> None:
        """Take over the vendor's own count of this day, the calls of this run included."""
        with self._lock:
            if self._budget:
                self._budget = replace(self._budget, used=used_today)

    def spent(self, calls: int) -> None:
        """At least so many calls of this day were made, by earlier runs too."""
        with self._lock:
            self._turn_day()
            if self._budget:
                self._budget = replace(self._budget, used=max(self._budget.used, calls))

    def tell(self, used: int, limit: int) -> None:
        """What the vendor's latest answer says of the last 24 hours, that call included."""
        with self._lock:
            self._told, self._told_at = Quota(used, limit, self._reserve), self._now()

    def _check(self, calls: int) -> None:
        self._turn_day()
        for quota in self._bounds():
            if quota.left < calls:
                raise self._reached(quota, calls)

    def _bounds(self) -> Iterator[Quota]:
        if self._budget:
            yield self._budget
        if self._told and self._reserve and self._now() < self._told_at + TOLD_FOR:
            yield self._told

    def _reached(self, quota: Quota, calls: int) -> Temporary:
        said = f"the quota reserve is reached: {quota.used:,} of {quota.limit:,} calls to {self._system} are used"
        others = f", and reserve = {quota.reserve:g} leaves {quota.kept:,} of them to others" if quota.reserve else ""
        more = f"; the next {calls:,} would cross that" if quota.left > 0 else ""
        change = f"{'lower reserve' if quota.reserve else 'raise daily_calls'} of {self._system} in mksync.toml"
        never = calls > quota.limit - quota.kept
        return Temporary(f"{said}{others}{more}", hint=change if never else f"{self._anew(quota)}, or {change}")

    def _anew(self, quota: Quota) -> str:
        if quota is self._told:  # Salesforce, Developer Limits, "API Request Limits and Allocations": a rolling day
            return "run again later, as only the last 24 hours count and calls come free hour by hour"
        if self._clock is None:
            return "run again tomorrow"
        begins = datetime.fromtimestamp(self.day_began + DAY, UTC)
        return f"run again after {begins:%Y-%m-%dT%H:%M:%SZ}, when a new day begins"

    def _count(self, calls: int) -> None:
        self._calls += calls
        self._budget = self._budget and replace(self._budget, used=self._budget.used + calls)
        self._told = self._told and replace(self._told, used=self._told.used + calls)

    def _turn_day(self) -> None:
        if self._day != (today := self._today()):
            self._day, self._budget = today, self._budget and replace(self._budget, used=0)

    def _today(self) -> int:
        return int((self._now() - self._day_begins) // DAY) if self._clock else 0

    def _now(self) -> float:
        return self._clock.now() if self._clock else 0.0
