"""What SQLite and the disk complain about, as situations that an admin can act on."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mksync.errors import MirrorError, MksyncError, Temporary

DAMAGED = "make a new one from both systems; this one is kept beside it: mksync mirror rebuild"
UNWRITABLE = "the mirror and its folder have to be writable by the user who runs mksync"
_PRIMARY = 0xFF  # the lower byte of an extended result code (SQLite documentation, "Result and Error Codes")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Raise MirrorError for a mirror that is damaged or cannot be written, Temporary for a busy or full one.

    What is wrong with our own SQL is a bug, and stays the exception that it is.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        situation = _situation(path, error)
        if situation is None:
            raise
        raise situation from error


def _situation(path: Path, error: sqlite3.DatabaseError) -> MksyncError | None:
    match getattr(error, "sqlite_errorcode", 0) & _PRIMARY:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return MirrorError(f"the mirror at {path} is damaged: {error}", hint=DAMAGED)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_IOERR:
            return MirrorError(f"the mirror at {path} cannot be used: {error}", hint=UNWRITABLE)
        case sqlite3.SQLITE_FULL:
            return Temporary(f"the mirror at {path} cannot grow: {error}", hint="free some space, and run again")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Temporary(f"another program writes to the mirror at {path}", hint="close it, and run again")
    return None
