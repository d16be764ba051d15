"""Constants of a query as the columns they are compared with store them.

Source: "Filter rows using OData"; rows.py says how each kind is stored.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from mksync.sandbox.dynamics import ids
from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.dynamics.odata import problems
from mksync.sandbox.dynamics.odata.tree import Kind as LiteralKind
from mksync.sandbox.dynamics.odata.tree import Literal_
from mksync.sandbox.dynamics.rows import Stored
from mksync.sandbox.dynamics.tables import LOOKUPS, TEXTS, Column, Kind

_EDM = {
    Kind.BIG_INT: "Edm.Int64",
    Kind.BOOLEAN: "Edm.Boolean",
    Kind.DECIMAL: "Edm.Decimal",
    Kind.DOUBLE: "Edm.Double",
    Kind.IMAGE: "Edm.Binary",
    Kind.MONEY: "Edm.Decimal",
    Kind.UNIQUEIDENTIFIER: "Edm.Guid",
}
_BEYOND_64_BITS = 2.0**63
_STRINGS = TEXTS | {Kind.ENTITY_NAME, Kind.MULTI}
_LITERAL_EDM: dict[LiteralKind, str] = {
    "text": "Edm.String",
    "number": "Edm.Int32",
    "boolean": "Edm.Boolean",
    "date": "Edm.Date",
    "datetime": "Edm.DateTimeOffset",
    "guid": "Edm.Guid",
    "enum": "Edm.String",
}


@dataclass(frozen=True, slots=True)
class Constant:
    """A value to bind. `beyond`: the literal lies between this value and the next one the column can hold."""

    value: Stored
    beyond: bool = False


def edm(column: Column) -> str:
    """The EDM type of a column's property."""
    if column.kind in LOOKUPS:
        return "Edm.Guid"
    if column.kind in _STRINGS:
        return "Edm.String"
    if column.kind == Kind.DATE_TIME:
        return "Edm.Date" if column.behavior == "DateOnly" else "Edm.DateTimeOffset"
    return _EDM.get(column.kind, "Edm.Int32")


def group(column: Column) -> str:
    """What compares with what: columns of one group."""
    type = edm(column)
    return "number" if type in ("Edm.Int32", "Edm.Int64", "Edm.Decimal", "Edm.Double") else type


def constant(column: Column, literal: Literal_, operator: str) -> Constant:
    """Raises ODataError if a column of this type is never compared with such a literal."""
    if literal.kind == "null":
        return Constant(None)
    read = _READERS.get(group(column))
    found = read(column, literal) if read else None
    if found is None:
        raise incompatible(column, literal, operator)
    return found


def incompatible(column: Column, literal: Literal_, operator: str) -> ODataError:
    kind = _LITERAL_EDM.get(literal.kind, "Edm.String")
    if literal.kind == "number" and not literal.text.lstrip("+-").isdigit():
        kind = "Edm.Double"
    return problems.incompatible(edm(column), kind, operator)


def spelt(column: Column, text: str) -> Literal_:
    """The literal that a text in `PropertyValues` stands for; there even numbers are quoted."""
    kinds: dict[str, LiteralKind] = {
        "number": "number",
        "Edm.Boolean": "boolean",
        "Edm.Guid": "guid",
        "Edm.Date": "date",
        "Edm.DateTimeOffset": "datetime",
    }
    kind = kinds.get(group(column), "text")
    if kind == "datetime" and "T" not in text:
        kind = "date"
    if kind == "boolean":
        text = {"1": "true", "0": "false"}.get(text, text.lower())
    return Literal_(kind, text)


def _text(column: Column, literal: Literal_) -> Constant | None:
    if literal.kind != "text":
        return None
    if column.kind == Kind.MULTI:
        return Constant(chosen(literal.text))
    return Constant(literal.text)


def chosen(text: str) -> str:
    """`9, 1` as it is stored: `1,9`."""
    values = {int(part) for part in text.split(",") if part.strip().lstrip("-").isdigit()}
    return ",".join(str(value) for value in sorted(values))


def _number(_: Column, literal: Literal_) -> Constant | None:
    if literal.kind != "number":
        return None
    try:
        value = float(literal.text)
    except ValueError:
        return None
    whole = literal.text.lstrip("+-").isdecimal() and abs(value) < _BEYOND_64_BITS
    return Constant(int(literal.text) if whole else value)


def _boolean(_: Column, literal: Literal_) -> Constant | None:
    known = literal.kind == "boolean" and literal.text in ("true", "false")
    return Constant(int(literal.text == "true")) if known else None


def _guid(_: Column, literal: Literal_) -> Constant | None:
    id = ids.read(literal.text) if literal.kind in ("guid", "text") else None
    return None if id is None else Constant(id)


def _day(_: Column, literal: Literal_) -> Constant | None:
    moment = _moment(literal.text) if literal.kind == "date" else None
    return None if moment is None else Constant(literal.text)


def _instant(_: Column, literal: Literal_) -> Constant | None:
    moment = _moment(literal.text) if literal.kind in ("date", "datetime") else None
    if moment is None:
        return None
    return Constant(stamp(moment), beyond=moment.microsecond > 0)


def stamp(moment: datetime) -> str:
    """An instant of UTC as columns store it."""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _moment(text: str) -> datetime | None:
    """A point in time; one without an offset is in UTC."""
    try:
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_READERS = {
    "Edm.String": _text,
    "number": _number,
    "Edm.Boolean": _boolean,
    "Edm.Guid": _guid,
    "Edm.Date": _day,
    "Edm.DateTimeOffset": _instant,
}
