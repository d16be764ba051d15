"""A real process is killed with SIGKILL in the middle of a write; the next run heals, and nobody is doubled."""

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from werkzeug import Request, Response

from mksync.sandbox.server import Sandbox
from tests.scenarios.crms import CRMS, Crm
from tests.scenarios.sandbox_world import KEY, World

SECONDS = 60  # for a process to get somewhere on a busy machine; nothing waits so long


class Trap:
    """Stops the first write of people, before its effect or after it, until the writer is dead."""

    def __init__(self, sandbox: Sandbox, *, after_effect: bool) -> None:
        self.caught, self.dead, self.done = Event(), Event(), Event()
        self._after_effect = after_effect
        self._handle = sandbox.marketo.handle

    def handle(self, request: Request) -> Response:
        writes = request.method == "POST" and request.path.endswith("/leads.json") and not request.args
        if not writes or self.caught.is_set():
            return self._handle(request)
        answer = self._handle(request) if self._after_effect else None
        self.caught.set()
        assert self.dead.wait(SECONDS)
        answer = answer or self._handle(request)  # what was sent arrives, whoever sent it
        self.done.set()
        return answer


def _mksync(folder: Path, *argv: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "mksync", "--project", str(folder), *argv]
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        command,
        cwd=root,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1"},
    )


def _ran(folder: Path, *argv: str) -> Any:
    process = _mksync(folder, *argv, "--json")
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, err
    return json.loads(out)


@pytest.mark.parametrize("crm", CRMS, ids=lambda crm: crm.system)
@pytest.mark.parametrize("after_effect", [False, True])
def test_a_killed_process_is_healed_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after_effect: bool, crm: Crm
) -> None:
    with Sandbox.start(vendors=("marketo", crm.system)) as sandbox:
        here = World(tmp_path, sandbox, crm)
        here.prepare()
        _ran(tmp_path, "init")
        lead = here.crm.named("lead", title="CTO")
        trap = Trap(sandbox, after_effect=after_effect)
        monkeypatch.setattr(sandbox.marketo, "handle", trap.handle)
        killed = _mksync(tmp_path, "run-once")
        try:
            assert trap.caught.wait(SECONDS), killed.communicate(timeout=SECONDS)
        finally:
            killed.kill()
            killed.communicate(timeout=SECONDS)
            trap.dead.set()
        assert killed.returncode == -9
        assert trap.done.wait(SECONDS)
        _ran(tmp_path, "run-once")
        assert [row["title"] for row in here.marketo.people("title", KEY).values() if row[KEY] == lead] == ["CTO"]
        here.crm.edit("lead", lead, title="CEO")
        _ran(tmp_path, "run-once")
        assert [row["title"] for row in here.marketo.people("title").values()] == ["CEO"]
