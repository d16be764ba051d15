"""A parsed statement to SQL over the record tables, and the function that turns its rows into JSON."""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

from dataclasses import dataclass, field, replace

from mksync.sandbox.salesforce.catalogue import View
from mksync.sandbox.salesforce.fields import NUMBERS, Field
from mksync.sandbox.salesforce.soql import problems
from mksync.sandbox.salesforce.soql.parser import AGGREGATES
from mksync.sandbox.salesforce.soql.predicates import Predicates, Sql
from mksync.sandbox.salesforce.soql.scope import Column, Place, Scope, ViewOf
from mksync.sandbox.salesforce.soql.shape import Address, Cell, Columns, Node, Read, aggregate
from mksync.sandbox.salesforce.soql.texts import text_of
from mksync.sandbox.salesforce.soql.tree import AllFields, Call, Children, Order, Path, Query, Selected
from mksync.sandbox.salesforce.standard.children import CHILDREN
from mksync.sandbox.salesforce.tables import name_of

LARGEST_OFFSET = 2_000
_MOST_FIELDS_ROWS = 200


@dataclass(frozen=True)
class Setting:
    """What a statement is compiled against."""

    view_of: ViewOf
    now: float
    deleted_too: bool  # queryAll
    path: str  # what record urls begin with: /services/data/v67.0/sobjects/


@dataclass(frozen=True)
class Picked:
    """One item of the SELECT list: what was written, the column it stands for, and that column's name in a table."""

    what: Path | Call
    column: Column
    name: str  # the path in the spelling of describe, or the alias

    @property
    def field(self) -> Field:
        return self.column.field


@dataclass(frozen=True)
class ChildSelect:
    """A compiled sub-select: `compiled` yields the children, their parent's id in the last column."""

    key: str
    compiled: "Compiled"
    link: Column
    limit: int | None


@dataclass(frozen=True)
class Compiled:
    """A statement ready to run. `selected` is its SELECT list, for column metadata and for tables."""

    query: Query
    view: View
    columns: tuple[str, ...]
    source: str
    where: Sql
    group: str
    order: str
    read: Read
    children: tuple[ChildSelect, ...] = ()
    selected: tuple[Picked, ...] = ()
    is_count: bool = False
    is_aggregate: bool = False
    text: str | None = None  # an SQL expression of the record as JSON, if there is one

    def select(self, columns: str, *, limit: int | None = None) -> Sql:
        """The statement with other columns; `limit` only lowers its own."""
        bounds = [number for number in (limit, self.query.limit) if number is not None]
        tail = (
            f" LIMIT {min(bounds) if bounds else -1} OFFSET {self.query.offset}" if bounds or self.query.offset else ""
        )
        text = f"SELECT {columns} FROM {self.source} WHERE {self.where.text}{self.group}{self.order}{tail}"
        return Sql(text, self.where.values)


def compile_query(query: Query, setting: Setting) -> Compiled:
    """Raises ApiError INVALID_TYPE, INVALID_FIELD, MALFORMED_QUERY and the like."""
    name = ".".join(query.source.parts)
    view = setting.view_of(name)
    if view is None:
        raise problems.no_object(query.text, query.source.at, name)
    if query.offset > LARGEST_OFFSET:
        message = f"Maximum SOQL offset allowed is {LARGEST_OFFSET}"
        raise problems.at("NUMBER_OUTSIDE_VALID_RANGE", query.text, query.offset_at, message)
    return _Compilation(query, view, setting).compile()


@dataclass
class _Compilation:
    query: Query
    view: View
    setting: Setting
    columns: Columns = field(default_factory=Columns)
    children: list[ChildSelect] = field(default_factory=list)
    selected: list[Picked] = field(default_factory=list)

    def __post_init__(self) -> None:
        root = Place(self.view.name, ((self.view, "t"),))
        self.scope = Scope(self.query.text, root, self.query.alias, self.setting.view_of)
        self.root = Node({}, self.setting.path)
        self.predicates = Predicates(self.scope, self.setting.now, self._sub_select)

    def compile(self) -> Compiled:
        is_count = self._is_count()
        is_aggregate = not is_count and self._is_aggregate()
        read = (lambda _: None) if is_count else self._aggregate() if is_aggregate else self._records()
        where = self._where()
        group = ", ".join(self._grouped(path).sql for path in self.query.group)
        order = self._order(is_aggregate or is_count)
        return Compiled(
            query=self.query,
            view=self.view,
            columns=tuple(self.columns.expressions),
            source=" ".join([f"{name_of(self.view.name)} t", *self.scope.joins]),
            where=where,
            group=f" GROUP BY {group}" if group else "",
            order=order,
            read=read,
            children=tuple(self.children),
            selected=tuple(self.selected),
            is_count=is_count,
            is_aggregate=is_aggregate,
            text=text_of(self.root, self.columns.expressions) if self.root.members else None,
        )

    def _is_count(self) -> bool:
        if not any(_is_bare_count(item) for item in self.query.select):
            return False
        if len(self.query.select) > 1:
            raise problems.syntax(self.query.text, self.query.source.at, "COUNT() must be the only item selected")
        return True

    def _is_aggregate(self) -> bool:
        calls = (item.what for item in self.query.select if isinstance(item, Selected) and isinstance(item.what, Call))
        return bool(self.query.group) or any(call.function in AGGREGATES for call in calls)

    def _where(self) -> Sql:
        tests = [] if self.query.where is None else [self.predicates.sql(self.query.where)]
        if not self.setting.deleted_too and self.view.object.has("IsDeleted"):
            tests.append(Sql("t.IsDeleted = 0"))
        text = " AND ".join(f"({test.text})" for test in tests) or "1"
        return Sql(text, tuple(value for test in tests for value in test.values))

    def _records(self) -> Read:
        root = self.root = Node({}, self.setting.path, ((self.view, self.columns.index('t."Id"')),))
        for item in self.query.select:
            if isinstance(item, AllFields):
                self._add_all(root, item)
            elif isinstance(item, Children):
                self._add_children(root, item.query)
            else:
                self._add(root, item)
        return root.build()

    def _add(self, root: Node, item: Selected) -> None:
        if isinstance(item.what, Call):
            column = self.scope.operand(item.what)
            root.members[item.alias or column.field.name] = self.columns.read(column)
            self.selected.append(Picked(item.what, column, item.alias or column.field.name))
            return
        column = self.scope.column(item.what)
        relations, _ = self.scope.path(item.what)
        node = self._node(root, relations, item.what)
        place = self.scope.place(relations, item.what)
        names = [self.scope.place(relations[:end], item.what).name for end in range(1, len(relations) + 1)]
        self.selected.append(Picked(item.what, column, ".".join([*names, column.field.name])))
        node.members[column.field.name] = self._read(place, column)

    def _read(self, place: Place, column: Column) -> Cell | Address:
        if column.field.type == "address":
            return self.columns.address(place, column.field)
        return self.columns.read(column)

    def _node(self, root: Node, relations: tuple[str, ...], path: Path) -> Node:
        """The object of the answer for a chain of relationships, made where it is first needed."""
        node = root
        for end in range(1, len(relations) + 1):
            place = self.scope.place(relations[:end], path)
            if place.name not in node.members:
                objects = tuple((view, self.columns.index(f'{alias}."Id"')) for view, alias in place.targets)
                node.members[place.name] = Node({}, self.setting.path, objects)
            inner = node.members[place.name]
            assert isinstance(inner, Node)
            node = inner
        return node

    def _add_all(self, root: Node, item: AllFields) -> None:
        limit = self.query.limit
        if item.kind != "STANDARD" and (limit is None or limit > _MOST_FIELDS_ROWS):
            message = f"The SOQL FIELDS function must have a LIMIT of at most {_MOST_FIELDS_ROWS}"
            raise problems.syntax(self.query.text, item.at, message)
        for field_ in self.view.fields.values():
            if item.kind == "ALL" or field_.custom == (item.kind == "CUSTOM"):
                self._add(root, Selected(Path((field_.name,), item.at)))

    def _add_children(self, root: Node, query: Query) -> None:
        relation = query.source.parts[-1]
        key, child, link = self._child(relation, query)
        inner = _Compilation(replace(query, limit=None), child, self.setting)
        column = inner.scope.column(Path((link.name,), query.source.at))
        compiled = inner.compile()
        if compiled.is_count or compiled.is_aggregate or query.offset:
            raise problems.syntax(query.text, query.source.at, "aggregates and OFFSET are not allowed in a sub-select")
        with_link = replace(compiled, columns=(*compiled.columns, column.sql))
        self.children.append(ChildSelect(key, with_link, column, query.limit))
        place = len(self.children) - 1
        index = self.columns.index('t."Id"')
        # The children are read in one go for all rows of a page; here only their place is kept.
        root.members[key] = lambda cells: (place, cells[index])

    def _child(self, relation: str, query: Query) -> tuple[str, View, Field]:
        for name, (child_name, link) in CHILDREN.get(self.view.name, {}).items():
            child = self.setting.view_of(child_name)
            found = child.find(link) if child else None
            if name.lower() == relation.lower() and child and found:
                return name, child, found
        raise problems.no_relation(self.query.text, query.source.at, relation, "FROM part of query call")

    def _aggregate(self) -> Read:
        members: dict[str, Cell] = {}
        for item in self.query.select:
            if not isinstance(item, Selected):
                raise problems.syntax(self.query.text, 0, "Grouped query cannot use child relationships or FIELDS()")
            column = self._grouped(item.what)
            default = item.what.parts[-1] if isinstance(item.what, Path) else f"expr{self._expressions(members)}"
            members[item.alias or default] = self.columns.read(column)
            self.selected.append(Picked(item.what, column, item.alias or default))
        return aggregate(members)

    def _expressions(self, members: dict[str, Cell]) -> int:
        return sum(name.startswith("expr") for name in members)

    def _grouped(self, what: Path | Call) -> Column:
        """A column of an aggregate query: a grouped field or an aggregate. Raises MALFORMED_QUERY for another field."""
        if isinstance(what, Call) and what.function in AGGREGATES:
            return self._aggregated(what)
        column = self.scope.operand(what)
        if not column.field.filterable:
            message = f"field '{column.field.name}' can not be grouped in a query call"
            raise problems.at("INVALID_FIELD", self.query.text, what.at, message)
        if isinstance(what, Path) and str(what).lower() not in {str(path).lower() for path in self.query.group}:
            raise problems.syntax(self.query.text, what.at, f"Field must be grouped or aggregated: {what}")
        return column

    def _aggregated(self, call: Call) -> Column:
        if call.argument is None:
            raise problems.syntax(self.query.text, call.at, "unexpected token: 'COUNT'")
        inner = self.scope.column(call.argument)
        numeric = inner.field.type in NUMBERS
        if not inner.field.filterable or (call.function in ("SUM", "AVG") and not numeric):
            message = f"field {inner.field.name} does not support aggregate operator {call.function}"
            raise problems.syntax(self.query.text, call.at, message)
        if call.function in ("COUNT", "COUNT_DISTINCT"):
            distinct = "DISTINCT " if call.function == "COUNT_DISTINCT" else ""
            return Column(f"COUNT({distinct}{inner.sql})", Field("count", "count", "int"))
        return Column(f"{call.function}({inner.sql})", inner.field)

    def _order(self, without_default: bool) -> str:
        parts = [self._ordered(order, without_default) for order in self.query.order]
        if not parts and without_default:
            return ""
        return " ORDER BY " + ", ".join([*parts, *([] if without_default else ["t._row"])])

    def _ordered(self, order: Order, grouped: bool) -> str:
        column = self._grouped(order.by) if grouped else self.scope.operand(order.by)
        if not column.field.filterable:
            message = f"field '{column.field.name}' can not be sorted in a query call"
            raise problems.at("INVALID_FIELD", self.query.text, order.by.at, message)
        first = order.nulls_last is not True
        # Empty values come first unless told otherwise; SQLite has them last when descending.
        told = (
            "" if first != order.descending or not column.field.nillable else f" NULLS {'FIRST' if first else 'LAST'}"
        )
        return f"{column.sql}{' DESC' if order.descending else ''}{told}"

    def _sub_select(self, query: Query) -> Sql:
        """The SQL of a semi-join's query: one column, never null."""
        compiled = compile_query(query, self.setting)
        plain = len(query.select) == len(compiled.selected) == 1 and not compiled.is_aggregate
        if not plain or compiled.selected[0].field.type not in ("id", "reference"):
            message = "The inner select of a semi-join must have exactly one id or reference field"
            raise problems.syntax(query.text, query.source.at, message)
        sql = compiled.select(f"{compiled.columns[-1]} AS found")
        return Sql(f"SELECT found FROM ({sql.text}) WHERE found IS NOT NULL", sql.values)


def _is_bare_count(item: Selected | AllFields | Children) -> bool:
    """Whether this is `COUNT()`."""
    if not isinstance(item, Selected) or not isinstance(item.what, Call):
        return False
    return item.what.function == "COUNT" and item.what.argument is None
