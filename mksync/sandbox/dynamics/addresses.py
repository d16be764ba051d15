"""Which row a URL, an `@odata.bind` or an `@odata.id` means: by primary key or by an alternate key.

Source: Microsoft Learn, "Use an alternate key to reference a record", "Associate and disassociate table rows".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from mksync.sandbox.dynamics import ids, values
from mksync.sandbox.dynamics.call import split
from mksync.sandbox.dynamics.errors import (
    ODataError,
    bad_request,
    key_not_defined,
    key_not_found,
    no_resource,
    not_found,
)
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Row, Stored
from mksync.sandbox.dynamics.tables import Kind, Table

ROOT = "/api/data/v9.2/"
_SEGMENT = re.compile(r"([A-Za-z_]\w*)(?:\((.*)\))?", re.DOTALL)
_PAIR = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*('(?:[^']|'')*'|[^',]*?)\s*(,|$)")


@dataclass(frozen=True, slots=True)
class Address:
    """A table, and which of its rows: `id`, or the values of an alternate key by logical name."""

    table: Table
    id: str | None = None
    key: Mapping[str, Stored] = field(default_factory=dict)


def address(org: Org, segment: str) -> Address:
    """What `leads(…)` means; the segment is percent-decoded. Raises ODataError if it means no row."""
    found = _SEGMENT.fullmatch(segment)
    if found is None:
        raise bad_request(f"Bad Request - Error in query syntax: '{segment}'.")
    table = org.catalogue.of_set(found.group(1))
    if found.group(2) is None:
        raise bad_request(f"The segment '{segment}' names no row.")
    return keyed(table, found.group(2))


def keyed(table: Table, text: str) -> Address:
    """What stands between the parentheses. Raises 400 0x80060890 for a key that is not defined."""
    if id := ids.read(text.strip()):
        return Address(table, id)
    given = _pairs(text)
    if set(given) == {table.primary_id} and table.name not in ("systemuser", "team"):
        if id := ids.read(given[table.primary_id]):
            return Address(table, id)
        raise bad_request(f"Bad Request - Error in query syntax: '{text}'.")
    columns = {name: table.by_property(name) for name in given}
    known = {column.name for column in columns.values() if column is not None}
    if not given or len(known) < len(given) or table.key(frozenset(known)) is None:
        raise key_not_defined(table.name)
    return Address(table, key={c.name: values.literal(c, given[n]) for n, c in columns.items() if c is not None})


def find(org: Org, place: Address) -> Row | None:
    """The row at an address, if there is one. Raises 0x8006089D if a key meets several."""
    if place.id is not None:
        return org.rows.get(place.table, place.id)
    rows = org.rows.find(place.table, place.key)
    if len(rows) > 1:
        raise ODataError(400, "0x8006089D", "More than one record exists for the specified key values.")
    return rows[0] if rows else None


def row(org: Org, place: Address) -> Row:
    """The row at an address. Raises 404."""
    found = find(org, place)
    if found is None:
        raise missing(place)
    return found


def missing(place: Address) -> ODataError:
    if place.id is None:
        return key_not_found(place.table.name)
    return not_found(place.table.name, place.id)


def referred(org: Org, text: Any) -> Address:  # noqa: ANN401 - whatever a body holds
    """The address in `@odata.bind` or `@odata.id`: absolute, relative to the host or to the service root."""
    if not isinstance(text, str):
        raise bad_request("The value of a reference must be the URI of a row.")
    _, rooted, rest = text.partition(ROOT)
    parts = split(rest if rooted else text.lstrip("/"))
    if len(parts) != 1:
        raise no_resource(text)
    return address(org, unquote(parts[0]))


def url(root: str, table: Table, id: str) -> str:
    return f"{root}/{table.set_name}({id})"


def key_text(place: Address) -> str:
    """The key as it stands in a URL."""
    if place.id is not None:
        return place.id
    return ",".join(f"{_property(place.table, name)}={_quoted(place, name)}" for name in place.key)


def _property(table: Table, column: str) -> str:
    return table.columns[column].property


def _quoted(place: Address, column: str) -> str:
    value = place.key[column]
    if place.table.columns[column].kind is Kind.STRING:
        doubled = str(value).replace("'", "''")
        return f"'{doubled}'"
    return str(value)


def _pairs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        pair = _PAIR.match(text, place)
        if pair is None:
            raise bad_request(f"Bad Request - Error in query syntax: '{text}'.")
        found[pair.group(1)] = pair.group(2)
        place = pair.end()
    return found
