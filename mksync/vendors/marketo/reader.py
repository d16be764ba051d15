"""Reading the records of one object by id or by another field, in Marketo's batches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from mksync.core.columns import Records, by_field
from mksync.core.records import FieldType, Gone, Record, Schema
from mksync.errors import MksyncError
from mksync.vendors.marketo.client import BATCH
from mksync.vendors.marketo.codec import PERSON, column_reader
from mksync.vendors.marketo.errors import RequestRefused

Read = Callable[[str, Sequence[str], Sequence[str]], Iterator[Mapping[str, Any]]]


class Reader:
    """`schema` tells the fields that can be read; a field that is not among them is not asked for.

    `read` asks Marketo for the records whose field is one of at most 300 values, for some fields.
    """

    def __init__(self, schema: Callable[[], Schema], read: Read) -> None:
        self._schema = schema
        self._read = read

    def fetch(self, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Record | Gone]:
        """What these records hold now; every id is answered for, in order."""
        schema = self._schema()
        for batch in _batches(ids):
            found = {record.id: record for record in self._records(schema.id, batch, fields)}
            yield from (found.get(id) or Gone(schema.object, id, "deleted") for id in batch)

    def find(self, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        """The records whose field is one of the values, each once. Raises MksyncError if over 1,000 share one value.

        A value with a comma finds nothing: the filter's values are separated by commas and cannot be escaped.
        """
        seen: set[str] = set()
        for batch in _batches(self._spelled(field, values)):
            for record in self._found(field, batch, fields):
                if record.id not in seen:
                    seen.add(record.id)
                    yield record

    def _spelled(self, field: str, values: Sequence[str]) -> list[str]:
        # Whether a filter minds the case of e-mail addresses is not documented; most are stored in lower case.
        plain = [value for value in values if value and "," not in value]
        known = self._schema().fields.get(field)
        lower = [value.lower() for value in plain] if known is not None and known.type is FieldType.EMAIL else []
        return list(dict.fromkeys([*plain, *lower]))

    def _found(self, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        # More than 1,000 leads for one filter are refused (Marketo developer guide, Leads, "Query").
        try:
            found = list(self._records(field, values, fields))
        except RequestRefused as error:
            if error.code != "1003" or "too many" not in error.said.lower():
                raise
            yield from self._halves(field, values, fields)
        else:
            yield from found

    def _halves(self, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        if len(values) == 1:
            raise MksyncError(
                f"more than 1,000 {self._many()} have the {field} {values[0]!r}; Marketo cannot list them",
                hint=f"merge these {self._many()} in Marketo, or do not match by {field}",
            )
        middle = len(values) // 2
        yield from self._found(field, values[:middle], fields)
        yield from self._found(field, values[middle:], fields)

    def _records(self, filter: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        schema = self._schema()
        wanted = set(fields)
        readers = {name: column_reader(field.type) for name, field in schema.fields.items() if name in wanted}
        rows = list(self._read(filter, values, list(dict.fromkeys([schema.id, *readers]))))
        # An empty field may be null or missing (Marketo developer guide, Leads and Companies, "Query"): both are empty.
        held = by_field(readers, [[*map(row.get, readers)] for row in rows])
        ids = [str(row[schema.id]).strip() for row in rows]
        yield from Records(schema.object, ids, [None] * len(rows), held)

    def _many(self) -> str:
        object = self._schema().object
        return "people" if object == PERSON else f"records of {object}"


def _batches(values: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch
