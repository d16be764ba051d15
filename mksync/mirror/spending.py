"""What cycles of the past have cost, for budgets and forecasts."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from mksync.core.quota import DAY, Quota, Spent

LATEST = 500  # cycles that rates are measured from
_ASIDE = "calls_aside"  # the fact's name


class Spending:
    """Reads the table `cycle`, and `write` for how many records were written. What was spent aside is in `project`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def since(self, moment: float, system: str) -> int:
        """Calls of the cycles that began since then (seconds since the epoch), and those that were made aside."""
        begin = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        total = sum(int(calls.get(system, 0)) for at, calls in self._aside() if at >= moment)
        for started, calls in self._db.execute("SELECT started, calls FROM cycle ORDER BY id DESC"):
            if started < begin:
                break
            total += int(json.loads(calls).get(system, 0))
        return total

    def add(self, at: float, calls: Mapping[str, int]) -> None:
        """Calls of a command that is no cycle, by system; they are kept for as long as a day may count them."""
        kept = [(when, told) for when, told in self._aside() if when > at - 2 * DAY]
        row = (_ASIDE, json.dumps([*kept, (at, dict(calls))]))
        self._db.execute("INSERT OR REPLACE INTO project VALUES (?, ?)", row)

    def _aside(self) -> list[tuple[float, dict[str, int]]]:
        row = self._db.execute("SELECT value FROM project WHERE name = ?", (_ASIDE,)).fetchone()
        return [(at, calls) for at, calls in json.loads(row[0])] if row else []

    def quota(self, system: str) -> tuple[Quota | None, str]:
        """Of the latest cycle that kept it, and when that cycle ended."""
        rows = self._db.execute("SELECT quota, finished FROM cycle ORDER BY id DESC LIMIT ?", (LATEST,))
        for quotas, finished in rows:
            if told := json.loads(quotas).get(system):
                return Quota(**told), str(finished)
        return None, ""

    def cycles(self, system: str) -> Iterator[Spent]:
        """The latest cycles of `run-once` and `watch` that came to their end, newest first."""
        rows = self._db.execute(
            "SELECT calls,"
            " (SELECT count(*) FROM write WHERE write.cycle = cycle.id AND status IN ('written', 'unread')),"
            " strftime('%s', finished) - strftime('%s', started) FROM cycle"
            " WHERE command IN ('run-once', 'watch') AND exit_code IN (0, 3) ORDER BY id DESC LIMIT ?",
            (LATEST,),
        )
        for calls, changed, seconds in rows:
            yield Spent(int(json.loads(calls).get(system, 0)), int(changed), float(seconds))
