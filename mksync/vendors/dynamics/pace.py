"""How many records the next batch takes: as many as Dynamics is through with in good time.

A batch may hold 1,000 requests ("Execute batch operations using the Web API"). How long they take is for the plug-ins
of the environment to say, and that time counts against a limit of its own ("Service protection API limits").

What a run found is kept for the next one, so that it need not begin with small batches again. It is nothing to rely on:
an environment may have become slow since. So it is forgotten after a day, and a run begins with no more than what is
through in half the time that an answer is waited for, even where a hundred records take a minute by now.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mksync.errors import OutcomeUnknown, Temporary
from mksync.ports import Clock
from mksync.vendors.dynamics.client import BatchRefused, TooLarge
from mksync.wire import private

FIRST = 100  # with plug-ins, a hundred records may take a minute
FIRST_KEPT = 500  # the most to begin with by what an earlier run found: with such plug-ins, five minutes
MOST = 1_000
LEAST = 10
STEP = 4  # grows and shrinks by as much at once

# Seconds. Whoever ends a run, or wants his turn, waits for the batch under way; as many records as it holds are looked
# up if its answer is lost; and what somebody edits meanwhile has to be judged again.
GOOD_TIME = 20.0

KEPT_FOR = 86_400.0  # seconds


class KeptPace:
    """The size that batches had come to, in a file for the next run. One that cannot be read or written is none."""

    def __init__(self, path: Path, of: str, clock: Clock) -> None:
        """`of`: the environment's address."""
        self._path = path
        self._of = of
        self._clock = clock

    def load(self) -> int | None:
        kept = private.read(self._path)
        size, at = kept.get("size"), kept.get("at")
        if kept.get("of") != self._of or type(size) is not int or type(at) is not float:
            return None
        return size if 0 <= self._clock.now() - at < KEPT_FOR else None

    def save(self, size: int) -> None:
        kept = {"of": self._of, "size": size, "at": self._clock.now()}
        private.change(self._path, lambda _: kept)


class Pace:
    """Kept for as long as a port is; what it comes to, for the next run."""

    def __init__(self, clock: Clock, kept: KeptPace | None = None) -> None:
        self._clock = clock
        self._most = MOST
        self._kept = kept
        before = kept.load() if kept else None
        self.size = FIRST if before is None else max(LEAST, min(before, FIRST_KEPT))

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
        if self._kept:
            self._kept.save(self.size)
