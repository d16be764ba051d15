"""Facts about the project: the organisations it is pinned to, how far each side has been read, cached field lists."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import field
from dataclasses import fields as fields_of
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.records import Field, FieldType, Schema, Side

PairKey = tuple[str, str, str]  # object, Marketo field, CRM field


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a side has been read. `generation` numbers its full reads; `full_read`: one is under way."""

    value: str | None
    generation: int
    full_read: bool


@dataclass(frozen=True, slots=True)
class KnownPair:
    """A row of `pair`. state: live or suspended. seen: side -> what its field was like ("length", "choices")."""

    state: str
    seen: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class ProjectFacts:
    """Small tables with one row a fact."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def get(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM project WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def set(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO project VALUES (?, ?)", (name, value))

    def unset(self, name: str) -> None:
        self._db.execute("DELETE FROM project WHERE name = ?", (name,))

    def cursor(self, side: Side) -> Cursor:
        row = self._db.execute("SELECT value, generation, full_read FROM cursor WHERE side = ?", (side,)).fetchone()
        return Cursor(row[0], row[1], bool(row[2])) if row else Cursor(None, 0, False)

    def move_cursor(self, side: Side, cursor: Cursor) -> None:
        row = (side, cursor.value, cursor.generation, int(cursor.full_read))
        self._db.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?)", row)

    def pairs(self) -> dict[PairKey, KnownPair]:
        """The pairs of the last cycle."""
        rows = self._db.execute("SELECT object, marketo, crm, state, seen FROM pair")
        return {(object, m, c): KnownPair(state, json.loads(seen)) for object, m, c, state, seen in rows}

    def keep_pairs(self, pairs: Mapping[PairKey, KnownPair]) -> None:
        """Replace the list of pairs; one that is no longer selected is forgotten, so that adding it again fills it."""
        self._db.execute("DELETE FROM pair")
        rows = [(*key, pair.state, json.dumps(pair.seen)) for key, pair in pairs.items()]
        self._db.executemany("INSERT INTO pair VALUES (?, ?, ?, ?, ?)", rows)

    def filter(self, object: str) -> str:
        """The column that the object's records were filtered by in the last cycle; "" for none."""
        return self.get(f"{object}_filter") or ""

    def keep_filter(self, object: str, column: str) -> None:
        self.set(f"{object}_filter", column)

    def cached_schema(self, side: Side, object: str) -> tuple[Schema, float] | None:
        """The fields as last described, and when (epoch seconds)."""
        row = self._db.execute(
            "SELECT fields, described_at FROM schema_cache WHERE side = ? AND object = ?", (side, object)
        ).fetchone()
        if row is None:
            return None
        stored = json.loads(row[0])
        fields = {entry["name"]: _field(entry) for entry in stored["fields"]}
        dedupe = tuple(stored.get("dedupe", ()))  # neither this nor `id` was kept by the first version
        rest = (stored.get("id", ""), dedupe, stored.get("unavailable", ""))
        return Schema(object, stored["label"], fields, *rest), row[1]

    def distrust_schema(self, side: Side, object: str) -> None:
        """Have the object described again as soon as somebody asks for its fields."""
        self._db.execute("UPDATE schema_cache SET described_at = 0 WHERE side = ? AND object = ?", (side, object))

    def cache_schema(self, side: Side, schema: Schema, at: float) -> None:
        names = [one.name for one in fields_of(Field)]  # all plain: `asdict` would copy every choice of every picklist
        fields = [{name: getattr(field, name) for name in names} for field in schema.fields.values()]
        told = {"id": schema.id, "dedupe": schema.dedupe, "unavailable": schema.unavailable}
        stored = json.dumps({"label": schema.label, **told, "fields": fields})
        self._db.execute("INSERT OR REPLACE INTO schema_cache VALUES (?, ?, ?, ?)", (side, schema.object, at, stored))


def _field(entry: dict[str, object]) -> Field:
    # A list that was kept before fields said what they refer to has no references.
    lists = {}
    for name in ("choices", "references", "codes", "first_of"):
        found = entry.pop(name, ())
        assert isinstance(found, Sequence)
        lists[name] = tuple(found)
    return Field(**{**entry, **lists, "type": FieldType(str(entry["type"]))})  # type: ignore[arg-type]
