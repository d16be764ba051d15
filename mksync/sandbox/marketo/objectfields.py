"""Custom fields of companies, opportunities and sales persons: an admin makes them, no API call does."""

from mksync.sandbox.marketo.catalogue import LeadField
from mksync.sandbox.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS marketo_object_field (
    id INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
    display TEXT NOT NULL, type TEXT NOT NULL, length INTEGER, UNIQUE (object, name)
)
"""


class ObjectFields:
    """The custom fields of each standard object but the lead."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.lock:
            store.connection.execute(_SCHEMA)

    def of(self, object: str) -> list[LeadField]:
        query = "SELECT id, name, display, type, length FROM marketo_object_field WHERE object = ? ORDER BY id"
        with self._store.lock:
            rows = self._store.connection.execute(query, (object,)).fetchall()
        return [LeadField(id, name, display, type, length, custom=True) for id, name, display, type, length in rows]

    def add(self, object: str, field: LeadField) -> None:
        with self._store.transaction() as connection:
            connection.execute(
                "INSERT INTO marketo_object_field (object, name, display, type, length) VALUES (?, ?, ?, ?, ?)",
                (object, field.name, field.display, field.type, field.length),
            )
