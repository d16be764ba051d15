"""Keeps below a vendor's rate and concurrency limits by waiting beforehand, so that it need not complain."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Lock

from mksync.ports import Clock
from mksync.wire.window import BUSY, Window

_MOST_LOOKS = 200  # at a file that others keep busy, one after the other


class Limiter:
    """At most `share` of `calls` in any rolling window of `per` seconds, and `concurrent` calls at a time.

    The share leaves room for other integrations of the same instance, and for calls that arrive at the vendor closer
    together than they were sent. `beside`: a file in which the processes of one project count their calls together; one
    that cannot be used leaves each process with its own count. `concurrent` is each process's own.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        calls: int = 100,
        per: float = 20.0,
        share: float = 0.9,
        concurrent: int = 5,
        beside: Path | None = None,
    ) -> None:
        self._clock = clock
        self._per = per
        self._most = max(1, int(calls * share))
        self._starts: deque[float] = deque()
        self._together = Window(beside, clock, most=self._most, per=per) if beside else None
        self._looks = 0
        self._lock = Lock()
        self._room = BoundedSemaphore(concurrent)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Waits for a free place and for the window; the place is free again when the block ends."""
        with self._room:
            self._wait()
            yield

    def _wait(self) -> None:
        while (seconds := self._start_or_delay()) > 0:
            self._clock.sleep(seconds)

    def _start_or_delay(self) -> float:
        with self._lock:
            now = self._clock.now()
            self._forget(now)
            if len(self._starts) >= self._most:
                return self._starts[0] + self._per - now
            if (delay := self._shared_delay()) > 0:
                return delay
            self._starts.append(now)
            return 0.0

    def _shared_delay(self) -> float:
        """A process that was stopped while it held the file must not hold up the others for ever."""
        if self._together is None:
            return 0.0
        try:
            delay = self._together.enter()
        except OSError:  # a full disk, a folder that may not be written: no reason not to work
            return 0.0
        self._looks = self._looks + 1 if delay == BUSY else 0
        return delay if self._looks <= _MOST_LOOKS else 0.0

    def _forget(self, now: float) -> None:
        if self._starts and self._starts[-1] > now:  # the clock was set back: what is "later" than now says nothing
            self._starts.clear()
        while self._starts and self._starts[0] + self._per <= now:
            self._starts.popleft()
