"""What happened to links without any write: by the filter, or as a record was deleted, merged, converted."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from mksync.core.report import Event, RecordName
from mksync.mirror.history import Chosen


class Events:
    """The table `event`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def note(self, cycle: int, event: Event) -> None:
        name = event.record
        self._db.execute(
            "INSERT INTO event(cycle, object, person_id, record_id, label, kind, survivor)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (cycle, name.object, name.person_id, name.id, name.label, event.kind, event.survivor),
        )

    def all(self, chosen: Chosen) -> Iterator[tuple[int, str, Event]]:
        """(cycle, when it started, event), oldest first."""
        where, values = chosen.where()
        rows = self._db.execute(
            "SELECT cycle, cycle.started, object, record_id, person_id, label, kind, survivor FROM event"
            f" JOIN cycle ON cycle.id = event.cycle WHERE {where} ORDER BY event.id LIMIT ?",
            (*values, chosen.limit),
        )
        for number, started, *name, kind, survivor in rows:
            yield number, started, Event(RecordName(*name), kind, survivor)

    def of_cycle(self, cycle: int, object: str, kinds: Sequence[str], limit: int) -> list[Event]:
        """The first of these kinds in a cycle."""
        rows = self._db.execute(
            "SELECT object, record_id, person_id, label, kind, survivor FROM event"
            f" WHERE cycle = ? AND object = ? AND kind IN ({_marks(kinds)}) ORDER BY id LIMIT ?",
            (cycle, object, *kinds, limit),
        )
        return [Event(RecordName(*name), kind, survivor) for *name, kind, survivor in rows]

    def count(self, cycle: int, object: str) -> Mapping[str, int]:
        """How many there were in a cycle, by kind."""
        rows = self._db.execute(
            "SELECT kind, count(*) FROM event WHERE cycle = ? AND object = ? GROUP BY kind", (cycle, object)
        )
        return dict(rows.fetchall())


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
