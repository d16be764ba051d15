"""How a moment is written down: UTC, to the second."""

from datetime import UTC, datetime


def instant(epoch: float) -> str:
    """ "2026-03-02T10:00:31Z" """
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def epoch(instant: str) -> float:
    """Seconds since the epoch."""
    return datetime.fromisoformat(instant).timestamp()
