"""What SQLite complains about becomes an exit code; a bug of ours stays a bug."""

import sqlite3
from pathlib import Path

import pytest

from mksync.errors import MirrorError, MksyncError, Temporary
from mksync.mirror import Mirror
from mksync.mirror.trouble import told


def _damage(path: Path) -> None:
    """Overwrite everything behind the first page."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def _use(path: Path) -> None:
    mirror = Mirror.open(path)
    try:
        mirror.history.begin("run-once", 0)
    finally:
        mirror.close()


def test_damage_that_shows_only_in_use_is_a_damaged_mirror(tmp_path: Path) -> None:
    path = tmp_path / "mksync.db"
    Mirror.open(path, create=True).close()
    _damage(path)
    with pytest.raises(MirrorError, match="damaged") as failure, told(path):
        _use(path)
    assert (failure.value.exit_code, "mksync mirror rebuild" in failure.value.hint) == (7, True)


def test_a_mirror_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mksync.db"
    Mirror.open(path, create=True).close()
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    with pytest.raises(MirrorError, match="readonly"), told(path):
        db.execute("DELETE FROM project")
    db.close()


def test_a_full_disk_passes(mirror: Mirror) -> None:
    (pages,) = mirror.db.execute("PRAGMA page_count").fetchone()
    mirror.db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Temporary, match="full"), told(Path("mksync.db")):
        mirror.project.set("a", "x" * 100_000)


def test_another_programs_transaction_passes(mirror: Mirror, tmp_path: Path) -> None:
    mirror.db.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(tmp_path / "mksync.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Temporary, match="another program"), told(tmp_path / "mksync.db"):
        mirror.project.set("a", "1")
    other.close()


@pytest.mark.parametrize("statement", ["SELECT nothing FROM nowhere", "INSERT INTO project(name) VALUES ('a')"])
def test_a_mistake_in_our_own_sql_is_no_situation(mirror: Mirror, statement: str) -> None:
    with pytest.raises(sqlite3.DatabaseError) as failure, told(Path("mksync.db")):
        mirror.db.execute(statement)
    assert not isinstance(failure.value, MksyncError)
