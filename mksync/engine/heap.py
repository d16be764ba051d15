"""Memory that a large read has used and freed goes back to the system at once, where the C library would keep it.

glibc takes a block of 128 KB or more from the system for itself, and gives it back as soon as it is freed. But whenever
one is freed the limit rises to its size, up to 32 MB, and twice as much as that may then stay at the end of each
thread's heap: after one large answer, every thread keeps tens of megabytes that nobody else can use. A limit that was
set does not rise (Linux manual, mallopt(3), M_MMAP_THRESHOLD).
"""

import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LIMIT = 128 * 1024  # bytes: what both begin with


def give_back() -> None:
    """For the rest of the process. Where there is no glibc, nothing happens."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes  # 2 ms, that only a large read has to pay

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LIMIT)
        mallopt(M_TRIM_THRESHOLD, LIMIT)
