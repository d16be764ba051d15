"""What both sides hold is settled: bases that move together, many links in few statements."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from mksync.core.pairs import FieldPair
from mksync.core.plan import Linked, Pending
from mksync.core.records import Side, Value
from mksync.mirror.schema import base_table, quoted


class Bases:
    """The tables `<side>_<object>_base`, as far as a plan moves them. See `Links.rebase` for one link."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def agree(self, object: str, agreed: Sequence[tuple[Linked, Sequence[FieldPair]]]) -> None:
        """What both sides hold of these pairs is their base from now on; the other pairs keep theirs."""
        if not agreed:
            return
        gone = [(one.link, pair.name) for one, pairs in agreed if one.pending for pair in pairs]
        self._db.executemany("DELETE FROM pending WHERE link = ? AND field = ?", gone)
        for side in Side:
            names = list(agreed[0][0].base[side])
            columns = ", ".join(["_link", *map(quoted, names)])
            taken = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in names)
            self._db.executemany(
                f"INSERT INTO {quoted(base_table(side, object))} ({columns})"
                f" VALUES ({', '.join('?' * (len(names) + 1))}) ON CONFLICT(_link) DO UPDATE SET {taken}",
                [_row(one, side, pairs) for one, pairs in agreed],
            )

    def settle(self, links: Iterable[int]) -> None:
        """Links that were judged for the first time. Fields that are suspended meanwhile have no base yet."""
        ids = json.dumps(list(links))
        some = "link.id IN (SELECT value FROM json_each(?)) AND NOT link.settled"
        self._db.execute(
            "INSERT OR REPLACE INTO pending SELECT link.id, pair.marketo, ? FROM link"
            f" JOIN pair ON pair.object = link.object WHERE {some} AND pair.state = 'suspended'",
            (Pending.FIRST, ids),
        )
        self._db.execute(f"UPDATE link SET settled = 1 WHERE {some}", (ids,))


def _row(linked: Linked, side: Side, pairs: Sequence[FieldPair]) -> tuple[Value, ...]:
    """The whole row, as one statement serves all links then."""
    base, now = dict(linked.base[side]), linked.now[side]
    for pair in pairs:
        name = pair.fields[side].name
        base[name] = now[name]
    return linked.link, *base.values()
