"""What people's Activity Logs are told of refusals: what is to be sent, what was, and what became of it."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields

from mksync.core.activity import Entry

COLUMNS = ", ".join(field.name for field in fields(Entry))


class Activities:
    """The table `activity`. A row is `sent` before its call is made, and settled after."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, cycle: int, entry: Entry) -> None:
        """An entry is due. Its reference is made here: the CRM's record, and a number that no other entry has."""
        marks = ", ".join("?" * (len(fields(Entry)) + 2))
        row = (cycle, "due", *astuple(entry))
        id = self._db.execute(f"INSERT INTO activity(cycle, status, {COLUMNS}) VALUES ({marks})", row).lastrowid
        self._db.execute("UPDATE activity SET reference = record || ':' || id WHERE id = ?", (id,))

    def due(self, limit: int) -> dict[int, Entry]:
        """The oldest entries that are to be sent, by number."""
        return self._where("status = 'due' ORDER BY id LIMIT ?", limit)

    def unsettled(self, before: float, limit: int) -> dict[int, Entry]:
        """Entries that were sent before this moment (seconds since the epoch) and whose outcome is not known."""
        return self._where("status = 'sent' AND sent_at <= ? ORDER BY id LIMIT ?", before, limit)

    def send(self, ids: Iterable[int], at: float) -> None:
        """These are about to be sent."""
        self._db.executemany("UPDATE activity SET status = 'sent', sent_at = ? WHERE id = ?", [(at, id) for id in ids])

    def settle(self, ids: Iterable[int], status: str) -> None:
        """What became of them: written, refused; or due, as nothing did."""
        self._db.executemany("UPDATE activity SET status = ? WHERE id = ?", [(status, id) for id in ids])

    def _where(self, where: str, *values: float) -> dict[int, Entry]:
        rows: Sequence[tuple[int, ...]] = self._db.execute(
            f"SELECT id, {COLUMNS} FROM activity WHERE {where}", values
        ).fetchall()
        return {id: Entry(*row) for id, *row in rows}  # type: ignore[arg-type]
