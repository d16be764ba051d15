"""What is taken over from a mirror that is not to be trusted: the history, as far as it can be read, and who is to stay
away because somebody deleted them in Marketo, which no system tells any more.

Links, bases, cursors and copies of records are made anew from both systems.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from mksync.core.lives import kind
from mksync.core.records import PERSON, Side
from mksync.mirror import Mirror, schema
from mksync.mirror.migrations import APPLICATION_ID

# Table -> what its rows become. A write without an outcome has none that this mirror could still learn of: both
# systems are read afresh, which shows what came of it.
HISTORY: Mapping[str, str] = {
    "cycle": "",
    "collision": "",
    "event": "",
    "write": "status IN ('planned', 'sent')",
    "refusal": "",  # one that comes back is none that people's Activity Logs have not been told of
    "activity": "",  # what was sent is looked for in Marketo, whoever sent it
}
FACTS = "activity_type%"  # of `project`: what `init` made in Marketo is still there


@dataclass(slots=True)
class Salvaged:
    """`rows`: table -> rows taken over. `lost`: tables that could not be read to their end, and why."""

    rows: dict[str, int] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)  # "marketo_organisation" -> id
    bereft: list[tuple[str, str, str]] = field(default_factory=list)  # object, record, deleted person


def salvage(db: sqlite3.Connection, old: Path) -> Salvaged:
    """Fill a new mirror's history from an old one, which is only read."""
    found = Salvaged()
    if not old.exists():
        return found
    try:
        # Read-only in the file system's sense, SQLite would leave the files beside it that it needs to read a log.
        with closing(sqlite3.connect(f"{old.absolute().as_uri()}?mode=rw", uri=True)) as source:
            source.execute("PRAGMA query_only = ON")
            (owner,) = source.execute("PRAGMA application_id").fetchone()
            if owner == APPLICATION_ID:
                _read(source, db, found)
    except sqlite3.Error as error:
        found.lost["everything"] = str(error)
    return found


def _read(source: sqlite3.Connection, db: sqlite3.Connection, found: Salvaged) -> None:
    try:
        rows = source.execute("SELECT name, value FROM project WHERE name LIKE '%_organisation'")
        found.organisations = dict(rows.fetchall())
        facts = source.execute("SELECT name, value FROM project WHERE name LIKE ?", (FACTS,)).fetchall()
        db.executemany("INSERT OR REPLACE INTO project VALUES (?, ?)", facts)
    except sqlite3.Error as error:
        found.lost["project"] = str(error)
    there = {name for (name,) in source.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    try:
        found.bereft = list(_bereft(source))
    except sqlite3.Error as error:
        found.lost["link"] = str(error)
    for table, open_ones in HISTORY.items():
        if table not in there:
            continue  # an older version's mirror
        db.execute("BEGIN IMMEDIATE")
        found.rows[table] = 0
        known = {name for _, name, *_ in db.execute(f"PRAGMA table_info({schema.quoted(table)})")}
        try:
            for row in _rows(source, table):
                found.rows[table] += _take(db, table, known, row)
            if open_ones:
                db.execute(f"UPDATE {schema.quoted(table)} SET status = 'lost' WHERE {open_ones}")
        except sqlite3.Error as error:
            found.lost[table] = str(error)
        finally:
            db.execute("COMMIT")


def _bereft(source: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    state = kind(Side.MARKETO, "deleted")
    for (object,) in source.execute("SELECT DISTINCT object FROM link WHERE state = ?", (state,)).fetchall():
        yield from source.execute(
            f"SELECT link.object, r._id, p._id FROM link JOIN marketo_person AS p ON p._pid = link.person"
            f" JOIN {schema.quoted(schema.snapshot_table(Side.CRM, object))} AS r ON r._pid = link.record"
            " WHERE link.object = ? AND link.state = ? AND link.counterpart = 'person'",
            (object, state),
        )


def put_back(mirror: Mirror, bereft: Iterable[tuple[str, str, str]], objects: Collection[str]) -> None:
    """Have the CRM records of people whom somebody deleted stay without a person, as far as these objects sync.

    Belongs before the first read, which tells whether the record, or the person, is there after all.
    """
    people = schema.quoted(schema.snapshot_table(Side.MARKETO, PERSON))
    with mirror.transaction():
        for object, record, person in bereft:
            if object not in objects:
                continue
            records = schema.quoted(schema.snapshot_table(Side.CRM, object))
            mirror.db.execute(f"INSERT INTO {people}(_id, _gone, _dirty) VALUES (?, 'deleted', 0)", (person,))
            mirror.db.execute(f"INSERT INTO {records}(_id) VALUES (?)", (record,))
            ends = mirror.snapshots.pid(Side.MARKETO, PERSON, person), mirror.snapshots.pid(Side.CRM, object, record)
            assert ends[0] is not None and ends[1] is not None, "both were put there just now"  # noqa: PT018
            link = mirror.links.add(object, ends[0], ends[1], "taken over", 0)
            mirror.links.set_state(link, kind(Side.MARKETO, "deleted"))


def _rows(source: sqlite3.Connection, table: str) -> Iterator[sqlite3.Row]:
    cursor = source.cursor()
    cursor.row_factory = sqlite3.Row
    yield from cursor.execute(f"SELECT * FROM {schema.quoted(table)} ORDER BY 1")


def _take(db: sqlite3.Connection, table: str, known: set[str], row: sqlite3.Row) -> int:
    """The links that a write names are not there any more."""
    values = {name: row[name] for name in row.keys()} | ({"link": None} if table == "write" else {})  # noqa: SIM118
    kept = {name: value for name, value in values.items() if name in known}
    marks = ", ".join("?" * len(kept))
    names = ", ".join(schema.quoted(name) for name in kept)
    taken = db.execute(f"INSERT OR IGNORE INTO {schema.quoted(table)}({names}) VALUES ({marks})", tuple(kept.values()))
    return taken.rowcount
