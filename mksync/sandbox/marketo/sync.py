"""Sync Leads: `POST /rest/v1/leads.json` (developer guide, Leads, "Create and Update")."""

from dataclasses import dataclass
from typing import Any

from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.catalogue import COMPANY_FIELDS, LeadField
from mksync.sandbox.marketo.changes import Changes
from mksync.sandbox.marketo.envelope import Failure, Item, Payload, Refused
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Leads, Row
from mksync.sandbox.marketo.partitions import DEFAULT, Partition
from mksync.sandbox.marketo.values import BadValueError, Stored, to_store

_ACTIONS = ("createOnly", "updateOnly", "createOrUpdate", "createDuplicate")


@dataclass(frozen=True, slots=True)
class _Order:
    action: str
    key: LeadField
    partition: Partition | None


class SyncLeads:
    """Creates and updates leads; each record stands or falls as a whole, and none concerns another."""

    def __init__(self, instance: Instance, leads: Leads, changes: Changes) -> None:
        self._instance = instance
        self._leads = leads
        self._changes = changes

    def answer(self, call: Call) -> Payload:
        body = call.body()
        order = self._order(body)
        records = call.records()
        items = [self._item(order, record) for record in records]
        # An asynchronous call says nothing of its records.
        return {} if body.get("asyncProcessing") is True else {"result": items}

    def _order(self, body: dict[str, Any]) -> _Order:
        action = body.get("action") or "createOrUpdate"
        if action not in _ACTIONS:
            raise Failure("1003", f"Invalid value '{action}' for parameter 'action'")
        key = self._instance.fields.lookup(str(body.get("lookupField") or "email"))
        return _Order(action, key, self._partition(body.get("partitionName")))

    def _partition(self, name: object) -> Partition | None:
        if not name:
            return None
        partition = self._instance.partitions.named(str(name))
        if partition is None or not partition.accessible:
            raise Failure("1008", f"Access denied to lead partition '{name}'")
        return partition

    def _item(self, order: _Order, record: dict[str, Any]) -> Item:
        try:
            values = self._values(order, record)
            found = self._match(order, record)
            if found is None:
                return {"id": self._create(order, values), "status": "created"}
            self._update(order, found, values)
            return {"id": found, "status": "updated"}
        except Refused as refused:
            return refused.item()

    def _values(self, order: _Order, record: dict[str, Any]) -> Row:
        by_id = order.action == "updateOnly" and order.key.name == "id"
        if "id" in record and not by_id:
            raise Refused("1003", "Field 'id' is only allowed with action 'updateOnly' and lookupField 'id'")
        return {name: self._value(name, value) for name, value in record.items() if name != "id"}

    def _value(self, name: str, value: object) -> Stored:
        field = self._instance.fields.get(name)
        if field is None:
            raise Refused("1006", f"Field '{name}' not found")
        if field.read_only:
            code = "1011" if "read_only_1011" in self._instance.quirks else "1006"
            raise Refused(code, f"Field '{name}' is read only" if code == "1011" else f"Field '{name}' not found")
        if name == "leadPartitionId":
            raise Refused("1010", "Lead partition update not allowed")
        try:
            return to_store(field, value, self._instance.quirks)
        except BadValueError:
            raise self._mismatch(field, value) from None

    def _mismatch(self, field: LeadField, value: object) -> Refused:
        if "type_mismatch_1001" in self._instance.quirks:
            return Refused("1001", f"Invalid value '{value}'. Required of type '{field.described_type}'")
        return Refused("1003", f"Invalid value for field '{field.name}' and value '{value}'")

    def _match(self, order: _Order, record: dict[str, Any]) -> int | None:
        """The id of the lead to update; None to create one."""
        if order.action == "createDuplicate":
            return None
        value = record.get(order.key.name)
        if value is None or value == "":
            if order.action == "createOnly":
                return None
            raise Refused("1003", f"Value for required field '{order.key.name}' not specified")
        return self._one_of(order, self._leads.matches(order.key, [value]))

    def _one_of(self, order: _Order, found: list[int]) -> int | None:
        if order.action == "createOnly" and found:
            raise Refused("1005", "Lead already exists")
        if order.action == "updateOnly" and not found:
            raise Refused("1004", "Lead not found")
        if len(found) > 1:
            raise Refused("1007", "Multiple lead match lookup criteria")
        return found[0] if found else None

    def _create(self, order: _Order, values: Row) -> int:
        if order.key.name == "id":
            raise Refused("1004", "Lead not found")
        if order.partition is None and "partition_required" in self._instance.quirks:
            raise Refused("1009", "Lead partition must be specified")
        self._refuse_company(values.get("externalCompanyId"), values)
        return self._changes.create({**values, "leadPartitionId": order.partition.id if order.partition else DEFAULT})

    def _update(self, order: _Order, lead_id: int, values: Row) -> None:
        held = self._leads.rows("id", [lead_id], ["leadPartitionId", "externalCompanyId"])[0]
        if order.partition and int(held["leadPartitionId"] or 0) != order.partition.id:
            raise Refused("1010", "Lead partition update not allowed")
        linked = held["externalCompanyId"]
        if linked is not None and "externalCompanyId" in values and values["externalCompanyId"] is None:
            raise Refused("1003", "Invalid value for field 'externalCompanyId' and value ''")
        self._refuse_company(linked or values.get("externalCompanyId"), values)
        self._changes.update(lead_id, values, blocked=self._instance.fields.blocked)

    def _refuse_company(self, linked: Stored, values: Row) -> None:
        # A linked lead shows its company's values; they are the company's to change.
        touched = sorted(COMPANY_FIELDS & values.keys())
        if linked is not None and touched:
            raise Refused("1021", f"Company update not allowed for field '{touched[0]}'")
