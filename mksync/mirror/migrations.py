"""How the mirror's tables came to be, step by step. What they assert stands in `schema`."""

import sqlite3
from collections.abc import Callable

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

# Every write that Marketo's log tells of is looked up by its record.
M011 = """
CREATE INDEX window_record ON window(record, field);
"""

# Links are counted by state, and nearly all of them are live.
M012 = """
CREATE INDEX link_not_live ON link(object, state) WHERE state <> 'live';
"""

# How many links there are is kept, as to count a million takes 50 ms or more: `status` and the brakes ask.
M013 = """
CREATE TABLE link_count(
    object TEXT NOT NULL, state TEXT NOT NULL, links INTEGER NOT NULL, PRIMARY KEY(object, state)
) STRICT, WITHOUT ROWID;
INSERT INTO link_count SELECT object, state, count(*) FROM link GROUP BY object, state;
CREATE TRIGGER link_added AFTER INSERT ON link BEGIN
    INSERT INTO link_count VALUES (new.object, new.state, 1) ON CONFLICT DO UPDATE SET links = links + 1;
END;
CREATE TRIGGER link_changed AFTER UPDATE OF object, state ON link BEGIN
    UPDATE link_count SET links = links - 1 WHERE object = old.object AND state = old.state;
    INSERT INTO link_count VALUES (new.object, new.state, 1) ON CONFLICT DO UPDATE SET links = links + 1;
END;
CREATE TRIGGER link_removed AFTER DELETE ON link BEGIN
    UPDATE link_count SET links = links - 1 WHERE object = old.object AND state = old.state;
END;
"""

# Append only; never edit one that has been released.
MIGRATIONS: tuple[str, ...] = (M001, M002, M003, M004, M005, M006, M007, M008, M009, M010, M011, M012, M013)


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
