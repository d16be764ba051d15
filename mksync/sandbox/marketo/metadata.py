"""What the instance tells of its lead fields (developer guide, Leads, "Describe" and "Fields")."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.catalogue import SOAP_ONLY, TEXT_TYPES, LeadField
from mksync.sandbox.marketo.envelope import Failure, Item, Payload, Refused
from mksync.sandbox.marketo.instance import Instance

_TYPES = frozenset(
    {
        "boolean",
        "currency",
        "date",
        "datetime",
        "email",
        "float",
        "integer",
        "percent",
        "phone",
        "score",
        "string",
        "url",
    }
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_DISPLAY = re.compile(r"[\w .()/-]+")
_MOST_API_CREATED = 100
_STANDARD_UPDATES = {"description": "description", "isHtmlEncodingInEmail": "html_encoding", "isSensitive": "sensitive"}
_CUSTOM_UPDATES = {**_STANDARD_UPDATES, "displayName": "display", "isHidden": "hidden"}


class Metadata:
    """The describe calls and the field schema."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def describe(self, _: Call) -> Payload:
        """`GET leads/describe.json`; one entry has no REST name, as in real instances."""
        return {"result": [*(_described(field) for field in self._instance.fields.all()), SOAP_ONLY]}

    def describe2(self, _: Call) -> Payload:
        """`GET leads/describe2.json`."""
        fields = self._instance.fields.all()
        return {
            "result": [
                {
                    "name": "API Lead",
                    "searchableFields": [[field.name] for field in fields if field.searchable],
                    "fields": [_described2(field) for field in fields],
                }
            ]
        }

    def schema(self, call: Call) -> Payload:
        """`GET leads/schema/fields.json`, in pages."""
        return schema_page(call, self._instance.fields.all())

    def field(self, _: Call, name: str) -> Payload:
        """`GET leads/schema/fields/{name}.json`."""
        return {"result": [schema_item(self._instance.fields.one(name))]}

    def create(self, call: Call) -> Payload:
        """`POST leads/schema/fields.json`."""
        return {"result": [self._created(record) for record in call.records()]}

    def update(self, call: Call, name: str) -> Payload:
        """`POST leads/schema/fields/{name}.json` with one record."""
        field = self._instance.fields.one(name)
        wish = call.records()[0]
        allowed = _CUSTOM_UPDATES if field.custom else _STANDARD_UPDATES
        for key in wish:
            if key not in allowed or (key == "isHidden" and not field.api_created):
                return {"result": [Refused("1011", f"Field '{key}' cannot be updated").item(name=name)]}
        display = wish.get("displayName", field.display)
        if display != field.display and self._instance.fields.names_taken("", display):
            return {"result": [Refused("1003", f"Display name '{display}' is already in use").item(name=name)]}
        self._instance.fields.put(replace(field, **{allowed[key]: value for key, value in wish.items()}))
        return {"result": [{"name": name, "status": "updated"}]}

    def _created(self, record: dict[str, Any]) -> Item:
        try:
            field = _wished(record)
            if self._instance.fields.names_taken(field.name, field.display):
                raise Refused("1003", f"Name '{field.name}' or display name '{field.display}' is already in use")
            if sum(known.api_created for known in self._instance.fields.all()) >= _MOST_API_CREATED:
                raise Refused("1003", f"No more than {_MOST_API_CREATED} fields can be created")
            self._instance.fields.create(field)
        except Refused as refused:
            return refused.item(name=record.get("name"))
        return {"name": field.name, "status": "created"}


def _wished(record: dict[str, Any]) -> LeadField:
    for key in ("displayName", "name", "dataType"):
        if not isinstance(record.get(key), str) or not record[key]:
            raise Refused("1003", f"Value for required field '{key}' not specified")
    name, display, type = record["name"], record["displayName"], record["dataType"]
    for key, value, good in (
        ("name", name, _NAME.fullmatch(name)),
        ("displayName", display, _DISPLAY.fullmatch(display)),
        ("dataType", type, type in _TYPES),
    ):
        if not good:
            raise Refused("1003", f"Invalid value for field '{key}' and value '{value}'")
    return LeadField(
        0,
        name,
        display,
        type,
        255 if type in TEXT_TYPES else None,
        custom=True,
        api_created=True,
        description=record.get("description"),
        hidden=record.get("isHidden") is True,
        html_encoding=record.get("isHtmlEncodingInEmail") is not False,
        sensitive=record.get("isSensitive") is True,
    )


def _described(field: LeadField) -> Item:
    item: Item = {"id": field.id, "displayName": field.display, "dataType": field.described_type}
    if field.length is not None:
        item["length"] = field.length
    item["rest"] = {"name": field.name, "readOnly": field.read_only}
    soap = field.name if field.custom else field.name[0].upper() + field.name[1:]
    return {**item, "soap": {"name": soap, "readOnly": field.read_only}}


def _described2(field: LeadField) -> Item:
    item: Item = {"name": field.name, "displayName": field.display, "dataType": field.described_type}
    if field.length is not None:
        item["length"] = field.length
    # `id` names a lead; no value of it can be set.
    updateable = not field.read_only and field.name != "id"
    return {**item, "updateable": updateable, "crmManaged": field.crm_managed}


def schema_page(call: Call, known: Iterable[LeadField]) -> Payload:
    """Fields of any object, by name, with what only the schema calls tell of them."""
    fields = sorted(known, key=lambda field: field.name.lower())
    begin = _offset(call.text("nextPageToken"))
    end = begin + call.batch_size()
    payload: dict[str, Any] = {"result": [schema_item(field) for field in fields[begin:end]]}
    if end < len(fields):
        payload |= {"nextPageToken": str(end), "moreResult": True}
    return payload


def schema_item(field: LeadField) -> Item:
    """One field of a schema call."""
    item: Item = {
        "displayName": field.display,
        "name": field.name,
        "description": field.description,
        "dataType": field.type,
    }
    if field.length is not None:
        item["length"] = field.length
    flags = {"isHidden": field.hidden, "isHtmlEncodingInEmail": field.html_encoding, "isSensitive": field.sensitive}
    return {**item, **flags, "isCustom": field.custom, "isApiCreated": field.api_created}


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdecimal():
        raise Failure("1003", f"Invalid value '{token}' for parameter 'nextPageToken'")
    return int(token)
