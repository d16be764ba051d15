"""Two rows become one: the loser is deactivated and says who won, its children follow.

Source: Microsoft Learn, "Merge rows using the Web API"; "MergeRequest Class".
"""

from collections.abc import Mapping
from typing import Any

from mksync.sandbox.dynamics import ids
from mksync.sandbox.dynamics.call import Answer
from mksync.sandbox.dynamics.errors import bad_payload, bad_request, invalid, not_found
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Row
from mksync.sandbox.dynamics.tables import Table
from mksync.sandbox.dynamics.writes import Save, Writer

_TYPE = "Microsoft.Dynamics.CRM."
_LOST, _CANCELED = 4, 7


class Merging:
    def __init__(self, org: Org, writer: Writer) -> None:
        self._org = org
        self._writer = writer

    def merge(self, body: Mapping[str, Any], save: Save) -> Answer:
        table, winner = self._row(body, "Target", save)
        other, loser = self._row(body, "Subordinate", save)
        self._check(table, winner, other, loser)
        if body.get("PerformParentingChecks") and table.name == "contact":
            self._check_parents(winner, loser)
        content = body.get("UpdateContent") or {}
        if not isinstance(content, Mapping):
            raise bad_payload("Merge", "The parameter 'UpdateContent' must be an object.")
        known = {name: value for name, value in content.items() if name != table.primary_id}
        self._writer.update(table, str(winner[table.primary_id]), known, save)
        self._move_children(table, str(loser[table.primary_id]), str(winner[table.primary_id]), save)
        self._retire(table, loser, str(winner[table.primary_id]), save)
        return Answer(204)

    def _row(self, body: Mapping[str, Any], parameter: str, save: Save) -> tuple[Table, Row]:
        given = body.get(parameter)
        kind = str(given.get("@odata.type", "")) if isinstance(given, Mapping) else ""
        table = self._org.catalogue.find(kind.removeprefix("#").removeprefix(_TYPE))
        if table is None or not isinstance(given, Mapping):
            raise bad_payload("Merge", f"The parameter '{parameter}' must name a row by its @odata.type and its key.")
        if "masterid" not in table.columns:
            raise bad_request(f"Merge is not supported for entity '{table.name}'.", "0x80040203")
        id = ids.read(given.get(table.primary_id))
        row = self._org.rows.get(table, id) if id else None
        if row is None:
            raise not_found(table.name, str(given.get(table.primary_id)))
        self._org.access.check_row(save.user, table, "Write", row)
        return table, row

    def _check(self, table: Table, winner: Row, other: Table, loser: Row) -> None:
        if other.name != table.name:
            raise invalid("Merge of rows of different tables is not possible.")
        if winner[table.primary_id] == loser[table.primary_id]:
            raise invalid("Merge cannot be performed on sub-entity of the same record.", "0x80045305")
        if winner["statecode"] != 0 or loser["statecode"] != 0:
            raise invalid("Merge cannot be performed on entity that is inactive.", "0x80045304")

    def _check_parents(self, winner: Row, loser: Row) -> None:
        parents = {row["parentcustomerid"] for row in (winner, loser)} - {None}
        if len(parents) > 1:
            raise invalid("Merge warning: the rows have different parents.", "0x80045316")

    def _move_children(self, table: Table, loser: str, winner: str, save: Save) -> None:
        for child, way in self._org.catalogue.referring(table):
            if not way.on_merge:
                continue
            rows = self._org.rows.find(child, {way.column: loser})
            for row in rows:
                moved: Row = {way.column: winner, "modifiedon": self._org.now, "modifiedby": save.user.id}
                id = str(row[child.primary_id])
                self._org.rows.update(child, id, {**moved, "versionnumber": self._org.rows.next_version()})

    def _retire(self, table: Table, loser: Row, winner: str, save: Save) -> None:
        reason = _CANCELED if "merge_cancels_lead" in self._org.quirks else _LOST
        pair: Row = {"statecode": 1, "statuscode": 2}
        if table.name == "lead":
            pair = {"statecode": 2, "statuscode": reason}
        stamps: Row = {"modifiedon": self._org.now, "modifiedby": save.user.id}
        values: Row = {**pair, **stamps, "merged": 1, "masterid": winner}
        version = self._org.rows.next_version()
        self._org.rows.update(table, str(loser[table.primary_id]), {**values, "versionnumber": version})
