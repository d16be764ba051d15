"""Reading rows by id, and saying of every id what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from operator import itemgetter
from typing import TypeVar

import mksync.vendors.salesforce.codec as codec
import mksync.vendors.salesforce.names as names
import mksync.vendors.salesforce.objects as objects
import mksync.vendors.salesforce.soql as soql
from mksync.core.records import Field, Gone, Record
from mksync.core.survivors import survivors_named
from mksync.errors import Temporary
from mksync.vendors.salesforce.client import READ_IDS, Client, Row
from mksync.vendors.salesforce.codec import Columns

T = TypeVar("T")


def slices(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`itertools.batched` of Python 3.12."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def judged(object: str, rows: Sequence[Row], fields: Mapping[str, Field]) -> list[Record | Gone]:
    """One answer a row: the record, or why it is not to be written."""
    ends = [objects.gone(object, row) for row in rows]
    living = [row for row, end in zip(rows, ends, strict=True) if end is None]
    records = iter(codec.records(object, living, fields))
    return [end or next(records) for end in ends]


def columns_of(object: str, rows: Sequence[Row], fields: Mapping[str, Field]) -> Columns | None:
    """Rows as columns; None if any of them is not whole."""
    names = objects.columns(object, fields)
    try:
        return dict(zip(names, zip(*map(itemgetter(*names), rows), strict=True), strict=False))  # no rows, no columns
    except KeyError:
        return None


def in_columns(object: str, columns: Columns, fields: Mapping[str, Field]) -> tuple[Sequence[Record], list[Gone]]:
    """The records of whole rows, and those that are not to be written any more."""
    ended = objects.ended(columns)
    if not ended:
        return codec.in_columns(object, columns, fields), []
    gone = [objects.gone(object, row) for row in rows_of(_picked(columns, ended))]
    living = _picked(columns, [not end for end in ended])
    return codec.in_columns(object, living, fields), [one for one in gone if one]


def rows_of(columns: Columns) -> list[Row]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _picked(columns: Columns, wanted: Sequence[bool]) -> Columns:
    return {name: list(compress(column, wanted)) for name, column in columns.items()}


def read(client: Client, object: str, ids: Sequence[str], fields: Mapping[str, Field]) -> Iterator[Record | Gone]:
    """What these records hold now, as many calls as that takes; an id that is not there is explained."""
    for some in slices([codec.widen(id) for id in ids], READ_IDS):
        rows = client.read(names.sobject(object), some, objects.columns(object, fields))
        found = {one.id: one for one in judged(object, [row for row in rows if row is not None], fields)}
        yield from found.values()
        yield from _absent(client, object, [id for id in some if id not in found])


def _absent(client: Client, object: str, ids: Sequence[str]) -> list[Gone]:
    gone = survivors_named(explained(client, object, ids))
    if len(gone) < len(set(ids)):
        raise Temporary(f"a {object} came back while it was read", hint="Run again.")
    return gone


def explained(client: Client, object: str, ids: Sequence[str]) -> list[Gone]:
    """Why these records are not there: merged, converted or deleted. One that is there after all is left out.

    What not even queryAll shows was deleted for good, or hidden from the sync user.
    """
    known: dict[str, Row] = {}
    askable = [soql.literal(id) for id in ids if codec.is_id(id)]
    for query in soql.chunks(askable, lambda some: _by_id(object, some)):
        known |= {codec.widen(row["Id"]): row for row in client.rows(query, deleted_too=True)}
    why = (objects.gone(object, known[id]) if id in known else Gone(object, id, "deleted") for id in dict.fromkeys(ids))
    return [one for one in why if one]


def _by_id(object: str, literals: Sequence[str]) -> soql.Query:
    return soql.Query(names.sobject(object), objects.keys(object), (soql.one_of("Id", literals),))
