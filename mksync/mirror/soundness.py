"""Whether a mirror can be trusted: its file, and what its tables promise each other (see `schema`)."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from mksync.core.records import Side
from mksync.errors import MirrorError
from mksync.mirror.project import ProjectFacts
from mksync.mirror.schema import base_table, quoted, snapshot_table
from mksync.mirror.trouble import DAMAGED

CHECKED = "checked"  # the fact that says when it was last looked over: seconds since the epoch
DAY = 86_400.0
MOST = 3  # faults that are told


def look_over(db: sqlite3.Connection, path: Path, now: float, *, left_open: bool) -> None:
    """Check the whole mirror, once a day and after a run that did not close it. Raises MirrorError.

    It takes as long as reading the file does, which is why not every run pays for it.
    """
    facts = ProjectFacts(db)
    last = float(facts.get(CHECKED) or 0)
    if not left_open and 0 <= now - last < DAY:
        return
    check(db, path)
    facts.set(CHECKED, str(now))


def check(db: sqlite3.Connection, path: Path) -> None:
    """Raises MirrorError, naming the first faults."""
    if found := list(faults(db)):
        raise MirrorError(f"the mirror at {path} is damaged: {'; '.join(found[:MOST])}", hint=DAMAGED)


def faults(db: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with it, in words; nothing, if it is sound."""
    broken = [str(row[0]) for row in db.execute(f"PRAGMA quick_check({MOST})")]
    if broken != ["ok"]:
        yield from (text.splitlines()[-1] for text in broken)
        return  # what a broken file says of its tables says nothing
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    for object, counterpart in db.execute("SELECT DISTINCT object, counterpart FROM link").fetchall():
        ends = {"person": snapshot_table(Side.MARKETO, counterpart), "record": snapshot_table(Side.CRM, object)}
        for column, table in ends.items():
            yield from _loose_links(db, tables, object, column, table)
        for side in Side:
            yield from _loose_bases(db, tables, base_table(side, object))
    yield from _miscounted(db)


def _miscounted(db: sqlite3.Connection) -> Iterator[str]:
    """The brakes go by these numbers."""
    kept = {
        (object, state): links for object, state, links in db.execute("SELECT object, state, links FROM link_count")
    }
    counted = db.execute("SELECT object, state, count(*) FROM link GROUP BY object, state")
    found = {(object, state): links for object, state, links in counted}
    for object, state in sorted(kept.keys() | found.keys()):
        says, is_so = kept.get((object, state), 0), found.get((object, state), 0)
        if says != is_so:
            yield f"link_count says {says} links of {object} in the state {state}; there are {is_so}"


def _loose_links(db: sqlite3.Connection, tables: set[str], object: str, column: str, table: str) -> Iterator[str]:
    if table not in tables:
        yield f"the table {table} is missing"
        return
    row = db.execute(
        f"SELECT count(*) FROM link WHERE object = ? AND {column} NOT IN (SELECT _pid FROM {quoted(table)})", (object,)
    ).fetchone()
    if row[0]:
        yield f"{row[0]} links of {object} lead to no row of {table}"


def _loose_bases(db: sqlite3.Connection, tables: set[str], table: str) -> Iterator[str]:
    if table not in tables:
        yield f"the table {table} is missing"
        return
    row = db.execute(f"SELECT count(*) FROM {quoted(table)} WHERE _link NOT IN (SELECT id FROM link)").fetchone()
    if row[0]:
        yield f"{row[0]} rows of {table} belong to no link"
