"""How a moment is written down: UTC, to the second."""

from datetime import UTC, datetime
from functools import lru_cache


def instant(epoch: float) -> str:
    """ "2026-03-02T10:00:31Z" """
    return _instant(int(epoch))


@lru_cache(1)  # the outcomes of a batch are of one second
def _instant(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def epoch(instant: str) -> float:
    """Seconds since the epoch."""
    return datetime.fromisoformat(instant).timestamp()
