"""What the names of a query stand for: properties are columns, navigations are joins.

A navigation that leads to rows of several tables (`ownerid`) is a `principal`, of which only the id is known.
"""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from mksync.sandbox.dynamics.call import User
from mksync.sandbox.dynamics.errors import ODataError, no_property
from mksync.sandbox.dynamics.odata.tree import Path
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Stored, name_of
from mksync.sandbox.dynamics.tables import Column, ManyToMany, Relationship, Table

REFUSE_HIDDEN = "secured_filter_refused"


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the values bound in it."""

    text: str
    values: tuple[Stored, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """For whom a query is compiled, and when."""

    org: Org
    user: User
    now: float

    def has(self, quirk: str) -> bool:
        return quirk in self.org.quirks


@dataclass(frozen=True, slots=True)
class Value:
    """A column of a row: the SQL that reads it, and what it is."""

    sql: str
    column: Column


@dataclass(frozen=True, slots=True)
class Collection:
    """Rows on the other side of a collection-valued navigation. `link` ties their alias to the row's id."""

    table: Table
    link: Callable[[str, str], str]  # (alias of the far rows, SQL of the near id) -> condition


@dataclass
class Scope:
    """The names of one SELECT over `table`. Joins are added as paths ask for them."""

    setting: Setting
    table: Table
    alias: str = "t"
    joins: list[str] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)
    _places: dict[tuple[str, ...], tuple[Table, str]] = field(default_factory=dict)

    def value(self, path: Path) -> Value:
        """The column a path leads to. A hidden column is empty. Raises ODataError for an unknown name."""
        if len(path.parts) > 1 and (principal := self._principal(path)):
            return principal
        table, alias = self._walk(path.parts[:-1])
        return self.column(table, alias, path.parts[-1])

    def column(self, table: Table, alias: str, name: str) -> Value:
        column = table.by_property(name)
        if column is None:
            raise no_property(name, table.name)
        if column.name in self.setting.org.access.hidden(self.setting.user, table):
            if self.setting.has(REFUSE_HIDDEN):
                raise _hidden(column, table)
            return Value("NULL", column)
        return Value(f'{alias}."{column.name}"' if column.read else "NULL", column)

    def collection(self, path: Path) -> tuple[Collection, str]:
        """The rows a collection-valued path leads to, and the SQL of the id they are tied to."""
        table, alias = self._walk(path.parts[:-1])
        found = collection_of(self.setting.org, table, path.parts[-1])
        if found is None:
            raise no_property(path.parts[-1], table.name)
        return found, f'{alias}."{table.primary_id}"'

    def inner(self, table: Table) -> "Scope":
        """The names of a SELECT inside this one."""
        return Scope(self.setting, table, f"i{next(self.numbers)}", numbers=self.numbers)

    def _walk(self, names: tuple[str, ...]) -> tuple[Table, str]:
        here = (self.table, self.alias)
        for end in range(1, len(names) + 1):
            key = names[:end]
            if key not in self._places:
                self._places[key] = self._join(*here, names[end - 1])
            here = self._places[key]
        return here

    def _join(self, table: Table, alias: str, navigation: str) -> tuple[Table, str]:
        ways = list(table.navigations(navigation))
        if len(ways) != 1:
            raise no_property(navigation, table.name)
        target = self.setting.org.catalogue.named(ways[0].target)
        self.setting.org.access.require(self.setting.user, target, "Read")
        joined = f"j{next(self.numbers)}"
        on = f'{joined}."{target.primary_id}" = {alias}."{ways[0].column}"'
        self.joins.append(f" LEFT JOIN {name_of(target.name)} {joined} ON {on}{typed(table, ways[0], alias)}")
        return target, joined

    def _principal(self, path: Path) -> Value | None:
        table, alias = self._walk(path.parts[:-2])
        ways = list(table.navigations(path.parts[-2]))
        if len(ways) < 2:
            return None
        if path.parts[-1] != ways[0].column:
            raise no_property(path.parts[-1], "principal")
        return Value(f'{alias}."{ways[0].column}"', table.columns[ways[0].column])


def typed(table: Table, way: Relationship, alias: str) -> str:
    """The condition that a reference of several targets is one of this table."""
    if not table.columns[way.column].is_polymorphic:
        return ""
    return f" AND {alias}.\"{way.column}type\" = '{way.target}'"


def collection_of(org: Org, table: Table, navigation: str) -> Collection | None:
    """The one-to-many or many-to-many of this name on a table."""
    if (found := org.catalogue.collection(table, navigation)) is not None:
        child, way = found
        return Collection(child, lambda far, near: f'{far}."{way.column}" = {near}{typed(child, way, far)}')
    many = next((one for one in table.many_to_many if one.navigation == navigation), None)
    return None if many is None else _through(org, many)


def _through(org: Org, many: ManyToMany) -> Collection:
    target = org.catalogue.named(many.target)

    def link(far: str, near: str) -> str:
        pairs = f'SELECT x."{many.there}" FROM {name_of(many.through)} x WHERE x."{many.here}" = {near}'
        return f'{far}."{target.primary_id}" IN ({pairs})'

    return Collection(target, link)


def _hidden(column: Column, table: Table) -> ODataError:
    message = f"The query contained a secured attribute '{column.name}' of '{table.name}' the caller has no access to."
    return ODataError(403, "0x8004F506", message)
