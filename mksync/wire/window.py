"""When the latest calls began, in a file that the processes of one project share: a ring of times, under a lock.

Its first 16 bytes say for how many calls it is made, and how many there were; then a place for each. A call takes the
place of the one that began that many calls before, and may do so once that one has left the window: three small reads
and writes, however many calls the window holds.
"""

import fcntl
import os
import struct
from pathlib import Path

from mksync.ports import Clock

BUSY = 0.005  # seconds until the next look at a file that another process is just writing into
_MARK = b"mkc1"
_HEAD = struct.Struct("<4sIQ")
_TIME = struct.Struct("<d")


class Window:
    """The starts of the last `most` calls of a system, in seconds since the epoch; `per`: seconds of the window."""

    def __init__(self, path: Path, clock: Clock, *, most: int, per: float) -> None:
        self._path = path
        self._clock = clock
        self._most = most
        self._per = per

    def enter(self) -> float:
        """Seconds to wait and then ask again; 0: one more call may begin now, and is counted. Raises OSError."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return self._enter(file)
        except BlockingIOError:
            return BUSY
        finally:
            os.close(file)

    def _enter(self, file: int) -> float:
        now, count = self._clock.now(), self._count(file)
        if count and self._at(file, count - 1) > now:  # the clock was set back: what is "later" than now says nothing
            count = self._begun(file)
        if count >= self._most and (delay := self._at(file, count) + self._per - now) > 0:
            return delay
        os.pwrite(file, _TIME.pack(now), self._place(count))
        os.pwrite(file, _HEAD.pack(_MARK, self._most, count + 1), 0)
        return 0.0

    def _count(self, file: int) -> int:
        head = os.pread(file, _HEAD.size, 0)
        if len(head) == _HEAD.size:
            mark, most, count = _HEAD.unpack(head)
            if (mark, most) == (_MARK, self._most) and os.fstat(file).st_size == self._place(0) + most * _TIME.size:
                return int(count)
        return self._begun(file)

    def _begun(self, file: int) -> int:
        """A file that is new, broken, or made for another number of calls."""
        os.ftruncate(file, 0)
        os.ftruncate(file, _HEAD.size + self._most * _TIME.size)
        os.pwrite(file, _HEAD.pack(_MARK, self._most, 0), 0)
        return 0

    def _at(self, file: int, count: int) -> float:
        """When the call in this place began."""
        (at,) = _TIME.unpack(os.pread(file, _TIME.size, self._place(count)))
        return float(at)

    def _place(self, count: int) -> int:
        return _HEAD.size + count % self._most * _TIME.size
