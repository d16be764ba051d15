"""One SQLite table per object with one column per field; the only place that writes records to them.

Text compares without regard to case (the columns are COLLATE NOCASE), as it does in Salesforce; ids and stamps compare
exactly. Deleted rows stay, marked IsDeleted, until they are purged.
"""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from mksync.sandbox.salesforce import ids
from mksync.sandbox.salesforce.catalogue import Catalogue
from mksync.sandbox.salesforce.fields import TEXTS, Field, SObject

Stored = str | int | float | None
Row = dict[str, Stored]
_INDEXED = frozenset({"Email", "AccountId", "OpportunityId", "ContactId", "ReportsToId", "Username"})
_CHUNK = 500


class Tables:
    """Rows by object name and 18-character id. Makes missing tables and columns when it is constructed."""

    def __init__(self, connection: sqlite3.Connection, catalogue: Catalogue) -> None:
        self._connection = connection
        self._catalogue = catalogue
        connection.execute("CREATE TABLE IF NOT EXISTS salesforce_number (prefix TEXT PRIMARY KEY, last INTEGER)")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS salesforce_deletion"
            " (object TEXT, id TEXT, deleted TEXT, PRIMARY KEY (object, id))"
        )
        for object in catalogue:
            self.prepare(object)

    def prepare(self, object: SObject) -> None:
        """Bring an object's table up to its fields."""
        table = name_of(object.name)
        declared = {field.name: f'"{field.name}" {_declared(field)}' for field in columns_of(object)}
        self._connection.execute(
            f"CREATE TABLE IF NOT EXISTS {table} (_row INTEGER PRIMARY KEY, {', '.join(declared.values())})"
        )
        present = {str(row[1]) for row in self._connection.execute(f"PRAGMA table_info({table})")}
        for name, column in declared.items():
            if name not in present:
                self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
        self._connection.execute(
            f"CREATE INDEX IF NOT EXISTS salesforce_{object.name}_stamp ON {table} (SystemModstamp, Id)"
        )
        for field in columns_of(object):
            if field.name in _INDEXED or field.external_id:
                index = f"salesforce_{object.name}_{field.name}"
                self._connection.execute(f'CREATE INDEX IF NOT EXISTS "{index}" ON {table} ("{field.name}")')

    def next_ids(self, prefix: str, count: int = 1) -> list[str]:
        """Fresh ids that begin with these three characters, in order."""
        row = self._connection.execute(
            "INSERT INTO salesforce_number VALUES (?, ?) "
            "ON CONFLICT (prefix) DO UPDATE SET last = last + excluded.last RETURNING last",
            (prefix, count),
        ).fetchone()
        last = int(row[0])
        return [ids.make(prefix, number) for number in range(last - count + 1, last + 1)]

    def insert(self, object: str, row: Mapping[str, Stored]) -> None:
        self.insert_many(object, list(row), [tuple(row.values())])

    def insert_many(self, object: str, columns: Sequence[str], rows: Iterable[Sequence[Stored]]) -> None:
        """Add rows as they are, without any rule: for seeding and for `Writer`."""
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" * len(columns))
        self._connection.executemany(f"INSERT INTO {name_of(object)} ({names}) VALUES ({marks})", rows)

    def update(self, object: str, id: str, values: Mapping[str, Stored]) -> None:
        sets = ", ".join(f'"{column}" = ?' for column in values)
        self._connection.execute(f"UPDATE {name_of(object)} SET {sets} WHERE Id = ?", (*values.values(), id))

    def get(self, object: str, id: str) -> Row | None:
        """The row of this id, deleted or not."""
        return next(iter(self.find(object, "Id", id, deleted=True)), None)

    def many(self, object: str, wanted: Sequence[str]) -> dict[str, Row]:
        """The live rows among these ids."""
        found: dict[str, Row] = {}
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            where = f"Id IN ({', '.join('?' * len(chunk))}){self._live(object)}"
            found.update((str(row["Id"]), row) for row in self._select(object, where, chunk))
        return found

    def find(self, object: str, field: str, value: Stored, *, deleted: bool = False) -> list[Row]:
        """Rows holding a value, oldest first."""
        where = f'"{field}" = ?' + ("" if deleted else self._live(object)) + " ORDER BY _row"
        return self._select(object, where, (value,))

    def count(self, object: str) -> int:
        """Live rows."""
        row = self._connection.execute(f"SELECT COUNT(*) FROM {name_of(object)} WHERE 1{self._live(object)}").fetchone()
        return int(row[0])

    def move(self, object: str, field: str, old: str, new: str, stamp: str) -> list[str]:
        """Point every row that refers to `old` at `new`, moving SystemModstamp; their ids."""
        moved = self._connection.execute(
            f'UPDATE {name_of(object)} SET "{field}" = ?, SystemModstamp = ? WHERE "{field}" = ? RETURNING Id',
            (new, stamp, old),
        ).fetchall()
        return [str(row[0]) for row in moved]

    def touched(self, object: str, start: str, end: str) -> list[str]:
        """Ids of the live rows whose SystemModstamp lies between two instants, both included."""
        rows = self._connection.execute(
            f"SELECT Id FROM {name_of(object)} WHERE SystemModstamp BETWEEN ? AND ?{self._live(object)}"
            " ORDER BY SystemModstamp, Id",
            (start, end),
        )
        return [str(row[0]) for row in rows]

    def purge(self, object: str, up_to: str) -> str | None:
        """Remove for good what was deleted by then, log included; when the last of it had been deleted."""
        row = self._connection.execute(
            "SELECT MAX(deleted) FROM salesforce_deletion WHERE object = ? AND deleted <= ?", (object, up_to)
        ).fetchone()
        if row[0] is None:
            return None
        gone = "SELECT id FROM salesforce_deletion WHERE object = ? AND deleted <= ?"
        self._connection.execute(f"DELETE FROM {name_of(object)} WHERE IsDeleted AND Id IN ({gone})", (object, up_to))
        self._connection.execute("DELETE FROM salesforce_deletion WHERE object = ? AND deleted <= ?", (object, up_to))
        return str(row[0])

    def erase(self, object: str, id: str) -> None:
        """Remove a row for good; the log of deletions keeps its id."""
        self._connection.execute(f"DELETE FROM {name_of(object)} WHERE Id = ?", (id,))

    def log_deletion(self, object: str, id: str, when: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO salesforce_deletion VALUES (?, ?, ?)", (object, id, when))

    def unlog_deletion(self, object: str, id: str) -> None:
        self._connection.execute("DELETE FROM salesforce_deletion WHERE object = ? AND id = ?", (object, id))

    def deleted_at(self, object: str, id: str) -> str | None:
        """When a record was deleted, according to the log."""
        row = self._connection.execute(
            "SELECT deleted FROM salesforce_deletion WHERE object = ? AND id = ?", (object, id)
        ).fetchone()
        return None if row is None else str(row[0])

    def deletions(self, object: str, start: str, end: str) -> list[tuple[str, str]]:
        """Ids and times of the deletions between two instants, both included."""
        rows = self._connection.execute(
            "SELECT id, deleted FROM salesforce_deletion WHERE object = ? AND deleted BETWEEN ? AND ?"
            " ORDER BY deleted, id",
            (object, start, end),
        )
        return [(str(row[0]), str(row[1])) for row in rows]

    def _live(self, object: str) -> str:
        return " AND NOT IsDeleted" if self._catalogue.named(object).has("IsDeleted") else ""

    def _select(self, object: str, where: str, values: Sequence[Stored]) -> list[Row]:
        cursor = self._connection.execute(f"SELECT * FROM {name_of(object)} WHERE {where}", values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def name_of(object: str) -> str:
    """The table of an object, quoted."""
    return f'"salesforce_{object}"'


def columns_of(object: SObject) -> Iterable[Field]:
    """The fields that are columns: an address is made from its parts."""
    return (field for field in object.fields.values() if field.type != "address")


def _declared(field: Field) -> str:
    if field.type == "id":
        return "TEXT UNIQUE"
    if field.type == "boolean":
        return "INTEGER NOT NULL DEFAULT 0"
    if field.type == "int":
        return "INTEGER"
    if field.type in ("double", "currency", "percent"):
        return "REAL"
    if field.type in TEXTS and not field.case_sensitive:
        return "TEXT COLLATE NOCASE"
    return "TEXT"
