"""The mirror's file: who may read it, what is refused as one, and what becomes of interrupted work."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from mksync.errors import MirrorError
from mksync.mirror import Mirror, migrations


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mksync.db"


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def _made(path: Path) -> None:
    Mirror.open(path, create=True).close()


@pytest.mark.usefixtures("open_umask")
def test_only_the_owner_can_read_the_mirror_and_the_files_beside_it(path: Path) -> None:
    mirror = Mirror.open(path, create=True)
    mirror.project.set("name", "value")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(["mksync.db", "mksync.db-wal", "mksync.db-shm"], 0o600)
    mirror.close()


def test_a_commit_survives_a_power_cut(path: Path) -> None:
    mirror = Mirror.open(path, create=True)
    assert mirror.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert mirror.db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    mirror.close()


def test_there_has_to_be_a_mirror_unless_it_is_to_be_made(path: Path) -> None:
    with pytest.raises(MirrorError) as failure:
        Mirror.open(path)
    assert failure.value.hint == "mksync init"
    assert not path.exists()


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 200)
    with pytest.raises(MirrorError, match="damaged"):
        Mirror.open(path)
    assert path.read_bytes() == b"Dear diary, " * 200


def test_the_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE diary(day TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(MirrorError, match="another program"):
        Mirror.open(path)
    assert path.read_bytes()[100:] == before[100:]  # the first 100 bytes say how the file is written


def test_a_mirror_of_a_newer_mksync_is_refused(path: Path) -> None:
    _made(path)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(MirrorError, match="newer"):
        Mirror.open(path)


def test_a_path_that_cannot_be_opened_is_told_with_the_systems_own_reason(path: Path) -> None:
    path.mkdir()
    with pytest.raises(MirrorError, match="Is a directory"):
        Mirror.open(path)


def test_a_migration_that_breaks_off_leaves_a_mirror_that_can_still_be_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        migrations, "MIGRATIONS", (*migrations.MIGRATIONS, "CREATE TABLE half(x); CREATE TABLE half(x)")
    )
    with pytest.raises(sqlite3.OperationalError):
        Mirror.open(path, create=True)
    monkeypatch.undo()
    mirror = Mirror.open(path)
    assert mirror.db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetchone() == (0,)
    mirror.close()


def test_an_older_mirror_is_brought_up_to_date_and_keeps_what_it_knows(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = Mirror.open(path, create=True)
    mirror.project.set("name", "value")
    mirror.close()
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, "CREATE TABLE added(x)"))
    for _ in range(2):
        mirror = Mirror.open(path)
        assert mirror.project.get("name") == "value"
        assert mirror.db.execute("SELECT count(*) FROM added").fetchone() == (0,)
        mirror.close()


def test_a_mirror_can_be_opened_and_read_while_a_dry_run_works_in_it(path: Path) -> None:
    mirror = Mirror.open(path, create=True)
    with mirror.rehearsal():
        mirror.project.set("name", "rehearsed")
        beside = Mirror.open(path)
        assert beside.project.get("name") is None
        beside.close()
    mirror.close()
