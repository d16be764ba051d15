"""Records as they are staged: how they are handed to SQLite, and the statement that compares and marks them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from mksync.core.columns import Records
from mksync.core.records import Field, FieldType, Value
from mksync.mirror.schema import affinity, quoted

MANY = 100  # records


def staging(
    table: str, fields: Sequence[Field], records: Records, seen: int
) -> tuple[str, Iterator[tuple[Value, ...]]]:
    """The statement that stages a record in this table, and the rows to give it. `seen`: the full read they are of."""
    bound = [
        ("?", records.ids),
        _texts(records.versions),
        ("?", repeat(seen)),
        *(_bound(one, records) for one in fields),
    ]
    rows = zip(*(column for _, column in bound if column is not None), strict=False)  # `repeat` has no end
    return _statement(table, fields, [mark for mark, _ in bound]), rows


def _bound(field: Field, records: Records) -> tuple[str, Iterable[Value] | None]:
    """How a column is handed to SQLite: what stands for it in the statement, and its values.

    Python takes a third of a microsecond for a None or a bool, as it looks for somebody who adapts it, which is more
    than it takes for two texts.
    """
    column = records.values[field.name]
    if field.type is FieldType.BOOLEAN:
        return "?", [None if flag is None else int(flag) for flag in column]
    return _texts(column) if affinity(field.type) is str else ("?", column)


def _texts(column: Sequence[Value]) -> tuple[str, Iterable[Value] | None]:
    """The same of texts, none of which is the empty one. A statement of its own pays for many of them only."""
    if len(column) < MANY or all(column):
        return "?", column
    return ("nullif(?, '')", [text or "" for text in column]) if any(column) else ("NULL", None)


def _statement(table: str, fields: Sequence[Field], marks: Sequence[str]) -> str:
    """Insert, or overwrite and mark what moved: one statement stages, compares and marks. `marks`: for the values."""
    names = [quoted(field.name) for field in fields]
    columns = ", ".join(["_id", "_version", "_seen", *names])
    moved = " OR ".join(["_gone IS NOT NULL", *(_moved(field) for field in fields)])
    taken = "".join(f", {name} = excluded.{name}" for name in names)
    return (
        f"INSERT INTO {quoted(table)} ({columns}) VALUES ({', '.join(marks)}) ON CONFLICT(_id) DO UPDATE SET"
        f" _dirty = _dirty OR {moved}, _version = excluded._version, _seen = excluded._seen,"
        f" _gone = NULL, _into = NULL{taken}"
    )


def _moved(field: Field) -> str:
    name = quoted(field.name)
    case = " COLLATE NOCASE" if field.type is FieldType.EMAIL else ""
    return f"{name}{case} IS NOT excluded.{name}"
