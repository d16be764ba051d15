"""What the names in a statement stand for: paths to columns, relationships to joins.

A reference that may point at several objects (a lead's owner: user or queue) is joined with each of them and read as
their common part, which Salesforce calls the entity `Name`.
"""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

from collections.abc import Callable
from dataclasses import dataclass, field

from mksync.sandbox.salesforce.catalogue import View
from mksync.sandbox.salesforce.fields import TEXTS, Field
from mksync.sandbox.salesforce.soql import problems
from mksync.sandbox.salesforce.soql.tree import Call, Path
from mksync.sandbox.salesforce.tables import name_of

ViewOf = Callable[[str], View | None]
_DEEPEST = 5
_DATE_PARTS = {
    "CALENDAR_YEAR": (1, 4),
    "CALENDAR_MONTH": (6, 2),
    "DAY_IN_MONTH": (9, 2),
    "HOUR_IN_DAY": (12, 2),
    "DAY_ONLY": (1, 10),
}
_TYPE_OF_PARENT = Field("Type", "Type", "string", length=40)


@dataclass(frozen=True)
class Column:
    """A value of a row: the SQL that reads it and the field it belongs to."""

    sql: str
    field: Field


@dataclass(frozen=True)
class Place:
    """The row itself or a parent of it. `targets` pairs each object it may be with the alias of its join."""

    name: str
    targets: tuple[tuple[View, str], ...]
    depth: int = 0

    @property
    def entity(self) -> str:
        return self.targets[0][0].name if len(self.targets) == 1 else "Name"

    def column(self, name: str) -> Column | None:
        """The field of this name, from whichever object has it."""
        found = [(f, f'{alias}."{f.name}"') for view, alias in self.targets if (f := view.find(name))]
        if len(self.targets) > 1 and name.lower() == "type":
            whens = " ".join(f"WHEN {alias}.Id IS NOT NULL THEN '{view.name}'" for view, alias in self.targets)
            return Column(f"CASE {whens} END", _TYPE_OF_PARENT)
        if not found:
            return None
        text = found[0][0].type in TEXTS and len(found) > 1
        return Column(_either([sql for _, sql in found]) + (" COLLATE NOCASE" if text else ""), found[0][0])


def _either(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"COALESCE({', '.join(expressions)})"


@dataclass
class Scope:
    """The names of one SELECT. Joins are added as paths ask for them."""

    text: str
    root: Place
    alias: str | None
    view_of: ViewOf
    joins: list[str] = field(default_factory=list)
    _places: dict[tuple[str, ...], Place] = field(default_factory=dict)

    @property
    def object(self) -> str:
        return self.root.entity

    def path(self, path: Path) -> tuple[tuple[str, ...], str]:
        """A path's relationships (without the object's own name or alias) and its field name."""
        parts = path.parts
        own = {self.object.lower(), (self.alias or self.object).lower()}
        if len(parts) > 1 and parts[0].lower() in own and parts[0].lower() not in self.root.targets[0][0].references:
            parts = parts[1:]
        return parts[:-1], parts[-1]

    def place(self, relations: tuple[str, ...], path: Path) -> Place:
        """The parent that a chain of relationships leads to. Raises INVALID_FIELD."""
        here = self.root
        for end in range(1, len(relations) + 1):
            key = tuple(name.lower() for name in relations[:end])
            if key not in self._places:
                self._places[key] = self._join(here, relations[end - 1], path)
            here = self._places[key]
        return here

    def column(self, path: Path) -> Column:
        relations, name = self.path(path)
        place = self.place(relations, path)
        found = place.column(name)
        if found is None:
            raise problems.no_column(self.text, path.at, name, place.entity)
        return found

    def operand(self, what: Path | Call) -> Column:
        """A path or a function over one, outside of aggregates."""
        if isinstance(what, Path):
            return self.column(what)
        if what.argument is None or what.function not in {*_DATE_PARTS, "TOLABEL", "FORMAT"}:
            raise problems.syntax(self.text, what.at, f"unexpected token: '{what.function}'")
        inner = self.column(what.argument)
        dated = what.function in _DATE_PARTS
        if inner.field.type == "address" or (dated and inner.field.type not in ("date", "datetime")):
            message = f"field {inner.field.name} does not support function {what.function}"
            raise problems.at("INVALID_FIELD", self.text, what.at, message)
        if not dated:
            return inner
        start, length = _DATE_PARTS[what.function]
        part = f"substr({inner.sql}, {start}, {length})"
        if what.function == "DAY_ONLY":
            return Column(part, Field("day", "day", "date"))
        return Column(f"CAST({part} AS INTEGER)", Field("part", "part", "int"))

    def _join(self, here: Place, relation: str, path: Path) -> Place:
        for view, alias in here.targets:
            reference = view.references.get(relation.lower())
            if reference is not None and here.depth < _DEEPEST:
                return self._joined(here, alias, reference, path)
        raise problems.no_relation(self.text, path.at, relation, f"field path '{path}'")

    def _joined(self, here: Place, alias: str, reference: Field, path: Path) -> Place:
        targets: list[tuple[View, str]] = []
        for name in reference.reference_to:
            view = self.view_of(name)
            if view is None:
                continue
            joined = f"j{len(self.joins)}"
            self.joins.append(f'LEFT JOIN {name_of(view.name)} {joined} ON {joined}.Id = {alias}."{reference.name}"')
            targets.append((view, joined))
        if not targets:
            raise problems.no_relation(self.text, path.at, str(reference.relationship), f"field path '{path}'")
        return Place(str(reference.relationship), tuple(targets), here.depth + 1)
