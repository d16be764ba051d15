"""Finding somebody in the mirror by what an admin has at hand: an e-mail address, a Marketo id, a CRM id."""

import sqlite3
from collections.abc import Iterator, Sequence

from mksync.mirror.schema import quoted

EMAIL = "email"  # as Marketo calls it
SHORT_ID = 15  # Salesforce's reports and addresses show so many of an id's 18 characters
Names = tuple[str | None, str | None]  # person id, CRM record id


def named(db: sqlite3.Connection, who: str) -> list[Names]:
    """Everybody whom `who` means, linked or not; once each."""
    found = [*_people(db, who), *_records(db, who)]
    return list(dict.fromkeys(found))


def _people(db: sqlite3.Connection, who: str) -> Iterator[Names]:
    for pid, id in _rows(db, "marketo_person", [EMAIL], who):
        link = db.execute(
            "SELECT object, record FROM link WHERE person = ? AND counterpart = 'person'", (pid,)
        ).fetchone()
        yield id, _id(db, f"crm_{link[0]}", link[1]) if link else None


def _records(db: sqlite3.Connection, who: str) -> Iterator[Names]:
    tables = [
        name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'crm_*' AND type = 'table'")
    ]
    for table in tables:
        if table.endswith("_base"):
            continue
        object = table.removeprefix("crm_")
        paired = db.execute("SELECT crm FROM pair WHERE object = ? AND marketo = ?", (object, EMAIL)).fetchall()
        for pid, id in _rows(db, table, [name for (name,) in paired], who):
            link = db.execute("SELECT person FROM link WHERE object = ? AND record = ?", (object, pid)).fetchone()
            yield _id(db, "marketo_person", link[0]) if link else None, id


def _rows(db: sqlite3.Connection, table: str, emails: Sequence[str], who: str) -> list[tuple[int, str]]:
    """By id, of which people may paste the letters in any case, or by a column that holds the e-mail."""
    columns = {name for _, name, *_ in db.execute(f"PRAGMA table_info({quoted(table)})")}
    by_email = "".join(f" OR {quoted(email)} = ?1 COLLATE NOCASE" for email in emails if email in columns)
    ids = f"_id = ?1 COLLATE NOCASE OR (length(?1) = {SHORT_ID} AND substr(_id, 1, {SHORT_ID}) = ?1)"
    return db.execute(f"SELECT _pid, _id FROM {quoted(table)} WHERE {ids}{by_email}", (who,)).fetchall()


def _id(db: sqlite3.Connection, table: str, pid: int) -> str | None:
    row = db.execute(f"SELECT _id FROM {quoted(table)} WHERE _pid = ?", (pid,)).fetchone()
    return row[0] if row else None
