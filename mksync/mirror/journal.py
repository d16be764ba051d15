"""The journal of writes: the work queue of a cycle, what a crash is mended from, and the history of every field."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from mksync.core.frozen import dataclass
from mksync.core.plan import FieldWrite, PlannedWrite
from mksync.core.records import Refusal, Side, Sides
from mksync.mirror.history import OF_PEOPLE

COLUMNS = "cycle, object, side, kind, label, fields, link, person_id, record_id, version, token, id"


@dataclass(frozen=True, slots=True)
class Totals:
    """Records created, records updated, and fields written in all."""

    created: int
    updated: int
    fields: int


class Journal:
    """The table `write`. A row is `sent` before its call is made, and settled after."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def plan(self, write: PlannedWrite) -> None:
        self.plan_all([write])

    def plan_all(self, writes: Iterable[PlannedWrite]) -> None:
        """In this order."""
        self._db.executemany(
            "INSERT INTO write(cycle, object, side, kind, label, fields, link, person_id, record_id, version, token,"
            " status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned')",
            [
                (
                    write.cycle, write.object, write.side, write.kind, write.label,
                    json.dumps([field._asdict() for field in write.fields]), write.link, write.person_id,
                    write.record_id, write.version, write.token,
                )
                for write in writes
            ],
        )  # fmt: skip

    def batch(self, cycle: int, side: Side, object: str, kind: str, limit: int) -> list[PlannedWrite]:
        """The next writes of one kind that this cycle has planned."""
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM write WHERE status = 'planned' AND side = ? AND object = ? AND kind = ?"
            " AND +cycle = ? ORDER BY id LIMIT ?",
            (side, object, kind, cycle, limit),
        )
        return [planned_write(row) for row in rows]

    def planned_update(self, cycle: int, object: str, record: str) -> PlannedWrite | None:
        """What a cycle has planned for a record of the CRM, and not sent yet."""
        row = self._db.execute(
            f"SELECT {COLUMNS} FROM write WHERE record_id = ? AND object = ? AND +cycle = ? AND +side = ?"
            " AND kind = 'update' AND status = 'planned'",
            (record, object, cycle, Side.CRM),
        ).fetchone()
        return planned_write(row) if row else None

    def creates(self, object: str, record: str) -> bool:
        """Whether the creation of this record is planned, and not sent yet."""
        row = self._db.execute(
            "SELECT 1 FROM write WHERE record_id = ? AND object = ? AND kind = 'create' AND status = 'planned'",
            (record, object),
        ).fetchone()
        return row is not None

    def mark(self, ids: Iterable[int], status: str) -> None:
        self._db.execute(
            "UPDATE write SET status = ? WHERE id IN (SELECT value FROM json_each(?))", (status, json.dumps(list(ids)))
        )

    def settle(self, id: int, status: str, at: str, refusal: Refusal | None = None) -> None:
        """Note what became of a write: written, refused, moved, gone or lost."""
        self.settle_all([(id, status, refusal)], at)

    def settle_all(self, settled: Iterable[tuple[int, str, Refusal | None]], at: str) -> None:
        """The same of many writes."""
        self._db.executemany(
            "UPDATE write SET status = ?, settled_at = ?, code = ?, message = ?, cause = ?, remedy = ? WHERE id = ?",
            [(status, at, *_why(refusal), id) for id, status, refusal in settled],
        )

    def link_created(self, created: Iterable[tuple[int, int, Sides[str]]]) -> None:
        """What these writes created is known from now on: its link, and the ids of both its records."""
        rows = [(link, ids.marketo, ids.crm, id) for id, link, ids in created]
        self._db.executemany("UPDATE write SET link = ?, person_id = ?, record_id = ? WHERE id = ?", rows)

    def unread(self) -> list[tuple[PlannedWrite, str]]:
        """Writes that were carried out, and when; their records have yet to be read back."""
        rows = self._db.execute(f"SELECT {COLUMNS}, settled_at FROM write WHERE status = 'unread' ORDER BY id")
        return [(planned_write(row), at) for *row, at in rows]

    def unsettled(self) -> list[PlannedWrite]:
        """Writes that were sent and whose outcome is unknown."""
        rows = self._db.execute(f"SELECT {COLUMNS} FROM write WHERE status = 'sent' ORDER BY id")
        return [planned_write(row) for row in rows]

    def withdraw_planned(self, limit: int) -> list[PlannedWrite]:
        """Take back some of what was planned and never sent. Returns it, so that its records are judged again."""
        return self._withdraw("status = 'planned' LIMIT ?", limit)

    def withdraw_others(self, cycle: int) -> list[PlannedWrite]:
        """Take back what other cycles than this planned and never sent. Returns it."""
        return self._withdraw("status = 'planned' AND +cycle <> ?", cycle)

    def withdraw_of(self, people: Sequence[str], records: Sequence[tuple[str, str]]) -> list[PlannedWrite]:
        """Take back what is planned and not sent for these people and these records (object, id). Returns it."""
        found = [f"person_id = ? AND {OF_PEOPLE}"] * len(people) + ["object = ? AND record_id = ?"] * len(records)
        values = [*people, *(part for record in records for part in record)]
        return self._withdraw(f"status = 'planned' AND ({' OR '.join(found) or '0'})", *values)

    def withdraw_refused(self, object: str, limit: int) -> list[PlannedWrite]:
        """Take back some of what was planned of an object, and of the call that was refused as a whole. Returns it."""
        return self._withdraw("object = ? AND status IN ('planned', 'sent') LIMIT ?", object, limit)

    def _withdraw(self, where: str, *values: str | int) -> list[PlannedWrite]:
        rows = self._db.execute(f"SELECT {COLUMNS} FROM write WHERE {where}", values)
        return self.withdraw([planned_write(row) for row in rows])

    def withdraw(self, writes: list[PlannedWrite]) -> list[PlannedWrite]:
        """Take back these, which were not sent. Returns them."""
        self._db.executemany("DELETE FROM write WHERE id = ?", [(write.id,) for write in writes])
        return writes

    def totals(self, cycle: int, object: str) -> Totals:
        """What a cycle wrote of an object, or planned to write."""
        row = self._db.execute(
            "SELECT count(*) FILTER (WHERE kind = 'create' AND status IN ('planned', 'written', 'unread')),"
            " count(*) FILTER (WHERE kind = 'update' AND status IN ('planned', 'written', 'unread')),"
            " coalesce(sum(json_array_length(fields)), 0) FROM write WHERE cycle = ? AND object = ?",
            (cycle, object),
        ).fetchone()
        return Totals(*row)

    def lost(self, cycle: int) -> int:
        """How many writes of a cycle were sent, not answered, and found to have had no effect."""
        row = self._db.execute("SELECT count(*) FROM write WHERE cycle = ? AND status = 'lost'", (cycle,)).fetchone()
        return int(row[0])

    def last_changes(self, object: str) -> dict[str, str]:
        """Marketo field -> when a cycle wrote it last on either side: an instant."""
        rows = self._db.execute(
            "SELECT json_extract(one.value, '$.field'), max(settled_at) FROM write, json_each(write.fields) AS one"
            " WHERE object = ? AND status IN ('written', 'unread') GROUP BY 1",
            (object,),
        )
        return dict(rows.fetchall())

    def of_cycle(self, cycle: int, object: str, limit: int) -> Iterator[tuple[PlannedWrite, str]]:
        """The writes of a cycle and what became of them, in the order they were planned."""
        yield from self._select("cycle = ? AND object = ? ORDER BY id LIMIT ?", cycle, object, limit)

    def of_record(self, ids: Sequence[str]) -> Iterator[tuple[PlannedWrite, str]]:
        """Everything ever written for a person, by Marketo or CRM id."""
        marks = ", ".join("?" * len(ids))
        theirs = f"person_id IN ({marks}) AND {OF_PEOPLE}"
        yield from self._select(f"{theirs} OR record_id IN ({marks}) ORDER BY id", *ids, *ids)

    def _select(self, where: str, *values: str | int) -> Iterator[tuple[PlannedWrite, str]]:
        for *row, status in self._db.execute(f"SELECT {COLUMNS}, status FROM write WHERE {where}", values):
            yield planned_write(row), status


def _why(refusal: Refusal | None) -> tuple[str | None, ...]:
    return (refusal.code, refusal.message, refusal.cause, refusal.remedy) if refusal else (None,) * 4


def planned_write(row: Sequence[object]) -> PlannedWrite:
    cycle, object, side, kind, label, fields, link, person_id, record_id, version, token, id = row
    return PlannedWrite(
        cycle, object, side, kind, label,  # type: ignore[arg-type]
        tuple(FieldWrite(**field) for field in json.loads(str(fields))),
        link, person_id, record_id, version, token, id,  # type: ignore[arg-type]
    )  # fmt: skip
