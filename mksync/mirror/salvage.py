"""What is taken over from a mirror that is not to be trusted: the history, as far as it can be read, and no state.

Links, bases, cursors and copies of records are made anew from both systems; what was done stays known.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from mksync.mirror import schema

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
            if owner == schema.APPLICATION_ID:
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
