"""The kernel's clock and store: time that only moves forward, and state that outlives the process."""

import sqlite3
import time
from pathlib import Path

import pytest

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.store import Store


def test_a_frozen_clock_moves_only_when_it_is_advanced() -> None:
    clock = SandboxClock(frozen_at=1_000_000.0)
    assert clock.now() == clock.now() == 1_000_000.0
    clock.advance(90)
    assert clock.now() == 1_000_090.0


def test_a_running_clock_is_real_time_plus_what_it_was_advanced() -> None:
    clock = SandboxClock()
    clock.advance(3600)
    assert clock.now() - time.time() == pytest.approx(3600, abs=5)
    assert clock.offset == 3600


def test_time_never_runs_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        SandboxClock().advance(-1)


def test_the_clock_stands_when_the_machine_sets_its_own_back(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([100.0, 40.0, 101.0])
    monkeypatch.setattr(time, "time", lambda: next(times))
    clock = SandboxClock()
    assert [clock.now() for _ in range(3)] == [100.0, 100.0, 101.0]


def test_a_failed_transaction_leaves_nothing_behind() -> None:
    store = Store()
    store.connection.execute("CREATE TABLE x (y)")

    def fails() -> None:
        with store.transaction() as connection:
            connection.execute("INSERT INTO x VALUES (1)")
            with store.transaction() as inner:
                inner.execute("INSERT INTO x VALUES (2)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert store.connection.execute("SELECT count(*) FROM x").fetchone() == (0,)
    with store.transaction() as connection:
        connection.execute("INSERT INTO x VALUES (3)")
    assert store.connection.execute("SELECT y FROM x").fetchall() == [(3,)]
    store.close()


def test_a_state_file_is_private_and_can_be_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = Store(path)
    store.note_seeded("marketo", 20, 1)
    store.put_note("clock_offset", "5.0")
    store.close()
    assert path.stat().st_mode & 0o777 == 0o600
    again = Store(path)
    assert again.was_seeded("marketo")
    assert not again.was_seeded("salesforce")
    assert again.note("clock_offset") == "5.0"
    again.close()
    with pytest.raises(sqlite3.ProgrammingError):
        again.connection.execute("SELECT 1")
