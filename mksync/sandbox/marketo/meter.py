"""Rate limit, concurrency limit and daily quota, and the statistics of usage and errors (developer guide, Usage)."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.marketo.envelope import FREE, Failure, Item
from mksync.sandbox.marketo.identity import API_USER
from mksync.sandbox.marketo.times import central_day
from mksync.sandbox.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS marketo_usage (day TEXT PRIMARY KEY, calls INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS marketo_errors (
    day TEXT NOT NULL, code TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (day, code)
);
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an instance allows to all of its clients together."""

    calls: int = 100  # per window
    window: float = 20.0  # seconds, rolling
    concurrency: int = 10  # calls in flight
    daily_quota: int = 50_000  # calls from midnight to midnight, US Central


UNLIMITED = Limits(calls=1 << 60, concurrency=1 << 60, daily_quota=1 << 60)


class Meter:
    """Admits calls and counts them. `limits` may be exchanged at any time."""

    def __init__(self, store: Store, clock: SandboxClock) -> None:
        self.limits = Limits()
        self._store = store
        self._clock = clock
        self._recent: deque[float] = deque()
        self._lock = threading.Lock()
        with store.lock:
            store.connection.executescript(_SCHEMA)

    def admit(self, in_flight: int) -> None:
        """Fails with 607, 606 or 615. A refused call counts like any other."""
        limits = self.limits
        recent = self._enter()
        if self._today() >= limits.daily_quota:
            raise Failure("607", "Daily quota reached")
        if recent > limits.calls:
            text = f"Max rate limit '{limits.calls}' exceeded with in '{limits.window:g}' secs"
            raise Failure("606", text)
        if in_flight > limits.concurrency:
            raise Failure("615", f"Concurrent access limit '{limits.concurrency}' reached")

    def settle(self, code: str | None) -> None:
        """Book an admitted call; `code` is the error it was answered with."""
        if code in FREE:
            with self._lock:
                if self._recent:
                    self._recent.pop()
        self.book(code)

    def book(self, code: str | None) -> None:
        """Count a call in the statistics, and in the quota unless its code is free of it."""
        with self._store.transaction() as connection:
            day = self._day()
            if code not in FREE:
                connection.execute(
                    "INSERT INTO marketo_usage VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET calls = calls + 1", (day,)
                )
            if code is not None:
                connection.execute(
                    "INSERT INTO marketo_errors VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
                    (day, code),
                )

    def usage(self, days: int) -> list[Item]:
        """Calls per day, today first."""
        with self._store.lock:
            counts = dict(self._store.connection.execute("SELECT day, calls FROM marketo_usage"))
        users = {day: [{"userId": API_USER, "count": counts[day]}] if day in counts else [] for day in self._days(days)}
        return [{"date": day, "total": counts.get(day, 0), "users": users[day]} for day in self._days(days)]

    def errors(self, days: int) -> list[Item]:
        """Failed calls per day and code, today first."""
        return [self._errors_of(day) for day in self._days(days)]

    def _errors_of(self, day: str) -> Item:
        query = "SELECT code, times FROM marketo_errors WHERE day = ? ORDER BY code"
        with self._store.lock:
            rows = self._store.connection.execute(query, (day,)).fetchall()
        errors = [{"errorCode": code, "count": times} for code, times in rows]
        return {"date": day, "total": sum(times for _, times in rows), "errors": errors}

    def _enter(self) -> int:
        now = self._clock.now()
        with self._lock:
            while self._recent and self._recent[0] <= now - self.limits.window:
                self._recent.popleft()
            self._recent.append(now)
            return len(self._recent)

    def _today(self) -> int:
        query = "SELECT calls FROM marketo_usage WHERE day = ?"
        with self._store.lock:
            row = self._store.connection.execute(query, (self._day(),)).fetchone()
        return 0 if row is None else int(row[0])

    def _day(self) -> str:
        return central_day(self._clock.now()).isoformat()

    def _days(self, days: int) -> list[str]:
        today = central_day(self._clock.now())
        return [(today - timedelta(days=back)).isoformat() for back in range(days)]
