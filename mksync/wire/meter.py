"""Counts the calls that a vendor counts, and stops before a daily budget is crossed."""

from threading import Lock

from mksync.errors import Temporary
from mksync.ports import Clock

DAY = 86_400.0  # seconds


class Meter:
    """Calls of one system.

    `budget`: the most calls of a day, `used_today` of which were made before this run. With a `clock`, the budget
    begins anew as a day does: `day_begins` seconds after midnight, UTC.
    """

    def __init__(
        self,
        system: str,
        *,
        budget: int | None = None,
        used_today: int = 0,
        clock: Clock | None = None,
        day_begins: float = 0.0,
    ) -> None:
        self._system = system
        self._budget = budget
        self._left = None if budget is None else budget - used_today
        self._calls = 0
        self._clock = clock
        self._day_begins = day_begins
        self._day = self._today()
        self._lock = Lock()

    @property
    def calls(self) -> int:
        """Calls since the beginning."""
        return self._calls

    def take(self) -> None:
        """Count one call before it is sent. Raises Temporary if it would cross the budget; then it is not counted."""
        with self._lock:
            if self._day != (today := self._today()):
                self._day, self._left = today, self._budget
            if self._left is not None and self._left <= 0:
                raise Temporary(
                    f"the quota reserve is reached: {self._budget} calls to {self._system} today",
                    hint=f"run again tomorrow, or raise daily_calls of {self._system} in mksync.toml",
                )
            self._count(1)

    def give_back(self) -> None:
        """The call was not counted by the vendor after all."""
        with self._lock:
            self._count(-1)

    def rebase(self, used_today: int) -> None:
        """Take over the vendor's own count of this day, the calls of this run included."""
        with self._lock:
            self._left = None if self._budget is None else self._budget - used_today

    def _count(self, calls: int) -> None:
        self._calls += calls
        if self._left is not None:
            self._left -= calls

    def _today(self) -> int:
        return int((self._clock.now() - self._day_begins) // DAY) if self._clock else 0
