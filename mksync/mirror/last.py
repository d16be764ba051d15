"""The number of the last cycle, told beside the mirror, so that an older copy that was put back is known for one.

A file of its own, `mksync.last` beside `mksync.db`: written after the mirror has committed, it may lag behind and never
leads. Without it, or with one that cannot be read, nothing is concluded.
"""

import json
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from mksync.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """How many cycles the mirror knows nothing of. `since` and `until`: instants; `since` is empty if it knows none."""

    cycles: int
    since: str
    until: str


def beside(mirror: Path) -> Path:
    return mirror.with_suffix(".last")


def forget(mirror: Path) -> None:
    """Another mirror begins here, or one that is behind is to be gone on with. Raises OSError."""
    beside(mirror).unlink(missing_ok=True)


class Last:
    """What the file tells, beside what the mirror knows."""

    def __init__(self, db: sqlite3.Connection, mirror: Path) -> None:
        self._db = db
        self._mirror = mirror

    def tell(self) -> None:
        """Keep the number and the end of the last cycle; belongs behind the commit of that cycle.

        Where it cannot be written, an older copy is not known for one: no reason to stop.
        """
        cycle, ended = self._known()
        path = beside(self._mirror)
        begun = path.with_name(f"{path.name}.part")
        with suppress(OSError):
            with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump({"cycle": cycle, "ended": ended}, file)
            begun.replace(path)

    def missing(self) -> Missing | None:
        """None if the mirror knows all the cycles that there were, or if nobody can tell."""
        try:
            told = json.loads(beside(self._mirror).read_text())
            number, until = int(told["cycle"]), str(told["ended"])
        except (OSError, ValueError, TypeError, LookupError):
            return None
        known, since = self._known()
        return Missing(number - known, since, until) if number > known else None

    def _known(self) -> tuple[int, str]:
        row = self._db.execute("SELECT coalesce(max(id), 0), coalesce(max(finished), '') FROM cycle").fetchone()
        return int(row[0]), str(row[1])
