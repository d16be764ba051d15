"""The lead fields of this instance: kept in the store, one column of `marketo_lead` each."""

from collections.abc import Iterable
from dataclasses import astuple, replace
from dataclasses import fields as parts_of

from mksync.sandbox.marketo.catalogue import LeadField, standard_fields
from mksync.sandbox.marketo.envelope import Failure
from mksync.sandbox.store import Store

_PARTS = ", ".join(part.name for part in parts_of(LeadField))
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS marketo_field (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, display TEXT NOT NULL UNIQUE COLLATE NOCASE,
    {", ".join(part.name for part in parts_of(LeadField)[3:])},
    blocked INTEGER NOT NULL DEFAULT 0
)
"""
_COLUMN = {
    "boolean": "INTEGER",
    "integer": "INTEGER",
    "score": "INTEGER",
    "percent": "INTEGER",
    "float": "REAL",
    "currency": "REAL",
}


class Fields:
    """Looks fields up by REST name and creates them. `blocked` ones ignore updates without a word."""

    def __init__(self, store: Store, quirks: frozenset[str]) -> None:
        self._store = store
        self._by_name: dict[str, LeadField] = {}
        self.blocked: frozenset[str] = frozenset()
        with store.transaction() as connection:
            connection.execute(_SCHEMA)
            if connection.execute("SELECT 1 FROM marketo_field").fetchone() is None:
                self._found(standard_fields(native_sync="native_sync" in quirks))
            self._load()

    def all(self) -> list[LeadField]:
        return list(self._by_name.values())

    def get(self, name: str) -> LeadField | None:
        return self._by_name.get(name)

    def known(self, names: Iterable[str]) -> list[LeadField]:
        """The fields of these names; fails with 1006 at one that does not exist."""
        return [self.one(name) for name in names]

    def one(self, name: str) -> LeadField:
        found = self._by_name.get(name)
        if found is None:
            raise Failure("1006", f"Field '{name}' not found")
        return found

    def lookup(self, name: str) -> LeadField:
        """The field to find leads by; fails with 1006 if it does not exist and 1011 if it is no key."""
        found = self._by_name.get(name)
        if found is None:
            raise Failure("1006", f"Lookup field '{name}' not found")
        if not found.searchable:
            raise Failure("1011", f"Lookup field '{name}' not supported")
        return found

    def names_taken(self, name: str, display: str) -> bool:
        folded = {field.name.lower() for field in self.all()} | {field.display.lower() for field in self.all()}
        return name.lower() in folded or display.lower() in folded

    def create(self, field: LeadField) -> LeadField:
        """Add a field under the next free id."""
        with self._store.transaction() as connection:
            next_id = connection.execute("SELECT max(id) + 1 FROM marketo_field").fetchone()[0]
            made = replace(field, id=int(next_id))
            self._insert([made])
            connection.execute(f"ALTER TABLE marketo_lead ADD COLUMN {column_of(made)}")
            self._index(made)
            self._load()
        return made

    def put(self, field: LeadField) -> None:
        """Store a field's changed metadata."""
        assignments = ", ".join(f"{part.name} = ?" for part in parts_of(LeadField))
        with self._store.transaction() as connection:
            connection.execute(f"UPDATE marketo_field SET {assignments} WHERE id = ?", (*astuple(field), field.id))
            self._load()

    def block(self, name: str, *, blocked: bool = True) -> None:
        """Turn the admin's "block field updates" on: API updates of it are answered `updated` and change nothing."""
        with self._store.transaction() as connection:
            connection.execute("UPDATE marketo_field SET blocked = ? WHERE name = ?", (blocked, self.one(name).name))
            self._load()

    def _found(self, fields: list[LeadField]) -> None:
        self._insert(fields)
        columns = ", ".join(column_of(field) for field in fields if field.name != "id")
        self._store.connection.execute(f"CREATE TABLE marketo_lead (id INTEGER PRIMARY KEY AUTOINCREMENT, {columns})")
        for field in fields:
            self._index(field)

    def _insert(self, fields: list[LeadField]) -> None:
        marks = ", ".join("?" for _ in parts_of(LeadField))
        statement = f"INSERT INTO marketo_field ({_PARTS}) VALUES ({marks})"
        self._store.connection.executemany(statement, map(astuple, fields))

    def _index(self, field: LeadField) -> None:
        if field.searchable and field.name != "id":
            self._store.connection.execute(
                f'CREATE INDEX "marketo_lead_{field.name}" ON marketo_lead ("{field.name}") '
                f'WHERE "{field.name}" IS NOT NULL'
            )

    def _load(self) -> None:
        rows = self._store.connection.execute(f"SELECT {_PARTS} FROM marketo_field ORDER BY id").fetchall()
        self._by_name = {row[1]: _field(row) for row in rows}
        blocked = self._store.connection.execute("SELECT name FROM marketo_field WHERE blocked").fetchall()
        self.blocked = frozenset(name for (name,) in blocked)


def column_of(field: LeadField) -> str:
    return f'"{field.name}" {_COLUMN.get(field.type, "TEXT COLLATE NOCASE")}'


def _field(row: tuple[object, ...]) -> LeadField:
    flags = {part.name for part in parts_of(LeadField) if part.type is bool}
    named = dict(zip((part.name for part in parts_of(LeadField)), row, strict=True))
    return LeadField(**{name: bool(value) if name in flags else value for name, value in named.items()})  # type: ignore[arg-type]
