"""`--since`: a date, a moment, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

from mksync.errors import ConfigError

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def instant(text: str, now: float) -> str:
    """`2026-03-02`, `2026-03-02T10:00`, `90m`, `12h`, `7d` or `2w` as an instant in UTC. Raises ConfigError."""
    ago = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip())
    if ago:
        moment = datetime.fromtimestamp(now, UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        hint = "write a date (2026-03-02), a moment (2026-03-02T10:00) or how long ago (90m, 12h, 7d, 2w)"
        raise ConfigError(f"--since {text}: this is no date", hint=hint) from None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
