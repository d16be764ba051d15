"""Canonical values of one field, for many records at once.

A first read brings the same few fields of very many records. What is canonical already, which is nearly everything, is
told by looking at a column as a whole, and what many records share is read once. From there to the mirror they stay
columns (`Records`).
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby, repeat
from typing import overload

from mksync.core.frozen import dataclass
from mksync.core.records import FieldType, Record, Value
from mksync.core.values import SPACE, TEXTS, reader

Column = Sequence[object]
ColumnReader = Callable[[Column], Sequence[Value]]

_COMPARABLE = frozenset({str, int, Decimal, bool})
_BETWEEN = "\0"  # composes with nothing, and is no space: what joined texts are free of, so is each


@dataclass(frozen=True, slots=True)
class Records(Sequence[Record]):
    """Records of one object, each made only when it is looked at: that takes longer than to read one.

    `values`: by field, in the order of the ids. No Record of it has a field that is not there.
    """

    object: str
    ids: Sequence[str]
    versions: Sequence[str | None]
    values: Mapping[str, Sequence[Value]]

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> Record: ...

    @overload
    def __getitem__(self, at: slice) -> "Records": ...

    def __getitem__(self, at: int | slice) -> "Record | Records":
        if isinstance(at, slice):
            some = {name: column[at] for name, column in self.values.items()}
            return Records(self.object, self.ids[at], self.versions[at], some)
        values = {name: column[at] for name, column in self.values.items()}
        return Record(self.object, self.ids[at], values, self.versions[at])

    def __iter__(self) -> Iterator[Record]:
        rows = zip(*self.values.values(), strict=True) if self.values else repeat(())
        for id, version, row in zip(self.ids, self.versions, rows, strict=False):  # `repeat` has no end
            yield Record(self.object, id, dict(zip(self.values, row, strict=True)), version)


def in_columns(records: Iterable[Record], names: Iterable[str]) -> Records:
    """Records of one object with these fields at least; one that a record does not have is empty."""
    if isinstance(records, Records):
        missing = {name: [None] * len(records) for name in names if name not in records.values}
        return replace(records, values={**records.values, **missing}) if missing else records
    found = list(records)
    object = found[0].object if found else ""
    values = {name: [record.values.get(name) for record in found] for name in names}
    return Records(object, [record.id for record in found], [record.version for record in found], values)


def by_object(records: Sequence[Record]) -> Iterator[tuple[str, Sequence[Record]]]:
    """Runs of records of one object."""
    if isinstance(records, Records):
        yield records.object, records
        return
    for object, found in groupby(records, key=lambda record: record.object):
        yield object, list(found)


def column_reader(type: FieldType, scale: int | None = None) -> ColumnReader:
    """`values.reader` for many raw values: the same results, in the same order. Raises ValueError as that does."""
    read = reader(type, scale)
    return (lambda column: _texts(read, column)) if type in TEXTS else each(read)


def each(read: Callable[[object], Value]) -> ColumnReader:
    """Any reader of single values, called once for each that occurs."""
    return lambda column: _each(read, column)


def by_field(readers: Mapping[str, ColumnReader], rows: Sequence[Sequence[object]]) -> dict[str, Sequence[Value]]:
    """The columns of these rows, whose raw values are in the order of the readers. Raises ValueError as they do."""
    if not rows:
        return dict.fromkeys(readers, ())
    return {name: read(column) for (name, read), column in zip(readers.items(), zip(*rows, strict=True), strict=True)}


def _texts(read: Callable[[object], Value], column: Column) -> Sequence[Value]:
    try:
        held = _joined(column)
        held.isascii() or held.encode()  # a lone surrogate raises
    except (TypeError, UnicodeEncodeError):
        return _each(read, column)
    if "\r" in held or not unicodedata.is_normalized("NFC", held):
        return _each(read, column)
    held = f"{_BETWEEN}{held}{_BETWEEN}"
    if any(space in held and (f"{_BETWEEN}{space}" in held or f"{space}{_BETWEEN}" in held) for space in SPACE):
        return [raw.strip(SPACE) or None if raw else None for raw in column]  # type: ignore[attr-defined]
    if _BETWEEN * 2 in held:
        return [raw or None for raw in column]  # type: ignore[misc] # nothing but text was joined
    return column  # type: ignore[return-value]


def _joined(column: Column) -> str:
    """Raises TypeError for what is neither text nor None."""
    try:
        return _BETWEEN.join(column)  # type: ignore[arg-type]
    except TypeError:
        return _BETWEEN.join([raw for raw in column if raw is not None])  # type: ignore[misc]


def _each(read: Callable[[object], Value], column: Column) -> Sequence[Value]:
    kinds = set(map(type, column)) - {type(None)}
    if len(kinds) > 1 or not kinds <= _COMPARABLE:
        return list(map(read, column))  # True and 1 would be taken for one another
    known = {raw: read(raw) for raw in set(column)}
    return list(map(known.__getitem__, column))
