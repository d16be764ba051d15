"""The one SQLite database in which every emulator keeps all of its state: in memory, or in the file of `--state`."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sandbox_seeded (vendor TEXT PRIMARY KEY, people INTEGER NOT NULL, seed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS sandbox_notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Store:
    """A shared database. Emulators name their tables `<vendor>_…` and hold `lock` around everything they do with it.

    `connection` is in autocommit mode; what belongs together goes into `transaction()`.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.touch(mode=0o600)  # it looks like personal data, and a rehearsal may put real people in
        self.lock = threading.RLock()
        self.connection = sqlite3.connect(
            ":memory:" if path is None else str(path),
            check_same_thread=False,
            isolation_level=None,
            cached_statements=512,
        )
        self._depth = 0
        self._prepare(path)

    def _prepare(self, path: Path | None) -> None:
        if path is not None:
            self.connection.execute("PRAGMA journal_mode = WAL")
        # A rehearsal needs to survive the end of the process, not a power cut.
        self.connection.execute("PRAGMA synchronous = OFF")
        self.connection.execute("PRAGMA temp_store = MEMORY")
        self.connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the lock and one transaction; an exception rolls it back. Inside another one it just joins in."""
        with self.lock:
            if self._depth:
                yield self.connection
                return
            self.connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield self.connection
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            else:
                self.connection.execute("COMMIT")
            finally:
                self._depth = 0

    def was_seeded(self, vendor: str) -> bool:
        """Whether this state already holds a vendor's demo people."""
        with self.lock:
            found = self.connection.execute("SELECT 1 FROM sandbox_seeded WHERE vendor = ?", (vendor,)).fetchone()
        return found is not None

    def note_seeded(self, vendor: str, people: int, seed: int) -> None:
        with self.transaction() as connection:
            connection.execute("INSERT INTO sandbox_seeded VALUES (?, ?, ?)", (vendor, people, seed))

    def note(self, name: str) -> str | None:
        """A remark of the kernel that survives a restart."""
        with self.lock:
            row = self.connection.execute("SELECT value FROM sandbox_notes WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def put_note(self, name: str, value: str) -> None:
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO sandbox_notes VALUES (?, ?)", (name, value))

    def close(self) -> None:
        with self.lock:
            self.connection.close()
