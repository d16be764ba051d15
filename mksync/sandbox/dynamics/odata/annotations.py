"""Which annotations a request wants, and the formatted values among them.

Labels are those of the base language, times are UTC in the American form, as a user of an organisation in English sees
them who never chose otherwise.
Source: "Preference headers", "Web API types and operations: formatted values".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any

from mksync.sandbox.dynamics.tables import CHOICES, Column, Kind

FORMATTED = "OData.Community.Display.V1.FormattedValue"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"
LOGICAL_NAME = "Microsoft.Dynamics.CRM.lookuplogicalname"
TOTAL = "Microsoft.Dynamics.CRM.totalrecordcount"
EXCEEDED = "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"
METADATA_VERSION = "Microsoft.Dynamics.CRM.globalmetadataversion"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The value of `odata.include-annotations`: names and prefixes with `*`, separated by commas; `-` excludes."""

    names: tuple[str, ...] = ()

    def __contains__(self, annotation: str) -> bool:
        kept = [name for name in self.names if not name.startswith("-")]
        dropped = [name[1:] for name in self.names if name.startswith("-")]
        return _any(kept, annotation) and not _any(dropped, annotation)


def wanted(preferences: Mapping[str, str]) -> Wanted:
    text = preferences.get("odata.include-annotations", "")
    return Wanted(tuple(name.strip() for name in text.split(",") if name.strip()))


def _any(names: list[str], annotation: str) -> bool:
    return any(fnmatchcase(annotation, name) for name in names)


def formatter(column: Column) -> Callable[[Any], str | None] | None:
    """What makes the formatted value of a stored one; None where the service gives none, or reads it elsewhere."""
    labels = {option.value: option.label for option in column.options}
    if column.kind in CHOICES or column.kind == Kind.BOOLEAN:
        return labels.get
    if column.kind == Kind.MULTI:
        return lambda text: "; ".join(labels.get(int(one), one) for one in str(text).split(","))
    if column.kind == Kind.DATE_TIME:
        return _day if column.format == "DateOnly" else _moment
    if column.kind in (Kind.INTEGER, Kind.BIG_INT):
        return "{:,}".format
    if column.kind in (Kind.DECIMAL, Kind.DOUBLE):
        return f"{{:,.{column.precision}f}}".format
    return None


def amount(text: str) -> str:
    """A currency's symbol and an amount with two decimals, as they come joined by a blank: `$ 1200.5`."""
    symbol, _, number = text.rpartition(" ")
    value = float(number)
    return f"{'-' if value < 0 else ''}{symbol}{abs(value):,.2f}"


def _day(text: str) -> str:
    day = date.fromisoformat(text[:10])
    return f"{day.month}/{day.day}/{day.year}"


def _moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{_day(text)} {moment.hour % 12 or 12}:{moment.minute:02} {'AM' if moment.hour < 12 else 'PM'}"
