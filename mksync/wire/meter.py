"""Counts the calls that a vendor counts, and stops before a daily budget is crossed."""

from threading import Lock

from mksync.errors import Temporary


class Meter:
    """Calls of one system. `budget`: the most calls of this day, `used_today` of which were made before this run."""

    def __init__(self, system: str, *, budget: int | None = None, used_today: int = 0) -> None:
        self._system = system
        self._budget = budget
        self._used_before = used_today
        self._calls = 0
        self._lock = Lock()

    @property
    def calls(self) -> int:
        """Calls of this run."""
        return self._calls

    def take(self) -> None:
        """Count one call before it is sent. Raises Temporary if it would cross the budget; then it is not counted."""
        with self._lock:
            if self._budget is not None and self._used_before + self._calls >= self._budget:
                raise Temporary(
                    f"the quota reserve is reached: {self._budget} calls to {self._system} today",
                    hint=f"run again tomorrow, or raise daily_calls of {self._system} in mksync.toml",
                )
            self._calls += 1

    def give_back(self) -> None:
        """The call was not counted by the vendor after all."""
        with self._lock:
            self._calls -= 1
