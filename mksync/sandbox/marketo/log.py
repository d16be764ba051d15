"""The activity log: what happened, when it becomes visible, and how a feed is read on from a paging token.

A feed runs in the order in which activities become visible, not by activity date (developer guide, Paging Tokens;
late entries: Marketo Nation, "Paging token use case").
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.marketo.envelope import Failure
from mksync.sandbox.store import Store

NEW_LEAD = 12
CHANGE_DATA_VALUE = 13
CHANGE_SCORE = 22
MERGE_LEADS = 32
DELETE_LEAD = 37
CHANGE_PARTITION = 100
SOURCE = "Web service API"

_DAY = 86_400
# How long activities are kept (Marketo Nation, "Marketo Activities Data Retention Policy"); New Lead for ever.
_KEPT_14_DAYS = frozenset({DELETE_LEAD})
_KEPT_90_DAYS = frozenset({1, 3, 6, 7, CHANGE_DATA_VALUE, 19, CHANGE_SCORE, 24, 28, 36, 47, 300})
_KEPT_OTHERS = 760 * _DAY

_SCHEMA = """
CREATE TABLE IF NOT EXISTS marketo_activity (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, lead_id INTEGER NOT NULL, type_id INTEGER NOT NULL,
    happened INTEGER NOT NULL, visible_at REAL NOT NULL,
    primary_id INTEGER, primary_value TEXT, attributes TEXT NOT NULL, field TEXT, old TEXT, new TEXT
);
CREATE INDEX IF NOT EXISTS marketo_activity_visible ON marketo_activity (visible_at, seq);
CREATE INDEX IF NOT EXISTS marketo_activity_happened ON marketo_activity (happened, seq);
CREATE INDEX IF NOT EXISTS marketo_activity_lead ON marketo_activity (lead_id);
"""
_COLUMNS = "seq, lead_id, type_id, happened, visible_at, primary_id, primary_value, attributes, field, old, new"


@dataclass(frozen=True, slots=True)
class Entry:
    """One activity to write. `happened` in epoch seconds; `attributes` as the API lists them."""

    lead_id: int
    type_id: int
    happened: int
    attributes: Sequence[dict[str, Any]] = ()
    primary_id: int | None = None
    primary_value: str | None = None
    field: str | None = None  # REST name, of value and score changes
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Activity(Entry):
    """An activity as the log holds it."""

    seq: int = 0
    visible_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Token:
    """Where a feed goes on: behind the entry (`stamp`, `seq`), and nothing that happened before `since`."""

    since: int
    stamp: float
    seq: int
    primed: bool = False  # an empty page has been given already

    @property
    def text(self) -> str:
        plain = f"{self.since},{self.stamp!r},{self.seq},{int(self.primed)}"
        return base64.b32encode(plain.encode()).decode()

    @classmethod
    def parse(cls, text: str) -> "Token":
        """Fails with 1003 for what is no token of ours."""
        try:
            since, stamp, seq, primed = base64.b32decode(text).decode().split(",")
            return cls(int(since), float(stamp), int(seq), primed == "1")
        except ValueError:
            raise Failure("1003", f"Invalid value '{text}' for parameter 'nextPageToken'") from None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a feed is asked for. `fields` restricts value changes (type 13) to these REST names."""

    types: Sequence[int]
    size: int
    lead_ids: Sequence[int] = ()
    asset_ids: Sequence[int] = ()
    fields: Sequence[str] | None = None


class Log:
    """Writes and reads activities. `delay` is the longest time, in seconds, until a new one becomes visible."""

    def __init__(self, store: Store, clock: SandboxClock, quirks: frozenset[str]) -> None:
        self.delay = 0.0
        self._store = store
        self._clock = clock
        self._by_date = "tokens_by_date" in quirks
        self._random = Random(1)  # noqa: S311 - delays need repeatability, not secrecy
        with store.lock:
            store.connection.executescript(_SCHEMA)

    def write(self, entries: Sequence[Entry]) -> list[int]:
        """Append the entries; their ids."""
        now = self._clock.now()
        return [self._insert(entry, now + self.delay * self._random.random()) for entry in entries]

    def write_old(self, entries: Sequence[Entry]) -> None:
        """Append many entries that have been visible since they happened."""
        rows = [_row(entry, float(entry.happened)) for entry in entries]
        self._store.connection.executemany(_INSERT, rows)

    def read(self, wanted: Wanted, token: Token) -> tuple[list[Activity], Token, bool]:
        """One page, the token behind it, and whether there is more."""
        now = self._clock.now()
        condition, values = _condition(wanted, now)
        order = "happened" if self._by_date else "visible_at"
        query = (
            f"SELECT {_COLUMNS} FROM marketo_activity WHERE visible_at <= ? AND happened >= ? "
            f"AND {order} >= ? AND ({order}, seq) > (?, ?) AND {condition} ORDER BY {order}, seq LIMIT ?"
        )
        place = [now, token.since, token.stamp, token.stamp, token.seq]
        with self._store.lock:
            rows = self._store.connection.execute(query, (*place, *values, wanted.size + 1)).fetchall()
            found = [_activity(row) for row in rows[: wanted.size]]
            more = len(rows) > wanted.size
            return found, self._behind(token, found, more, now), more

    def start(self, since: int) -> Token:
        """The token of a feed that begins with what happened at `since`."""
        return Token(since, float(since), -1)

    def _behind(self, token: Token, found: list[Activity], more: bool, now: float) -> Token:
        if self._by_date:
            return Token(token.since, float(found[-1].happened), found[-1].seq) if found else _unprimed(token)
        if more:
            return Token(token.since, found[-1].visible_at, found[-1].seq)
        if now < token.stamp:  # it begins in the future
            return _unprimed(token)
        last = self._store.connection.execute("SELECT max(seq) FROM marketo_activity").fetchone()[0]
        # What becomes visible later does so after `now`, or is appended behind the last entry.
        return Token(token.since, now, last or 0)

    def _insert(self, entry: Entry, visible_at: float) -> int:
        return self._store.connection.execute(_INSERT, _row(entry, visible_at)).lastrowid or 0


_INSERT = f"INSERT INTO marketo_activity ({_COLUMNS.removeprefix('seq, ')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _unprimed(token: Token) -> Token:
    return Token(token.since, token.stamp, token.seq)


def _row(entry: Entry, visible_at: float) -> tuple[object, ...]:
    attributes = json.dumps(list(entry.attributes), ensure_ascii=False)
    head = (entry.lead_id, entry.type_id, entry.happened, visible_at, entry.primary_id, entry.primary_value)
    return (*head, attributes, entry.field, entry.old, entry.new)


def _activity(row: Sequence[Any]) -> Activity:
    seq, lead_id, type_id, happened, visible_at, primary_id, primary_value, attributes, field, old, new = row
    return Activity(
        lead_id, type_id, happened, json.loads(attributes), primary_id, primary_value, field, old, new, seq, visible_at
    )


def _condition(wanted: Wanted, now: float) -> tuple[str, list[object]]:
    kinds = [_kind(type_id, wanted, now) for type_id in wanted.types]
    parts = ["(" + " OR ".join(text for text, _ in kinds) + ")"]
    values: list[object] = [value for _, more in kinds for value in more]
    for column, ids in (("lead_id", wanted.lead_ids), ("primary_id", wanted.asset_ids)):
        if ids:
            parts.append(f"{column} IN ({', '.join('?' for _ in ids)})")
            values += ids
    return " AND ".join(parts), values


def _kind(type_id: int, wanted: Wanted, now: float) -> tuple[str, list[object]]:
    text = "type_id = ?"
    values: list[object] = [type_id]
    if type_id != NEW_LEAD:
        text += " AND happened >= ?"
        values.append(now - _kept(type_id))
    if type_id == CHANGE_DATA_VALUE and wanted.fields is not None:
        text += f" AND field IN ({', '.join('?' for _ in wanted.fields)})"
        values += wanted.fields
    return f"({text})", values


def _kept(type_id: int) -> int:
    if type_id in _KEPT_14_DAYS:
        return 14 * _DAY
    return 90 * _DAY if type_id in _KEPT_90_DAYS else _KEPT_OTHERS
