"""Work of other people that takes effect later: open transactions, and automation that runs after a while.

An open transaction's rows carry the time it began and become visible when it commits; until then `latestDateCovered`
stays at its beginning. Source: SOAP API Developer Guide, "getUpdated()", "Polling for Changes".
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

_SCHEMA = """CREATE TABLE IF NOT EXISTS salesforce_pending (
    number INTEGER PRIMARY KEY, due REAL NOT NULL, began REAL, action TEXT)"""


@dataclass(frozen=True, slots=True)
class Action:
    """One edit: `kind` is create, update, delete or undelete; `user` None means whoever caused it."""

    kind: str
    object: str
    id: str | None
    values: Mapping[str, Any] = field(default_factory=dict)
    user: str | None = None
    stamp_only: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """An action whose time has come, and the time its rows are stamped with. None: a transaction without edits."""

    action: Action | None
    stamped: float


class Pending:
    """The queue of what is still to happen."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute(_SCHEMA)

    def schedule(self, action: Action, due: float) -> None:
        """Let an edit happen at a time, stamped with that time."""
        self._add(action, due, None)

    def open(self, began: float, commits: float, action: Action | None = None) -> None:
        """Let a transaction be open between two times; its edit is stamped with the first, visible at the second."""
        self._add(action, commits, began)

    def take_due(self, now: float) -> Iterator[Due]:
        """Everything whose time has come, oldest first; it is forgotten by that."""
        rows = self._connection.execute(
            "SELECT number, due, began, action FROM salesforce_pending WHERE due <= ? ORDER BY due, number", (now,)
        ).fetchall()
        for number, due, began, action in rows:
            self._connection.execute("DELETE FROM salesforce_pending WHERE number = ?", (number,))
            yield Due(Action(**json.loads(action)) if action else None, due if began is None else began)

    def commit_all(self) -> None:
        """Make everything due at once."""
        self._connection.execute("UPDATE salesforce_pending SET due = 0")

    def open_since(self) -> float | None:
        """When the oldest open transaction began."""
        row = self._connection.execute("SELECT MIN(began) FROM salesforce_pending").fetchone()
        return None if row[0] is None else float(row[0])

    def _add(self, action: Action | None, due: float, began: float | None) -> None:
        written = None if action is None else json.dumps(asdict(action))
        self._connection.execute(
            "INSERT INTO salesforce_pending (due, began, action) VALUES (?, ?, ?)", (due, began, written)
        )
