"""`mksync run-once` as a program among others: one lock, and an end in the middle that costs nothing."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox
from tests.cli.desk import PATIENCE, PEOPLE, ROOT, error, state
from tests.scenarios.crms import Crm
from tests.scenarios.sandbox_world import Ended, World

HOLDER = """
import sys
from dataclasses import replace
from pathlib import Path
from mksync.mirror.lock import Lock
with Lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""

IN_MARKETO = Fault("slow", "marketo", "/v1/leads.json", "POST")
LOCKED = ("run-once", "run-once --dry-run", "init --no-input", "fields list", "fields select --all-custom")


@pytest.fixture
def live(tmp_path: Path, crm: Crm) -> Iterator[World]:
    """A project in the computer's own time, for programs of their own; `init` has seen it."""
    with Sandbox.start(vendors=("marketo", crm.system)) as sandbox:
        here = World(tmp_path, sandbox, crm)
        here.prepare()
        here.init()
        yield here


def program(here: World, *argv: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "mksync", "--project", str(here.folder), *argv]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def test_while_another_process_holds_the_lock_every_command_that_needs_it_says_so(here: World) -> None:
    before, selection = state(here), here.config.selection.read_bytes()
    command = [sys.executable, "-c", HOLDER, str(here.config.mirror)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        ends = {words: here.command(*words.split()) for words in LOCKED}
        assert here.command("log").code == 0, "reading the log needs no lock"
        holder.communicate()
    held = f"another mksync run holds mksync.db.lock (process {holder.pid})"
    told = error(held, "wait until it has ended; the lock goes with its process")
    assert set(ends.values()) == {Ended(9, "", told)}
    assert (state(here), here.config.selection.read_bytes()) == (before, selection)
    assert here.command("run-once").code == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
@pytest.mark.parametrize("when", ["while it reads", "while it creates in Marketo", "while it writes to the CRM"])
def test_an_end_in_the_middle_leaves_a_consistent_state(
    live: World, number: signal.Signals, code: int, when: str
) -> None:
    """The call under way takes effect all the same: the next cycle finds out, and nothing is lost or doubled."""
    creates, writes = when == "while it creates in Marketo", when == "while it writes to the CRM"
    lead = live.crm.named("lead", email="roe@example.com", title="CTO")
    live.command("run-once")
    live.marketo.edit(live.person_of(lead), title="CEO")
    other = live.crm.named("lead", lastName="Doe", email="doe@example.com")
    slow = IN_MARKETO if creates else live.facts.write_call if writes else live.facts.read_call
    live.sandbox.faults.script(replace(slow, name="slow", seconds=0.4))
    with program(live, "run-once", "--json") as run:
        _until(lambda: live.sandbox.faults.to_come() == 0)
        run.send_signal(number)
        out, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == code
    if number is not signal.SIGKILL:
        assert err == "interrupted; the state is consistent, the next run goes on from here\n"
        assert json.loads(out)["mksync"]["exit"]["code"] == code
    if creates:
        _until(lambda: len(state(live)[PEOPLE]) == 2)
    elif writes:
        title = live.fields["lead"]["title"]
        _until(lambda: "CEO" in [row.get(title) for row in state(live)[live.facts.tables[0]]])
    assert live.command("run-once").code == 0
    assert "nothing to do, both sides agree" in live.command("run-once").out
    assert live.crm.records("lead", "title")[lead]["title"] == "CEO"
    assert live.marketo.people("title")[live.person_of(lead)]["title"] == "CEO"
    assert live.person_of(other)


def _until(came: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + PATIENCE
    while not came():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)
