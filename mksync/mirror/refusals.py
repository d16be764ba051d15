"""Refusals that last: since when, and how many cycles have met them, however often the record is judged again."""

import json
import sqlite3
from collections.abc import Iterable

from mksync.core.frozen import dataclass
from mksync.core.records import Side
from mksync.core.report import Rejected
from mksync.mirror.schema import quoted, snapshot_table

_LEFT = (
    "SELECT 1 FROM leftover AS l WHERE l.kind = 'rejected' AND l.object = refusal.object AND l.side = refusal.side"
    " AND l.code = refusal.code AND l.fields = refusal.fields"
)
# Two questions, as one with OR would not be answered by the index of records.
_NOT_LEFT = (
    f"NOT EXISTS ({_LEFT} AND l.record_id = refusal.who)"
    f" AND NOT EXISTS ({_LEFT} AND l.record_id IS NULL AND l.person_id = refusal.who)"
)


@dataclass(frozen=True, slots=True)
class Refused:
    """Since when (an instant), and in how many cycles. `first`: this cycle had not met it before."""

    since: str
    tries: int
    first: bool


class Refusals:
    """The table `refusal`. The same refusal: of the same record, by the same side, with the same code and fields."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def note(self, cycle: int, row: Rejected, at: str) -> Refused:
        """This cycle was refused this. `at`: an instant."""
        key = (row.record.object, _who(row), row.to, row.code, json.dumps(row.fields))
        known = self._db.execute(
            "SELECT since, tries, cycle FROM refusal WHERE object = ? AND who = ? AND side = ? AND code = ?"
            " AND fields = ?",
            key,
        ).fetchone()
        since, tries, last = known or (at, 0, 0)
        tries += last != cycle
        self._db.execute(
            "INSERT OR REPLACE INTO refusal(object, who, side, code, fields, since, tries, cycle)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, since, tries, cycle),
        )
        return Refused(since, tries, last != cycle)

    def any_of(self, cycle: int, side: Side) -> bool:
        """Whether this cycle met a refusal of this side."""
        found = self._db.execute("SELECT 1 FROM refusal WHERE cycle = ? AND side = ?", (cycle, side))
        return found.fetchone() is not None

    def drop_object(self, object: str) -> None:
        """The object syncs no more: nothing of it waits, rejected or held."""
        for table in ("refusal", "leftover"):
            self._db.execute(f"DELETE FROM {table} WHERE object = ?", (object,))

    def close(self, objects: Iterable[str]) -> None:
        """At the end of a cycle: what it no longer met is over, unless its record is still to be judged."""
        for object in objects:
            table = quoted(snapshot_table(Side.CRM, object))
            self._db.execute(
                f"DELETE FROM refusal WHERE object = ? AND {_NOT_LEFT} AND NOT EXISTS"
                f" (SELECT 1 FROM {table} WHERE {table}._id = refusal.who AND {table}._dirty)",
                (object,),
            )


def _who(row: Rejected) -> str:
    return row.record.id or row.record.person_id or ""
