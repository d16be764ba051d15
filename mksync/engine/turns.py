"""What else may happen while a run is under way, where nothing of its own is open: how the engine asks for it.

Others may work between two pages or batches; and the run may be ended, there or
while it waits for something that has no effect.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from mksync.mirror.lock import Lock


class Turns(Protocol):
    """Whoever lets others work, or ends a run in good order."""

    def give_way(self) -> bool:
        """Let those work first who wait for their turn. True if somebody did, and the mirror may be another now."""
        ...

    def idle(self) -> AbstractContextManager[None]:
        """While this lasts, the run waits for something to read, and may be ended without a loss."""
        ...


class Alone:
    """Nobody is let between, and the run goes on to its end."""

    def give_way(self) -> bool:
        return False

    def idle(self) -> AbstractContextManager[None]:
        return nullcontext()


class Between(Alone):
    """Others are let between."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock

    def give_way(self) -> bool:
        return self._lock.give_way()
