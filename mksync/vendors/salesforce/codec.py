"""Salesforce's JSON and canonical values, both ways. Pure: no call, no clock.

Sources: Object Reference, "Field Types" and "Primitive Data Types"; REST API Developer Guide, "sObject Describe".
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from mksync.core.columns import Column, ColumnReader, Records, column_reader
from mksync.core.records import Field, FieldType, Record, Value
from mksync.core.values import canonical, reader
from mksync.vendors.salesforce.names import objects_named

Columns = Mapping[str, Column]  # many rows: by name, each value of the first row first

TYPES = {
    "id": FieldType.REFERENCE,
    "reference": FieldType.REFERENCE,
    "string": FieldType.TEXT,
    "combobox": FieldType.TEXT,
    "encryptedstring": FieldType.TEXT,
    "time": FieldType.TEXT,
    "textarea": FieldType.TEXTAREA,
    "email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "url": FieldType.URL,
    "picklist": FieldType.PICKLIST,
    "multipicklist": FieldType.MULTIPICKLIST,
    "boolean": FieldType.BOOLEAN,
    "int": FieldType.INTEGER,
    "double": FieldType.DECIMAL,
    "currency": FieldType.DECIMAL,
    "percent": FieldType.DECIMAL,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
}
"""Types that are not here (address, location, base64, anyType, complexvalue, …) hold no single value: skipped."""

# Ids begin with three characters that tell the object. What a queue owns is owned by no user (Object Reference, Group,
# QueueSobject).
QUEUE = "00G"

# A masked text must never be written back; a time has a form of its own that no Marketo field has.
_READ_ONLY_TYPES = ("encryptedstring", "time", "id")
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ID = re.compile(r"[A-Za-z0-9]{15}|[A-Za-z0-9]{18}", re.ASCII)


def widen(id: str) -> str:
    """The 18-character form of an id; ids are stored and compared in this form only.

    The last three characters say which of the fifteen are capitals (Object Reference, "ID Field Type").
    """
    if len(id) != 15:
        return id
    blocks = (id[start : start + 5] for start in (0, 5, 10))
    return id + "".join(_SUFFIX[sum(1 << k for k, char in enumerate(block) if "A" <= char <= "Z")] for block in blocks)


def widened(ids: Column) -> Sequence[str]:
    """The same of many, nearly all of which have that form."""
    texts: Sequence[str] = ids  # type: ignore[assignment] # as the vendor says of its ids
    return [widen(id) for id in texts] if 15 in set(map(len, texts)) else texts


def is_id(text: str) -> bool:
    return bool(_ID.fullmatch(text)) and widen(text[:15]) == widen(text)


def instant(wire: str) -> str:
    """A stamp as REST ("…T09:15:00.000+0000") or CSV and XML ("….000Z") write it → "2026-01-31T09:15:00Z"."""
    moment = canonical(FieldType.DATETIME, wire)
    if not isinstance(moment, str):
        raise ValueError("Salesforce sent an empty stamp")
    return moment


class Fields(dict[str, Field]):
    """Described fields by name, with how their columns are read: made once for many rows."""

    @cached_property
    def readers(self) -> Mapping[str, ColumnReader]:
        return {name: _column_reader(field) for name, field in self.items()}

    def read(self, name: str, column: Column) -> Sequence[Value]:
        """`decode` for many values."""
        try:
            return self.readers[name](column)
        except ValueError as error:
            raise _unreadable(self[name]) from error


def decode(field: Field, wire: object) -> Value:
    """A canonical value of what Salesforce sent. Raises `ValueError` if it is nothing a field of this type holds."""
    try:
        return _reader(field)(wire)
    except ValueError as error:
        raise _unreadable(field) from error


def _unreadable(field: Field) -> ValueError:
    # The value itself is personal data and stays out of messages.
    return ValueError(f"Salesforce sent something in {field.name} that is no {field.vendor_type}")


def _reader(field: Field) -> Callable[[object], Value]:
    return _reference if field.type is FieldType.REFERENCE else reader(field.type, field.scale)


def _column_reader(field: Field) -> ColumnReader:
    return _references if field.type is FieldType.REFERENCE else column_reader(field.type, field.scale)


_id, _ids = reader(FieldType.REFERENCE), column_reader(FieldType.REFERENCE)


def _reference(wire: object) -> str | None:
    id = _id(wire)
    return None if id is None or str(id).startswith(QUEUE) else widen(str(id))


def _references(column: Column) -> Sequence[Value]:
    ids = _ids(column)
    texts = {str(id) for id in ids if id}
    if set(map(len, texts)) <= {18} and QUEUE not in {id[:3] for id in texts}:
        return ids
    return list(map(_reference, ids))


def encode(field: Field, value: Value) -> bool | int | str | Decimal | None:
    """What to send for a canonical value; None clears the field (a checkbox knows no empty: it is unticked)."""
    if field.type is FieldType.BOOLEAN:
        return bool(value)
    if value is None or value == "":
        return None
    if field.type is FieldType.DECIMAL:
        return Decimal(str(canonical(field.type, value, field.scale)))
    if field.type is FieldType.REFERENCE:
        return widen(str(value))
    return value


def record(object: str, row: Mapping[str, Any], fields: Mapping[str, Field]) -> Record:
    """A record of ours from a row of a query or a read. Its version is the stamp that a guarded write names."""
    return records(object, [row], fields)[0]


def records(object: str, rows: Sequence[Mapping[str, Any]], fields: Mapping[str, Field]) -> list[Record]:
    """The same of many rows."""
    # A field that is left out is empty. It is never a hidden one: naming a hidden field makes the whole read fail.
    columns = {name: [row.get(name) for row in rows] for name in ("SystemModstamp", *fields)}
    return list(in_columns(object, columns | {"Id": [row["Id"] for row in rows]}, fields))


def in_columns(object: str, columns: Columns, fields: Mapping[str, Field]) -> Records:
    """The same of rows that came as columns."""
    described = fields if isinstance(fields, Fields) else Fields(fields)
    values = {name: described.read(name, columns[name]) for name in fields}
    stamps = columns["SystemModstamp"]
    known = {stamp: instant(str(stamp)) for stamp in set(stamps) if stamp}
    return Records(object, widened(columns["Id"]), list(map(known.get, stamps)), values)


def body(values: Mapping[str, Value], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The JSON of a sparse write."""
    return {name: encode(fields[name], value) for name, value in values.items()}


def described(wire: Mapping[str, Any]) -> Field | None:
    """A field of ours from a field of describe; None for what is skipped.

    describe already shows what the sync user may do: a field without read access is not in it, one without edit
    access says createable and updateable false.
    """
    vendor_type = wire["type"]
    type = TYPES.get(vendor_type)
    if type is None or wire.get("deprecatedAndHidden"):
        return None
    computed = bool(wire.get("calculated") or wire.get("autoNumber") or wire.get("encrypted"))
    editable = not computed and vendor_type not in _READ_ONLY_TYPES
    most = _most(wire, type)
    return Field(
        name=wire["name"],
        label=wire.get("label") or wire["name"],
        type=type,
        vendor_type=vendor_type,
        length=wire.get("length") or None,
        scale=wire.get("scale") if type is FieldType.DECIMAL else None,
        creatable=editable and bool(wire.get("createable")),
        writable=editable and bool(wire.get("updateable")),
        required=_required(wire),
        custom=bool(wire.get("custom")),
        choices=tuple(choice["value"] for choice in wire.get("picklistValues") or () if choice.get("active")),
        restricted=bool(wire.get("restrictedPicklist")),
        default=wire.get("defaultValue") if type is FieldType.BOOLEAN else None,
        searchable=bool(wire.get("idLookup") or wire.get("externalId")),
        calculated=bool(wire.get("calculated")),
        references=objects_named(wire.get("referenceTo") or ()),
        lowest=most and f"-{most}",
        highest=most,
    )


def _most(wire: Mapping[str, Any], type: FieldType) -> str | None:
    """The largest number that the digits of a field hold; None where describe names no digits."""
    if type is FieldType.INTEGER:
        return "9" * int(wire.get("digits") or 0) or None
    precision, scale = int(wire.get("precision") or 0), int(wire.get("scale") or 0)
    if type is not FieldType.DECIMAL or precision <= scale:
        return None
    return "9" * (precision - scale) + ("." + "9" * scale if scale else "")


def _required(wire: Mapping[str, Any]) -> bool:
    return (
        bool(wire.get("createable"))
        and not wire.get("nillable")
        and not wire.get("defaultedOnCreate")
        and wire["type"] != "boolean"
    )
