"""What an independent comparison asks the mirror: whom to look at, and what is listed as different already."""

import json
import sqlite3
from collections.abc import Iterator, Sequence

from mksync.core.records import Side
from mksync.mirror.schema import quoted, snapshot_table


class Verifying:
    """Reads; but for a temporary table of the ids that were met, it changes nothing."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        db.execute("CREATE TEMP TABLE IF NOT EXISTS met(id TEXT PRIMARY KEY) WITHOUT ROWID")
        db.execute("DELETE FROM met")

    def sample(self, object: str, number: int) -> list[str]:
        """Ids of some records that are there, each as likely as any other."""
        table = quoted(snapshot_table(Side.CRM, object))
        rows = self._db.execute(f"SELECT _id FROM {table} WHERE _gone IS NULL ORDER BY random() LIMIT ?", (number,))
        return [id for (id,) in rows]

    def meet(self, ids: Sequence[str]) -> None:
        """Note that the CRM has shown these records."""
        self._db.executemany("INSERT OR IGNORE INTO met VALUES (?)", [(id,) for id in ids])

    def unmet(self, object: str) -> Iterator[str]:
        """Records with a living link that the CRM has not shown; then it begins anew, for the next object."""
        table = quoted(snapshot_table(Side.CRM, object))
        rows = self._db.execute(
            f"SELECT r._id FROM link JOIN {table} AS r ON r._pid = link.record"
            " WHERE link.object = ? AND link.state = 'live' AND r._id NOT IN (SELECT id FROM met)",
            (object,),
        ).fetchall()
        self._db.execute("DELETE FROM met")
        yield from (id for (id,) in rows)

    def listed(self, object: str, id: str) -> list[tuple[str, tuple[str, ...]]]:
        """(kind, fields) of everything that is listed of a record: "rejected" or "held"; no fields: all of it."""
        rows = self._db.execute(
            "SELECT kind, fields FROM leftover WHERE object = ? AND record_id = ?", (object, id)
        ).fetchall()
        return [(kind, tuple(json.loads(fields))) for kind, fields in rows]
