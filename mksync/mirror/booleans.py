"""Which fields are true or false, as last described: a column without a type gives them back as 1 and 0."""

import json
import sqlite3
from functools import cache

from mksync.core.records import PERSON, FieldType, Side, Value


class Booleans:
    """Asked once for each table of the history that is read."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._of = cache(self._described)

    def restored(self, side: Side, object: str, field: str | None, value: Value) -> Value:
        """The value as this side's field holds it. `object`: as the CRM calls it, on both sides."""
        flag = value is not None and field in self._of(side, object)
        return bool(value) if flag else value

    def _described(self, side: Side, object: str) -> frozenset[str]:
        # Both sides may have an object of one name: an account's yes/no fields are not a company's.
        there = object if side is Side.CRM else self._counterpart(object)
        query = "SELECT fields FROM schema_cache WHERE side = ? AND object = ?"
        row = self._db.execute(query, (side, there)).fetchone()
        fields = json.loads(row[0])["fields"] if row else ()
        return frozenset(field["name"] for field in fields if field["type"] == FieldType.BOOLEAN)

    def _counterpart(self, object: str) -> str:
        row = self._db.execute("SELECT counterpart FROM link WHERE object = ? LIMIT 1", (object,)).fetchone()
        return str(row[0]) if row else PERSON
