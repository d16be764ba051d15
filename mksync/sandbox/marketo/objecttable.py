"""The rows of one object, in a table with a column for each of its fields."""

import uuid
from collections.abc import Mapping, Sequence

from mksync.sandbox.marketo.fields import column_of
from mksync.sandbox.marketo.leads import Row
from mksync.sandbox.marketo.objecttypes import ObjectType
from mksync.sandbox.marketo.values import Stored
from mksync.sandbox.store import Store

# Ids have to be the same in every run, and unlike a number that one could guess.
_GUIDS = uuid.UUID("6d6b7379-6e63-4d61-8b65-746f73616e64")
# No field can be called that.
ROW = "#row"
_LINKS = ("externalCompanyId", "externalSalesPersonId")
Key = tuple[Stored, ...]


class ObjectTable:
    """Finds and changes rows. A row carries `ROW`, its number within the table, beside the object's fields."""

    def __init__(self, store: Store, type: ObjectType, quirks: frozenset[str]) -> None:
        self._store = store
        self._type = type
        self._exact = "exact_case" in quirks
        self._names = [ROW, *(field.name for field in type.fields)]
        self._columns = ", ".join(f'"{name}"' for name in self._names)

    def prepare(self) -> None:
        """Make the table, or give it the columns that it still lacks and take away those of deleted fields."""
        table = self._type.table
        with self._store.transaction() as connection:
            connection.execute(f'CREATE TABLE IF NOT EXISTS "{table}" ("{ROW}" INTEGER PRIMARY KEY AUTOINCREMENT)')
            held = {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}
            for name in held - set(self._names):
                connection.execute(f'DROP INDEX IF EXISTS "{table}_{name}"')
                connection.execute(f'ALTER TABLE "{table}" DROP COLUMN "{name}"')
            for field in self._type.fields:
                if field.name not in held:
                    connection.execute(f'ALTER TABLE "{table}" ADD COLUMN {column_of(field)}')
            for names in self._indexed():
                columns = ", ".join(f'"{name}"' for name in names)
                index = f'"{table}_{"_".join(names)}"'
                connection.execute(f'CREATE INDEX IF NOT EXISTS {index} ON "{table}" ({columns})')

    def drop(self) -> None:
        with self._store.transaction() as connection:
            connection.execute(f'DROP TABLE IF EXISTS "{self._type.table}"')

    def find(self, keys: Sequence[str], wanted: Sequence[Key], after: int = 0, most: int | None = None) -> list[Row]:
        """Rows whose `keys` are one of the wanted, in order behind row `after`; at most `most` of them."""
        if not wanted:
            return []
        if len(keys) == 1:
            condition = f'"{keys[0]}" IN ({", ".join("?" for _ in wanted)})'
        else:
            one = " AND ".join(f'"{name}" = ?' for name in keys)
            condition = " OR ".join(f"({one})" for _ in wanted)
        values = [value for key in wanted for value in key]
        limit = "" if most is None else f" LIMIT {most}"
        rows = self._select(f'WHERE ({condition}) AND +"{ROW}" > ? ORDER BY "{ROW}"{limit}', [*values, after])
        if not self._exact:
            return rows
        exact = set(wanted)
        return [row for row in rows if tuple(row[name] for name in keys) in exact]

    def one(self, keys: Sequence[str], key: Key) -> Row | None:
        return next(iter(self.find(keys, [key])), None)

    def holds(self, name: str, value: Stored) -> bool:
        return self.one((name,), (value,)) is not None

    def all(self) -> list[Row]:
        return self._select(f'ORDER BY "{ROW}"', [])

    def insert(self, values: Mapping[str, Stored]) -> Row:
        """The new row, under the next id."""
        columns = "".join(f', "{name}"' for name in values)
        marks = "".join(", ?" for _ in values)
        statement = f'INSERT INTO "{self._type.table}" ("{ROW}"{columns}) VALUES (NULL{marks})'
        number = self._store.connection.execute(statement, tuple(values.values())).lastrowid or 0
        given = number if self._type.id_field == "id" else str(uuid.uuid5(_GUIDS, f"{self._type.table}:{number}"))
        self.update(number, {self._type.id_field: given})
        return self._select(f'WHERE "{ROW}" = ?', [number])[0]

    def update(self, row: Stored, values: Mapping[str, Stored]) -> None:
        assignments = ", ".join(f'"{name}" = ?' for name in values)
        self._store.connection.execute(
            f'UPDATE "{self._type.table}" SET {assignments} WHERE "{ROW}" = ?', (*values.values(), row)
        )

    def delete(self, row: Stored) -> None:
        self._store.connection.execute(f'DELETE FROM "{self._type.table}" WHERE "{ROW}" = ?', (row,))

    def _select(self, rest: str, values: Sequence[Stored]) -> list[Row]:
        with self._store.lock:
            query = f'SELECT {self._columns} FROM "{self._type.table}" {rest}'
            found = self._store.connection.execute(query, tuple(values)).fetchall()
        return [dict(zip(self._names, row, strict=True)) for row in found]

    def _indexed(self) -> list[tuple[str, ...]]:
        # A compound key is one index: by one of its parts alone, SQLite would read half of the table.
        links = [(field.name,) for field in self._type.fields if field.name in _LINKS]
        return list(dict.fromkeys([*self._type.searchable, *links]))
