"""The query functions of the namespace Microsoft.Dynamics.CRM whose answer depends on the caller or on the time.

Days, weeks, months and years are those of UTC; a week begins on Sunday.
Source: "Web API Query Function Reference".
"""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mksync.sandbox.dynamics.odata import problems
from mksync.sandbox.dynamics.odata.literals import edm, spelt, stamp
from mksync.sandbox.dynamics.odata.scope import Setting, Sql, Value
from mksync.sandbox.dynamics.odata.tree import Function, Literal_

_FURTHEST = 100_000
_LAST_YEAR = 9_998  # so that there is a day after


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, its end excluded; None where it is open."""

    start: datetime | None
    end: datetime | None


def literal(value: Value, text: str) -> Literal_:
    """A text of PropertyValues as a constant of the column's type."""
    return spelt(value.column, text)


def identity(function: Function, setting: Setting) -> tuple[str, ...] | None:
    """The ids that EqualUserId and its kin compare with."""
    if function.name in ("EqualUserId", "NotEqualUserId"):
        return (setting.user.id,)
    if function.name in ("EqualBusinessId", "NotEqualBusinessId"):
        row = setting.org.rows.get(setting.org.catalogue.named("systemuser"), setting.user.id)
        return (str(row["businessunitid"]),) if row else ()
    return None


def span(function: Function, now: float) -> Span | None:
    """The time that a date function names; None if it is no date function. Raises ODataError for a bad number."""
    moment = datetime.fromtimestamp(int(now), UTC)
    today = moment.replace(hour=0, minute=0, second=0)
    name, day = function.name, timedelta(days=1)
    fixed: Mapping[str, Callable[[], Span]] = {
        "Today": lambda: Span(today, today + day),
        "Yesterday": lambda: Span(today - day, today),
        "Tomorrow": lambda: Span(today + day, today + 2 * day),
        "Last7Days": lambda: Span(today - 7 * day, moment),
        "Next7Days": lambda: Span(moment, today + 8 * day),
        **{f"{which}{unit}": _whole(today, which, unit) for which in _SHIFTS for unit in ("Week", "Month", "Year")},
    }
    if name in fixed:
        return fixed[name]()
    if name in ("On", "OnOrBefore", "OnOrAfter"):
        start = _date(function)
        return Span(None if name == "OnOrBefore" else start, None if name == "OnOrAfter" else start + day)
    return _counted(function, moment, today)


def within(value: Value, span: Span) -> Sql:
    """Raises ODataError if the column is no date."""
    type = edm(value.column)
    if type not in ("Edm.Date", "Edm.DateTimeOffset"):
        raise problems.bad(f"The property '{value.column.property}' is not of a date type.")
    tests = [(">=", span.start), ("<", span.end)]
    length = len("2026-03-04") if type == "Edm.Date" else None
    known = [(sign, stamp(moment)[:length]) for sign, moment in tests if moment is not None]
    return Sql(" AND ".join(f"{value.sql} {sign} ?" for sign, _ in known), tuple(text for _, text in known))


_SHIFTS = {"Last": -1, "This": 0, "Next": 1}


def _whole(today: datetime, which: str, unit: str) -> Callable[[], Span]:
    begin = {
        "Week": today - timedelta(days=today.isoweekday() % 7),
        "Month": today.replace(day=1),
        "Year": today.replace(month=1, day=1),
    }[unit]
    shift = _SHIFTS[which]
    return lambda: Span(_moved(begin, unit, shift), _moved(begin, unit, shift + 1))


def _counted(function: Function, moment: datetime, today: datetime) -> Span | None:
    """LastXDays and NextXDays count whole days beside the current one; OlderThanX goes back from now."""
    for prefix in ("LastX", "NextX", "OlderThanX"):
        unit = function.name.removeprefix(prefix).removesuffix("s")
        if not function.name.startswith(prefix) or unit not in ("Minute", "Hour", "Day", "Week", "Month", "Year"):
            continue
        number = _number(function)
        if prefix == "OlderThanX":
            return Span(None, _moved(moment, unit, -number))
        anchor = moment.replace(minute=0, second=0) if unit in ("Hour", "Minute") else today
        if prefix == "LastX":
            return Span(_moved(anchor, unit, -number), moment + timedelta(seconds=1))
        after = anchor + (timedelta(hours=1) if unit in ("Hour", "Minute") else timedelta(days=1))
        return Span(moment, _moved(after, unit, number))
    return None


def _moved(moment: datetime, unit: str, number: int) -> datetime:
    steps = {"Minute": 60, "Hour": 3_600, "Day": 86_400, "Week": 604_800}
    try:
        if unit in steps:
            return moment + timedelta(seconds=steps[unit] * number)
        months = moment.year * 12 + moment.month - 1 + number * (12 if unit == "Year" else 1)
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
    except (OverflowError, ValueError):
        raise problems.bad("The value of the condition is out of the supported range of dates.") from None


def _number(function: Function) -> int:
    text = function.values[0] if function.values else ""
    if not text.isdigit() or not 0 < int(text) <= _FURTHEST:
        raise problems.bad(f"The PropertyValue of Microsoft.Dynamics.CRM.{function.name} must be a positive number.")
    return int(text)


def _date(function: Function) -> datetime:
    try:
        read = datetime.fromisoformat(function.values[0] if function.values else "")
    except ValueError:
        raise problems.bad(f"Microsoft.Dynamics.CRM.{function.name} needs a date as PropertyValue.") from None
    return datetime(min(read.year, _LAST_YEAR), read.month, read.day, tzinfo=UTC)
