"""Multiplies the people of a mirror, as a first cycle among so many more would have left it.

    python -m benchmarks.large_mirror MIRROR PEOPLE

Works on a project that has come to rest. Every person, record, link, base and write in it gets as many copies as it
takes, with ids that no system knows and e-mail addresses of their own: change feeds never name them, so that cycles go
on among the real ones alone. Who waits to be judged is not copied: a first cycle leaves few of them.
"""

import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

COPY = "~"  # in no id of any vendor
# Columns that hold the id of a vendor's record
NAMES = {"_id", "person_id", "record_id", "mksyncCrmId"}
ADDRESSES = {"email", "Email", "emailaddress1"}


def multiply(path: Path, people: int) -> int:
    """Make it a mirror of at least so many people. Returns how many there are then."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        (there,) = db.execute("SELECT count(*) FROM marketo_person").fetchone()
        copies = -(-people // there)
        db.execute("BEGIN")
        db.execute("CREATE TEMP TABLE copy(n INTEGER PRIMARY KEY)")
        db.executemany("INSERT INTO copy VALUES (?)", ((n,) for n in range(1, copies)))
        for table, steps in _tables(db).items():
            _copied(db, table, steps)
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (now,) = db.execute("SELECT count(*) FROM marketo_person").fetchone()
        return int(now)


def _tables(db: sqlite3.Connection) -> dict[str, Mapping[str, int]]:
    """The tables to copy, and by how much each numbering column of theirs moves on with every copy."""
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    snapshots = [name for name in names if "_id" in _columns(db, name)]
    bases = [name for name in names if name.endswith("_base")]
    rows = max(_most(db, name, "_pid") for name in snapshots)
    links, writes = _most(db, "link", "id"), _most(db, "write", "id")
    found: dict[str, Mapping[str, int]] = {name: {"_pid": rows} for name in snapshots}
    found |= {name: {"_link": links} for name in bases}
    found["link"] = {"id": links, "person": rows, "record": rows}
    found["write"] = {"id": writes, "link": links}
    return found


def _copied(db: sqlite3.Connection, table: str, steps: Mapping[str, int]) -> None:
    columns = _columns(db, table)
    values = [_value(column, steps) for column in columns]
    listed = ", ".join(f'"{column}"' for column in columns)
    settled = "WHERE NOT t._dirty" if "_dirty" in columns else ""
    source = f'FROM copy, "{table}" AS t {settled} ORDER BY n, t.rowid'
    db.execute(f'INSERT INTO "{table}"({listed}) SELECT {", ".join(values)} {source}')


def _value(column: str, steps: Mapping[str, int]) -> str:
    if column in steps:
        return f't."{column}" + n * {steps[column]}'
    if column in NAMES:
        return f"""t."{column}" || '{COPY}' || n"""
    if column in ADDRESSES:
        return f"""n || '.' || t."{column}\""""
    return f't."{column}"'


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [name for _, name, *_ in db.execute(f'PRAGMA table_info("{table}")')]


def _most(db: sqlite3.Connection, table: str, column: str) -> int:
    return int(db.execute(f'SELECT coalesce(max("{column}"), 0) FROM "{table}"').fetchone()[0])


if __name__ == "__main__":
    print(multiply(Path(sys.argv[1]), int(sys.argv[2])))
