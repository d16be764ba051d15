"""Rows of SQL to the nested JSON objects of a query answer.

Source: REST API Developer Guide, "Execute a SOQL Query".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from mksync.sandbox.salesforce.catalogue import View
from mksync.sandbox.salesforce.fields import Field
from mksync.sandbox.salesforce.soql.scope import Column, Place

Cells = Sequence[Any]
Read = Callable[[Cells], Any]
_ADDRESS = ("city", "country", "geocodeAccuracy", "latitude", "longitude", "postalCode", "state", "street")
_ADDRESS_FIELDS = {part: part[0].upper() + part[1:] for part in _ADDRESS}


def address_parts(compound: Field) -> dict[str, str]:
    """Each key of an address's JSON and the field that holds it."""
    start = compound.name.removesuffix("Address")
    return {part: start + name for part, name in _ADDRESS_FIELDS.items()}


def reader(field: Field, index: int) -> Read:
    """How one column is read out of a row of SQL."""
    if field.type == "boolean":
        return lambda cells: None if cells[index] is None else bool(cells[index])
    return itemgetter(index)


@dataclass
class Columns:
    """The SQL expressions a statement selects, each once."""

    expressions: list[str] = field(default_factory=list)

    def index(self, sql: str) -> int:
        if sql not in self.expressions:
            self.expressions.append(sql)
        return self.expressions.index(sql)

    def read(self, column: Column) -> Read:
        return reader(column.field, self.index(column.sql))

    def address(self, place: Place, compound: Field) -> Read:
        """An address as an object; null when every part is empty or out of sight."""
        found = {key: place.column(name) for key, name in address_parts(compound).items()}
        reads = {key: self.read(column) for key, column in found.items() if column is not None}

        def read(cells: Cells) -> dict[str, Any] | None:
            parts = {key: part(cells) for key, part in reads.items()}
            return parts if any(value is not None for value in parts.values()) else None

        return read


@dataclass
class Node:
    """One object of the answer: the record, or a parent of it under its relationship's name."""

    members: dict[str, "Read | Node"] = field(default_factory=dict)
    path: str = ""  # what record urls begin with
    objects: tuple[tuple[View, int], ...] = ()  # which object it is: the one whose id column is filled

    def build(self) -> Read:
        """A function from a row of SQL to this object; None where there is no such parent."""
        reads = [(key, m.build() if isinstance(m, Node) else m) for key, m in self.members.items()]
        objects = [(view.name, index) for view, index in self.objects]
        path = self.path

        def read(cells: Cells) -> dict[str, Any] | None:
            for name, index in objects:
                id = cells[index]
                if id is not None:
                    made: dict[str, Any] = {"attributes": {"type": name, "url": f"{path}{name}/{id}"}}
                    for key, part in reads:
                        made[key] = part(cells)
                    return made
            return None

        return read


def aggregate(members: Mapping[str, Read]) -> Read:
    """A row of an aggregate query."""
    reads = list(members.items())
    return lambda cells: {"attributes": {"type": "AggregateResult"}, **{key: part(cells) for key, part in reads}}
