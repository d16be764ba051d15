"""Reading records by a simple or a compound key (developer guide, Lead Database, "Query" and "Compound Keys")."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.marketo.call import BATCH, Call
from mksync.sandbox.marketo.catalogue import LeadField
from mksync.sandbox.marketo.envelope import Failure, Item, Payload
from mksync.sandbox.marketo.leads import Row
from mksync.sandbox.marketo.objecttable import ROW, Key, ObjectTable
from mksync.sandbox.marketo.objecttypes import ObjectType
from mksync.sandbox.marketo.values import BadValueError, Stored, present, to_store

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a query asks for, wherever it stands: in the URL, in a form body or in a JSON body."""

    call: Call
    body: dict[str, Any]

    def text(self, name: str) -> str | None:
        value = self.body.get(name)
        return self.call.text(name) if value is None else str(value)

    def listed(self, name: str) -> list[str]:
        value = self.body.get(name)
        if value is None:
            return self.call.listed(name)
        return [str(part) for part in value] if isinstance(value, list) else str(value).split(",")

    def size(self) -> int:
        return self.call.batch_size(self.text("batchSize"))

    def after(self) -> int:
        """The number of the row behind which the page begins."""
        text = self.text("nextPageToken")
        if text is None:
            return 0
        try:
            return int(base64.b32decode(text).decode().removeprefix("object:"))
        except ValueError:
            raise Failure("1003", f"Invalid value '{text}' for parameter 'nextPageToken'") from None


def read_wish(call: Call) -> Wish:
    return Wish(call, call.body() if call.request.mimetype == _JSON else {})


def query(call: Call, type: ObjectType, table: ObjectTable, quirks: frozenset[str]) -> Payload:
    """One page of the records that match."""
    wish = read_wish(call)
    # In a JSON body the compound key is what is meant if nothing is said (API reference, LookupCustomObjectRequest).
    filter_type = wish.text("filterType") or ("dedupeFields" if "input" in wish.body else call.needed("filterType"))
    keys = type.keys(filter_type)
    wanted = _wanted(wish, type, keys)
    fields = type.asked(wish.listed("fields")) if wish.listed("fields") else _default(type, keys)
    size = wish.size()
    found = table.find(keys, wanted, wish.after(), size + 1)
    page = found[:size]
    populated = type.tells_all and not wish.listed("fields")
    items = [
        {"seq": place, **_item(fields, row, omits=populated or "omits_nulls" in quirks)}
        for place, row in enumerate(page)
    ]
    payload: dict[str, Any] = {"result": items}
    if len(found) > size:
        token = base64.b32encode(f"object:{page[-1][ROW]}".encode()).decode()
        payload |= {"nextPageToken": token, "moreResult": True}
    return payload


def lookup_value(field: LeadField, value: object) -> Stored:
    """The stored form of a value to look for; None if no record can have it."""
    try:
        return to_store(field, value, frozenset({"any_email"}))
    except BadValueError:
        return None


def _wanted(wish: Wish, type: ObjectType, keys: Sequence[str]) -> list[Key]:
    known = type.known()
    if "input" in wish.body:
        given = [_members(record, keys) for record in wish.call.records()]
    elif len(keys) > 1:
        raise Failure("1003", "A compound key needs a POST with _method=GET and the keys in 'input'")
    else:
        given = [(value,) for value in _values(wish.call)]
    found = [tuple(lookup_value(known[name], value) for name, value in zip(keys, key, strict=True)) for key in given]
    return [key for key in found if None not in key]


def _members(record: dict[str, Any], keys: Sequence[str]) -> tuple[Any, ...]:
    for name in keys:
        if record.get(name) in (None, ""):
            raise Failure("1003", f"Value for required field '{name}' not specified")
    return tuple(record[name] for name in keys)


def _values(call: Call) -> list[str]:
    values = call.listed("filterValues")
    if not values:
        raise Failure("1002", "Missing value for required parameter 'filterValues'")
    if len(values) > BATCH:
        raise Failure("1003", f"Too many values for parameter 'filterValues', the maximum is {BATCH}")
    return values


def _default(type: ObjectType, keys: Sequence[str]) -> list[LeadField]:
    if type.tells_all:
        return type.asked([field.name for field in type.fields])
    return type.asked([*type.dedupe, "createdAt", "updatedAt", *keys])


def _item(fields: list[LeadField], row: Row, *, omits: bool) -> Item:
    item = {field.name: present(field, row[field.name]) for field in fields}
    return {name: value for name, value in item.items() if value is not None} if omits else item
