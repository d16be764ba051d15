"""Lead partitions: an instance has one called Default unless its admin adds more (developer guide, Leads)."""

from dataclasses import dataclass

from mksync.sandbox.store import Store

DEFAULT = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS marketo_partition (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, description TEXT, accessible INTEGER NOT NULL
);
INSERT OR IGNORE INTO marketo_partition VALUES (1, 'Default', 'Initial system lead partition', 1);
"""


@dataclass(frozen=True, slots=True)
class Partition:
    """`accessible` to the workspaces of the API user; leads in others are out of its sight."""

    id: int
    name: str
    description: str | None
    accessible: bool


class Partitions:
    """The partitions of the instance."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.lock:
            store.connection.executescript(_SCHEMA)

    def all(self) -> list[Partition]:
        with self._store.lock:
            rows = self._store.connection.execute("SELECT id, name, description, accessible FROM marketo_partition")
            return [Partition(id, name, description, bool(accessible)) for id, name, description, accessible in rows]

    def named(self, name: str) -> Partition | None:
        return next((found for found in self.all() if found.name.lower() == name.lower()), None)

    def accessible(self) -> frozenset[int]:
        return frozenset(found.id for found in self.all() if found.accessible)

    def add(self, name: str, *, accessible: bool = True) -> None:
        """What an admin does on the screen: add a partition."""
        with self._store.transaction() as connection:
            connection.execute("INSERT INTO marketo_partition (name, accessible) VALUES (?, ?)", (name, accessible))
