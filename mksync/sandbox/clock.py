"""The only clock of the sandbox: real time plus an offset, so that hours can pass at no cost."""

import threading
import time


class SandboxClock:
    """The sandbox's time. With `frozen_at` (epoch seconds) it stands still and only `advance` moves it."""

    def __init__(self, frozen_at: float | None = None, offset: float = 0.0) -> None:
        self._frozen_at = frozen_at
        self._offset = offset
        self._latest = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since the epoch; never less than before, whatever the machine's clock does."""
        with self._lock:
            # Change feeds lose what is stamped earlier than the place a reader has come to.
            self._latest = max(self._latest, self._start() + self._offset)
            return self._latest

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once. Time never runs backwards: raises ValueError for a negative number."""
        if seconds < 0:
            raise ValueError("time never runs backwards")
        with self._lock:
            self._offset += seconds

    @property
    def offset(self) -> float:
        """Seconds that `advance` has moved this clock so far."""
        with self._lock:
            return self._offset

    def _start(self) -> float:
        return time.time() if self._frozen_at is None else self._frozen_at
