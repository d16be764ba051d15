"""How a URL names one row: `leads(<guid>)`, `leads(leadid=<guid>)`, or by an alternate key, `leads(new_a=5,new_b='x')`.

Source: "Use an alternate key to reference a record".
"""

import re
from dataclasses import dataclass

from mksync.sandbox.dynamics.errors import ODataError, bad_request, key_not_defined, key_not_found
from mksync.sandbox.dynamics.odata import problems
from mksync.sandbox.dynamics.odata.lexer import tokens, unquote_text
from mksync.sandbox.dynamics.odata.literals import constant
from mksync.sandbox.dynamics.odata.stream import Stream
from mksync.sandbox.dynamics.odata.tree import Kind, Literal_
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Stored
from mksync.sandbox.dynamics.tables import Table

_SEGMENT = re.compile(r"([A-Za-z_]\w*)\((.*)\)", re.DOTALL)
_KINDS: dict[str, Kind] = {"guid": "guid", "number": "number", "text": "text", "datetime": "datetime", "date": "date"}
# What ASP.NET refuses in the path of a URL, encoded or not.
_DANGEROUS = "<>*%&:\\?+/"


@dataclass(frozen=True, slots=True)
class Address:
    """A set and, in brackets behind it, an id or the values of a key by property name."""

    set_name: str
    id: str | None = None
    key: tuple[tuple[str, Literal_], ...] = ()


def read(segment: str) -> Address | None:
    """A decoded path segment; None if there is nothing in brackets. Raises ODataError for brackets that are no key."""
    found = _SEGMENT.fullmatch(segment)
    if found is None:
        return None
    set_name, inside = found.groups()
    guid = list(tokens(inside))
    if len(guid) == 2 and guid[0].kind == "guid":
        return Address(set_name, guid[0].text.lower())
    return Address(set_name, key=_Key(inside).read())


class _Key(Stream):
    def read(self) -> tuple[tuple[str, Literal_], ...]:
        found = [self._pair()]
        while self._take(","):
            found.append(self._pair())
        return self._finish(tuple(found))

    def _pair(self) -> tuple[str, Literal_]:
        name = self._name().text
        self._must("=")
        token = self._next()
        if token.kind not in _KINDS:
            raise problems.expected(self._text, token.at, "Literal")
        text = unquote_text(token.text) if token.kind == "text" else token.text
        return name, Literal_(_KINDS[token.kind], text, token.at)


def values(table: Table, address: Address) -> dict[str, Stored]:
    """Logical names and values of an address by alternate key. Raises 400 for a key the table does not have."""
    columns = [table.by_property(name) or table.columns.get(name) for name, _ in address.key]
    known = [column for column in columns if column is not None]
    key = table.key(frozenset(column.name for column in known))
    if len(known) < len(columns) or key is None or key.status != "Active":
        raise key_not_defined(table.name)
    for _, literal in address.key:
        if bad := set(literal.text) & set(_DANGEROUS if literal.kind == "text" else ""):
            raise _dangerous(min(bad))
    pairs = zip(known, address.key, strict=True)
    return {column.name: constant(column, literal, "eq").value for column, (_, literal) in pairs}


def named_id(table: Table, address: Address) -> str | None:
    """The id where an address says `leadid=<guid>`; not for users and teams, whose declared key is ownerid."""
    if address.id is not None:
        return address.id
    (name, literal), *more = address.key
    named = not more and name == table.primary_id and literal.kind == "guid"
    return literal.text.lower() if named and table.name not in ("systemuser", "team") else None


def find(org: Org, table: Table, address: Address) -> str:
    """The id an address leads to; one that says its id is believed. Raises 404 0x80060891, 400 for a bad key."""
    if (id := named_id(table, address)) is not None:
        return id
    rows = org.rows.find(table, values(table, address))
    if not rows:
        raise key_not_found(table.name)
    if len(rows) > 1:
        raise ODataError(400, "0x8006089D", f"The key values of {table.name} fit more than one record.")
    return str(rows[0][table.primary_id])


def _dangerous(character: str) -> ODataError:
    return bad_request(f"A potentially dangerous Request.Path value was detected from the client ({character}).", "")
