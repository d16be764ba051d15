"""Fields of settled links that have no base to be judged by yet: what a quick sync has still to fill, and its like."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from mksync.core.filter import LIVE
from mksync.core.plan import Pending
from mksync.core.records import Side
from mksync.mirror.schema import quoted, snapshot_table

_OF_OBJECT = "link IN (SELECT id FROM link WHERE object = ?)"


class Pendings:
    """The table `pending`. A row goes as soon as the field's bases move (`Links.rebase`)."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def begin(self, object: str, field: str) -> None:
        """Every link there is waits for a quick sync of this field, whatever its state."""
        self._db.execute(
            "INSERT OR REPLACE INTO pending SELECT id, ?, ? FROM link WHERE object = ? AND settled",
            (field, Pending.QUICK, object),
        )

    def add(self, links: Iterable[int], fields: Sequence[str], how: Pending) -> None:
        rows = ((link, field, how) for link in links for field in fields)
        self._db.executemany("INSERT OR REPLACE INTO pending VALUES (?, ?, ?)", rows)

    def keep(self, object: str, fields: Sequence[str]) -> None:
        """Let those that wait for a quick sync be left out of it; whoever is in its range is added after that."""
        marks = ", ".join("?" * len(fields))
        self._db.execute(
            f"UPDATE pending SET how = ? WHERE how = ? AND field IN ({marks}) AND {_OF_OBJECT}",
            (Pending.KEPT, Pending.QUICK, *fields, object),
        )

    def forget(self, object: str, field: str) -> None:
        """The field is not selected any more."""
        self._db.execute(f"DELETE FROM pending WHERE field = ? AND {_OF_OBJECT}", (field, object))

    def of(self, links: Sequence[int]) -> Mapping[int, Mapping[str, Pending]]:
        """What these links wait for, field by field."""
        found: dict[int, dict[str, Pending]] = defaultdict(dict)
        rows = self._db.execute(
            "SELECT link, field, how FROM pending WHERE link IN (SELECT value FROM json_each(?))",
            (json.dumps(links),),
        )
        for link, field, how in rows:
            found[link][field] = Pending(how)
        return found

    def left(self, object: str) -> Mapping[str, int]:
        """Marketo field -> live links that a quick sync has yet to fill, refused and held ones included."""
        return self._count(object, "")

    def due(self, object: str) -> Mapping[str, int]:
        """The same of records that the next plan will judge."""
        return self._count(object, " AND r._dirty")

    def _count(self, object: str, condition: str) -> Mapping[str, int]:
        (any_at_all,) = self._db.execute("SELECT EXISTS (SELECT 1 FROM pending)").fetchone()
        if not any_at_all:
            return {}
        rows = self._db.execute(
            "SELECT field, count(*) FROM pending JOIN link ON link.id = pending.link"
            f" JOIN {quoted(snapshot_table(Side.CRM, object))} AS r ON r._pid = link.record"
            f" WHERE how = ? AND link.object = ? AND link.state = '{LIVE}' AND r._gone IS NULL{condition}"
            " GROUP BY field",
            (Pending.QUICK, object),
        )
        return dict(rows.fetchall())
