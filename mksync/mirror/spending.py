"""What cycles of the past have cost, for budgets and forecasts."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

from mksync.core.quota import Quota, Spent

LATEST = 500  # cycles that rates are measured from


class Spending:
    """Reads the table `cycle`, and `write` for how many records were written."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def since(self, moment: float, system: str) -> int:
        """Calls of the cycles that began since then (seconds since the epoch)."""
        begin = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        total = 0
        for started, calls in self._db.execute("SELECT started, calls FROM cycle ORDER BY id DESC"):
            if started < begin:
                break
            total += int(json.loads(calls).get(system, 0))
        return total

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
