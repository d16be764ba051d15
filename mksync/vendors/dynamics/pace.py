"""How many records the next batch takes: as many as Dynamics is through with in good time.

A batch may hold 1,000 requests ("Execute batch operations using the Web API"). How long they take is for the plug-ins
of the environment to say, and that time counts against a limit of its own ("Service protection API limits").
"""

from collections.abc import Iterator
from contextlib import contextmanager

from mksync.errors import OutcomeUnknown, Temporary
from mksync.ports import Clock
from mksync.vendors.dynamics.client import BatchRefused, TooLarge

FIRST = 100  # with plug-ins, a hundred records may take a minute
MOST = 1_000
LEAST = 10
STEP = 4  # grows and shrinks by as much at once

# Seconds. Whoever ends a run, or wants his turn, waits for the batch under way; as many records as it holds are looked
# up if its answer is lost; and what somebody edits meanwhile has to be judged again.
GOOD_TIME = 20.0


class Pace:
    """Kept for as long as a port is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._most = MOST
        self.size = FIRST

    @contextmanager
    def timed(self, records: int) -> Iterator[None]:
        """Around one batch of so many records, with whatever it waited for."""
        began = self._clock.now()
        try:
            yield
        except (TooLarge, BatchRefused):  # at once, and not for the time it would take
            raise
        except (OutcomeUnknown, Temporary):
            self._set(min(self.size, records) // STEP)
            raise
        seconds = self._clock.now() - began
        fitting = int(records * GOOD_TIME / seconds) if seconds > 0 else MOST
        if fitting < records:
            self._set(min(self.size, fitting))
        elif records >= self.size:  # one that is not full tells little of those that are
            self._set(min(max(self.size, fitting), STEP * self.size))

    def too_large(self, records: int) -> None:
        """So many were refused for their size."""
        self._most = max(1, records // 2)
        self._set(self.size)

    def _set(self, size: int) -> None:
        self.size = min(self._most, max(LEAST, size))
