"""Mirrors in memory, copied from one that was prepared: what a history needs in a fraction of a millisecond."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from mksync.mirror import Mirror
from tests.memory import PlugPulled
from tests.world import World

NOWHERE = Path("/nowhere/mksync.db")  # a mirror in memory has no file


@cache
def image(make: Callable[[Path], World]) -> bytes:
    """The mirror of such a world, with all its tables, before its first cycle."""
    with tempfile.TemporaryDirectory(prefix="mksync-chaos-") as folder:
        world = make(Path(folder))
        try:
            world.project()
            world.mirror.db.execute("PRAGMA journal_mode=DELETE")  # a database in memory takes no other
            return world.mirror.db.serialize()
        finally:
            world.mirror.close()


class ChaosMirror(Mirror):
    """A mirror in memory, of which a test can have the nth transaction be the last."""

    dies_at = 0  # counted down with every transaction

    @classmethod
    def of(cls, image: bytes) -> "ChaosMirror":
        db = sqlite3.connect(":memory:", isolation_level=None, cached_statements=1_000)
        db.deserialize(image)
        return cls(db, NOWHERE)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._depth == 0 and self.dies_at:
            self.dies_at -= 1
            if not self.dies_at:
                raise PlugPulled("mirror")
        with super().transaction():
            yield

    def again(self) -> "ChaosMirror":
        """What the next process sees."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")
        return ChaosMirror(self.db, self.path)
