"""The rows of every table, in SQLite; the only place that writes them.

One SQL table `"dynamics_<logical name>"` per Dataverse table (`name_of`), one SQL column per attribute, called by its
logical name (`lead.firstname`, `lead.ownerid`, `lead.versionnumber`), after `_row INTEGER PRIMARY KEY`, the order of
creation. Every attribute of `Table.columns` is a SQL column; none is computed on reading.

| kind | stored as |
| --- | --- |
| String, Memo | TEXT COLLATE NOCASE; empty text is stored as NULL. NOCASE folds ASCII only: `dv_fold(text)` folds all |
| Integer, BigInt, Picklist, State, Status | INTEGER |
| Boolean | INTEGER 0 or 1; may be NULL |
| Decimal, Double, Money | REAL, rounded to the column's precision |
| MultiSelectPicklist | TEXT `1,9`: ascending, no blanks |
| DateTime | TEXT `2026-03-04T10:11:12Z`; behaviour DateOnly: TEXT `2026-03-04` |
| Uniqueidentifier | TEXT, lower-case GUID |
| Lookup, Customer, Owner | TEXT, lower-case GUID. With several targets, the column `<name>type` (EntityName) beside it holds the logical name of the row referred to: `ownerid`/`owneridtype`, `parentcustomerid`/`parentcustomeridtype` |
| EntityName, Image | TEXT |

`versionnumber` is the row version: one number for the entire organisation, rising with every write of any row
(`next_version`), never the same twice. Deleted rows are gone; `dynamics_tombstone`
(`version INTEGER PRIMARY KEY, name TEXT, id TEXT, deleted REAL`) holds the table's logical name, the row's id, the
version at which it went and the sandbox's epoch second.
"""  # noqa: E501 - a table

# SQL is put together here: table and column names come from the catalogue, values are always bound.

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from mksync.sandbox.dynamics import ids
from mksync.sandbox.dynamics.tables import FRACTIONS, TEXTS, Column, Kind, Table

Stored = str | int | float | None
Row = dict[str, Stored]
_INDEXED = frozenset({"emailaddress1", "versionnumber"})
_CHUNK = 500
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS dynamics_number (name TEXT PRIMARY KEY, last INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS dynamics_tombstone (version INTEGER PRIMARY KEY, name TEXT, id TEXT, deleted REAL)",
    "CREATE INDEX IF NOT EXISTS dynamics_tombstone_name ON dynamics_tombstone (name, version)",
    "INSERT OR IGNORE INTO dynamics_number VALUES ('versionnumber', 8000000)",
)


class Rows:
    """Rows by table and lower-case id."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        connection.create_function("dv_fold", 1, fold, deterministic=True)
        for statement in _SCHEMA:
            connection.execute(statement)

    def prepare(self, table: Table) -> None:
        """Make a table's SQL table, or bring it up to its columns."""
        name = name_of(table.name)
        declared = {c.name: f'"{c.name}" {_declared(c, table)}' for c in table.columns.values()}
        self.connection.execute(
            f"CREATE TABLE IF NOT EXISTS {name} (_row INTEGER PRIMARY KEY, {', '.join(declared.values())})"
        )
        present = {str(row[1]) for row in self.connection.execute(f"PRAGMA table_info({name})")}
        for column, definition in declared.items():
            if column not in present:
                self.connection.execute(f"ALTER TABLE {name} ADD COLUMN {definition}")
        keyed = {column for key in table.keys for column in key.columns}
        # Those that have to be found when the row they refer to is deleted or merged.
        referring = {way.column for way in table.relationships if way.on_delete in ("Cascade", "RemoveLink")}
        for column in declared:
            if column in _INDEXED | keyed | referring or (table.intersect and column.endswith("id")):
                index = f"dynamics_{table.name}_{column}"
                self.connection.execute(f'CREATE INDEX IF NOT EXISTS "{index}" ON {name} ("{column}")')

    def next_version(self) -> int:
        return self._next("versionnumber", 1)

    def last_version(self) -> int:
        """The newest row version of the organisation."""
        row = self.connection.execute("SELECT last FROM dynamics_number WHERE name = 'versionnumber'").fetchone()
        return int(row[0])

    def next_versions(self, count: int) -> range:
        last = self._next("versionnumber", count)
        return range(last - count + 1, last + 1)

    def next_ids(self, table: Table, count: int = 1) -> list[str]:
        """Fresh ids, rising; the same ones in every organisation with the same history."""
        last = self._next(f"id {table.name}", count)
        return [ids.make(table.code, number) for number in range(last - count + 1, last + 1)]

    def insert(self, table: str, row: Mapping[str, Stored]) -> None:
        self.insert_many(table, list(row), [tuple(row.values())])

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Stored]]) -> None:
        """Add rows as they are, without any rule: for seeding and for the writer."""
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" * len(columns))
        self.connection.executemany(f"INSERT INTO {name_of(table)} ({names}) VALUES ({marks})", rows)

    def update(self, table: Table, id: str, values: Mapping[str, Stored]) -> None:
        sets = ", ".join(f'"{column}" = ?' for column in values)
        where = f'"{table.primary_id}" = ?'
        self.connection.execute(f"UPDATE {name_of(table.name)} SET {sets} WHERE {where}", (*values.values(), id))

    def delete(self, table: Table, id: str, now: float) -> None:
        """Remove a row and leave its tombstone."""
        self.connection.execute(f'DELETE FROM {name_of(table.name)} WHERE "{table.primary_id}" = ?', (id,))
        self.connection.execute(
            "INSERT INTO dynamics_tombstone VALUES (?, ?, ?, ?)", (self.next_version(), table.name, id, now)
        )

    def get(self, table: Table, id: str) -> Row | None:
        return next(iter(self.find(table, {table.primary_id: id})), None)

    def many(self, table: Table, wanted: Sequence[str]) -> dict[str, Row]:
        """The rows among these ids, by id."""
        found: dict[str, Row] = {}
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            where = f'"{table.primary_id}" IN ({", ".join("?" * len(chunk))})'
            found.update((str(row[table.primary_id]), row) for row in self.select(table.name, where, chunk))
        return found

    def find(self, table: Table, values: Mapping[str, Stored]) -> list[Row]:
        """Rows holding all these values, oldest first. Text compares without regard to (ASCII) case."""
        where = " AND ".join(f'"{column}" IS ?' for column in values) + " ORDER BY _row"
        return self.select(table.name, where, tuple(values.values()))

    def select(self, table: str, where: str, values: Sequence[Stored]) -> list[Row]:
        cursor = self.connection.execute(f"SELECT * FROM {name_of(table)} WHERE {where}", values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def _next(self, name: str, count: int) -> int:
        row = self.connection.execute(
            "INSERT INTO dynamics_number VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET last = last + excluded.last RETURNING last",
            (name, count),
        ).fetchone()
        return int(row[0])


def name_of(table: str) -> str:
    """The SQL table of a Dataverse table, quoted."""
    return f'"dynamics_{table}"'


def fold(text: str | None) -> str | None:
    """Text as it compares: without regard to case and to trailing blanks, as SQL Server's default collation does."""
    return None if text is None else str(text).rstrip(" ").casefold()


def _declared(column: Column, table: Table) -> str:
    if column.name == table.primary_id:
        return "TEXT UNIQUE"
    if column.kind in TEXTS:
        return "TEXT COLLATE NOCASE"
    if column.kind in FRACTIONS:
        return "REAL"
    if column.kind in (Kind.INTEGER, Kind.BIG_INT, Kind.BOOLEAN, Kind.PICKLIST, Kind.STATE, Kind.STATUS):
        return "INTEGER"
    return "TEXT"
