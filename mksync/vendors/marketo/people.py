"""Reading people by id or by another field, in Marketo's batches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from mksync.core.records import FieldType, Gone, Record
from mksync.errors import MksyncError
from mksync.vendors.marketo.client import BATCH, Client
from mksync.vendors.marketo.codec import PERSON, from_wire
from mksync.vendors.marketo.errors import RequestRefused

Types = Mapping[str, FieldType]


class People:
    """`types` tells the types of the fields that can be read; a field that is not among them is not asked for."""

    def __init__(self, client: Client, types: Callable[[], Types]) -> None:
        self._client = client
        self._types = types

    def fetch(self, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Record | Gone]:
        """What these people hold now; every id is answered for, in order."""
        for batch in _batches(ids):
            found = {record.id: record for record in self._read("id", batch, fields)}
            yield from (found.get(id) or Gone(PERSON, id, "deleted") for id in batch)

    def find(self, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        """The people whose field is one of the values, each once. Raises MksyncError if over 1,000 share one value.

        A value with a comma finds nobody: the filter's values are separated by commas and cannot be escaped.
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
        lower = [value.lower() for value in plain] if self._types().get(field) is FieldType.EMAIL else []
        return list(dict.fromkeys([*plain, *lower]))

    def _found(self, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        # More than 1,000 leads for one filter are refused (Marketo developer guide, Leads, "Query").
        try:
            found = list(self._read(field, values, fields))
        except RequestRefused as error:
            if error.code != "1003" or "too many" not in error.said.lower():
                raise
            yield from self._halves(field, values, fields)
        else:
            yield from found

    def _halves(self, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        if len(values) == 1:
            raise MksyncError(
                f"more than 1,000 people have the {field} {values[0]!r}; Marketo cannot list them",
                hint=f"merge these people in Marketo, or do not match by {field}",
            )
        middle = len(values) // 2
        yield from self._found(field, values[:middle], fields)
        yield from self._found(field, values[middle:], fields)

    def _read(self, filter: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        types = {name: type for name, type in self._types().items() if name in set(fields)}
        asked = list(dict.fromkeys(["id", *types]))
        for lead in self._client.leads(filter, values, asked):
            yield _record(lead, types)


def _record(lead: Mapping[str, Any], types: Types) -> Record:
    # An empty field may be null or missing (Marketo developer guide, Leads): both are empty.
    values = {name: from_wire(type, lead.get(name)) for name, type in types.items()}
    return Record(PERSON, str(lead["id"]), values)


def _batches(values: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch
