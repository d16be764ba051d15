"""Between Marketo's JSON and canonical values, and between its metadata of people and fields and the core's. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from mksync.core import columns, values
from mksync.core.columns import Column, ColumnReader
from mksync.core.records import Field, FieldType, Schema, Value
from mksync.core.values import PLAIN
from mksync.errors import ConfigError
from mksync.vendors.marketo.standard import COMPANY_FIELDS, EXTERNAL_IDS
from mksync.vendors.marketo.standard import FIELDS as STANDARD

PERSON = "person"
COMPANY = "company"
TEXT_AREA = 30_000  # bytes: Marketo Nation, "Field limits"; as characters it is only an upper bound
TYPES: Mapping[str, FieldType] = {
    "string": FieldType.TEXT,
    "text": FieldType.TEXTAREA,
    "email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "url": FieldType.URL,
    "boolean": FieldType.BOOLEAN,
    "integer": FieldType.INTEGER,
    "score": FieldType.INTEGER,  # describe calls scores "integer", schema/fields "score"
    "float": FieldType.DECIMAL,
    "currency": FieldType.DECIMAL,
    "percent": FieldType.DECIMAL,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "reference": FieldType.REFERENCE,
}
# What the API can create; it knows no text areas (Marketo developer guide, Leads, "Create Field").
CREATABLE: Mapping[FieldType, str] = {
    FieldType.TEXT: "string",
    FieldType.PICKLIST: "string",
    FieldType.MULTIPICKLIST: "string",
    FieldType.REFERENCE: "string",
    FieldType.EMAIL: "email",
    FieldType.PHONE: "phone",
    FieldType.URL: "url",
    FieldType.BOOLEAN: "boolean",
    FieldType.INTEGER: "integer",
    FieldType.DECIMAL: "float",
    FieldType.DATE: "date",
    FieldType.DATETIME: "datetime",
}
_FREE = PLAIN | {FieldType.PHONE, FieldType.URL}  # hold any characters
_NEVER_RETURNED = frozenset({"formula", "lead_function"})
SYSTEM = frozenset({"id", "marketoGUID", "createdAt", "updatedAt"})  # describe does not call `id` read-only
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SPECIAL = re.compile(r"[^\w ]", re.ASCII)


def from_wire(type: FieldType, raw: object) -> Value:
    """The canonical value of what Marketo sent. What is not of the field's type is kept as its text, never dropped."""
    return reader(type)(raw)


def reader(type: FieldType) -> Callable[[object], Value]:
    """`from_wire` for the values of one field, made once for many of them."""
    read = values.reader(type)

    def from_wire(raw: object) -> Value:
        if isinstance(raw, str) and not raw.isascii():
            raw = _SURROGATE.sub("\ufffd", raw)  # half of a character that Marketo cut (see `to_wire`)
        try:
            return read(raw)
        except ValueError:
            return values.canonical(FieldType.TEXT, str(raw))

    return from_wire


def column_reader(type: FieldType) -> ColumnReader:
    """`from_wire` for a column of values."""
    whole, single = columns.column_reader(type), columns.each(reader(type))

    def from_wire(column: Column) -> Sequence[Value]:
        try:
            return whole(column)
        except ValueError:  # not all of them are of the field's type
            return single(column)

    return from_wire


def to_wire(type: FieldType, value: Value) -> object:
    """What Marketo is to be sent for a canonical value; null clears a field, a boolean's empty is false.

    Characters beyond the Basic Multilingual Plane are sent as they are. Where an instance cuts the text off at the
    first of them (Marketo Nation, ba-p/341110), the read-back shows it, and the difference is listed.
    """
    if type is FieldType.BOOLEAN:
        return bool(value)
    if value is None:
        return None
    if type is FieldType.INTEGER:
        return int(value)
    if type is FieldType.DECIMAL:
        return Decimal(str(value))
    return str(value)


def to_body(schema: Schema, changed: Mapping[str, Value]) -> dict[str, object]:
    """What Marketo is to be sent for these values of a record; a field that is not described is sent as text."""
    fields = schema.fields
    types = {name: fields[name].type if name in fields else FieldType.TEXT for name in changed}
    return {name: to_wire(types[name], value) for name, value in changed.items()}


def schema(
    described: Iterable[Mapping[str, Any]], described2: Mapping[str, Any], company: Collection[str] = ()
) -> Schema:
    """The person's fields. describe knows lengths and field ids, describe2 what may be written and searched by.

    Values of a company show on its people, and nothing that Marketo says of a person's fields tells which they are:
    the standard ones are known, `company` names the others.
    """
    searchable = {names[0] for names in described2.get("searchableFields") or () if len(names) == 1}
    newer = {field["name"]: field for field in described2.get("fields") or ()}
    fields: dict[str, Field] = {}
    for field in described:
        rest = field.get("rest") or {}  # without it, REST cannot use the field
        if name := rest.get("name"):
            flat = {**field, "name": name, "updateable": not rest.get("readOnly"), **newer.pop(name, {})}
            closed = rest.get("readOnly") or not flat["updateable"]
            fields[name] = field_of({**flat, "updateable": not closed}, name in searchable, STANDARD)
    for name, new in newer.items():
        fields[name] = field_of(new, name in searchable, STANDARD)
    owned = {
        name: replace(field, owner=COMPANY) if name in COMPANY_FIELDS or name in company else field
        for name, field in readable(fields).items()
    }
    return Schema(PERSON, "Person", owned, id="id")


def readable(fields: Mapping[str, Field], object: str = PERSON) -> dict[str, Field]:
    """Those that a read can ask for, and whom they name."""
    return {name: _naming(field, object) for name, field in fields.items() if field.vendor_type not in _NEVER_RETURNED}


def _naming(field: Field, object: str) -> Field:
    named = EXTERNAL_IDS.get(field.name, object)
    return field if named == object else replace(field, references=(named,))


def new_field(field: Field) -> dict[str, object]:
    """The body that creates a custom field. Raises ConfigError for a type that Marketo's API cannot create."""
    if field.type not in CREATABLE:
        hint = "create it in Marketo: Admin, Field Management"
        raise ConfigError(f"Marketo's API cannot create {field.name}: no {field.type} fields", hint=hint)
    return {"displayName": plain(field.label or field.name), "name": field.name, "dataType": CREATABLE[field.type]}


def plain(label: str) -> str:
    """A label without what Marketo does not take in one."""
    return " ".join(_SPECIAL.sub(" ", label).split())


def field_of(raw: Mapping[str, Any], searchable: bool, standard: Collection[str]) -> Field:
    """A field as Marketo describes it; whatever is not among the object's `standard` fields is custom."""
    name, kind = str(raw["name"]), str(raw.get("dataType", "string")).lower()  # "String" occurs as well
    type = TYPES.get(kind, FieldType.TEXT)
    writable = bool(raw.get("updateable")) and name not in SYSTEM and type is not FieldType.REFERENCE
    return Field(
        name=name,
        label=str(raw.get("displayName") or name),
        type=type,
        vendor_type=kind,
        length=TEXT_AREA if kind == "text" else raw.get("length"),
        byte_length=TEXT_AREA if kind == "text" else None,
        bmp=type in _FREE,  # on some instances: see `to_wire`
        creatable=writable,
        writable=writable,
        custom=name not in standard,
        searchable=searchable,
        number=raw.get("id"),
    )
