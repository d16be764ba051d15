"""Adding custom activities: `POST /rest/v1/activities/external.json` (developer guide, Activities, "Add Custom")."""

import json
from typing import Any

from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.catalogue import LeadField
from mksync.sandbox.marketo.customtypes import CustomTypes
from mksync.sandbox.marketo.envelope import Item, Payload, Refused
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Leads
from mksync.sandbox.marketo.log import Entry
from mksync.sandbox.marketo.times import parse_instant
from mksync.sandbox.marketo.values import BadValueError, to_store

_LARGEST = 65_536  # bytes of attributes


class External:
    """Custom activities can only be added, and adding one again makes a second one."""

    def __init__(self, instance: Instance, leads: Leads, types: CustomTypes) -> None:
        self._instance = instance
        self._leads = leads
        self._types = types

    def add(self, call: Call) -> Payload:
        definitions = {found.id: found.approved for found in self._types.custom() if found.approved}
        return {"result": [self._added(definitions, record) for record in call.records()]}

    def _added(self, definitions: dict[int, Item], record: dict[str, Any]) -> Item:
        try:
            number = self._instance.log.write([self._entry(definitions, record)])[0]
        except Refused as refused:
            return refused.item("errors")
        return {"id": number, "marketoGUID": str(number), "status": "added"}

    def _entry(self, definitions: dict[int, Item], record: dict[str, Any]) -> Entry:
        for key in ("leadId", "activityDate", "activityTypeId", "primaryAttributeValue"):
            if record.get(key) in (None, ""):
                raise Refused("1003", f"Value for required field '{key}' not specified")
        definition = definitions.get(_whole(record, "activityTypeId"))
        if definition is None:
            raise Refused("1003", f"Invalid value for field 'activityTypeId' and value '{record['activityTypeId']}'")
        lead_id = _whole(record, "leadId")
        if not self._leads.matches(self._instance.fields.lookup("id"), [lead_id]):
            raise Refused("1004", "Lead not found")
        return Entry(
            lead_id,
            _whole(record, "activityTypeId"),
            _happened(record),
            _attributes(definition, record.get("attributes") or []),
            primary_value=str(_typed(definition["primaryAttribute"], record["primaryAttributeValue"])),
        )


def _whole(record: dict[str, Any], key: str) -> int:
    try:
        return int(record[key])
    except (TypeError, ValueError):
        raise Refused("1003", f"Invalid value for field '{key}' and value '{record[key]}'") from None


def _happened(record: dict[str, Any]) -> int:
    try:
        return parse_instant(str(record["activityDate"]))
    except ValueError:
        text = f"Invalid value for field 'activityDate' and value '{record['activityDate']}'"
        raise Refused("1003", text) from None


def _attributes(definition: Item, wishes: list[dict[str, Any]]) -> list[Item]:
    if len(json.dumps(wishes, ensure_ascii=False).encode()) > _LARGEST:
        raise Refused("1049", f"Attributes exceed {_LARGEST} bytes")
    known = {attribute["apiName"]: attribute for attribute in definition["attributes"]}
    return [_attribute(known, wish) for wish in wishes if wish.get("value") not in (None, "")]


def _attribute(known: dict[str, Item], wish: dict[str, Any]) -> Item:
    found = known.get(str(wish.get("apiName")))
    if found is None:
        raise Refused("1006", f"Field '{wish.get('apiName')}' not found")
    return {"name": found["name"], "apiName": found["apiName"], "value": _typed(found, wish["value"])}


def _typed(attribute: Item, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value itself, if the attribute's type takes it; it is kept as it was written."""
    kind = "url" if attribute["dataType"] == "link" else attribute["dataType"]
    try:
        to_store(LeadField(0, attribute["apiName"], attribute["name"], kind), value, frozenset())
    except BadValueError:
        text = f"Invalid value for field '{attribute['apiName']}' and value '{value}'"
        raise Refused("1003", text) from None
    return value
