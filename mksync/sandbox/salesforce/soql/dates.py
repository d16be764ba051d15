"""Date literals such as TODAY or LAST_N_DAYS:7 as the half-open range of days they mean (UTC, weeks from Sunday).

Source: SOQL and SOSL Reference, "Date Formats and Date Literals in WHERE".
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

Range = tuple[date, date]  # from, up to but not including
_UNITS = "DAY|WEEK|MONTH|QUARTER|YEAR"
_PLAIN = re.compile(rf"(THIS|LAST|NEXT)_({_UNITS})")
_NINETY = re.compile(r"(LAST|NEXT)_90_DAYS")
_COUNTED = re.compile(rf"(LAST|NEXT)_N_({_UNITS})S:(\d+)")
_AGO = re.compile(rf"N_({_UNITS})S_AGO:(\d+)")
_SINGLE_DAYS = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}


def days_meant(literal: str, today: date) -> Range | None:
    """The days a literal covers; None if there is no such literal, or it leads out of the calendar."""
    try:
        return _days(literal.upper(), today)
    except (OverflowError, ValueError):
        return None


def _days(word: str, today: date) -> Range | None:
    if word in _SINGLE_DAYS:
        return _unit(today, "DAY", _SINGLE_DAYS[word])
    if match := _PLAIN.fullmatch(word):
        return _unit(today, match[2], {"THIS": 0, "LAST": -1, "NEXT": 1}[match[1]])
    if match := _NINETY.fullmatch(word):
        return _counted(today, match[1], "DAY", 90)
    if match := _COUNTED.fullmatch(word):
        return _counted(today, match[1], match[2], int(match[3]))
    if match := _AGO.fullmatch(word):
        return _unit(today, match[1], -int(match[2]))
    return None


def _counted(today: date, direction: str, unit: str, count: int) -> Range:
    """The last or next so many units. Days count today in the past direction; other units leave the current one out."""
    if direction == "NEXT":
        return _unit(today, unit, 1)[0], _unit(today, unit, count)[1]
    end = _unit(today, unit, 0 if unit == "DAY" else -1)[1]
    return _unit(today, unit, -count)[0], end


def _unit(today: date, unit: str, distance: int) -> Range:
    """The day, week, month, quarter or year that lies `distance` from the current one."""
    start_of = _STARTS[unit]
    return start_of(today, distance), start_of(today, distance + 1)


def _week(today: date, distance: int) -> date:
    return today - timedelta(days=today.isoweekday() % 7) + timedelta(weeks=distance)


def _months(today: date, distance: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 + distance, 12)
    return date(year, month + 1, 1)


_STARTS: dict[str, Callable[[date, int], date]] = {
    "DAY": lambda today, distance: today + timedelta(days=distance),
    "WEEK": _week,
    "MONTH": _months,
    "QUARTER": lambda today, distance: _months(_months(today, -((today.month - 1) % 3)), distance * 3),
    "YEAR": lambda today, distance: date(today.year + distance, 1, 1),
}
