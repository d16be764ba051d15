"""`$apply`: sums and counts over all rows or over groups of them.

Source: "Aggregate data using OData".
"""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

from mksync.sandbox.dynamics.odata import problems
from mksync.sandbox.dynamics.odata.literals import group
from mksync.sandbox.dynamics.odata.predicates import Predicates, joined
from mksync.sandbox.dynamics.odata.reader import Reader
from mksync.sandbox.dynamics.odata.scope import Scope, Sql
from mksync.sandbox.dynamics.odata.shape import Members, Record, converter
from mksync.sandbox.dynamics.odata.tree import Aggregate, Apply
from mksync.sandbox.dynamics.rows import name_of
from mksync.sandbox.dynamics.tables import Table

_LARGEST = 50_000
_SQL = {
    "sum": "SUM({})",
    "min": "MIN({})",
    "max": "MAX({})",
    "average": "AVG({})",
    "count": "COUNT({})",
    "countdistinct": "COUNT(DISTINCT {})",
}


def aggregated(read: Reader, table: Table, apply: Apply, restricted: Sql | None) -> list[Record]:
    """The groups, each an object. Raises ODataError for a sum of what is no number, and above 50,000 rows."""
    scope = Scope(read.setting, table)
    tests = [Sql(*read.setting.org.access.visible(read.setting.user, table, "t"))]
    tests += [restricted] if restricted else []
    tests += [Predicates(scope).sql(apply.filter)] if apply.filter else []
    members = Members()
    groups: list[str] = []
    for path in apply.group:
        value = scope.value(path)
        members.add("_".join(path.parts), value.sql, converter(value.column))
        groups.append(value.sql)
    for one in apply.aggregates:
        _aggregate(scope, members, one)
    where = joined("AND", tests)
    source = f"{name_of(table.name)} t{''.join(scope.joins)}"
    _check_size(read, source, where)
    tail = f" GROUP BY {', '.join(groups)}" if groups else ""
    columns = ", ".join(members.expressions) or "1"
    return members.records(read.run(Sql(f"SELECT {columns} FROM {source} WHERE {where.text}{tail}", where.values)))


def _aggregate(scope: Scope, members: Members, one: Aggregate) -> None:
    if one.path is None:
        members.add(one.alias, "COUNT(*)")
        return
    value = scope.value(one.path)
    if one.method in ("sum", "average") and group(value.column) != "number":
        raise problems.bad(f"The property '{one.path}' cannot be used with the aggregation method '{one.method}'.")
    counts = one.method in ("count", "countdistinct", "average")
    members.add(one.alias, _SQL[one.method].format(value.sql), None if counts else converter(value.column))


def _check_size(read: Reader, source: str, where: Sql) -> None:
    counted = Sql(
        f"SELECT COUNT(*) FROM (SELECT 1 FROM {source} WHERE {where.text} LIMIT {_LARGEST + 1})", where.values
    )
    if read.run(counted)[0][0] > _LARGEST:
        raise problems.too_many_to_aggregate()
