"""Records of the CRM that name others: which of them are to be judged again when those move."""

import sqlite3

from mksync.core.records import Ref, Side
from mksync.mirror.schema import quoted, snapshot_table


class Referrers:
    """Reads and marks the tables `crm_<object>`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def soil_those_of(self, object: str, column: str, id: str) -> None:
        """Every record of the CRM's whose `column` holds this id is to be judged again."""
        self._db.execute(
            f"UPDATE {quoted(snapshot_table(Side.CRM, object))} SET _dirty = 1"
            f" WHERE {quoted(column)} = ? COLLATE NOCASE AND _gone IS NULL",
            (id,),
        )

    def soil_behind(self, object: str, column: str, parent: str) -> None:
        """Every record whose `column` names a record of `parent` that is to be judged, is to be judged as well."""
        self._db.execute(
            f"UPDATE {quoted(snapshot_table(Side.CRM, object))} SET _dirty = 1"
            f" WHERE _gone IS NULL AND {quoted(column)} COLLATE NOCASE IN"
            f" (SELECT _id FROM {quoted(snapshot_table(Side.CRM, parent))} WHERE _dirty)"
        )

    def went_into(self, object: str, into: Ref) -> list[Ref]:
        """Records of an object of the CRM that were merged into another one, or became it."""
        table = quoted(snapshot_table(Side.CRM, object))
        rows = self._db.execute(f"SELECT _id FROM {table} WHERE _into = ?", (f"{into.object}:{into.id}",))
        return [Ref(object, id) for (id,) in rows.fetchall()]
