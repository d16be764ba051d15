"""Who may work with the mirror: locks of the operating system, which die with their process and are never left behind.

    mksync.db.lock   one command that runs cycles or changes the project holds it, from its begin to its end
    mksync.db.turn   one command that works in turn holds it, while it waits and while it works
    mksync.db.work   whoever reads and writes right now holds it

Commands of the first kind keep each other out. One of the second kind goes between: it takes `turn`, then waits for
`work`. A run that finds `turn` taken, at a place where nothing of its own is open, gives up `work`, queues for `turn`
behind those who wait, and goes on with `work` again. So each waits for one batch of the other, and nobody starves.
"""

import fcntl
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from mksync.errors import LockHeld, MirrorError
from mksync.mirror.trouble import UNWRITABLE

Waits = Callable[[str], None]
UNKNOWN = "another mksync command"


class Lock:
    """What a command that runs cycles, or changes the project, holds from `acquire` to `release`.

    `command` and `at` (seconds since the epoch) are written into the files, for people who wonder who holds them.
    `waits` is told whom this command waits for, in words, before it waits.
    """

    def __init__(self, mirror: Path, command: str = "", at: float | None = None, waits: Waits | None = None) -> None:
        since = "" if at is None else datetime.fromtimestamp(int(at), UTC).strftime("since %Y-%m-%dT%H:%M:%SZ")
        named = (f"mksync {command}" if command else "", f"process {os.getpid()}", since)
        holder = ", ".join(part for part in named if part)
        self._lock, self._turn, self._work = (
            _File(mirror.with_name(f"{mirror.name}.{kind}"), holder) for kind in ("lock", "turn", "work")
        )
        self._told = waits

    def acquire(self) -> Self:
        """Raises LockHeld, naming the process that holds it; MirrorError where there can be no lock."""
        if not self._lock.take():
            hint = "wait until it has ended; the lock goes with its process"
            raise LockHeld(f"another mksync run holds {self._lock.path.name} ({self._lock.named()})", hint=hint)
        self._all_or_none(self._queue)
        return self

    def give_way(self) -> bool:
        """Let those work first who wait for their turn. False if nobody does; True if the mirror may be another now.

        To be called only where no transaction is open and no write is on its way.
        """
        if self._turn.take():
            self._turn.release()
            return False
        self._work.release()
        self._queue()
        return True

    def _queue(self) -> None:
        """Work after all those who wait for their turn by now, and before those who come later."""
        self._wait(self._turn)
        self._wait(self._work)
        self._turn.release()

    def _all_or_none(self, take: Callable[[], None]) -> None:
        """A process that lives on must not hold what it could not use."""
        try:
            take()
        except BaseException:
            self.release()
            raise

    def _wait(self, file: "_File") -> None:
        if file.take():
            return
        if self._told:
            self._told(f"waiting for {file.named()}")
        file.wait()

    def release(self) -> None:
        for file in (self._work, self._turn, self._lock):
            file.release()

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


class InTurn(Lock):
    """What a command holds that works between two batches of a run, or alone. It waits instead of raising LockHeld."""

    def acquire(self) -> Self:
        """Raises MirrorError where there can be no lock."""
        self._all_or_none(self._both)
        return self

    def _both(self) -> None:
        self._wait(self._turn)
        self._wait(self._work)

    def give_way(self) -> bool:
        """Whoever comes later waits until this one has ended."""
        return False


def at_work(mirror: Path) -> str:
    """The process that runs cycles here and lives, in words; empty if there is none, as far as can be told.

    The locks are not tried: whoever wants one in that very moment would find it taken.
    """
    named = _File(mirror.with_name(f"{mirror.name}.lock"), "").named()
    found = re.search(r"process (\d+)", named)
    if found is None:
        return ""
    try:
        os.kill(int(found[1]), 0)
    except (ProcessLookupError, OverflowError):
        return ""
    except PermissionError:  # somebody else's, and alive
        pass
    return named


class _File:
    """One lock: an empty hand, or the file that is locked."""

    def __init__(self, path: Path, holder: str) -> None:
        self.path = path
        self._holder = holder
        self._file: int | None = None

    def take(self) -> bool:
        """Whether it was free. Raises MirrorError."""
        return self._locked(fcntl.LOCK_EX | fcntl.LOCK_NB)

    def wait(self) -> None:
        """Take it as soon as it is free; a signal whose handler raises ends the wait. Raises MirrorError."""
        self._locked(fcntl.LOCK_EX)

    def release(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # a full disk, a failing one: the lock goes all the same
                os.truncate(self._file, 0)  # nobody holds it any more
            os.close(self._file)
            self._file = None

    def named(self) -> str:
        """Who holds it, as far as can be told."""
        try:
            return self.path.read_text(encoding="utf-8", errors="replace").strip() or UNKNOWN
        except OSError:
            return UNKNOWN

    def _locked(self, how: int) -> bool:
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, how)
                line = f"{self._holder}\n".encode()
                os.pwrite(file, line, 0)
                os.truncate(file, len(line))
            except BaseException:
                os.close(file)
                raise
        except BlockingIOError:
            return False
        except OSError as error:  # a file system without locks, a folder that is not there
            raise MirrorError(f"{self.path} cannot be locked: {error.strerror}", hint=UNWRITABLE) from error
        self._file = file
        return True
