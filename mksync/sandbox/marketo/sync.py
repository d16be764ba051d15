"""Sync Leads: `POST /rest/v1/leads.json` (developer guide, Leads, "Create and Update")."""

from dataclasses import dataclass
from typing import Any

from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.catalogue import COMPANY_FIELDS, LeadField
from mksync.sandbox.marketo.changes import Changes
from mksync.sandbox.marketo.envelope import Failure, Item, Payload, Refused
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Leads, Row
from mksync.sandbox.marketo.objects import Objects
from mksync.sandbox.marketo.partitions import DEFAULT, Partition
from mksync.sandbox.marketo.refusals import mismatch, not_specified, read_only, unknown_field
from mksync.sandbox.marketo.values import BadValueError, Stored, to_store

_ACTIONS = ("createOnly", "updateOnly", "createOrUpdate", "createDuplicate")
_LINK = "externalCompanyId"


@dataclass(frozen=True, slots=True)
class _Order:
    action: str
    key: LeadField
    partition: Partition | None


class SyncLeads:
    """Creates and updates leads; each record stands or falls as a whole, and none concerns another."""

    def __init__(self, instance: Instance, leads: Leads, changes: Changes, objects: Objects) -> None:
        self._instance = instance
        self._leads = leads
        self._changes = changes
        self._objects = objects

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
            raise unknown_field(name)
        if field.read_only:
            raise read_only(name, self._instance.quirks)
        if name == "leadPartitionId":
            raise Refused("1010", "Lead partition update not allowed")
        try:
            return to_store(field, value, self._instance.quirks)
        except BadValueError:
            raise mismatch(field, value, self._instance.quirks) from None

    def _match(self, order: _Order, record: dict[str, Any]) -> int | None:
        """The id of the lead to update; None to create one."""
        if order.action == "createDuplicate":
            return None
        value = record.get(order.key.name)
        if value is None or value == "":
            if order.action == "createOnly":
                return None
            raise not_specified(order.key.name)
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
        link = values.get(_LINK)
        self._objects.companies.check_links(values)
        own = self._without_company(link, values)
        partition = order.partition.id if order.partition else DEFAULT
        return self._changes.create({**own, **self._objects.companies.inherited(link), "leadPartitionId": partition})

    def _update(self, order: _Order, lead_id: int, values: Row) -> None:
        held = self._leads.rows("id", [lead_id], ["leadPartitionId", _LINK])[0]
        if order.partition and int(held["leadPartitionId"] or 0) != order.partition.id:
            raise Refused("1010", "Lead partition update not allowed")
        blocked = self._instance.fields.blocked
        values = {name: value for name, value in values.items() if name not in blocked}
        if held[_LINK] is not None and _LINK in values and values[_LINK] is None:
            raise Refused("1003", f"Invalid value for field '{_LINK}' and value ''")
        self._objects.companies.check_links(values)
        own = self._without_company(values.get(_LINK) or held[_LINK], values)
        self._changes.update(lead_id, own)
        if values.get(_LINK) is not None:
            self._objects.companies.show([lead_id], self._objects.companies.inherited(values[_LINK]))

    def _without_company(self, link: Stored, values: Row) -> Row:
        """The values that are the lead's own: a linked lead shows its company's, and they are the company's to change.

        By switch they are changed there, for all of its leads (Marketo Nation, "How Company IDs work within Marketo").
        """
        touched = sorted(COMPANY_FIELDS & values.keys())
        if link is None or not touched:
            return values
        if "leads_write_companies" not in self._instance.quirks:
            raise Refused("1021", f"Company update not allowed for field '{touched[0]}'")
        self._objects.companies.write(link, {name: values[name] for name in touched})
        return {name: value for name, value in values.items() if name not in touched}
