"""Limits and budgets are kept before the vendor complains."""

import fcntl
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory
from threading import Barrier, Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.errors import Temporary
from mksync.wire.limits import Limiter
from mksync.wire.meter import Meter
from tests.wire.conftest import Opens
from tests.wire.scripted import FakeClock, Say, Scripted


@given(
    gaps=st.lists(st.integers(0, 15), min_size=1, max_size=80),
    calls=st.integers(2, 30),
    share=st.sampled_from([0.5, 0.9, 1.0]),
)
def test_no_rolling_window_ever_holds_more_than_the_share(gaps: list[int], calls: int, share: float) -> None:
    clock = FakeClock(0.0)
    limiter = Limiter(clock, calls=calls, per=20.0, share=share)
    starts: list[float] = []
    for gap in gaps:
        clock.time += gap
        with limiter.slot():
            starts.append(clock.now())
    most = max(1, int(calls * share))
    for last, start in enumerate(starts):
        assert sum(1 for other in starts[: last + 1] if other > start - 20.0) <= most


def test_ninety_of_a_hundred_calls_go_at_once_and_the_next_waits_for_the_window(
    server: Scripted, open_session: Opens, clock: FakeClock
) -> None:
    server.script = lambda heard: Say()
    session = open_session(limiter=Limiter(clock))
    for _ in range(90):
        session.call("GET", "/x")
    assert clock.sleeps == []
    session.call("GET", "/x")
    assert clock.sleeps == [20.0]


@given(
    turns=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=80),
    calls=st.integers(2, 30),
    share=st.sampled_from([0.5, 0.9, 1.0]),
)
def test_limiters_on_one_file_keep_to_one_share_together(
    turns: list[tuple[int, int]], calls: int, share: float
) -> None:
    clock = FakeClock(0.0)
    starts: list[float] = []
    with TemporaryDirectory() as folder:
        limiters = [Limiter(clock, calls=calls, share=share, beside=Path(folder) / "calls") for _ in range(3)]
        for gap, which in turns:
            clock.time += gap
            with limiters[which].slot():
                starts.append(clock.now())
    most = max(1, int(calls * share))
    for last, start in enumerate(starts):
        assert sum(1 for other in starts[: last + 1] if other > start - 20.0) <= most
    assert sum(clock.sleeps) <= 20.0 * (len(turns) // most), "nobody waits longer than one who calls alone"


_CALLER = """
import sys
from pathlib import Path
from mksync.wire.clock import RealClock
from mksync.wire.limits import Limiter

class Told(RealClock):
    def now(self):
        self.last = super().now()
        return self.last

clock = Told()
limiter = Limiter(clock, calls=30, share=1.0, per=0.5, beside=Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(60):
    with limiter.slot():
        print(repr(clock.last))
"""


def test_two_processes_keep_to_one_share_together(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CALLER, str(tmp_path / "calls")]
    callers = [subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) for _ in range(2)]
    for caller in callers:
        assert caller.stdout
        assert caller.stdout.readline() == "ready\n"
    for caller in callers:
        assert caller.stdin
        caller.stdin.write("\n")
        caller.stdin.flush()
    starts = sorted(float(line) for caller in callers for line in caller.communicate(timeout=60)[0].split())
    assert len(starts) == 120
    assert all(later - start >= 0.5 for start, later in zip(starts, starts[30:], strict=False))


@pytest.mark.parametrize("content", [b"", b"mkc1", b"x" * 736, b"mkc1" + b"\xff" * 732])
def test_a_broken_file_of_calls_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    clock, file = FakeClock(), tmp_path / "calls"
    file.write_bytes(content)
    for limiter in (Limiter(clock, beside=file), Limiter(clock, beside=file)):
        for _ in range(45):
            with limiter.slot():
                pass
    assert clock.sleeps == []
    with Limiter(clock, beside=file).slot():
        assert clock.sleeps == [20.0]


def test_the_file_of_calls_is_its_owners_and_stays_small(tmp_path: Path) -> None:
    clock, file = FakeClock(), tmp_path / "calls"
    limiter = Limiter(clock, beside=file)
    for _ in range(500):
        with limiter.slot():
            pass
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.stat().st_size < 1_000


def test_without_a_file_that_can_be_written_each_process_counts_for_itself(tmp_path: Path) -> None:
    clock = FakeClock()
    limiter = Limiter(clock, beside=tmp_path / "no such folder" / "calls")
    for _ in range(91):
        with limiter.slot():
            pass
    assert clock.sleeps == [20.0]


def test_a_process_that_was_stopped_with_the_file_in_hand_does_not_stop_the_others(tmp_path: Path) -> None:
    clock, file = FakeClock(), tmp_path / "calls"
    with file.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        limiter = Limiter(clock, beside=file)
        for _ in range(3):
            with limiter.slot():
                pass
    assert sum(clock.sleeps) < 2


@pytest.mark.parametrize("shared", [False, True])
def test_a_clock_set_back_does_not_stop_the_calls(tmp_path: Path, shared: bool) -> None:
    clock = FakeClock()
    limiter = Limiter(clock, calls=2, share=1.0, beside=tmp_path / "calls" if shared else None)
    for _ in range(2):
        with limiter.slot():
            pass
    clock.time -= 86400
    with limiter.slot():
        pass
    assert clock.sleeps == []


def test_no_more_than_the_allowed_calls_are_under_way_at_once() -> None:
    limiter = Limiter(FakeClock(), calls=1000, concurrent=3)
    lock, full = Lock(), Barrier(3, timeout=5)
    under_way = most = 0

    def call(_: int) -> None:
        nonlocal under_way, most
        with limiter.slot():
            with lock:
                under_way += 1
                most = max(most, under_way)
            full.wait()  # passes only if three are in here together
            with lock:
                under_way -= 1

    with ThreadPoolExecutor(9) as threads:
        list(threads.map(call, range(9)))
    assert most == 3


def test_the_call_that_would_cross_the_budget_is_not_sent(server: Scripted, open_session: Opens) -> None:
    server.script = lambda heard: Say()
    session = open_session(meter=Meter("Vendor", budget=10, used_today=8))
    session.call("GET", "/x")
    session.call("GET", "/x")
    with pytest.raises(Temporary, match="quota reserve"):
        session.call("GET", "/x")
    assert len(server.heard) == 2
    assert session.calls == 2


def test_calls_that_the_vendor_does_not_count_leave_the_budget_alone(server: Scripted, open_session: Opens) -> None:
    server.says(Say(body={"error": "timeout"}), Say(), Say())
    session = open_session(meter=Meter("Vendor", budget=2))
    session.call("GET", "/x")
    session.call("GET", "/x")
    assert session.calls == 2


def test_the_vendors_own_count_replaces_ours_when_a_new_day_has_begun() -> None:
    meter = Meter("Vendor", budget=3)
    for _ in range(3):
        meter.take()
    meter.rebase(used_today=1)
    meter.take()
    meter.take()
    with pytest.raises(Temporary):
        meter.take()
    assert meter.calls == 5


def test_a_budget_begins_anew_with_every_day_also_of_a_process_that_lives_for_many() -> None:
    midnight = 20_000 * 86_400.0
    clock = FakeClock(midnight)
    meter = Meter("Vendor", budget=2, clock=clock, day_begins=6 * 3_600.0)
    for hours in (0, 6, 6 + 24, 6 + 10 * 24):
        clock.time = midnight + hours * 3_600
        for _ in range(2):
            meter.take()
        clock.time += 3_599
        with pytest.raises(Temporary, match="quota reserve"):
            meter.take()
    assert meter.calls == 8
