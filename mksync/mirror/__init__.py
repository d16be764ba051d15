"""The mirror: the project's SQLite database, and the only place with SQL.

`Mirror` opens it; its parts answer one question a method: `snapshots` (what each side last held), `links` (who belongs
to whom, and the bases), `journal` (writes), `history` (cycles, collisions, leftovers).
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from mksync.core.pairs import FieldPair
from mksync.core.records import Field, Side
from mksync.errors import MirrorError
from mksync.mirror import schema
from mksync.mirror.history import History
from mksync.mirror.journal import Journal
from mksync.mirror.links import Links
from mksync.mirror.project import ProjectFacts
from mksync.mirror.snapshots import Snapshots

Layout = Mapping[str, Sequence[FieldPair]]  # object -> its field pairs


class Mirror:
    """An open mirror. Everything that belongs together happens in one `transaction`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self._depth = 0
        self.project = ProjectFacts(db)
        self.snapshots = Snapshots(db)
        self.links = Links(db)
        self.journal = Journal(db)
        self.history = History(db)

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> "Mirror":
        """Open the mirror for reading and writing, bringing its tables up to date.

        Raises MirrorError if there is none (unless `create`), or if the file is not a sound mirror.
        """
        if not create and not path.exists():
            raise MirrorError(f"there is no mirror at {path}", hint="mksync init")
        # Personal data: readable by its owner alone from the first byte on (-wal and -shm take the same mode).
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        try:
            db = sqlite3.connect(path, isolation_level=None, timeout=5, check_same_thread=False)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute("PRAGMA cache_size=-65536")
            schema.migrate(db)
        except sqlite3.DatabaseError as error:
            raise MirrorError(f"the mirror at {path} cannot be read: {error}", hint="restore it from a copy") from error
        return cls(db)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Inside another transaction it is a savepoint of that one."""
        name = f"t{self._depth}"
        self.db.execute("BEGIN IMMEDIATE" if self._depth == 0 else f"SAVEPOINT {name}")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            self.db.execute("ROLLBACK" if self._depth == 0 else f"ROLLBACK TO {name}")
            if self._depth:
                self.db.execute(f"RELEASE {name}")
            raise
        self._depth -= 1
        self.db.execute("COMMIT" if self._depth == 0 else f"RELEASE {name}")

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Do everything, then forget it: what a dry run does to the mirror."""
        self.db.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            self.db.execute("ROLLBACK")

    def shape(self, layout: Layout, lookups: Sequence[tuple[Side, str, str]] = ()) -> None:
        """Give every selected field its column, and every `(side, object, column)` that is matched by its index."""
        people: dict[str, Field] = {}
        for object, pairs in layout.items():
            schema.ensure_snapshot(self.db, schema.snapshot_table(Side.CRM, object), [p.fields.crm for p in pairs])
            for side in Side:
                schema.ensure_base(self.db, schema.base_table(side, object), [p.fields[side] for p in pairs])
            people.update({pair.fields.marketo.name: pair.fields.marketo for pair in pairs})
        schema.ensure_snapshot(self.db, schema.snapshot_table(Side.MARKETO, ""), people.values())
        for side, object, column in lookups:
            schema.ensure_lookup(self.db, schema.snapshot_table(side, object), column)

    def close(self) -> None:
        self.db.close()
