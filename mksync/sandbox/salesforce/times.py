"""Instants and dates as the REST API prints them, and as it accepts them.

An instant is kept and printed as `2026-01-31T09:15:00.000+0000`: UTC, whole seconds. That text sorts as time does, so
it is also what the tables hold. Source: REST API Developer Guide, "Valid Date and DateTime Formats".
"""

import re
from datetime import UTC, date, datetime
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)Z?")
DAY = 86_400


@lru_cache(maxsize=4096)
def _print(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + ".000+0000"


def stamp(epoch: float) -> str:
    """An instant in epoch seconds, printed; fractions of a second are dropped."""
    return _print(int(epoch // 1))


def epoch(printed: str) -> int:
    """The epoch seconds of an instant this module printed."""
    return int(datetime.fromisoformat(printed).timestamp())


def instant(text: str) -> str | None:
    """Any accepted spelling of an instant, printed our way; None if it is not one. No zone means UTC."""
    moment = moment_of(text)
    return None if moment is None else stamp(moment)


def moment_of(text: str) -> float | None:
    """Any accepted spelling of an instant in epoch seconds; None if it is not one."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        parsed = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def day(text: str) -> str | None:
    """A calendar date `2026-01-31`, with or without a trailing Z; None if it is not one."""
    match = _DATE.fullmatch(text)
    if not match:
        return None
    try:
        return date.fromisoformat(match[1]).isoformat()
    except ValueError:
        return None


def http_date(epoch_seconds: float) -> str:
    return formatdate(epoch_seconds, usegmt=True)


def from_http_date(text: str) -> float | None:
    """Epoch seconds of an HTTP date; None if it is malformed."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return None
