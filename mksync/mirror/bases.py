"""What both sides hold is settled: bases that move together, many links in few statements."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from mksync.core.pairs import Line
from mksync.core.plan import Linked, Pending
from mksync.core.records import Side, Value
from mksync.mirror.schema import base_table, quoted

Move = tuple[int, Side, Mapping[str, Value]]  # a link, a side of it, and what that holds by its own names


class Bases:
    """The tables `<side>_<object>_base`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def agree(self, object: str, agreed: Sequence[tuple[Linked, Sequence[Line]]]) -> None:
        """What both sides hold of these pairs is their base from now on; the other pairs keep theirs."""
        if not agreed:
            return
        gone = [(one.link, line.marketo) for one, lines in agreed if one.pending for line in lines]
        self._db.executemany("DELETE FROM pending WHERE link = ? AND field = ?", gone)
        for side in Side:
            statement = rebasing(base_table(side, object), tuple(agreed[0][0].base[side]))
            self._db.executemany(statement, [_row(one, side, lines) for one, lines in agreed])

    def move(self, object: str, moves: Sequence[Move]) -> None:
        """These sides were seen to hold these values when both sides were settled. Other fields keep their base."""
        if self._db.execute("SELECT 1 FROM pending LIMIT 1").fetchone():
            gone = [(link, name) for link, side, values in moves if side is Side.MARKETO for name in values]
            self._db.executemany("DELETE FROM pending WHERE link = ? AND field = ?", gone)
        rows: dict[tuple[Side, tuple[str, ...]], list[tuple[Value, ...]]] = defaultdict(list)
        for link, side, values in moves:
            if values:
                rows[side, tuple(values)].append((link, *values.values()))
        for (side, names), some in rows.items():
            self._db.executemany(rebasing(base_table(side, object), names), some)

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


@lru_cache
def rebasing(table: str, names: tuple[str, ...]) -> str:
    """Gives a link bases in these columns; others keep theirs."""
    columns = [quoted(name) for name in names]
    taken = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return (
        f"INSERT INTO {quoted(table)} (_link, {', '.join(columns)})"
        f" VALUES ({', '.join('?' * (len(names) + 1))}) ON CONFLICT(_link) DO UPDATE SET {taken}"
    )


def _row(linked: Linked, side: Side, lines: Sequence[Line]) -> tuple[Value, ...]:
    """The whole row, as one statement serves all links then."""
    base, now = dict(linked.base[side]), linked.now[side]
    for name in [line.marketo for line in lines] if side is Side.MARKETO else [line.crm for line in lines]:
        base[name] = now[name]
    return linked.link, *base.values()
