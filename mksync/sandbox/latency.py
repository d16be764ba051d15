"""How long a call is under way: on loopback nothing, with a vendor across the world a tenth of a second."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence

LONGEST = 60_000.0  # milliseconds


class Latency:
    """Milliseconds by vendor, in real time. Every call waits in its own thread, so calls wait side by side."""

    def __init__(self, vendors: Sequence[str], sleep: Callable[[float], object] = time.sleep) -> None:
        self._milliseconds = dict.fromkeys(vendors, 0.0)
        self._lock = threading.Lock()
        self.sleep = sleep

    def set(self, milliseconds: float, vendor: str | None = None) -> None:
        """Let each call of a vendor, or of every one, take so much longer.

        Raises ValueError for a vendor that is not served, and for less than 0 or more than a minute.
        """
        if not 0 <= milliseconds <= LONGEST:
            raise ValueError(f"a latency is 0 to {LONGEST:,.0f} milliseconds, not {milliseconds:g}")
        with self._lock:
            if vendor is not None and vendor not in self._milliseconds:
                raise ValueError(f"no vendor {vendor!r} is served; there are: {', '.join(self._milliseconds)}")
            for name in self._milliseconds if vendor is None else (vendor,):
                self._milliseconds[name] = milliseconds

    def all(self) -> Mapping[str, float]:
        """Milliseconds by vendor."""
        with self._lock:
            return dict(self._milliseconds)

    def wait(self, vendor: str) -> None:
        milliseconds = self._milliseconds[vendor]
        if milliseconds:
            self.sleep(milliseconds / 1_000)
