"""Watches as real processes that are caught in the middle of a call: who ends them, and who works between."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mksync.mirror.lock import InTurn
from mksync.sandbox.server import Sandbox
from tests.scenarios.converting import WAYS, Sales, Way
from tests.scenarios.processes import SECONDS, Trap, mksync, ran, reads_people
from tests.scenarios.sandbox_world import KEY, World


@pytest.fixture(params=WAYS, ids=lambda way: way.crm.system)
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


@pytest.fixture
def here(tmp_path: Path, way: Way) -> Iterator[World]:
    """A project in the computer's own time, that `init` has seen."""
    with Sandbox.start(vendors=("marketo", way.crm.system)) as sandbox:
        world = World(tmp_path, sandbox, way.crm)
        world.prepare()
        world.init()
        yield world


@contextmanager
def caught(here: World, trap: Trap, monkeypatch: pytest.MonkeyPatch) -> Iterator["subprocess.Popen[str]"]:
    """A watch that hangs in the trap, until `trap.dead` is set."""
    monkeypatch.setattr(here.sandbox.marketo, "handle", trap.handle)
    watch = mksync(here.folder, "watch", "--json")
    try:
        assert trap.caught.wait(SECONDS), watch.communicate(timeout=SECONDS)
        yield watch
    finally:
        trap.dead.set()
        if watch.poll() is None:
            watch.kill()
        watch.communicate(timeout=SECONDS)


def statuses(here: World) -> list[str]:
    with here.mirror() as mirror:
        return [status for (status,) in mirror.db.execute("SELECT status FROM write ORDER BY id")]


def edited_everywhere(here: World) -> tuple[str, str]:
    """A person that is linked and was edited in Marketo, and a lead that is new: a batch for each side."""
    known = here.crm.named("lead", email="known@example.com", title="CTO")
    ran(here.folder, "run-once")
    here.marketo.edit(here.person_of(known), title="CEO")
    return known, here.crm.named("lead", email="new@example.com")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_lets_the_batch_under_way_come_to_its_end_and_sends_no_other(
    here: World, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    known, new = edited_everywhere(here)
    trap = Trap(here.sandbox, after_effect=False)
    with caught(here, trap, monkeypatch) as watch:
        watch.send_signal(number)
        trap.dead.set()
        _, err = watch.communicate(timeout=SECONDS)
    assert (watch.returncode, err) == (code, "interrupted; the state is consistent, the next run goes on from here\n")
    assert statuses(here)[1:] == ["written", "planned"], "the new person is settled, the other batch was not sent"
    assert here.crm.records("lead", "title")[known]["title"] == "CTO"
    assert here.person_of(new)
    ran(here.folder, "run-once")
    assert here.crm.records("lead", "title")[known]["title"] == "CEO"
    assert "sent" not in statuses(here)


def test_the_second_signal_ends_at_once_and_the_next_run_heals(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known, new = edited_everywhere(here)
    trap = Trap(here.sandbox, after_effect=True)
    with caught(here, trap, monkeypatch) as watch:
        watch.send_signal(signal.SIGTERM)
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=SECONDS)  # while its call still hangs
        assert not trap.dead.is_set()
    assert watch.returncode in (130, 143)
    assert trap.done.wait(SECONDS)
    assert statuses(here)[1] == "sent", "whether it took effect is for the next run to find out"
    ran(here.folder, "run-once")
    assert [row[KEY] for row in here.marketo.people(KEY).values()].count(new) == 1
    assert here.crm.records("lead", "title")[known]["title"] == "CEO"


def test_a_signal_while_it_reads_ends_at_once(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    edited_everywhere(here)
    trap = Trap(here.sandbox, reads_people, after_effect=False)
    with caught(here, trap, monkeypatch) as watch:
        watch.send_signal(signal.SIGTERM)
        watch.communicate(timeout=SECONDS)
        assert not trap.dead.is_set()
    assert watch.returncode == 143


def test_who_converts_while_a_watch_writes_waits_for_the_batch_and_goes_first(
    here: World, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales = Sales(here, way)
    lead = sales.lead()
    person = here.person_of(lead)
    here.marketo.edit(person, phone="+1 555 0100 200")  # planned for the lead, while that becomes a contact
    new = here.crm.named("lead", email="new@example.com")
    trap = Trap(here.sandbox, after_effect=False)
    with caught(here, trap, monkeypatch) as watch:
        convert = mksync(here.folder, "convert", "pat@example.com", "--yes", *way.everything)
        assert convert.stderr is not None
        waits = convert.stderr.readline()
        assert re.fullmatch(rf"waiting for mksync watch, process {watch.pid}, since 2\d{{3}}-\S+Z\n", waits), waits
        second = mksync(here.folder, "run-once")
        _, told = second.communicate(timeout=SECONDS)
        assert second.returncode == 9
        assert f"another mksync run holds mksync.db.lock (mksync watch, process {watch.pid}, since " in told
        trap.dead.set()
        out, err = convert.communicate(timeout=SECONDS)
        assert convert.returncode == 0, err
        assert "is converted" in out
        assert watch.stdout is not None
        first = watch.stdout.readline()
        assert '"code": 0' in first or '"code": 3' in first, first
        watch.send_signal(signal.SIGTERM)
        watch.communicate(timeout=SECONDS)
    contact = sales.only("contact")
    assert here.person_of(contact) == person, "the link moved, and stayed moved"
    assert here.person_of(new)
    for _ in range(2):
        ran(here.folder, "run-once", codes=(0, 3))
    assert here.crm.records("contact", "phone")[contact]["phone"] == "+1 555 0100 200"
    assert not {"sent", "planned"} & set(statuses(here))


def test_who_pushes_a_person_while_a_watch_writes_waits_for_the_batch_and_goes_first(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, new = edited_everywhere(here)
    here.marketo.create(email="only@example.com", firstName="Only", lastName="Here", company="Acme")
    trap = Trap(here.sandbox, after_effect=False)
    with caught(here, trap, monkeypatch) as watch:
        push = mksync(here.folder, "push-person", "only@example.com", "known@example.com")
        assert push.stderr is not None
        assert push.stderr.readline().startswith(f"waiting for mksync watch, process {watch.pid}, since ")
        trap.dead.set()
        _, err = push.communicate(timeout=SECONDS)
        assert push.returncode in (0, 3), err  # some CRMs leave known people to the watch
        assert watch.stdout is not None
        assert '"name": "done"' in watch.stdout.readline()
        watch.send_signal(signal.SIGTERM)
        watch.communicate(timeout=SECONDS)
    ran(here.folder, "run-once")
    leads = here.crm.records("lead", "email", "title")
    assert sorted(row["email"] for row in leads.values()) == [
        "known@example.com",
        "new@example.com",
        "only@example.com",
    ]
    assert leads[known]["title"] == "CEO"
    assert here.person_of(new)
    assert not {"sent", "planned"} & set(statuses(here))


def test_a_watch_waits_for_who_works_in_turn_and_says_so(here: World) -> None:
    with InTurn(here.config.mirror, "push-person", here.clock.now()):
        watch = mksync(here.folder, "watch", "--cycles", "1")
        assert watch.stderr is not None
        assert watch.stderr.readline().startswith("waiting for mksync push-person, process ")
    out, _ = watch.communicate(timeout=SECONDS)
    assert watch.returncode == 0
    assert "nothing to do, both sides agree" in out
