"""What the mirror's tables assert; `migrations` makes them.

Our own columns begin with an underscore; every other column of a snapshot or base table is a selected field, named as
its vendor names it, in canonical values (`core.records.Value`).

    project            one row a fact about this project: the organisations it is pinned to. Written by `init`.
    cursor             one row a side: where its change feed goes on. Moves only together with the page it follows.
    marketo_person     one row a person as last read from Marketo. Never deleted: a person that is no longer there has
    crm_<object>       _gone set. _dirty: something here has not been judged yet. _seen: the full read that saw it.
    marketo_<object>   the same for what Marketo keeps beside people: companies, sales persons, opportunities …
    link               one row a pairing of a record of Marketo (`person`: a row of marketo_<counterpart>) with one CRM
                       record. A person has at most one link, and so has a CRM record. settled = 0: no base yet, the
                       whole record is judged as a first meeting.
                       state: live; or it rests, as one end is gone: "crm deleted", "person merged", …; or the filter
                       leaves its record out: "filtered", "filtered converted" (see `core.filter`).
    link_count         one row an object and state: how many links it has. Triggers on `link` keep it.
    marketo_<o>_base   one row a settled link: what that side was last seen to hold when both were settled. Moves only
    crm_<o>_base       to values that were read from that side, or that it held before somebody edited them again.
    pair               one row a selected pair of fields: live, or suspended. seen: lengths and choices of both fields
                       as the last cycle that read them saw them.
    pending            one row a field (Marketo's name) of a settled link that no base tells of yet: quick (to be
                       filled from its source), first (to be compared for the first time), again (the same once
                       more, as the write did not get across: the bases tell what the sides held the first time) or
                       kept (to be left as it is). Gone as soon as the field's bases move.
    write              one row a write ever planned: the work queue, the crash journal and the history are this table.
                       A conversion is such a row, with its order in `token`.
                       planned -> sent -> written | refused | moved | gone | lost. `sent` is committed before the call.
                       unread: written, and what the record then held is read by the next run (`engine.unread`).
    collision          one row a field that both sides had changed, with both values: the losing one lives on here.
                       kind late: Marketo's value was edited between reading and writing, and found out afterwards.
    window             one row a field that was written to a side that cannot guard its writes, and whose own entry in
                       that side's log has not been seen. holds: what was read back.
    log_entry          one row an entry of such a log, for an hour. after: the last window there was when it
                       was told first. used: it is known to be a write's own.
    reopened           one row an edit that a write replaced unseen (`over`): to be written back, or held for a human.
    leftover           one row a difference that waits: rejected by a vendor, or held for a human. Deleted when the
                       record is judged again.
    refusal            one row a refusal that is not over: since when, and how many cycles have met it. Survives its
                       leftover while the record is judged again; gone once a cycle no longer meets it.
    activity           one row an entry of a person's Activity Log: due -> sent -> written | refused. `sent` is
                       committed before the call; what stays so is looked for in Marketo before it is sent again.
    event              one row a link that the filter froze ("filtered") or let go on ("sync started"), or that lost,
                       moved or got back an end ("crm deleted", …: see `core.lives`).
    cycle              one row a run. quota: system -> calls of the day that were used in its end, and the most.
    schema_cache       the fields of an object as the sync user saw them when last described.

Never true: a link whose person or record is NULL; a base row without its link; `sent` writes of two cycles, as each
begins with settling those of the one before.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from mksync.core.records import Field, FieldType, Side, Value


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def affinity(type: FieldType) -> type:
    """The column type of a canonical value, as sqlite-utils takes it."""
    return int if type in (FieldType.BOOLEAN, FieldType.INTEGER) else str


_TYPES: Mapping[type, str] = {int: "INTEGER", str: "TEXT"}


def reader(fields: Iterable[Field]) -> Callable[[Iterable[Value]], dict[str, Value]]:
    """How a row of these columns is read as canonical values: SQLite gives booleans back as 0 and 1."""
    of = tuple(fields)
    names = tuple(field.name for field in of)
    flags = tuple(field.name for field in of if field.type is FieldType.BOOLEAN)

    def read(row: Iterable[Value]) -> dict[str, Value]:
        values = dict(zip(names, row, strict=True))
        for name in flags:
            if values[name] is not None:
                values[name] = bool(values[name])
        return values

    return read


def snapshot_table(side: Side, object: str) -> str:
    """The table that holds what `side` last held. `object`: as that side calls it; all people live in one table."""
    return f"{side}_{object}"


def base_table(side: Side, object: str) -> str:
    return f"{side}_{object}_base"


def ensure_snapshot(db: sqlite3.Connection, table: str, fields: Iterable[Field]) -> None:
    """Make the table of a side's records, and a column for every field. Its indexes: `ensure_indexes`."""
    ours = (
        "_pid INTEGER PRIMARY KEY, _id TEXT NOT NULL UNIQUE, _version TEXT, _gone TEXT, _into TEXT,"
        " _dirty INTEGER NOT NULL DEFAULT 1, _seen INTEGER NOT NULL DEFAULT 0"
    )
    _ensure(db, table, ours, fields)


def is_empty(db: sqlite3.Connection, table: str) -> bool:
    return db.execute(f"SELECT 1 FROM {quoted(table)} LIMIT 1").fetchone() is None


def ensure_base(db: sqlite3.Connection, table: str, fields: Iterable[Field]) -> None:
    """Make the table of a side's bases, and a column for every field."""
    _ensure(db, table, "_link INTEGER PRIMARY KEY", fields)


def _ensure(db: sqlite3.Connection, table: str, ours: str, fields: Iterable[Field]) -> None:
    """`ours`: the columns that are no field's."""
    known = {name.casefold() for _, name, *_ in db.execute(f"PRAGMA table_info({quoted(table)})")}
    new = {field.name: field for field in fields if field.name.casefold() not in known}
    if not known:
        columns = [f"{quoted(name)} {_TYPES[affinity(field.type)]}" for name, field in new.items()]
        db.execute(f"CREATE TABLE {quoted(table)}({', '.join([ours, *columns])})")
    elif new:
        _add_columns(db, table, new)


def _add_columns(db: sqlite3.Connection, table: str, new: Mapping[str, Field]) -> None:
    with _hidden("numpy", "pandas"):
        import sqlite_utils  # 59 ms that only a changed selection has to pay

    target = sqlite_utils.Database(db).table(table)
    for name, field in new.items():
        target.add_column(name, affinity(field.type))


@contextmanager
def _hidden(*packages: str) -> Iterator[None]:
    """Let nothing load these meanwhile. sqlite-utils does, where they are installed: 60 MB and 0.3 s for nothing."""
    absent = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type] # None: an import says that there is none
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


def ensure_indexes(db: sqlite3.Connection, matched: Mapping[str, Iterable[str]]) -> None:
    """Indexes of tables of records: of what is to be judged, and of every column to match records by, case aside."""
    for table, columns in matched.items():
        db.execute(f"CREATE INDEX IF NOT EXISTS {quoted(table + '_dirty')} ON {quoted(table)}(_pid) WHERE _dirty")
        for column in columns:
            db.execute(
                f"CREATE INDEX IF NOT EXISTS {quoted(f'{table}_{column}')} ON {quoted(table)}"
                f"({quoted(column)} COLLATE NOCASE) WHERE _gone IS NULL"
            )
