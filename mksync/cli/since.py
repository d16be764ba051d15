"""`--since` and its like: a date, a moment, or how long ago; and how long something takes."""

import re
from datetime import UTC, datetime, timedelta

from mksync.errors import ConfigError

SPANS = {"": 1, "s": 1, "m": 60, "h": 3_600}
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def instant(text: str, now: float, flag: str = "--since") -> str:
    """`2026-03-02`, `2026-03-02T10:00`, `90m`, `12h`, `7d` or `2w` as an instant in UTC. Raises ConfigError.

    A date or moment without a zone is the local time of this computer.
    """
    try:
        moment = _moment(text.strip(), now).astimezone(UTC)
    except (ValueError, OverflowError):
        hint = "write a date (2026-03-02), a moment (2026-03-02T10:00) or how long ago (90m, 12h, 7d, 2w)"
        raise ConfigError(f"{flag} {text}: this is no date", hint=hint) from None
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def seconds(text: str, flag: str, least: int = 0) -> float:
    """`90`, `90s`, `5m` or `2h` as seconds. Raises ConfigError."""
    found = re.fullmatch(r"([0-9]{1,6})([smh]?)", text.strip())
    if not found:
        raise ConfigError(f"{flag} {text}: this is no time", hint=f"write seconds or a unit: {flag} 90, {flag} 5m")
    value = int(found[1]) * SPANS[found[2]]
    if value < least:
        raise ConfigError(f"{flag} {text}: it has to be at least {least} s")
    return float(value)


def _moment(text: str, now: float) -> datetime:
    ago = re.fullmatch(r"([0-9]{1,6})([mhdw])", text)
    if ago:
        return datetime.fromtimestamp(now, UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    return datetime.fromisoformat(text)
