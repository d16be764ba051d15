"""One writer at a time: an operating-system lock that dies with its process, so that it can never be left behind."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from mksync.errors import LockHeld, MirrorError
from mksync.mirror.trouble import UNWRITABLE


class Lock:
    """Held from `acquire` to `release`. The file beside the mirror names the process, for people to read."""

    def __init__(self, mirror: Path) -> None:
        self.path = mirror.with_name(mirror.name + ".lock")
        self._file: int | None = None

    def acquire(self) -> "Lock":
        """Raises LockHeld, naming the process that holds it; MirrorError where there can be no lock."""
        try:
            self._file = self._locked()
        except OSError as error:
            raise MirrorError(f"{self.path} cannot be locked: {error.strerror}", hint=UNWRITABLE) from error
        os.truncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        return self

    def _locked(self) -> int:
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 64).decode(errors="replace").strip()
            os.close(file)
            raise LockHeld(
                f"another mksync run holds {self.path.name}" + (f" (process {holder})" if holder else ""),
                hint="wait until it has ended; the lock goes with its process",
            ) from None
        except OSError:  # a file system without locks
            os.close(file)
            raise
        return file

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> "Lock":
        return self.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()
