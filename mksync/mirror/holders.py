"""Who holds given values: for many values in one statement, as records are matched a chunk at a time."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from mksync.core.frozen import dataclass
from mksync.core.records import PERSON, Side, Value
from mksync.mirror.links import Link
from mksync.mirror.schema import quoted, snapshot_table

Ids = Mapping[str, Sequence[str]]  # value -> vendor's ids of those that hold it; a value that nobody holds is not there


@dataclass(frozen=True, slots=True)
class Carrier:
    """A person of the mirror: our own key, the CRM record whose id it carries, and its link, whatever its state."""

    pid: int
    carries: Value
    link: Link | None


class Holders:
    """Asks the tables `marketo_person` and `crm_<object>`, by their indexes for matching."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def of(
        self, side: Side, object: str, column: str, values: Iterable[str], *, filter: str | None = None, limit: int = 5
    ) -> Ids:
        """As `Snapshots.ids_where`, for each of these values."""
        table, synced = quoted(snapshot_table(side, object)), f" AND {quoted(filter)} IS NOT 0" if filter else ""
        rows = self._db.execute(
            "SELECT one.value, (SELECT json_group_array(_id) FROM"
            f" (SELECT _id FROM {table} WHERE {quoted(column)} = one.value COLLATE NOCASE AND _gone IS NULL{synced}"
            " ORDER BY _pid LIMIT ?)) FROM json_each(?) AS one",
            (limit, json.dumps(list(dict.fromkeys(values)), ensure_ascii=False)),
        )
        return {value: json.loads(ids) for value, ids in rows if ids != "[]"}

    def carriers(self, people: Iterable[str], key_field: str) -> dict[str, Carrier]:
        """People by their ids; one that was never read is not there."""
        rows = self._db.execute(
            f"SELECT _id, _pid, p.{quoted(key_field)}, link.id, link.object, link.person, link.record, link.state"
            f" FROM {quoted(snapshot_table(Side.MARKETO, PERSON))} AS p"
            f" LEFT JOIN link ON link.person = _pid AND link.counterpart = '{PERSON}'"
            " WHERE _id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(people)),),
        )
        return {
            id: Carrier(pid, carries, Link(*link) if link[0] is not None else None)
            for id, pid, carries, *link in rows.fetchall()
        }
