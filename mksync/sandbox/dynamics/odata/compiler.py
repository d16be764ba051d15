"""The options of a query over one table to SQL, with what is needed to make JSON of its rows."""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mksync.sandbox.dynamics.errors import no_property
from mksync.sandbox.dynamics.odata import annotations
from mksync.sandbox.dynamics.odata.annotations import FORMATTED, LOGICAL_NAME, NAVIGATION, Wanted
from mksync.sandbox.dynamics.odata.cursors import Term
from mksync.sandbox.dynamics.odata.predicates import Predicates, joined
from mksync.sandbox.dynamics.odata.scope import Scope, Setting, Sql, collection_of, typed
from mksync.sandbox.dynamics.odata.shape import Members, converter
from mksync.sandbox.dynamics.odata.tree import Expand, Options, Order
from mksync.sandbox.dynamics.rows import name_of
from mksync.sandbox.dynamics.tables import Column, Kind, Relationship, Table

CURRENCY = "transactioncurrencyid"


@dataclass(frozen=True, slots=True)
class Expansion:
    """An `$expand` item: `cell` holds the id it hangs on, of the row itself or of the row that is referred to.

    Of a principal, `kind` is the place of the logical name of the row referred to.
    """

    item: Expand
    cell: int
    target: Table | None  # None: a principal
    collection: bool = False
    kind: int = 0


@dataclass(frozen=True)
class Compiled:
    """A query ready to run. The cells of `terms` stand last in every row."""

    table: Table
    members: Members
    expansions: tuple[Expansion, ...]
    source: str
    where: Sql
    terms: tuple[Term, ...]
    context: str  # "(firstname,lastname)", what stands behind the set's name in @odata.context

    def select(self, limit: int, more: Sql | None = None, *, extra: Sequence[str] = ()) -> Sql:
        """The statement; `more` narrows it, `extra` cells come first among the last ones. A limit of -1 is none."""
        columns = [*self.members.expressions, *extra, *(term.sql for term in self.terms)]
        where = self.where if more is None else joined("AND", [self.where, more])
        order = ", ".join(f"{term.sql}{' DESC' if term.descending else ''}" for term in self.terms)
        text = f"SELECT {', '.join(columns)} FROM {self.source} WHERE {where.text} ORDER BY {order} LIMIT {limit}"
        return Sql(text, where.values)

    def count(self, limit: int) -> Sql:
        """The number of rows, counted no further than `limit`."""
        inner = f"SELECT 1 FROM {self.source} WHERE {self.where.text} LIMIT {limit}"
        return Sql(f"SELECT COUNT(*) FROM ({inner})", self.where.values)


def compile_query(
    setting: Setting, table: Table, options: Options, wanted: Wanted, *, restricted: Sql | None = None
) -> Compiled:
    """A query over the rows of `table` (alias `t`) that the user may read. Raises ODataError."""
    scope = Scope(setting, table)
    tests = [Sql(*setting.org.access.visible(setting.user, table, scope.alias))]
    if restricted is not None:
        tests.append(restricted)
    if options.filter is not None:
        tests.append(Predicates(scope).sql(options.filter))
    terms = tuple(_terms(scope, options.order))
    members, expansions = _Selection(setting, table, wanted).make(options)
    return Compiled(
        table=table,
        members=members,
        expansions=expansions,
        source=f"{name_of(table.name)} {scope.alias}{''.join(scope.joins)}",
        where=joined("AND", [test for test in tests if test.text != "1"]),
        terms=terms,
        context=context(options),
    )


def context(options: Options) -> str:
    """`(name,nav(name))`: what was selected and expanded; empty for everything."""
    inside = list(options.select or ())
    inside += [f"{item.name}{context(item.options) or '()'}" for item in options.expand]
    return f"({','.join(inside)})" if inside else ""


def _terms(scope: Scope, order: Iterable[Order]) -> Iterable[Term]:
    for one in order:
        yield Term(scope.value(one.by).sql, one.descending)
    yield Term("t._row")


@dataclass
class _Selection:
    setting: Setting
    table: Table
    wanted: Wanted

    def make(self, options: Options) -> tuple[Members, tuple[Expansion, ...]]:
        members = Members()
        if "versionnumber" in self.table.columns:
            members.add("@odata.etag", "'W/\"' || t.versionnumber || '\"'")
        hidden = self.setting.org.access.hidden(self.setting.user, self.table)
        for column in self._columns(options.select):
            readable = column.read and column.name not in hidden
            self._add(members, column, f't."{column.name}"' if readable else "NULL")
        return members, tuple(self._expansion(members, item) for item in options.expand)

    def _columns(self, names: Sequence[str] | None) -> list[Column]:
        """What is asked for, and what comes along: an amount's currency, the id."""
        table = self.table
        if names is None:
            return [column for column in table.columns.values() if column.odata]
        found: dict[str, Column] = {}
        for name in names:
            column = table.by_property(name)
            if column is None:
                raise no_property(name, table.name)
            found[column.name] = column
            if column.kind == Kind.MONEY and CURRENCY in table.columns:
                found.setdefault(CURRENCY, table.columns[CURRENCY])
        if table.primary_id in table.columns:
            found.setdefault(table.primary_id, table.columns[table.primary_id])
        return list(found.values())

    def _add(self, members: Members, column: Column, sql: str) -> None:
        if self.wanted.names and sql != "NULL":
            self._annotate(members, column, sql)
        members.add(column.property, sql, converter(column))

    def _annotate(self, members: Members, column: Column, sql: str) -> None:
        name = column.property
        if column.is_lookup:
            self._annotate_lookup(members, column, sql)
        elif FORMATTED not in self.wanted:
            return
        elif column.kind == Kind.MONEY:
            symbol = f"COALESCE((SELECT currencysymbol FROM {name_of('transactioncurrency')} c"
            symbol = f"{symbol} WHERE c.{CURRENCY} = t.{CURRENCY}), '$')" if CURRENCY in self.table.columns else "'$'"
            joined_up = f"iif({sql} IS NULL, NULL, {symbol} || ' ' || {sql})"
            members.add(f"{name}@{FORMATTED}", joined_up, annotations.amount, optional=True)
        elif (form := annotations.formatter(column)) is not None:
            members.add(f"{name}@{FORMATTED}", sql, form, optional=True)

    def _annotate_lookup(self, members: Members, column: Column, sql: str) -> None:
        ways = [way for way in self.table.relationships if way.column == column.name]
        forms = [
            (FORMATTED, [self._name_of(way, sql) for way in ways]),
            (NAVIGATION, [f"'{way.navigation}'" for way in ways]),
            (LOGICAL_NAME, [f"'{way.target}'" for way in ways]),
        ]
        for annotation, choices in forms:
            if annotation in self.wanted and ways:
                key = f"{column.property}@{annotation}"
                members.add(key, self._choose(column, ways, choices), optional=True)

    def _choose(self, column: Column, ways: Sequence[Relationship], choices: Sequence[str]) -> str:
        """The choice that belongs to the kind of row referred to; NULL where there is none."""
        if not column.is_polymorphic:
            return f'iif(t."{column.name}" IS NULL, NULL, {choices[0]})'
        whens = " ".join(f"WHEN '{way.target}' THEN {choice}" for way, choice in zip(ways, choices, strict=True))
        return f'iif(t."{column.name}" IS NULL, NULL, CASE t."{column.name}type" {whens} END)'

    def _name_of(self, way: Relationship, sql: str) -> str:
        target = self.setting.org.catalogue.named(way.target)
        if target.primary_name not in target.columns:
            return "NULL"
        where = f'n."{target.primary_id}" = {sql}'
        return f'(SELECT n."{target.primary_name}" FROM {name_of(target.name)} n WHERE {where})'

    def _expansion(self, members: Members, item: Expand) -> Expansion:
        ways = list(self.table.navigations(item.name))
        if len(ways) > 1:
            column = ways[0].column
            return Expansion(item, members.cell(f't."{column}"'), None, kind=members.cell(f't."{column}type"'))
        if ways:
            held = typed(self.table, ways[0], "t").removeprefix(" AND ") or "1"
            cell = members.cell(f'iif({held}, t."{ways[0].column}", NULL)')
            return Expansion(item, cell, self.setting.org.catalogue.named(ways[0].target))
        found = collection_of(self.setting.org, self.table, item.name)
        if found is None:
            raise no_property(item.name, self.table.name)
        return Expansion(item, members.cell(f't."{self.table.primary_id}"'), found.table, collection=True)
