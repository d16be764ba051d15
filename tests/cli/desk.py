"""What the tests of commands work with: projects on a sandbox of their own, both systems' whole state, a terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import mksync
from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import VENDORS, Quirks, Sandbox
from tests.scenarios.crms import Crm
from tests.scenarios.sandbox_world import NOW, Ended, World

ROOT = Path(mksync.__file__).parent.parent
SAMPLES = ROOT / "sample-configs"
GOLDEN = Path(__file__).parent / "golden"
PEOPLE = "marketo_lead"  # where the sandbox keeps Marketo's people
PATIENCE = 20.0  # seconds of real time for a program of its own to answer
Rows = dict[str, list[dict[str, Any]]]


def sandbox_with_people(crm: Crm, quirks: Quirks | None = None) -> Sandbox:
    """A dozen people whom both systems know, one that only the CRM knows, one difference; time stands still."""
    vendors = ("marketo", crm.system)
    return Sandbox.start(clock=SandboxClock(frozen_at=NOW), people=12, seed=27, vendors=vendors, quirks=quirks)


def rehearsal(folder: Path, sandbox: Sandbox, crm: Crm) -> World:
    """A project as a user makes it: the sample configuration, with this sandbox's ports, and nothing else."""
    text = (SAMPLES / f"sandbox-{crm.system}.toml").read_text()
    served = {f"http://127.0.0.1:{8700 + place}": sandbox.urls.get(vendor) for place, vendor in enumerate(VENDORS)}
    folder.mkdir(exist_ok=True)
    (folder / "mksync.toml").write_text(re.sub(r"http://127\.0\.0\.1:\d+", lambda found: str(served[found[0]]), text))
    return World(folder, sandbox, crm)


def state(here: World) -> Rows:
    """Every record of both systems, every stamp and hidden field included; empty fields left out."""
    with here.sandbox.store.lock:
        return {table: _rows(here.sandbox, table) for table in (PEOPLE, *here.facts.tables)}


def _rows(sandbox: Sandbox, table: str) -> list[dict[str, Any]]:
    cursor = sandbox.store.connection.execute(f'SELECT * FROM "{table}" ORDER BY 1')
    names = [column[0] for column in cursor.description]
    return [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in cursor]


def created_fields(sandbox: Sandbox) -> str:
    """What the sandbox's Marketo knows of mksync's own field, as SQL; empty if there is none."""
    with sandbox.store.lock:
        return "\n".join(line for line in sandbox.store.connection.iterdump() if "mksyncCrmId" in line)


def error(message: str, hint: str = "") -> str:
    """What stderr says of a command that failed."""
    return f"error: {message}\n" + (f"hint: {hint}\n" if hint else "")


def run_once(here: World, *flags: str) -> Ended:
    """The next cycle, after its pause."""
    here.clock.sleep(300)
    return here.command("run-once", *flags)


def agrees_with_golden(name: str, shown: str, crm: Crm) -> bool:
    """Whether the output is the one in the golden file, but for the ports. MKSYNC_GOLDEN=write makes the file."""
    shown = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", shown)
    path = GOLDEN / crm.system / f"{name}.txt"
    if os.environ.get("MKSYNC_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown)
    assert shown == path.read_text()
    return True


def on_terminal(
    *argv: str, answers: str = "", meanwhile: Callable[[], str] | None = None, env: Mapping[str, str] | None = None
) -> Ended:
    """Run mksync as a program with a pseudo-terminal at all three streams; both streams come as `out`.

    `meanwhile` is called once the program has printed something and waits; its result is typed then.
    """
    ours, theirs = pty.openpty()
    surroundings = {**os.environ, "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "200", **(env or {})}
    command = [sys.executable, "-m", "mksync", *argv]
    program = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=surroundings)
    os.close(theirs)
    try:
        os.write(ours, answers.encode())
        first = os.read(ours, 1).decode() if meanwhile else ""
        if meanwhile:
            os.write(ours, meanwhile().encode())
        shown = first + _everything(ours, time.monotonic() + PATIENCE)
        return Ended(program.wait(PATIENCE), shown.replace("\r\n", "\n"), "")
    finally:
        program.kill()
        program.wait()
        os.close(ours)


def _everything(terminal: int, deadline: float) -> str:
    """All that is printed until the program has left the terminal."""
    found = b""
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"no end after {PATIENCE} seconds: {found.decode(errors='replace')}"
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # how Linux says that nobody is at the other end any more
            return found.decode()
        if not piece:
            return found.decode()
        found += piece
