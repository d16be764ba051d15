"""What the mirror's tables assert, and the migrations that make them.

Our own columns begin with an underscore; every other column of a snapshot or base table is a selected field, named as
its vendor names it, in canonical values (`core.records.Value`).

    project            one row a fact about this project: the organisations it is pinned to. Written by `init`.
    cursor             one row a side: where its change feed goes on. Moves only together with the page it follows.
    marketo_person     one row a person as last read from Marketo. Never deleted: a person that is no longer there has
    crm_<object>       _gone set. _dirty: something here has not been judged yet. _seen: the full read that saw it.
    marketo_<object>   the same for what Marketo keeps beside people: companies, sales persons, opportunities …
    link               one row a pairing of a record of Marketo (`person`: a row of marketo_<counterpart>) with one CRM
                       record. A person has at most one link, and so has a CRM record. settled = 0: no base yet, the
                       whole record is judged as a first meeting.
                       state: live; or it rests, as one end is gone: "crm deleted", "person merged", …; or the filter
                       leaves its record out: "filtered", "filtered converted" (see `core.filter`).
    marketo_<o>_base   one row a settled link: what that side was last seen to hold when both were settled. Moves only
    crm_<o>_base       to values that were read from that side, or that it held before somebody edited them again.
    pair               one row a selected pair of fields: live, or suspended. seen: lengths and choices of both fields
                       as the last cycle that read them saw them.
    pending            one row a field (Marketo's name) of a settled link that no base tells of yet: quick (to be
                       filled from its source), first (to be compared for the first time) or kept (to be left as it
                       is). Gone as soon as the field's bases move.
    write              one row a write ever planned: the work queue, the crash journal and the history are this table.
                       A conversion is such a row, with its order in `token`.
                       planned -> sent -> written | refused | moved | gone | lost. `sent` is committed before the call.
                       unread: written, and what the record then held is read by the next run (`engine.unread`).
    collision          one row a field that both sides had changed, with both values: the losing one lives on here.
                       kind late: Marketo's value was edited between reading and writing, and found out afterwards.
    window             one row a field that was written to a side that cannot guard its writes, and whose own entry in
                       that side's log has not been seen. holds: what was read back.
    log_entry          one row an entry of such a log, for an hour. after: the last window there was when it
                       was told first. used: it is known to be a write's own.
    reopened           one row an edit that a write replaced unseen (`over`): to be written back, or held for a human.
    leftover           one row a difference that waits: rejected by a vendor, or held for a human. Deleted when the
                       record is judged again.
    refusal            one row a refusal that is not over: since when, and how many cycles have met it. Survives its
                       leftover while the record is judged again; gone once a cycle no longer meets it.
    activity           one row an entry of a person's Activity Log: due -> sent -> written | refused. `sent` is
                       committed before the call; what stays so is looked for in Marketo before it is sent again.
    event              one row a link that the filter froze ("filtered") or let go on ("sync started"), or that lost,
                       moved or got back an end ("crm deleted", …: see `core.lives`).
    cycle              one row a run. quota: system -> calls of the day that were used in its end, and the most.
    schema_cache       the fields of an object as the sync user saw them when last described.

Never true: a link whose person or record is NULL; a base row without its link; `sent` writes of two cycles, as each
begins with settling those of the one before.
"""

import sqlite3
from collections.abc import Callable, Iterable

from mksync.core.records import Field, FieldType, Side, Value
from mksync.errors import MirrorError

APPLICATION_ID = 0x6D6B7379  # "mksy"

M001 = """
CREATE TABLE project(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE cursor(
    side TEXT PRIMARY KEY, value TEXT, generation INTEGER NOT NULL DEFAULT 0, full_read INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE cycle(
    id INTEGER PRIMARY KEY, command TEXT NOT NULL, started TEXT NOT NULL, finished TEXT, exit_code INTEGER,
    calls TEXT NOT NULL DEFAULT '{}', warnings TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE TABLE link(
    id INTEGER PRIMARY KEY, object TEXT NOT NULL, person INTEGER NOT NULL UNIQUE, record INTEGER NOT NULL,
    matched_by TEXT NOT NULL, settled INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'live',
    since INTEGER NOT NULL, UNIQUE(object, record)
) STRICT;
CREATE INDEX link_resting ON link(object) WHERE state <> 'live';
CREATE TABLE pair(
    object TEXT NOT NULL, marketo TEXT NOT NULL, crm TEXT NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY(object, marketo, crm)
) STRICT, WITHOUT ROWID;
CREATE TABLE write(
    id INTEGER PRIMARY KEY, cycle INTEGER NOT NULL, object TEXT NOT NULL, side TEXT NOT NULL, kind TEXT NOT NULL,
    link INTEGER, person_id TEXT, record_id TEXT, label TEXT NOT NULL, version TEXT, token TEXT,
    fields TEXT NOT NULL, status TEXT NOT NULL, code TEXT, message TEXT, cause TEXT, remedy TEXT, settled_at TEXT
) STRICT;
CREATE INDEX write_planned ON write(side, object, kind, id) WHERE status = 'planned';
CREATE INDEX write_sent ON write(id) WHERE status = 'sent';
CREATE INDEX write_cycle ON write(cycle);
CREATE INDEX write_person ON write(person_id);
CREATE INDEX write_record ON write(record_id);
CREATE TABLE collision(
    id INTEGER PRIMARY KEY, cycle INTEGER NOT NULL, object TEXT NOT NULL, person_id TEXT, record_id TEXT,
    label TEXT NOT NULL, field TEXT NOT NULL, crm_field TEXT NOT NULL, marketo ANY, crm ANY, base_marketo ANY,
    base_crm ANY, winner TEXT, rule TEXT NOT NULL, kind TEXT NOT NULL
) STRICT;
CREATE INDEX collision_cycle ON collision(cycle);
CREATE INDEX collision_person ON collision(person_id);
CREATE TABLE leftover(
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, cycle INTEGER NOT NULL, object TEXT NOT NULL, person_id TEXT,
    record_id TEXT, label TEXT NOT NULL, side TEXT, fields TEXT NOT NULL DEFAULT '[]', marketo ANY, crm ANY,
    code TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL, cause TEXT NOT NULL DEFAULT '',
    remedy TEXT NOT NULL DEFAULT '', since TEXT NOT NULL
) STRICT;
CREATE INDEX leftover_record ON leftover(object, record_id);
CREATE TABLE schema_cache(
    side TEXT NOT NULL, object TEXT NOT NULL, described_at REAL NOT NULL, fields TEXT NOT NULL,
    PRIMARY KEY(side, object)
) STRICT, WITHOUT ROWID;
"""

M002 = """
CREATE TABLE event(
    id INTEGER PRIMARY KEY, cycle INTEGER NOT NULL, object TEXT NOT NULL, person_id TEXT, record_id TEXT,
    label TEXT NOT NULL, kind TEXT NOT NULL
) STRICT;
CREATE INDEX event_cycle ON event(cycle);
CREATE INDEX event_person ON event(person_id);
CREATE INDEX event_record ON event(record_id);
DROP INDEX link_resting;
CREATE INDEX link_resting ON link(object) WHERE state <> 'live' AND state <> 'filtered';
"""

# Links to other records of Marketo than people: a row number is unique within its table only.
M003 = """
CREATE TABLE link_of_any(
    id INTEGER PRIMARY KEY, object TEXT NOT NULL, counterpart TEXT NOT NULL DEFAULT 'person', person INTEGER NOT NULL,
    record INTEGER NOT NULL, matched_by TEXT NOT NULL, settled INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'live', since INTEGER NOT NULL, UNIQUE(object, record), UNIQUE(person, counterpart)
) STRICT;
INSERT INTO link_of_any(id, object, person, record, matched_by, settled, state, since)
    SELECT id, object, person, record, matched_by, settled, state, since FROM link;
DROP TABLE link;
ALTER TABLE link_of_any RENAME TO link;
CREATE INDEX link_resting ON link(object) WHERE state <> 'live' AND state <> 'filtered';
CREATE INDEX link_beside_people ON link(object) WHERE counterpart <> 'person';
"""

# What a quick sync has still to do is known link by link, and not for a pair as a whole.
M004 = """
CREATE TABLE pending(
    link INTEGER NOT NULL, field TEXT NOT NULL, how TEXT NOT NULL, PRIMARY KEY(link, field)
) STRICT, WITHOUT ROWID;
INSERT INTO pending SELECT link.id, pair.marketo, 'quick' FROM pair JOIN link ON link.object = pair.object
    WHERE link.settled AND pair.state <> 'live';
UPDATE pair SET state = 'live' WHERE state = 'new';
ALTER TABLE pair ADD COLUMN seen TEXT NOT NULL DEFAULT '{}';
ALTER TABLE cycle ADD COLUMN notes TEXT NOT NULL DEFAULT '[]';
"""

# A refusal that comes back is the same one: since when, how often. `who`: the CRM record's id, else the person's.
M005 = """
CREATE TABLE refusal(
    object TEXT NOT NULL, who TEXT NOT NULL, side TEXT NOT NULL, code TEXT NOT NULL, fields TEXT NOT NULL,
    since TEXT NOT NULL, tries INTEGER NOT NULL, cycle INTEGER NOT NULL, PRIMARY KEY(object, who, side, code, fields)
) STRICT, WITHOUT ROWID;
ALTER TABLE leftover ADD COLUMN tries INTEGER NOT NULL DEFAULT 1;
INSERT INTO refusal SELECT object, coalesce(record_id, person_id), side, code, fields, min(since), 1, max(cycle)
    FROM leftover WHERE kind = 'rejected' AND coalesce(record_id, person_id) IS NOT NULL GROUP BY 1, 2, 3, 4, 5;
"""

# Writes whose records are read back by the next run, and what people who are not linked yet left over.
M006 = """
CREATE INDEX write_unread ON write(id) WHERE status = 'unread';
CREATE INDEX leftover_person ON leftover(person_id) WHERE record_id IS NULL;
"""

# Entries of people's Activity Logs. Never deleted: the number tells one from every other.
M007 = """
CREATE TABLE activity(
    id INTEGER PRIMARY KEY, cycle INTEGER NOT NULL, person_id TEXT NOT NULL, status TEXT NOT NULL, sent_at REAL,
    at TEXT NOT NULL, fields TEXT NOT NULL, system TEXT NOT NULL, operation TEXT NOT NULL, record TEXT NOT NULL,
    code TEXT NOT NULL, cause TEXT NOT NULL, message TEXT NOT NULL, remedy TEXT NOT NULL, reference TEXT NOT NULL
) STRICT;
CREATE INDEX activity_open ON activity(status, id) WHERE status IN ('due', 'sent');
"""

# Who took over a record that was merged or converted.
M008 = """
ALTER TABLE event ADD COLUMN survivor TEXT NOT NULL DEFAULT '';
"""

# What was written to a side that has no conditional write, and what its log tells of that.
M009 = """
CREATE TABLE window(
    id INTEGER PRIMARY KEY AUTOINCREMENT, write INTEGER NOT NULL, field TEXT NOT NULL, side TEXT NOT NULL,
    object TEXT NOT NULL, record TEXT NOT NULL, holds ANY, since REAL NOT NULL, UNIQUE(write, field)
) STRICT;
CREATE INDEX window_since ON window(since);
CREATE TABLE log_entry(
    id INTEGER PRIMARY KEY, side TEXT NOT NULL, entry TEXT NOT NULL, object TEXT NOT NULL, record TEXT NOT NULL,
    field TEXT NOT NULL, at REAL NOT NULL, told TEXT NOT NULL, after INTEGER NOT NULL, since REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0, UNIQUE(side, entry)
) STRICT;
CREATE INDEX log_entry_record ON log_entry(record, field);
CREATE INDEX log_entry_since ON log_entry(since);
CREATE TABLE reopened(
    link INTEGER NOT NULL, field TEXT NOT NULL, side TEXT NOT NULL, edit ANY, over ANY, held TEXT NOT NULL,
    PRIMARY KEY(link, field)
) STRICT, WITHOUT ROWID;
"""

# Calls of the day, as each system told them in the end of a cycle.
M010 = """
ALTER TABLE cycle ADD COLUMN quota TEXT NOT NULL DEFAULT '{}';
"""

# Append only; never edit one that has been released.
MIGRATIONS: tuple[str, ...] = (M001, M002, M003, M004, M005, M006, M007, M008, M009, M010)


def migrate(db: sqlite3.Connection, before: Callable[[int], object] | None = None) -> None:
    """Bring an older or empty mirror up to date. Raises MirrorError for a file that is not ours or is newer than us.

    `before` is called, with the old version, before the tables of a mirror in use are changed.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (owner,) = db.execute("PRAGMA application_id").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables and owner != APPLICATION_ID:
        raise MirrorError("the mirror's file is an SQLite database of another program", hint="check [mirror] path")
    if version > len(MIGRATIONS):
        raise MirrorError("the mirror was made by a newer mksync", hint="upgrade mksync")
    if before and 0 < version < len(MIGRATIONS):
        before(version)
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        # executescript would commit behind our back, so each migration is one explicit script of its own.
        marks = f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={number}"
        db.executescript(f"BEGIN IMMEDIATE; {statements}; {marks}; COMMIT")


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def affinity(type: FieldType) -> type:
    """The column type of a canonical value, as sqlite-utils takes it."""
    return int if type in (FieldType.BOOLEAN, FieldType.INTEGER) else str


def canonical(fields: Iterable[Field], row: Iterable[Value]) -> dict[str, Value]:
    """A row's columns as canonical values: SQLite gives booleans back as 0 and 1."""
    return {
        field.name: bool(value) if field.type is FieldType.BOOLEAN and value is not None else value
        for field, value in zip(fields, row, strict=True)
    }


def snapshot_table(side: Side, object: str) -> str:
    """The table that holds what `side` last held. `object`: as that side calls it; all people live in one table."""
    return f"{side}_{object}"


def base_table(side: Side, object: str) -> str:
    return f"{side}_{object}_base"


def ensure_snapshot(db: sqlite3.Connection, table: str, fields: Iterable[Field]) -> None:
    """Make the table of a side's records, and a column for every field. Not to be called inside a transaction."""
    db.execute(
        f"CREATE TABLE IF NOT EXISTS {quoted(table)}(_pid INTEGER PRIMARY KEY, _id TEXT NOT NULL UNIQUE,"
        " _version TEXT, _gone TEXT, _into TEXT, _dirty INTEGER NOT NULL DEFAULT 1, _seen INTEGER NOT NULL DEFAULT 0)"
    )
    db.execute(f"CREATE INDEX IF NOT EXISTS {quoted(table + '_dirty')} ON {quoted(table)}(_pid) WHERE _dirty")
    _add_columns(db, table, fields)


def ensure_base(db: sqlite3.Connection, table: str, fields: Iterable[Field]) -> None:
    """Make the table of a side's bases, and a column for every field. Not to be called inside a transaction."""
    db.execute(f"CREATE TABLE IF NOT EXISTS {quoted(table)}(_link INTEGER PRIMARY KEY)")
    _add_columns(db, table, fields)


def _add_columns(db: sqlite3.Connection, table: str, fields: Iterable[Field]) -> None:
    known = {name.casefold() for _, name, *_ in db.execute(f"PRAGMA table_info({quoted(table)})")}
    new = {field.name: field for field in fields if field.name.casefold() not in known}
    if not new:
        return
    import sqlite_utils  # 59 ms that only a changed selection has to pay

    target = sqlite_utils.Database(db).table(table)
    for field in new.values():
        target.add_column(field.name, affinity(field.type))


def ensure_lookup(db: sqlite3.Connection, table: str, column: str) -> None:
    """An index to match records by `column`, case aside."""
    db.execute(
        f"CREATE INDEX IF NOT EXISTS {quoted(f'{table}_{column}')} ON {quoted(table)}"
        f"({quoted(column)} COLLATE NOCASE) WHERE _gone IS NULL"
    )
