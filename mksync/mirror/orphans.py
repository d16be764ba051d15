"""Records that nothing ties to a person: opportunities without a role that is in Marketo."""

import sqlite3

from mksync.core.frozen import dataclass
from mksync.core.records import Side
from mksync.mirror.schema import quoted, snapshot_table


@dataclass(frozen=True, slots=True)
class Tie:
    """Whose records tie whose: the field `column` of `object` ("role") names a record of `parent` ("opportunity")."""

    object: str
    parent: str
    column: str


def count(db: sqlite3.Connection, tie: Tie) -> tuple[int, str]:
    """How many there are, and a mark that is another one as soon as they are not the same."""
    number, sum = db.execute(f"SELECT count(*), coalesce(sum(o._pid), 0) {_from(tie)}", _values(tie)).fetchone()
    return int(number), f"{number} {sum}"


def first(db: sqlite3.Connection, tie: Tie, limit: int) -> list[tuple[str, str]]:
    """(CRM record id, id in Marketo) of the oldest."""
    marketo = quoted(snapshot_table(Side.MARKETO, _counterpart(db, tie)))
    rows = db.execute(
        f"SELECT o._id, (SELECT _id FROM {marketo} AS p WHERE p._pid = l.person) {_from(tie)} ORDER BY o._pid LIMIT ?",
        (*_values(tie), limit),
    )
    return [(id, in_marketo) for id, in_marketo in rows]


def _counterpart(db: sqlite3.Connection, tie: Tie) -> str:
    row = db.execute("SELECT counterpart FROM link WHERE object = ? LIMIT 1", (tie.parent,)).fetchone()
    return str(row[0]) if row else tie.parent


def _from(tie: Tie) -> str:
    """NOT IN a list that is made once: to look for each one's roles would go through all roles every time."""
    return (
        f"FROM {quoted(snapshot_table(Side.CRM, tie.parent))} AS o"
        " JOIN link AS l ON l.object = ? AND l.record = o._pid AND l.state = 'live'"
        f" WHERE o._gone IS NULL AND o._id NOT IN (SELECT r.{quoted(tie.column)}"
        f" FROM {quoted(snapshot_table(Side.CRM, tie.object))} AS r"
        f" JOIN link AS t ON t.object = ? AND t.record = r._pid AND t.state = 'live'"
        f" WHERE r._gone IS NULL AND r.{quoted(tie.column)} IS NOT NULL)"
    )


def _values(tie: Tie) -> tuple[str, str]:
    return tie.parent, tie.object
