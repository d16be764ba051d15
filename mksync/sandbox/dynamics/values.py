"""Values on their way in: JSON to what a column stores, with the refusals of Dataverse.

Source: Microsoft Learn, "Web API properties", "Behavior and format of the date and time column".
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mksync.sandbox.dynamics import ids
from mksync.sandbox.dynamics.errors import ODataError, bad_payload, bad_request, invalid
from mksync.sandbox.dynamics.rows import Stored
from mksync.sandbox.dynamics.tables import Column, Kind, Table

Json = Any
_MOST_CHOICES = 150
_EARLIEST = "1753-01-01"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EDM: Mapping[Kind, str] = {
    Kind.STRING: "Edm.String",
    Kind.MEMO: "Edm.String",
    Kind.MULTI: "Edm.String",
    Kind.BOOLEAN: "Edm.Boolean",
    Kind.DECIMAL: "Edm.Decimal",
    Kind.MONEY: "Edm.Decimal",
    Kind.DOUBLE: "Edm.Double",
    Kind.BIG_INT: "Edm.Int64",
    Kind.DATE_TIME: "Edm.DateTimeOffset",
    Kind.UNIQUEIDENTIFIER: "Edm.Guid",
}


def take(table: Table, column: Column, value: Json, quirks: frozenset[str]) -> Stored:
    """What a column stores of a value that was sent. Raises ODataError with the code of what is wrong."""
    if value is None:
        return None
    return _TAKERS.get(column.kind, _whole)(table, column, value, quirks)


def edm(column: Column) -> str:
    """The OData type of a column."""
    if column.kind is Kind.DATE_TIME and column.behavior == "DateOnly":
        return "Edm.Date"
    return "Edm.Guid" if column.is_lookup else _EDM.get(column.kind, "Edm.Int32")


def literal(column: Column, text: str) -> Stored:
    """A literal of a key in a URL as it is stored."""
    quoted = text[:1] == "'" and text[-1:] == "'" and len(text) > 1
    plain = text[1:-1].replace("''", "'") if quoted else text
    if (column.kind is Kind.STRING) is not quoted:
        raise bad_request(f"Bad Request - Error in query syntax: '{text}'.")
    try:
        return _LITERALS.get(column.kind, int)(plain)
    except ValueError:
        raise bad_request(f"Bad Request - Error in query syntax: '{text}'.") from None


def _text(table: Table, column: Column, value: Json, quirks: frozenset[str]) -> Stored:
    if not isinstance(value, str):
        raise _wrong_type(table, column, value)
    text = value.strip() if "trim_text" in quirks else value
    # Characters are UTF-16 units, as SQL Server counts them.
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 > column.length:
        raise invalid(
            f"A validation error occurred.  The length of the '{column.name}' attribute of the '{table.name}' entity "
            f"exceeded the maximum allowed length of '{column.length}'.",
            "0x80044331",
        )
    return text if text or "keep_empty_text" in quirks else None


def _flag(table: Table, column: Column, value: Json, _: frozenset[str]) -> Stored:
    if not isinstance(value, bool):
        raise _wrong_type(table, column, value)
    return int(value)


def _whole(table: Table, column: Column, value: Json, _: frozenset[str]) -> Stored:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong_type(table, column, value)
    if not _in_range(column, value):
        raise invalid(_range_message(table, column, value), "0x8004432F")
    return value


def _fraction(table: Table, column: Column, value: Json, _: frozenset[str]) -> Stored:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong_type(table, column, value)
    step = Decimal(1).scaleb(-column.precision)
    rounded = float(Decimal(str(value)).quantize(step, ROUND_HALF_UP)) if abs(value) < 1e15 else float(value)
    if not _in_range(column, rounded):
        raise invalid(_range_message(table, column, value), "0x80044330")
    return rounded


def _choice(table: Table, column: Column, value: Json, _: frozenset[str]) -> Stored:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong_type(table, column, value)
    if all(option.value != value for option in column.options):
        raise _out_of_options(table, column, value)
    return value


def _choices(table: Table, column: Column, value: Json, _: frozenset[str]) -> Stored:
    if not isinstance(value, str):
        raise _wrong_type(table, column, value)
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if any(not part.isascii() or not part.lstrip("-").isdigit() for part in parts):
        raise _wrong_type(table, column, value)
    chosen = sorted({int(part) for part in parts})
    known = {option.value for option in column.options}
    if strange := [one for one in chosen if one not in known]:
        raise _out_of_options(table, column, strange[0])
    if len(chosen) > _MOST_CHOICES:
        raise invalid(f"A multi-select column holds at most {_MOST_CHOICES} choices.")
    return ",".join(map(str, chosen)) or None


def _when(table: Table, column: Column, value: Json, quirks: frozenset[str]) -> Stored:
    if not isinstance(value, str):
        raise _wrong_type(table, column, value)
    if column.behavior == "DateOnly":
        return _early(_date(table, column, value, quirks))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _wrong_type(table, column, value) from None
    if column.behavior == "TimeZoneIndependent":
        moment = moment.replace(tzinfo=UTC)  # a wall clock: its zone means nothing
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else _utc(moment)
    return _early(moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0"))


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise _too_early() from None


def _date(table: Table, column: Column, value: str, quirks: frozenset[str]) -> str:
    text = value[:10] if "date_accepts_time" in quirks else value
    if not _DAY.fullmatch(text):
        raise _wrong_type(table, column, value)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _wrong_type(table, column, value) from None


def _early(text: str) -> str:
    if text < _EARLIEST:
        raise _too_early()
    return text


def _too_early() -> ODataError:
    message = "DateTime is less than minumum value supported by CrmDateTime. Actual value: before 01/01/1753 00:00:00"
    return invalid(message, "0x80040239")


def _guid(table: Table, column: Column, value: Json, _: frozenset[str]) -> Stored:
    id = ids.read(value)
    if id is None:
        raise _wrong_type(table, column, value)
    return id


def _in_range(column: Column, value: float) -> bool:
    low = column.minimum if column.minimum is not None else value
    high = column.maximum if column.maximum is not None else value
    return low <= value <= high


def _range_message(table: Table, column: Column, value: object) -> str:
    return (
        f"A validation error occurred. The value {value} of '{column.name}' on record of type '{table.name}' "
        f"is outside the valid range."
    )


def _out_of_options(table: Table, column: Column, value: int) -> ODataError:
    accepted = ",".join(str(option.value) for option in column.options)
    return invalid(f"{_range_message(table, column, value)} Accepted Values: {accepted}", "0x8004431A")


def _wrong_type(table: Table, column: Column, value: object) -> ODataError:
    return bad_payload(
        table.set_name,
        f"Microsoft.OData.ODataException: Cannot convert the literal '{value}' to the expected type '{edm(column)}'.",
    )


_TAKERS: Mapping[Kind, Callable[[Table, Column, Json, frozenset[str]], Stored]] = {
    Kind.STRING: _text,
    Kind.MEMO: _text,
    Kind.BOOLEAN: _flag,
    Kind.DECIMAL: _fraction,
    Kind.DOUBLE: _fraction,
    Kind.MONEY: _fraction,
    Kind.PICKLIST: _choice,
    Kind.STATE: _choice,
    Kind.STATUS: _choice,
    Kind.MULTI: _choices,
    Kind.DATE_TIME: _when,
    Kind.UNIQUEIDENTIFIER: _guid,
}


def _literal_guid(text: str) -> Stored:
    id = ids.read(text)
    if id is None:
        raise ValueError(text)
    return id


_LITERALS: Mapping[Kind, Callable[[str], Stored]] = {
    Kind.STRING: str,
    Kind.DECIMAL: float,
    Kind.DATE_TIME: str,
    Kind.LOOKUP: _literal_guid,
    Kind.CUSTOMER: _literal_guid,
    Kind.UNIQUEIDENTIFIER: _literal_guid,
}
