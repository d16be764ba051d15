"""The mirror: the project's SQLite database, and the only place with SQL.

`Mirror` opens it; its parts answer one question a method: `snapshots` (what each side last held), `holders` (who holds
a value), `links` (who belongs to whom, and the bases), `bases` (those that a plan moves), `journal` (writes), `history`
(cycles, collisions, leftovers), `events` (what the filter did), `refusals` (since when something is refused),
`activities` (what people's Activity Logs are told of it), `pending` (what a quick sync has still to fill), `referrers`
(which records name others that moved), `windows` (what our writes may have replaced unseen), `spending` (what cycles
have cost), `last` (whether this is an older copy).
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from mksync.core.pairs import FieldPair
from mksync.core.records import PERSON, Field, Side
from mksync.errors import MirrorError
from mksync.mirror import migrations, schema, soundness
from mksync.mirror.activities import Activities
from mksync.mirror.bases import Bases
from mksync.mirror.copies import back_up
from mksync.mirror.events import Events
from mksync.mirror.history import History
from mksync.mirror.holders import Holders
from mksync.mirror.journal import Journal
from mksync.mirror.last import Last
from mksync.mirror.links import Link, Links
from mksync.mirror.pending import Pendings
from mksync.mirror.project import ProjectFacts
from mksync.mirror.referrers import Referrers
from mksync.mirror.refusals import Refusals
from mksync.mirror.snapshots import Snapshots
from mksync.mirror.spending import Spending
from mksync.mirror.trouble import UNWRITABLE, told
from mksync.mirror.windows import Windows

CACHE = 4096  # KB. Sixteen times as much reads 50,000 people no faster: the system caches the file anyway
LOG = 4000  # pages of the write-ahead log that are taken over into the file at once: what many batches touch, once
Layout = Mapping[str, Sequence[FieldPair]]  # object -> its field pairs


class Mirror:
    """An open mirror. Everything that belongs together happens in one `transaction`."""

    def __init__(self, db: sqlite3.Connection, path: Path, *, left_open: bool = False) -> None:
        self.db = db
        self.path = path
        self._left_open = left_open
        self._depth = 0
        self._unindexed: Mapping[str, Sequence[str]] = {}
        self.project = ProjectFacts(db)
        self.snapshots = Snapshots(db)
        self.holders = Holders(db)
        self.links = Links(db)
        self.bases = Bases(db)
        self.journal = Journal(db)
        self.history = History(db)
        self.refusals = Refusals(db)
        self.activities = Activities(db)
        self.events = Events(db)
        self.pending = Pendings(db)
        self.referrers = Referrers(db)
        self.windows = Windows(db)
        self.spending = Spending(db)
        self.last = Last(db, path)

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> "Mirror":
        """Open the mirror for reading and writing, bringing its tables up to date.

        Raises MirrorError if there is none (unless `create`), if the file is not a sound mirror, or not writable.
        """
        if not create and not path.exists():
            raise MirrorError(f"there is no mirror at {path}", hint="mksync init")
        log = path.with_name(f"{path.name}-wal")
        left_open = log.exists() and log.stat().st_size > 0  # whoever closes it last leaves no log behind
        with told(path):
            return cls(_opened(path), path, left_open=left_open)

    def look_over(self, now: float) -> None:
        """Check that it can be trusted, if that is due. Raises MirrorError."""
        soundness.look_over(self.db, self.path, now, left_open=self._left_open)

    def link_of(self, side: Side, object: str, id: str) -> Link | None:
        """The link of a record, whatever its state. `object`: as this side calls it."""
        pid = self.snapshots.pid(side, object, id)
        if pid is None:
            return None
        return self.links.of_person(pid, object) if side is Side.MARKETO else self.links.of_record(object, pid)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Inside another transaction it is a savepoint of that one."""
        name = f"t{self._depth}"
        self.db.execute("BEGIN IMMEDIATE" if self._depth == 0 else f"SAVEPOINT {name}")
        self._depth += 1
        try:
            yield
            self.db.execute("COMMIT" if self._depth == 1 else f"RELEASE {name}")
        except BaseException:
            self._take_back(name)
            raise
        finally:
            self._depth -= 1

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Do everything, then forget it: what a dry run does to the mirror."""
        self.db.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        finally:
            self._take_back("t0")
            self._depth -= 1

    def _take_back(self, name: str) -> None:
        if not self.db.in_transaction:
            return  # SQLite did so by itself: a full disk, a failing one
        if self._depth == 1:
            self.db.execute("ROLLBACK")
        else:
            self.db.execute(f"ROLLBACK TO {name}")
            self.db.execute(f"RELEASE {name}")

    def shape(
        self,
        layout: Layout,
        lookups: Sequence[tuple[Side, str, str]] = (),
        filters: Mapping[str, Field] = MappingProxyType({}),
        counterparts: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Give every selected field its column, and every `(side, object, column)` that is matched by its index.

        An empty table gets its indexes by `index`, once it is filled: to keep them meanwhile costs three times as much.
        `filters`: object -> the CRM field that its records are filtered by; it has a column, selected or not.
        `counterparts`: the CRM's object -> what Marketo keeps of it, where that is not a person.
        """
        self.links.counterparts = dict(counterparts)
        with self.transaction():  # a commit for each of eighty columns takes longer than reading ten thousand people
            tables: dict[str, dict[str, Field]] = {PERSON: {}}
            indexes: dict[str, list[str]] = {}
            for object, pairs in layout.items():
                records = [p.fields.crm for p in pairs]
                records += [filters[object]] if object in filters else []
                indexes[schema.snapshot_table(Side.CRM, object)] = []
                schema.ensure_snapshot(self.db, schema.snapshot_table(Side.CRM, object), records)
                for side in Side:
                    schema.ensure_base(self.db, schema.base_table(side, object), [p.fields[side] for p in pairs])
                fields = tables.setdefault(counterparts.get(object, PERSON), {})
                fields.update({pair.fields.marketo.name: pair.fields.marketo for pair in pairs})
            for counterpart, fields in tables.items():
                indexes[schema.snapshot_table(Side.MARKETO, counterpart)] = []
                schema.ensure_snapshot(self.db, schema.snapshot_table(Side.MARKETO, counterpart), fields.values())
            for side, object, column in lookups:
                indexes[schema.snapshot_table(side, object)].append(column)
            self._unindexed = {table: indexes.pop(table) for table in list(indexes) if schema.is_empty(self.db, table)}
            schema.ensure_indexes(self.db, indexes)

    def index(self) -> None:
        """Make the indexes of the tables that were empty when `shape` looked."""
        if not self._unindexed:
            return
        with self.transaction():
            schema.ensure_indexes(self.db, self._unindexed)
        self._unindexed = {}

    def close(self) -> None:
        self.db.close()


def _opened(path: Path) -> sqlite3.Connection:
    try:
        # Personal data: readable by its owner alone from the first byte on (-wal and -shm take the same mode).
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise MirrorError(f"the mirror at {path} cannot be opened: {error.strerror}", hint=UNWRITABLE) from error
    db = sqlite3.connect(path, isolation_level=None, timeout=5)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")  # what was sent is known to have been sent, also after a power cut
        db.execute(f"PRAGMA cache_size=-{CACHE}")
        db.execute(f"PRAGMA wal_autocheckpoint={LOG}")
        migrations.migrate(db, lambda version: back_up(db, path, version))
    except BaseException:
        db.close()
        raise
    return db
