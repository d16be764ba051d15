"""Fields that no side has as such: the first of several that is set counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mksync.core.records import Field, Record, Value


def joined(fields: Sequence[Field], records: Iterable[Record]) -> Iterable[Record]:
    """Records as they were read, with such fields of theirs."""
    joint = [field for field in fields if field.first_of]
    return _joined(joint, records) if joint else records


def _joined(joint: Sequence[Field], records: Iterable[Record]) -> Iterator[Record]:
    for record in records:
        values = {field.name: _first(field, record) for field in joint}
        yield replace(record, values={**record.values, **values})


def _first(field: Field, record: Record) -> Value:
    return next((value for name in field.first_of if (value := record.values.get(name)) is not None), None)
