"""Copies of a mirror, beside it: before its tables are changed, and of one that makes room for another."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

BESIDE = ("", "-wal", "-shm")  # what SQLite keeps of one database


def back_up(db: sqlite3.Connection, path: Path, version: int) -> Path:
    """Copy the mirror as it is to `<name>.v<version>`, readable by its owner alone. Raises OSError, sqlite3.Error.

    One that was begun and not finished goes by another name, so that what has this name is whole.
    """
    copy = path.with_name(f"{path.name}.v{version}")
    begun = copy.with_name(f"{copy.name}.part")
    begun.unlink(missing_ok=True)
    os.close(os.open(begun, os.O_RDWR | os.O_CREAT, 0o600))
    try:
        with closing(sqlite3.connect(begun)) as target:
            db.backup(target)
    except BaseException:
        begun.unlink(missing_ok=True)
        raise
    begun.replace(copy)
    return copy


def put_in_place(new: Path, path: Path, now: float) -> Path | None:
    """Let `new`, which is closed, become the mirror at `path`. The old one is kept; returns where, if there was one.

    There is a mirror at `path` at every moment. Raises OSError.
    """
    aside = next(_names(path, now))
    kept = path.exists()
    if kept:
        os.link(path, aside)
        _move_log(path, aside)
    new.replace(path)
    return aside if kept else None


def _move_log(path: Path, aside: Path) -> None:
    """What the old file's log holds belongs to it, and would be read into the new one."""
    log, index = (path.with_name(path.name + end) for end in BESIDE[1:])
    index.unlink(missing_ok=True)  # SQLite makes it anew from the log
    if log.exists() and log.stat().st_size:
        log.replace(aside.with_name(f"{aside.name}-wal"))
    log.unlink(missing_ok=True)


def _names(path: Path, now: float) -> Iterator[Path]:
    """Names that nobody has taken, the plainest first."""
    stamp = datetime.fromtimestamp(int(now), UTC).strftime("%Y%m%dT%H%M%SZ")
    names = (f"{path.name}.{stamp}", *(f"{path.name}.{stamp}.{number}" for number in range(2, 1000)))
    yield from (found for name in names if not (found := path.with_name(name)).exists())
