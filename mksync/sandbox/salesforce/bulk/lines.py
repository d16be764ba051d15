"""A compiled statement as lines of CSV: SQLite itself writes every line, so a million of them take seconds.

Everything is quoted, nothing is an empty value, instants end in Z.
Source: Bulk API 2.0 and Bulk API Developer Guide, "Get Results for a Query Job".
"""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

from collections.abc import Sequence
from dataclasses import replace

from mksync.sandbox.salesforce.errors import deny
from mksync.sandbox.salesforce.fields import Field
from mksync.sandbox.salesforce.soql.compiler import Compiled, Picked

# Entities of set-up and picklists that only the synchronous calls read.
UNSUPPORTED = frozenset({"LeadStatus"})
_MOST_ARGUMENTS = 100  # SQLite takes 127 arguments of one function


def check(compiled: Compiled) -> None:
    """Raises ApiError for a statement that a query job can not run."""
    if compiled.view.name in UNSUPPORTED:
        raise deny("INVALIDENTITY", f"Entity '{compiled.view.name}' is not supported by the Bulk API.")
    if compiled.is_count or compiled.is_aggregate:
        raise deny("API_ERROR", "Aggregate Relationships not supported in Bulk Query")
    if compiled.query.offset:
        raise deny("API_ERROR", "OFFSET not supported in Bulk Query")
    if compiled.children:
        raise deny("API_ERROR", "Parent to child subqueries not supported in Bulk Query")
    if any(picked.field.type == "address" for picked in compiled.selected):
        raise deny("API_ERROR", "Selecting compound data not supported in Bulk Query")


def header(compiled: Compiled, delimiter: str) -> str:
    return delimiter.join(f'"{picked.name}"' for picked in compiled.selected)


def of_lines(compiled: Compiled, delimiter: str, *, zulu: bool, shuffled: bool) -> tuple[str, Sequence[object]]:
    """SQL that yields each row as one line without its end, and the values it binds."""
    cells = [_cell(picked, zulu=zulu) for picked in compiled.selected]
    starts = range(0, len(cells), _MOST_ARGUMENTS)
    parts = [_line(cells[start : start + _MOST_ARGUMENTS], delimiter) for start in starts]
    line = f" || '{delimiter}' || ".join(parts)
    if shuffled and not compiled.query.order:
        compiled = replace(compiled, order=" ORDER BY (t._row * 7919) % 10007, t._row")
    sql = compiled.select(line)
    return sql.text, sql.values


def _line(cells: Sequence[str], delimiter: str) -> str:
    # %w doubles the quotation marks within a value.
    form = delimiter.join('"%w"' for _ in cells)
    return f"printf('{form}', {', '.join(cells)})"


def _cell(picked: Picked, *, zulu: bool) -> str:
    type, sql = picked.field.type, picked.column.sql
    if type == "boolean":
        return f"CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE '' END"
    if type == "datetime" and zulu:
        return f"replace(ifnull({sql}, ''), '+0000', 'Z')"
    if _is_fraction(picked.field):
        return f"ifnull(sf_number({sql}), '')"
    return f"ifnull({sql}, '')"


def _is_fraction(field: Field) -> bool:
    return field.type in ("double", "currency", "percent")
