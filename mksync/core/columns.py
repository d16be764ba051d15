"""Canonical values of one field, for many records at once.

A first read brings the same few fields of very many records. What is canonical already, which is nearly everything, is
told by looking at a column as a whole, and what many records share is read once.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from mksync.core.records import FieldType, Value
from mksync.core.values import SPACE, TEXTS, reader

Column = Sequence[object]
ColumnReader = Callable[[Column], Sequence[Value]]

_LINES = TEXTS - {FieldType.TEXTAREA}
_COMPARABLE = frozenset({str, int, Decimal, bool})


def column_reader(type: FieldType, scale: int | None = None) -> ColumnReader:
    """`values.reader` for many raw values: the same results, in the same order. Raises ValueError as that does."""
    read = reader(type, scale)
    return (lambda column: _texts(read, column)) if type in _LINES else each(read)


def each(read: Callable[[object], Value]) -> ColumnReader:
    """Any reader of single values, called once for each that occurs."""
    return lambda column: _each(read, column)


def by_record(readers: Mapping[str, ColumnReader], rows: Sequence[Sequence[object]]) -> list[dict[str, Value]]:
    """The values of every record, of its raw values in the order of the readers. Raises ValueError as they do."""
    if not readers or not rows:
        return [{} for _ in rows]
    names = tuple(readers)
    read = [reader(column) for reader, column in zip(readers.values(), zip(*rows, strict=True), strict=True)]
    return [dict(zip(names, held, strict=True)) for held in zip(*read, strict=True)]


def _texts(read: Callable[[object], Value], column: Column) -> Sequence[Value]:
    try:
        held = "\n".join([raw for raw in column if raw is not None])  # type: ignore[misc] # what is no text raises
        held.isascii() or held.encode()  # a lone surrogate raises
    except (TypeError, UnicodeEncodeError):
        return _each(read, column)
    # Nothing composes with a line break: all of it is in NFC if each is.
    if not unicodedata.is_normalized("NFC", held):
        return _each(read, column)
    return [raw.strip(SPACE) or None if raw else None for raw in column]  # type: ignore[attr-defined]


def _each(read: Callable[[object], Value], column: Column) -> Sequence[Value]:
    kinds = set(map(type, column)) - {type(None)}
    if len(kinds) > 1 or not kinds <= _COMPARABLE:
        return list(map(read, column))  # True and 1 would be taken for one another
    known = {raw: read(raw) for raw in set(column)}
    return list(map(known.__getitem__, column))
