"""A mirror is copied before its tables change, and kept when another takes its place."""

import sqlite3
from pathlib import Path

import pytest

from mksync.errors import MksyncError, Temporary
from mksync.mirror import Mirror, migrations
from mksync.mirror.copies import put_in_place

NOW = 1_795_000_000.0  # 2026-11-18T11:06:40Z


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A mirror that knows one thing."""
    path = tmp_path / "mksync.db"
    made(path, "old")
    return path


def made(path: Path, value: str) -> None:
    mirror = Mirror.open(path, create=True)
    mirror.project.set("name", value)
    mirror.close()


def known(path: Path) -> str:
    """Without migrating it."""
    db = sqlite3.connect(path)
    try:
        return str(db.execute("SELECT value FROM project WHERE name = 'name'").fetchone()[0])
    finally:
        db.close()


def test_before_a_migration_the_mirror_is_copied_for_its_owner_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(migrations.MIGRATIONS)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, "UPDATE project SET value = 'new'"))
    Mirror.open(path).close()
    copy = path.with_name(f"mksync.db.v{before}")
    assert (known(path), known(copy)) == ("new", "old")
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_mirror_that_is_up_to_date_is_not_copied(path: Path) -> None:
    Mirror.open(path).close()
    assert [one.name for one in path.parent.iterdir()] == ["mksync.db"]


def test_where_there_is_no_room_for_the_copy_nothing_is_migrated(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, "UPDATE project SET value = 'new'"))
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    monkeypatch.setattr("mksync.mirror.copies.sqlite3.connect", _fails_with(full))
    with pytest.raises(Temporary, match="cannot grow") as failure:
        Mirror.open(path)
    monkeypatch.undo()
    assert isinstance(failure.value, MksyncError)
    assert (known(path), [one.name for one in path.parent.iterdir()]) == ("old", ["mksync.db"])


def _fails_with(error: Exception) -> object:
    def connect(path: Path, *_args: object, **options: object) -> sqlite3.Connection:
        if path.name.endswith(".part"):
            raise error
        return sqlite3.Connection(path, **options)  # type: ignore[arg-type]

    return connect


def test_a_new_mirror_takes_the_place_of_the_old_one_which_is_kept(path: Path) -> None:
    new = path.with_name("mksync.db.new")
    made(new, "new")
    aside = put_in_place(new, path, NOW)
    assert aside == path.with_name("mksync.db.20261118T110640Z")
    assert (known(path), known(aside)) == ("new", "old")
    assert sorted(one.name for one in path.parent.iterdir()) == ["mksync.db", aside.name]


def test_the_log_of_a_mirror_that_was_not_closed_goes_with_it(path: Path) -> None:
    killed = Mirror.open(path)
    killed.project.set("name", "only in the log")
    parts = {end: path.with_name(path.name + end).read_bytes() for end in ("", "-wal")}
    killed.close()
    for end, data in parts.items():  # as a power cut leaves it
        path.with_name(path.name + end).write_bytes(data)
    new = path.with_name("mksync.db.new")
    made(new, "new")
    aside = put_in_place(new, path, NOW)
    assert aside is not None
    assert (known(path), known(aside)) == ("new", "only in the log")


def test_two_in_one_second_are_both_kept(path: Path) -> None:
    for value in ("second", "third"):
        new = path.with_name("mksync.db.new")
        made(new, value)
        put_in_place(new, path, NOW)
    kept = sorted(one for one in path.parent.iterdir() if one != path)
    assert [known(one) for one in kept] == ["old", "second"]


def test_where_there_was_none_none_is_kept(tmp_path: Path) -> None:
    made(tmp_path / "new", "new")
    assert put_in_place(tmp_path / "new", tmp_path / "mksync.db", NOW) is None
    assert known(tmp_path / "mksync.db") == "new"
