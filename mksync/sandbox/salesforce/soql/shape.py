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


@dataclass(frozen=True, slots=True)
class Cell:
    """Reads one column out of a row of SQL. `kind`: boolean, fraction, or plain for what is shown as it is stored."""

    index: int
    kind: str = "plain"

    def read(self) -> Read:
        """The quickest function that does it."""
        if self.kind != "boolean":
            return itemgetter(self.index)
        index = self.index
        return lambda cells: None if cells[index] is None else bool(cells[index])


@dataclass(frozen=True, slots=True)
class Address:
    """Reads an address as an object; null when every part is empty or out of sight."""

    parts: Mapping[str, Cell]

    def read(self) -> Read:
        parts = {key: cell.read() for key, cell in self.parts.items()}

        def read(cells: Cells) -> dict[str, Any] | None:
            made = {key: part(cells) for key, part in parts.items()}
            return made if any(value is not None for value in made.values()) else None

        return read


Member = Cell | Address | Read


def cell_of(field: Field, index: int) -> Cell:
    if field.type == "boolean":
        return Cell(index, "boolean")
    return Cell(index, "fraction" if field.type in ("double", "currency", "percent") else "plain")


@dataclass
class Columns:
    """The SQL expressions a statement selects, each once."""

    expressions: list[str] = field(default_factory=list)

    def index(self, sql: str) -> int:
        if sql not in self.expressions:
            self.expressions.append(sql)
        return self.expressions.index(sql)

    def read(self, column: Column) -> Cell:
        return cell_of(column.field, self.index(column.sql))

    def address(self, place: Place, compound: Field) -> Address:
        found = {key: place.column(name) for key, name in address_parts(compound).items()}
        return Address({key: self.read(column) for key, column in found.items() if column is not None})


@dataclass
class Node:
    """One object of the answer: the record, or a parent of it under its relationship's name."""

    members: dict[str, "Member | Node"] = field(default_factory=dict)
    path: str = ""  # what record urls begin with
    objects: tuple[tuple[View, int], ...] = ()  # which object it is: the one whose id column is filled

    def build(self) -> Read:
        """A function from a row of SQL to this object; None where there is no such parent."""
        reads = [(key, _reader(member)) for key, member in self.members.items()]
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


def _reader(member: "Member | Node") -> Read:
    if isinstance(member, Node):
        return member.build()
    return member.read() if isinstance(member, Cell | Address) else member


def aggregate(members: Mapping[str, Cell]) -> Read:
    """A row of an aggregate query."""
    reads = [(key, cell.read()) for key, cell in members.items()]
    return lambda cells: {"attributes": {"type": "AggregateResult"}, **{key: part(cells) for key, part in reads}}
