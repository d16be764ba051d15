"""The window between reading a record and writing it, on a side that cannot guard its writes: what its log tells."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.late import Entry, Window
from mksync.core.plan import FieldWrite, PlannedWrite
from mksync.core.records import Logged, Replaced, Side, Value
from mksync.mirror.journal import COLUMNS, planned_write

AT_A_TIME = 500  # windows
ENTRY = tuple(field.name for field in fields(Replaced))
VALUE = tuple(field.name for field in fields(Logged))


@dataclass(frozen=True, slots=True)
class Spot:
    """One field of one record that was written lately. `field`: as its side calls it."""

    side: Side
    object: str
    record: str
    field: str


@dataclass(frozen=True, slots=True)
class Reopened:
    """An edit that a write of ours replaced, and what replaced it; `held` says why it waits for a human, if it does."""

    link: int
    field: str
    side: Side
    edit: Value
    over: Value
    held: str = ""


class Windows:
    """The tables `window`, `log_entry` and `reopened`. `object` is always the side's own word."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def open(self, spots: Iterable[tuple[int, Spot, Value]], at: float) -> None:
        """Fields that were written: by which write, and what was read back."""
        rows = [(write, spot.field, spot.side, spot.object, spot.record, holds, at) for write, spot, holds in spots]
        self._db.executemany(
            "INSERT INTO window(write, field, side, object, record, holds, since)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(write, field) DO UPDATE SET holds = excluded.holds",
            rows,
        )

    def note(self, side: Side, entries: Iterable[Replaced], at: float) -> None:
        """The side's log tells of these; what it has told before is passed over."""
        rows = ((side, one.entry, one.object, one.id, one.field or "", one.at, _told(one), at) for one in entries)
        self._db.executemany(
            "INSERT OR IGNORE INTO log_entry(side, entry, object, record, field, at, told, since, after)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?,"
            " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'window'), 0))",
            rows,
        )

    def spots(self) -> Iterator[Spot]:
        """Where the log may tell of a write: a few at a time, so that windows can be closed on the way.

        A field that was written more than once may be named more than once.
        """
        rows: list[tuple[int, str, str, str, str]] = [(0, "", "", "", "")]
        while rows:
            rows = self._db.execute(
                "SELECT w.id, w.side, w.object, w.record, w.field FROM window AS w WHERE w.id > ? AND EXISTS"
                " (SELECT 1 FROM log_entry AS e WHERE e.side = w.side AND e.object = w.object AND e.record = w.record"
                " AND e.field = w.field AND e.after >= w.id) ORDER BY w.id LIMIT ?",
                (rows[-1][0], AT_A_TIME),
            ).fetchall()
            yield from dict.fromkeys(Spot(Side(side), *rest) for _, side, *rest in rows)

    def at(self, spot: Spot) -> list[tuple[Window, PlannedWrite, FieldWrite]]:
        """The writes of a spot that the log has not told of, by age."""
        rows = self._db.execute(
            f"SELECT w.id, holds, {', '.join(f'write.{name}' for name in COLUMNS.split(', '))} FROM window AS w"
            " JOIN write ON write.id = w.write"
            " WHERE w.side = ? AND w.object = ? AND w.record = ? AND w.field = ? ORDER BY w.id",
            (spot.side, spot.object, spot.record, spot.field),
        )
        return [_window(number, holds, planned_write(row), spot) for number, holds, *row in rows.fetchall()]

    def entries(self, spot: Spot) -> list[Entry]:
        """What the log tells of a spot and of merges of its record, in the log's order."""
        rows = self._db.execute(
            "SELECT after, told, used FROM log_entry WHERE side = ? AND object = ? AND record = ?"
            " AND field IN (?, '') ORDER BY at, id",
            (spot.side, spot.object, spot.record, spot.field),
        )
        return [Entry(after, _replaced(json.loads(told)), bool(used)) for after, told, used in rows]

    def close(self, window: Window, spot: Spot, entry: str) -> None:
        """This entry of the log is this write's own."""
        self._db.execute("DELETE FROM window WHERE id = ?", (window.number,))
        self._db.execute("UPDATE log_entry SET used = 1 WHERE side = ? AND entry = ?", (spot.side, entry))

    def forget(self, before: float) -> None:
        """What is older than this will not be told any more, nor told again."""
        self._db.execute("DELETE FROM window WHERE since < ?", (before,))
        self._db.execute("DELETE FROM log_entry WHERE since < ?", (before,))

    def reopen(self, row: Reopened) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO reopened VALUES (?, ?, ?, ?, ?, ?)",
            (row.link, row.field, row.side, row.edit, row.over, row.held),
        )

    def settled(self, edits: Sequence[tuple[int, str]]) -> None:
        """These edits, by link and field, were written back, or somebody edited the fields again."""
        self._db.executemany("DELETE FROM reopened WHERE link = ? AND field = ?", edits)

    def reopened(self) -> Mapping[int, Sequence[Reopened]]:
        """Link -> the edits that wait to be written back, or for a human."""
        found: dict[int, list[Reopened]] = defaultdict(list)
        for link, field, side, *rest in self._db.execute("SELECT * FROM reopened ORDER BY link, field"):
            found[link].append(Reopened(link, field, Side(side), *rest))
        return found

    def to_write_back(self) -> int:
        """How many edits wait to be written back."""
        row = self._db.execute("SELECT count(*) FROM reopened WHERE held = ''").fetchone()
        return int(row[0])


def _window(number: int, holds: Value, write: PlannedWrite, spot: Spot) -> tuple[Window, PlannedWrite, FieldWrite]:
    field = next(
        one for one in write.fields if (one.field if spot.side is Side.MARKETO else one.crm_field) == spot.field
    )
    return Window(number, field.was, field.now, holds), write, field


def _told(entry: Replaced) -> str:
    """`dataclasses.asdict` copies every value deeply, at ten times the time."""
    plain = {name: getattr(entry, name) for name in ENTRY}
    for name in ("old", "new"):
        plain[name] = {part: getattr(plain[name], part) for part in VALUE}
    return json.dumps(plain)


def _replaced(told: Mapping[str, Any]) -> Replaced:
    return Replaced(**{**told, "old": Logged(**told["old"]), "new": Logged(**told["new"])})
