"""How long one call is tried: bounded attempts, exponential back-off with full jitter, a bounded total wait."""

from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

from mksync.core.frozen import dataclass
from mksync.ports import Clock
from mksync.wire.reply import Reply


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds throughout. `base` doubles with every attempt up to `cap`; all waits together stay below `total`."""

    attempts: int = 6
    base: float = 1.0
    cap: float = 60.0
    total: float = 300.0


PATIENCE = Patience()


class Attempts:
    """The attempts of one call. `lost`: one of them may have been processed without an answer."""

    def __init__(self, patience: Patience, clock: Clock, random: Callable[[], float]) -> None:
        self._patience = patience
        self._clock = clock
        self._random = random
        self._waited = 0.0
        self.made = 1
        self.lost = False

    def pause(self, floor: float) -> bool:
        """Wait for the next attempt, at least `floor` seconds. False, at once, if there is none left to make."""
        if self.made >= self._patience.attempts:
            return False
        jitter = self._random() * min(self._patience.cap, self._patience.base * 2 ** (self.made - 1))
        if self._waited + floor + jitter > self._patience.total:
            return False
        self._clock.sleep(floor + jitter)
        self._waited += floor + jitter
        self.made += 1
        return True


def retry_after(reply: Reply, now: float) -> float:
    """Seconds that the reply asks to wait (RFC 9110, 10.2.3: seconds or a date); 0 without, or with nonsense."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    asked, said = http_date(text), http_date(reply.headers.get("date", ""))
    if asked is None:
        return 0.0
    return max(0.0, asked - (now if said is None else said))


def http_date(text: str) -> float | None:
    """Seconds since the epoch of an HTTP date; None if it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
