"""mksync as a process of its own, and a trap that stops it in the middle of a call, to be killed there."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from werkzeug import Request, Response

from mksync.sandbox.server import Sandbox

SECONDS = 900  # for a process to get somewhere, on a busy machine and among many people; nothing waits so long


def writes_people(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("/leads.json") and not request.args


def reads_people(request: Request) -> bool:
    return request.path.endswith("/leads.json") and bool(request.values.get("filterType"))


class Trap:
    """Stops the `nth` such call to Marketo, before its effect or after it, until the caller is dead."""

    def __init__(
        self, sandbox: Sandbox, such: Callable[[Request], bool] = writes_people, *, after_effect: bool, nth: int = 1
    ) -> None:
        self.caught, self.dead, self.done = Event(), Event(), Event()
        self._such, self._left = such, nth
        self._after_effect = after_effect
        self._handle = sandbox.marketo.handle

    def handle(self, request: Request) -> Response:
        if self.caught.is_set() or not self._such(request):
            return self._handle(request)
        self._left -= 1
        if self._left:
            return self._handle(request)
        answer = self._handle(request) if self._after_effect else None
        self.caught.set()
        assert self.dead.wait(SECONDS)
        answer = answer or self._handle(request)  # what was sent arrives, whoever sent it
        self.done.set()
        return answer


def mksync(folder: Path, *argv: str) -> "subprocess.Popen[str]":
    """Begin a command."""
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


def ran(folder: Path, *argv: str, codes: Collection[int] = (0,)) -> Any:
    """What a command answered that ended with one of these exit codes."""
    process = mksync(folder, *argv, "--json")
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode in codes, err or out
    return json.loads(out)


def killed_in(trap: Trap, sandbox: Sandbox, folder: Path, *argv: str) -> None:
    """A command that was killed with SIGKILL in the trap."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox.marketo, "handle", trap.handle)
        killed = mksync(folder, *argv)
        try:
            assert trap.caught.wait(SECONDS), killed.communicate(timeout=SECONDS)
        finally:
            killed.kill()
            killed.communicate(timeout=SECONDS)
            trap.dead.set()
        assert killed.returncode == -9
        assert trap.done.wait(SECONDS)
