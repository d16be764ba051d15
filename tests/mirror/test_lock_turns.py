"""Commands that work in turn go between two batches of a run; runs keep each other out; nobody waits for the dead."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from mksync.errors import LockHeld, MirrorError
from mksync.mirror.lock import InTurn, Lock

SECONDS = 60  # for a process to get somewhere; nothing waits so long
AT = 1_780_000_000.0
RUN = "mksync watch, process {}, since 2026-05-28T20:26:40Z"

# Holds a lock, and tells whom it waits for; a line of its standard input makes it give way, the end makes it end.
HOLD = """
import sys
from pathlib import Path
from mksync.mirror import lock
say = lambda text: print(text, flush=True)
with getattr(lock, sys.argv[2])(Path(sys.argv[1]), sys.argv[3], 1_780_000_000.0, say) as held:
    say("works")
    for _ in sys.stdin:
        say(f"gave way: {held.give_way()}")
"""


class Holder:
    """Another process at the same mirror."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def gives_way(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def ends(self) -> None:
        self.process.communicate(timeout=SECONDS)


@contextmanager
def holder(mirror: Path, kind: str, command: str) -> Iterator[Holder]:
    argv = [sys.executable, "-c", HOLD, str(mirror), kind, command]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Holder(process)
        finally:
            process.kill()


@contextmanager
def at_work(mirror: Path) -> Iterator[Holder]:
    with holder(mirror, "Lock", "watch") as run:
        assert run.says() == "works"
        yield run


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return tmp_path / "mksync.db"


def test_a_command_in_turn_works_while_a_run_gives_way_and_the_run_goes_on_after_it(mirror: Path) -> None:
    with at_work(mirror) as run, holder(mirror, "InTurn", "push-person") as person:
        named = RUN.format(run.process.pid)
        assert person.says() == f"waiting for {named}"
        run.gives_way()
        assert person.says() == "works"
        assert run.says() == f"waiting for mksync push-person, process {person.process.pid}, since 2026-05-28T20:26:40Z"
        with pytest.raises(LockHeld, match=rf"another mksync run holds mksync\.db\.lock \({named}\)"):
            Lock(mirror).acquire()
        person.ends()
        assert run.says() == "gave way: True"
        run.gives_way()
        assert run.says() == "gave way: False"


@pytest.mark.parametrize("dead", ["the one in turn", "the run"])
def test_whoever_dies_lets_the_other_go_on(mirror: Path, dead: str) -> None:
    with at_work(mirror) as run, holder(mirror, "InTurn", "convert") as person:
        assert person.says().startswith("waiting for mksync watch")
        if dead == "the run":
            run.process.kill()
            assert person.says() == "works"
            return
        run.gives_way()
        assert person.says() == "works"
        assert run.says().startswith("waiting for mksync convert")
        person.process.kill()
        assert run.says() == "gave way: True"


def test_a_run_that_begins_while_somebody_works_in_turn_waits_for_them(mirror: Path) -> None:
    with holder(mirror, "InTurn", "push-person") as person:
        assert person.says() == "works"
        with holder(mirror, "Lock", "run-once") as run:
            assert run.says().startswith("waiting for mksync push-person")
            person.ends()
            assert run.says() == "works"


def test_a_run_comes_to_its_turn_among_many_who_work_in_turn(mirror: Path) -> None:
    """Threads of this process, each with files of its own: the system's locks hold between them as well."""
    order: list[str] = []
    run = Lock(mirror).acquire()

    def in_turn(name: str) -> None:
        with InTurn(mirror):
            order.append(name)

    threads = [Thread(target=in_turn, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    while len(order) < len(threads):
        run.give_way()
    for thread in threads:
        thread.join(SECONDS)
    assert sorted(order) == ["a", "b", "c"]
    run.release()
    with Lock(mirror):
        pass


def test_nobody_is_let_between_by_one_that_works_in_turn_itself(mirror: Path) -> None:
    with InTurn(mirror) as lock:
        assert not lock.give_way()


@pytest.mark.parametrize("kind", [Lock, InTurn])
def test_what_could_not_be_taken_as_a_whole_is_not_held_in_part(mirror: Path, kind: type[Lock]) -> None:
    """A watch that pauses tries again in the same process."""
    work = mirror.with_name("mksync.db.work")
    work.mkdir()
    with pytest.raises(MirrorError, match=r"mksync\.db\.work cannot be locked"):
        kind(mirror).acquire()
    work.rmdir()
    with kind(mirror):
        pass
