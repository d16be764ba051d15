"""Deleting, merging and moving leads (developer guide, Leads, "Delete", "Merge", "Lead Partitions")."""

from typing import Any

from mksync.sandbox.marketo.call import BATCH, Call
from mksync.sandbox.marketo.catalogue import COMPANY_FIELDS
from mksync.sandbox.marketo.changes import Changes
from mksync.sandbox.marketo.envelope import Failure, Item, Payload, Refused
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Leads
from mksync.sandbox.marketo.objects import Objects
from mksync.sandbox.marketo.values import Stored

_MOST_LOSERS = 25
_LINK = "externalCompanyId"
_KEPT_ON_MERGE = frozenset({"id", "createdAt", "updatedAt", "leadPartitionId"})


class Removal:
    """What takes leads away from where they were."""

    def __init__(self, instance: Instance, leads: Leads, changes: Changes, objects: Objects) -> None:
        self._instance = instance
        self._leads = leads
        self._changes = changes
        self._objects = objects

    def delete(self, call: Call) -> Payload:
        """`POST leads/delete.json`, `DELETE leads.json`, `POST leads.json?_method=DELETE`: ids in URL or body."""
        ids = call.numbers("id", BATCH) or [_id(record) for record in call.records()]
        return {"result": [self._deleted(lead_id) for lead_id in ids]}

    def merge(self, call: Call, winner: str) -> Payload:
        """`POST leads/{winner}/merge.json`: the winner's values stay, its empty fields are filled from the losers."""
        texts = [*call.listed("leadId"), *call.listed("leadIds")]
        if not texts:
            raise Failure("1002", "Missing value for required parameter 'leadId'")
        if len(texts) > _MOST_LOSERS:
            raise Failure("1080", f"Too many values for parameter 'leadIds', the maximum is {_MOST_LOSERS}")
        losers = list(dict.fromkeys(self._existing(text) for text in texts))
        kept = self._existing(winner)
        if kept in losers:
            raise Failure("1003", f"Invalid value '{kept}' for parameter 'leadIds'")
        self._changes.merge(kept, losers, self._filled(kept, losers))
        for loser in losers:
            self._objects.forget_lead(loser)
        return {}

    def partitions(self, _: Call) -> Payload:
        """`GET leads/partitions.json`: those that the API user may see."""
        found = [partition for partition in self._instance.partitions.all() if partition.accessible]
        return {"result": [{"id": p.id, "name": p.name, "description": p.description} for p in found]}

    def move(self, call: Call) -> Payload:
        """`POST leads/partitions.json`."""
        return {"result": [self._moved(record) for record in call.records()]}

    def _deleted(self, lead_id: int) -> Item:
        if not self._in_sight(lead_id):
            return Refused("1004", "Lead not found").item(id=lead_id)
        self._changes.delete(lead_id)
        self._objects.forget_lead(lead_id)
        return {"id": lead_id, "status": "deleted"}

    def _moved(self, record: dict[str, Any]) -> Item:
        lead_id = _id(record)
        partition = self._instance.partitions.named(str(record.get("partitionName", "")))
        if not self._in_sight(lead_id):
            return Refused("1004", "Lead not found").item(id=lead_id)
        if partition is None or not partition.accessible:
            return Refused("1008", "Access denied to lead partition").item(id=lead_id)
        old = int(self._leads.rows("id", [lead_id], ["leadPartitionId"])[0]["leadPartitionId"] or 0)
        if old != partition.id:
            self._changes.move(lead_id, old, partition.id)
        return {"id": lead_id, "status": "updated"}

    def _existing(self, text: str) -> int:
        if not text.isdecimal() or not self._in_sight(int(text)):
            raise Failure("1004", f"Lead '{text}' not found")
        return int(text)

    def _in_sight(self, lead_id: int) -> bool:
        return bool(self._leads.matches(self._instance.fields.lookup("id"), [lead_id]))

    def _filled(self, winner: int, losers: list[int]) -> dict[str, Stored]:
        names = [field.name for field in self._instance.fields.all() if field.name not in _KEPT_ON_MERGE]
        held = self._leads.rows("id", [winner], names)[0]
        filled: dict[str, Stored] = {}
        for loser in losers:
            row = self._leads.rows("id", [loser], names)[0]
            for name in names:
                if held[name] is None and name not in filled and row[name] is not None:
                    filled[name] = row[name]
        # A company comes as a whole, with what its leads inherit.
        if held[_LINK] is not None or _LINK in filled:
            filled = {name: value for name, value in filled.items() if name not in COMPANY_FIELDS}
            filled |= self._objects.companies.inherited(filled.get(_LINK))
        return filled


def _id(record: dict[str, Any]) -> int:
    try:
        return int(record["id"])
    except (KeyError, TypeError, ValueError):
        raise Failure("1003", "Invalid value for field 'id'") from None
