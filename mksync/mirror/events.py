"""What happened to links without any write: the filter froze them, or lets them go on."""

import sqlite3
from collections.abc import Iterator

from mksync.core.report import Event, RecordName
from mksync.mirror.history import Chosen


class Events:
    """The table `event`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def note(self, cycle: int, event: Event) -> None:
        name = event.record
        self._db.execute(
            "INSERT INTO event(cycle, object, person_id, record_id, label, kind) VALUES (?, ?, ?, ?, ?, ?)",
            (cycle, name.object, name.person_id, name.id, name.label, event.kind),
        )

    def all(self, chosen: Chosen) -> Iterator[tuple[int, str, Event]]:
        """(cycle, when it started, event), oldest first."""
        where, values = chosen.where()
        rows = self._db.execute(
            "SELECT cycle, cycle.started, object, record_id, person_id, label, kind FROM event"
            f" JOIN cycle ON cycle.id = event.cycle WHERE {where} ORDER BY event.id LIMIT ?",
            (*values, chosen.limit),
        )
        for number, started, object, record, person, label, kind in rows:
            yield number, started, Event(RecordName(object, record, person, label), kind)

    def of_cycle(self, cycle: int, object: str, kind: str, limit: int) -> list[RecordName]:
        """The first records that this happened to in a cycle."""
        rows = self._db.execute(
            "SELECT object, record_id, person_id, label FROM event"
            " WHERE cycle = ? AND object = ? AND kind = ? ORDER BY id LIMIT ?",
            (cycle, object, kind, limit),
        )
        return [RecordName(*row) for row in rows]

    def count(self, cycle: int, object: str, kind: str) -> int:
        row = self._db.execute(
            "SELECT count(*) FROM event WHERE cycle = ? AND object = ? AND kind = ?", (cycle, object, kind)
        ).fetchone()
        return int(row[0])
