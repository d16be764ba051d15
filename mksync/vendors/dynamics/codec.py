"""Dataverse's JSON and canonical values, both ways. Pure: option sets are handed in.

Source: Power Apps developer documentation, "Web API types and operations" (primitive types), "Column definitions".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from mksync.core import values
from mksync.core.columns import Column, ColumnReader, Records, by_field, column_reader, each
from mksync.core.frozen import dataclass
from mksync.core.records import Field, FieldType, Value
from mksync.core.values import TEXTS, canonical
from mksync.vendors.dynamics.choices import SEPARATOR, OptionSet
from mksync.vendors.dynamics.ids import guid, id_of
from mksync.vendors.dynamics.kinds import FLOATING_DATE, LOCAL_DATE, column, kind

_NOON = timedelta(hours=12)


class Names(Protocol):
    """Option sets, by field."""

    def of(self, field: Field) -> OptionSet: ...

    def name(self, field: Field, number: int) -> str: ...


class NoSuchChoice(ValueError):  # noqa: N818 - what a value is
    """A text that is none of a column's options."""

    def __init__(self, field: Field, text: str, options: OptionSet) -> None:
        super().__init__(f"{text!r} is not one of the choices of {field.label}")
        self.field = field
        self.options = tuple(options.names.values())


def decode(field: Field, wire: object, choices: Names) -> Value:
    """A canonical value of what Dataverse sent. Raises `ValueError` if it is nothing a column of this kind holds.

    A Boolean that was never set stays None: a filter tells it from false, though it compares as the same.
    """
    return reader(field, choices)(wire)


def reader(field: Field, choices: Names) -> Callable[[object], Value]:
    """`decode` for one column, made once for many rows."""
    special = _special(field)
    plain = values.reader(field.type, field.scale)

    def read(wire: object) -> Value:
        if wire is None:
            return None
        try:
            return special(field, wire, choices) if special else plain(wire)
        except ValueError as error:
            # The value itself is personal data and stays out of messages.
            raise ValueError(f"Dynamics sent something in {field.name} that is no {field.vendor_type}") from error

    return read


def encode(field: Field, value: Value, choices: Names) -> bool | int | str | Decimal | None:
    """What to send for a canonical value; None clears the column (a Boolean is set to false). Not for lookups.

    Raises `NoSuchChoice` for a text that is none of the column's options.
    """
    if field.type is FieldType.BOOLEAN:
        return bool(value)
    if value is None or value == "":
        return None
    if field.type is FieldType.PICKLIST:
        return _number(field, str(value), choices)
    if field.type is FieldType.MULTIPICKLIST:
        numbers = {_number(field, one, choices) for one in str(value).split(SEPARATOR)}
        return ",".join(map(str, sorted(numbers)))
    if field.type is FieldType.DECIMAL:
        return Decimal(str(canonical(field.type, value, field.scale)))
    if kind(field) == FLOATING_DATE:
        return f"{value}T00:00:00Z"
    return value


@dataclass(frozen=True, slots=True)
class Readers:
    """By field: the column that it is read from, and how."""

    columns: Sequence[str]
    by_field: Mapping[str, ColumnReader]


def readers(fields: Mapping[str, Field], choices: Names) -> Readers:
    columns = [column(field) for field in fields.values()]
    return Readers(columns, {name: _column_reader(field, choices) for name, field in fields.items()})


def _column_reader(field: Field, choices: Names) -> ColumnReader:
    single = each(reader(field, choices))
    if field.type not in TEXTS or _special(field):
        return single
    whole = column_reader(field.type)

    def read(wire: Column) -> Sequence[Value]:
        try:
            return whole(wire)
        except ValueError:
            return single(wire)  # names the field

    return read


def records(object: str, key: str, rows: Sequence[Mapping[str, Any]], readers: Readers) -> Records:
    """Records of ours from rows. Their version is the ETag that a guarded write names."""
    values = by_field(readers.by_field, [[*map(row.get, readers.columns)] for row in rows])
    return Records(object, [id_of(row[key]) for row in rows], [row.get("@odata.etag") for row in rows], values)


def _number(field: Field, text: str, choices: Names) -> int:
    options = choices.of(field)
    number = options.number(text)
    if number is None:
        raise NoSuchChoice(field, text, options)
    return number


def _picklist(field: Field, wire: object, choices: Names) -> Value:
    return canonical(FieldType.PICKLIST, choices.name(field, int(str(wire))))


def _multiselect(field: Field, wire: object, choices: Names) -> Value:
    names = (choices.name(field, int(number)) for number in str(wire).split(",") if number.strip())
    return canonical(FieldType.MULTIPICKLIST, SEPARATOR.join(names))


def _reference(field: Field, wire: object, choices: Names) -> Value:  # noqa: ARG001 - one of several readers
    text = str(wire)
    return guid(text) or canonical(FieldType.REFERENCE, text)


def _local_date(field: Field, wire: object, choices: Names) -> Value:  # noqa: ARG001
    """The day whose midnight, somewhere, is nearest."""
    instant = canonical(FieldType.DATETIME, wire)
    return None if instant is None else (datetime.fromisoformat(str(instant)) + _NOON).date().isoformat()


def _special(field: Field) -> "Reader | None":
    return _READERS.get(kind(field)) or _BY_TYPE.get(field.type)


Reader = Callable[[Field, object, Names], Value]
_READERS: Mapping[str, Reader] = {LOCAL_DATE: _local_date}
_BY_TYPE: Mapping[FieldType, Reader] = {
    FieldType.PICKLIST: _picklist,
    FieldType.MULTIPICKLIST: _multiselect,
    FieldType.REFERENCE: _reference,
}
