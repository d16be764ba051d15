"""All or nothing, one inside another; and rehearsals, after which nothing has happened."""

import sqlite3

import pytest

from mksync.mirror import Mirror
from tests.mirror.conftest import Rows


class Stopped(BaseException):
    """As a signal ends a command."""


def _facts(rows: Rows) -> list[str]:
    return [row["name"] for row in rows("project")]


def _set_and_fail(mirror: Mirror, name: str, error: type[BaseException] = ValueError) -> None:
    with mirror.transaction():
        mirror.project.set(name, "1")
        raise error


@pytest.mark.parametrize("error", [ValueError, Stopped])
def test_an_error_takes_back_the_whole_transaction(mirror: Mirror, rows: Rows, error: type[BaseException]) -> None:
    with pytest.raises(error):
        _set_and_fail(mirror, "a", error)
    assert _facts(rows) == []


def test_an_error_inside_an_inner_transaction_takes_back_only_that_one(mirror: Mirror, rows: Rows) -> None:
    with mirror.transaction():
        mirror.project.set("a", "1")
        with pytest.raises(ValueError):
            _set_and_fail(mirror, "b")
        mirror.project.set("c", "1")
    assert _facts(rows) == ["a", "c"]


def test_an_error_outside_takes_back_what_was_complete_inside(mirror: Mirror, rows: Rows) -> None:
    def work() -> None:
        with mirror.transaction():
            with mirror.transaction():
                mirror.project.set("a", "1")
            raise ValueError

    with pytest.raises(ValueError):
        work()
    assert _facts(rows) == []


def _fill(mirror: Mirror) -> None:
    for number in range(100_000):
        mirror.project.set(str(number), "x" * 1000)


def test_a_disk_that_is_full_takes_back_the_transaction_and_the_mirror_can_be_used_again(
    mirror: Mirror, rows: Rows
) -> None:
    (pages,) = mirror.db.execute("PRAGMA page_count").fetchone()
    mirror.db.execute(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(sqlite3.OperationalError, match="full"), mirror.transaction(), mirror.transaction():
        _fill(mirror)
    assert _facts(rows) == []
    with mirror.transaction():
        mirror.project.set("a", "1")
    assert _facts(rows) == ["a"]


def test_a_commit_that_fails_is_taken_back(mirror: Mirror, rows: Rows) -> None:
    mirror.db.execute("PRAGMA foreign_keys = ON")
    mirror.db.execute("CREATE TABLE parent(id INTEGER PRIMARY KEY)")
    mirror.db.execute("CREATE TABLE child(parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")

    def work() -> None:
        with mirror.transaction():
            mirror.project.set("a", "1")
            mirror.db.execute("INSERT INTO child VALUES (1)")

    with pytest.raises(sqlite3.IntegrityError):
        work()
    assert _facts(rows) == []
    with mirror.transaction():
        mirror.project.set("b", "1")
    assert _facts(rows) == ["b"]


def test_after_a_rehearsal_nothing_has_happened(mirror: Mirror) -> None:
    mirror.project.set("a", "before")
    before = list(mirror.db.iterdump())
    with mirror.rehearsal():
        mirror.project.set("a", "rehearsed")
        with mirror.transaction():
            mirror.history.begin("run-once", 0)
        assert mirror.project.get("a") == "rehearsed"
    assert list(mirror.db.iterdump()) == before


@pytest.mark.parametrize("error", [ValueError, Stopped])
def test_a_rehearsal_that_fails_is_forgotten_like_any_other(mirror: Mirror, error: type[BaseException]) -> None:
    before = list(mirror.db.iterdump())

    def work() -> None:
        with mirror.rehearsal():
            with mirror.transaction():
                mirror.project.set("a", "1")
            raise error

    with pytest.raises(error):
        work()
    assert list(mirror.db.iterdump()) == before
    with mirror.transaction():
        mirror.project.set("b", "1")
    assert mirror.project.get("b") == "1"


def test_a_rehearsal_on_a_full_disk_reports_the_disk(mirror: Mirror) -> None:
    (pages,) = mirror.db.execute("PRAGMA page_count").fetchone()
    mirror.db.execute(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(sqlite3.OperationalError, match="full"), mirror.rehearsal():
        _fill(mirror)
    assert not mirror.db.in_transaction
