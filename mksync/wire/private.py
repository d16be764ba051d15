"""Small files that nobody but their owner may read, and that nothing hangs on: JSON objects beside the mirror."""

import fcntl
import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

Entries = dict[str, Any]

_MOST = 2**20  # bytes; tokens have a few thousand
_ONE_AT_A_TIME = Lock()  # both sides of a run, which share a file


def read(path: Path) -> Entries:
    """What stands in a file that is ours alone; else nothing."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return {}
    try:
        found = json.loads(os.read(file, _MOST)) if _is_ours_alone(file) else {}
    except (OSError, ValueError, RecursionError):
        return {}
    finally:
        os.close(file)
    return found if isinstance(found, dict) else {}


def _is_ours_alone(file: int) -> bool:
    found = os.fstat(file)
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def change(path: Path, made: Callable[[Entries], Entries]) -> None:
    """Put another file in its place. Where that cannot be done, or another process is just doing it, it stays."""
    with _ONE_AT_A_TIME, suppress(OSError):
        before = read(path)
        after = made(before)
        if after != before:
            _replace(path, json.dumps(after).encode())


def _replace(path: Path, content: bytes) -> None:
    """By way of one other name only, so that no token stays behind under others. Raises OSError."""
    beside = part(path)
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(file), beside.stat()):
            return  # another process has just put what it wrote here in place
        try:
            if _is_ours_alone(file):
                os.ftruncate(file, 0)
                os.write(file, content)
                beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    finally:
        os.close(file)


def part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")
