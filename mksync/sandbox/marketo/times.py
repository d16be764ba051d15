"""Marketo's notions of time: instants without fractions, and a day that ends at midnight US Central."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d{1,3})?(Z|[+-]\d\d:?\d\d)?")


def instant(epoch: float) -> str:
    """`YYYY-MM-DDThh:mm:ssZ`; fractions of a second are dropped, as Marketo drops them."""
    return datetime.fromtimestamp(int(epoch), UTC).isoformat()[:19] + "Z"


def parse_instant(text: str) -> int:
    """Epoch seconds of an ISO 8601 time. Without a zone it is taken as US Central. Raises ValueError.

    Milliseconds are accepted and dropped, finer fractions are not (Marketo developer guide, Field Types).
    """
    match = _ISO.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    day, clock, zone = match.groups()
    naive = datetime.fromisoformat(f"{day}T{clock}")
    if zone is None:
        return int(naive.replace(tzinfo=UTC).timestamp() - central_offset_of_local(naive).total_seconds())
    return int(datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone == 'Z' else zone}").timestamp())


def central_day(epoch: float) -> date:
    """The day whose quota a call counts against: it begins at midnight US Central."""
    return _day_of_hour(int(epoch // 3600))


@lru_cache(maxsize=1 << 15)
def _day_of_hour(hour: int) -> date:
    # Days begin on the hour, and every call is counted by its day.
    return _central(hour * 3600).date()


def central_text(epoch: float) -> str:
    """`yyyy-MM-dd HH:mm:ss` in US Central, the form of times inside activity attributes."""
    return _central(epoch).strftime("%Y-%m-%d %H:%M:%S")


def central_offset_of_local(local: datetime) -> timedelta:
    """The offset from UTC at a wall-clock time (naive) in Chicago, by the rule in force since 2007."""
    # Written out because a slim installation has no time zone database.
    begins = _sunday(local.year, 3, 2).replace(hour=2)
    ends = _sunday(local.year, 11, 1).replace(hour=2)
    return timedelta(hours=-5 if begins <= local < ends else -6)


def _central(epoch: float) -> datetime:
    standard = datetime.fromtimestamp(epoch, timezone(timedelta(hours=-6)))
    naive = standard.replace(tzinfo=None)
    # Summer time ends at 2:00 summer time, which is 1:00 standard time.
    ends = _sunday(naive.year, 11, 1).replace(hour=1)
    summer = _sunday(naive.year, 3, 2).replace(hour=2) <= naive < ends
    return standard.astimezone(timezone(timedelta(hours=-5))) if summer else standard


def _sunday(year: int, month: int, which: int) -> datetime:
    first = datetime(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))
