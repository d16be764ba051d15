"""What happened: cycles, collisions with both values, and the leftovers that wait for somebody."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.quota import Quota
from mksync.core.records import Side, Value
from mksync.core.report import Collision, Held, RecordName, Rejected
from mksync.mirror.booleans import Booleans

# A row is about a person: what Marketo keeps of accounts, opportunities … has ids of its own, which may be the same.
_CYCLE = "id, command, started, finished, exit_code, calls, warnings, notes, quota"
OF_PEOPLE = "object NOT IN (SELECT object FROM link WHERE counterpart <> 'person')"


@dataclass(frozen=True, slots=True)
class Cycle:
    """A row of `cycle`."""

    id: int
    command: str
    started: str
    finished: str | None
    exit_code: int | None
    calls: Mapping[str, int]
    warnings: Sequence[str]
    notes: Sequence[str]
    quota: Mapping[str, Quota]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rows of the history are asked for. Ids are Marketo's or the CRM's, whichever fits."""

    cycle: int | None = None
    object: str | None = None
    ids: Sequence[str] = ()
    since: str = ""  # an instant
    limit: int = -1  # no limit

    def where(self) -> tuple[str, list[str | int]]:
        """A condition over `cycle` joined with a table that has object, person_id and record_id, and its values."""
        parts: list[str] = ["cycle.started >= ?"]
        values: list[str | int] = [self.since]
        if self.cycle is not None:
            parts, values = [*parts, "cycle.id = ?"], [*values, self.cycle]
        if self.object is not None:
            parts, values = [*parts, "object = ?"], [*values, self.object]
        if self.ids:
            marks = ", ".join("?" * len(self.ids))
            parts = [*parts, f"(person_id IN ({marks}) AND {OF_PEOPLE} OR record_id IN ({marks}))"]
            values = [*values, *self.ids, *self.ids]
        return " AND ".join(parts), values


class History:
    """The tables `cycle`, `collision` and `leftover`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def begin(self, command: str, at: float) -> int:
        """A new cycle. Returns its number."""
        row = self._db.execute("INSERT INTO cycle(command, started) VALUES (?, ?) RETURNING id", (command, _text(at)))
        return int(row.fetchone()[0])

    def finish(
        self,
        cycle: int,
        at: float,
        exit_code: int,
        calls: Mapping[str, int],
        warnings: Sequence[str],
        notes: Sequence[str] = (),
        quota: Mapping[str, Quota] | None = None,
    ) -> None:
        quotas = {system: asdict(one) for system, one in (quota or {}).items()}
        told = (json.dumps(one) for one in (dict(calls), list(warnings), list(notes), quotas))
        self._db.execute(
            "UPDATE cycle SET finished = ?, exit_code = ?, calls = ?, warnings = ?, notes = ?, quota = ? WHERE id = ?",
            (_text(at), exit_code, *told, cycle),
        )

    def cycles(self, since: str = "", limit: int = 20) -> list[Cycle]:
        """The latest cycles, newest first."""
        rows = self._db.execute(
            f"SELECT {_CYCLE} FROM cycle WHERE started >= ? ORDER BY id DESC LIMIT ?",
            (since, limit),
        )
        return [_cycle(row) for row in rows]

    def cycle(self, id: int) -> Cycle | None:
        row = self._db.execute(f"SELECT {_CYCLE} FROM cycle WHERE id = ?", (id,)).fetchone()
        return _cycle(row) if row else None

    def collide(self, cycle: int, row: Collision) -> None:
        name = row.record
        self._db.execute(
            "INSERT INTO collision(cycle, object, person_id, record_id, label, field, crm_field, marketo, crm,"
            " base_marketo, base_crm, winner, rule, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                cycle, name.object, name.person_id, name.id, name.label, row.field, row.crm_field, row.marketo,
                row.crm, row.base_marketo, row.base_crm, row.winner, row.rule, row.kind,
            ),
        )  # fmt: skip

    def withdraw_collisions(self, cycle: int, object: str, person_id: str, fields: Sequence[str]) -> None:
        """What this cycle decided about these fields was not written: no value has lost yet, unless before."""
        marks = ", ".join("?" * len(fields))
        self._db.execute(  # +cycle: by the index on people, as a cycle may have as many rows as there are records
            "DELETE FROM collision WHERE person_id = ? AND +cycle = ? AND object = ? AND kind <> 'late'"
            f" AND field IN ({marks})",
            (person_id, cycle, object, *fields),
        )

    def collisions(self, chosen: Chosen) -> Iterator[tuple[int, str, Collision]]:
        """(cycle, when it started, collision), oldest first."""
        where, values = chosen.where()
        rows = self._db.execute(
            "SELECT cycle, cycle.started, object, record_id, person_id, label, field, crm_field, marketo, crm,"
            " base_marketo, base_crm, winner, rule, kind FROM collision JOIN cycle ON cycle.id = collision.cycle"
            f" WHERE {where} ORDER BY collision.id LIMIT ?",
            (*values, chosen.limit),
        )
        booleans = Booleans(self._db)
        for number, started, of, record_id, person_id, label, field, crm_field, *rest in rows:
            *values, winner, rule, kind = rest
            name = RecordName(of, record_id, person_id, label)
            named = ((Side.MARKETO, field), (Side.CRM, crm_field)) * 2
            found = (booleans.restored(side, of, one, value) for (side, one), value in zip(named, values, strict=True))
            marketo, crm, *bases = found
            won = Side(winner) if winner else None
            yield number, started, Collision(name, field, crm_field, marketo, crm, bases[0], bases[1], won, rule, kind)

    def count_collisions(self, cycle: int, object: str) -> tuple[int, int]:
        """(collisions, first differences) of a cycle."""
        row = self._db.execute(
            "SELECT count(*) FILTER (WHERE kind <> 'initial'), count(*) FILTER (WHERE kind = 'initial')"
            " FROM collision WHERE cycle = ? AND object = ?",
            (cycle, object),
        ).fetchone()
        return int(row[0]), int(row[1])

    def hold(self, cycle: int, held: Held, at: float) -> None:
        """List a difference that is left for a human."""
        self._leave(
            held.record, cycle, at, kind="held", fields=json.dumps([held.field] if held.field else []),
            reason=held.reason, remedy=held.remedy, marketo=held.marketo, crm=held.crm,
        )  # fmt: skip

    def holds(self, name: RecordName, reason: str) -> bool:
        """Whether this very difference is listed already."""
        row = self._db.execute(
            "SELECT 1 FROM leftover WHERE kind = 'held' AND object = ? AND record_id = ? AND label = ? AND reason = ?",
            (name.object, name.id, name.label, reason),
        ).fetchone()
        return row is not None

    def awaited(self, object: str) -> list[tuple[str, str]]:
        """(Marketo field, id of the parent) of everything of an object that waits for another record."""
        rows = self._db.execute(
            "SELECT DISTINCT json_extract(fields, '$[0]'), crm FROM leftover"
            " WHERE object = ? AND kind = 'held' AND reason LIKE 'waits: %'",
            (object,),
        )
        return [(field, str(id)) for field, id in rows if field]

    def reject(self, cycle: int, row: Rejected, at: float) -> None:
        """List a write that was refused. `row.since`: when it was refused first, if that is not now."""
        since = {"since": row.since} if row.since else {}
        self._leave(
            row.record, cycle, at, kind="rejected", fields=json.dumps(row.fields), side=row.to, code=row.code,
            reason=row.message, cause=row.cause, remedy=row.remedy, tries=row.tries, **since,
        )  # fmt: skip

    def _leave(self, name: RecordName, cycle: int, at: float, **columns: Value) -> None:
        row = {
            "cycle": cycle, "object": name.object, "person_id": name.person_id, "record_id": name.id,
            "label": name.label, "since": _text(at), **columns,
        }  # fmt: skip
        marks = ", ".join("?" * len(row))
        self._db.execute(f"INSERT INTO leftover({', '.join(row)}) VALUES ({marks})", tuple(row.values()))

    def anything_left(self) -> bool:
        """Whether anything waits, rejected or held."""
        return self._db.execute("SELECT 1 FROM leftover LIMIT 1").fetchone() is not None

    def clear_leftovers(self, object: str, record_id: str) -> None:
        """The record is judged again: what it left over before no longer counts."""
        self.clear_leftovers_of(object, [record_id])

    def clear_leftovers_of(self, object: str, record_ids: Sequence[str]) -> None:
        """The same of many records."""
        rows = [(object, id) for id in record_ids]
        self._db.executemany("DELETE FROM leftover WHERE object = ? AND record_id = ?", rows)

    def clear_unlinked(self, person_ids: Iterable[str]) -> None:
        """People without a CRM record are pushed again, or are linked now."""
        rows = [(id,) for id in person_ids]
        self._db.executemany("DELETE FROM leftover WHERE person_id = ? AND record_id IS NULL", rows)

    def rejected(self, chosen: Chosen) -> Iterator[tuple[int, Rejected]]:
        """(cycle, refused write) of everything that still waits."""
        for row in self._leftovers("rejected", chosen):
            name = RecordName(row["object"], row["record_id"], row["person_id"], row["label"])
            fields = tuple(json.loads(row["fields"]))
            why = (row["code"], row["reason"], row["cause"], row["remedy"], row["since"], row["tries"])
            yield row["cycle"], Rejected(name, Side(row["side"]), fields, *why)

    def held(self, chosen: Chosen) -> Iterator[tuple[int, Held]]:
        """(cycle, difference) of everything that still waits for a human."""
        booleans = Booleans(self._db)
        for row in self._leftovers("held", chosen):
            name = RecordName(row["object"], row["record_id"], row["person_id"], row["label"])
            field = next(iter(json.loads(row["fields"])), None)
            marketo, crm = (booleans.restored(Side.MARKETO, name.object, field, row[side]) for side in Side)
            yield row["cycle"], Held(name, field, row["reason"], marketo, crm, row["remedy"])

    def count_leftovers(self, kind: str, chosen: Chosen) -> int:
        where, values = chosen.where()
        row = self._db.execute(
            "SELECT count(*) FROM leftover JOIN cycle ON cycle.id = leftover.cycle"
            f" WHERE leftover.kind = ? AND {where}",
            (kind, *values),
        ).fetchone()
        return int(row[0])

    def _leftovers(self, kind: str, chosen: Chosen) -> Iterator[sqlite3.Row]:
        where, values = chosen.where()
        cursor = self._db.cursor()
        cursor.row_factory = sqlite3.Row
        yield from cursor.execute(
            "SELECT leftover.* FROM leftover JOIN cycle ON cycle.id = leftover.cycle"
            f" WHERE leftover.kind = ? AND {where} ORDER BY leftover.id LIMIT ?",
            (kind, *values, chosen.limit),
        )


def _cycle(row: Sequence[Any]) -> Cycle:
    id, command, started, finished, exit_code, *told = row
    calls, warnings, notes, quotas = (json.loads(text) for text in told)
    quota = {system: Quota(**one) for system, one in quotas.items()}
    return Cycle(id, command, started, finished, exit_code, calls, warnings, notes, quota)


def _text(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
