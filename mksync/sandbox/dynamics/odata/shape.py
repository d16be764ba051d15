"""Rows of SQL to the JSON objects of an answer."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mksync.sandbox.dynamics.tables import Column, Kind

Cells = Sequence[Any]
Record = dict[str, Any]
Convert = Callable[[Any], Any]
# Amounts have four decimals on the wire (`1200.5000`), which no Python number prints. They travel as texts behind this
# mark, which `dumps` takes away together with the quotes.
_MARK = "\x00amount "
_MARKED = re.compile(r'"\\u0000amount (-?\d+\.\d{4})"')


@dataclass(frozen=True, slots=True)
class Member:
    """One key of every object. `optional`: left out where the cell is empty, as annotations are."""

    key: str
    convert: Convert | None = None
    optional: bool = False


@dataclass
class Members:
    """The keys of an object in order, and the SQL expressions their values come from."""

    expressions: list[str] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)

    def add(self, key: str, sql: str, convert: Convert | None = None, *, optional: bool = False) -> None:
        self.members.append(Member(key, convert, optional))
        self.expressions.append(sql)

    def cell(self, sql: str) -> int:
        """The place of a value that is read but not shown. To be asked for when all members have been added."""
        self.expressions.append(sql)
        return len(self.expressions) - 1

    def records(self, rows: Sequence[Cells]) -> list[Record]:
        # Column by column, a page of five thousand rows takes half the time. Members stand first among the cells.
        keys = [member.key for member in self.members]
        records: list[Record] = [dict(zip(keys, row, strict=False)) for row in rows]
        for member in self.members:
            if member.convert is not None:
                _convert(records, member.key, member.convert)
            if member.optional:
                _leave_out(records, member.key)
        return records


def _convert(records: Sequence[Record], key: str, convert: Convert) -> None:
    for record in records:
        value = record[key]
        if value is not None:
            record[key] = convert(value)


def _leave_out(records: Sequence[Record], key: str) -> None:
    for record in records:
        if record[key] is None:
            del record[key]


def converter(column: Column) -> Convert | None:
    """What makes JSON of a stored value, where the two differ."""
    if column.kind == Kind.BOOLEAN:
        return bool
    if column.kind == Kind.MONEY:
        return lambda value: f"{_MARK}{value:.4f}"
    return None


def dumps(body: object) -> str:
    """An answer as JSON text, amounts with their four decimals."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return _MARKED.sub(r"\1", text) if '"\\u0000' in text else text
