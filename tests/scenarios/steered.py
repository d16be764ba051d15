"""`mksync watch` as a process of its own in the sandbox's time: whenever it would wait, it asks the test to.

Both speak by lines: the process prints its documents, one a cycle, and between them how long it wants to wait; the test
answers with what time it is then.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from tests.scenarios.processes import SECONDS
from tests.scenarios.sandbox_world import World

WAIT = "wait"
ROOT = Path(__file__).parents[2]


class AskingClock:
    """Meets `ports.Clock` in the process: time stands still unless the test lets it pass."""

    def __init__(self, at: float) -> None:
        self._at = at
        self._lock = Lock()

    def now(self) -> float:
        return self._at

    def sleep(self, seconds: float) -> None:
        with self._lock:
            sys.stdout.write(f'{{"{WAIT}": {max(0.0, seconds)}}}\n')
            sys.stdout.flush()
            self._at = float(sys.stdin.readline())


class Watched:
    """A watch under way.

    `documents`: one a cycle, as soon as the process waits after it; it goes on when the next one is asked for. `wait`:
    how many seconds it wants to wait. `next`: when its next cycle begins, if nobody lets time pass until then.
    """

    def __init__(self, here: World, process: "subprocess.Popen[str]", said: Path) -> None:
        self.here = here
        self.process = process
        self._said = said
        self.wait = 0.0
        self.documents = self._documents()

    @property
    def next(self) -> float:
        return self.here.clock.now() + self.wait

    def _documents(self) -> Iterator[dict[str, Any]]:
        document: dict[str, Any] | None = None
        for line in self._lines():
            said = json.loads(line)
            if WAIT not in said:
                document = said
                continue
            self.wait = said[WAIT]
            if document is not None:
                yield document
                document = None
            self.here.clock.sleep(self.wait)
            self._answer(self.here.clock.now())
        if document is not None:
            yield document

    def _lines(self) -> Iterator[str]:
        assert self.process.stdout is not None
        yield from iter(self.process.stdout.readline, "")

    def _answer(self, at: float) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{at}\n")
        self.process.stdin.flush()

    def errors(self) -> str:
        """What it said on stderr, after its end."""
        self.process.wait(SECONDS)
        return self._said.read_text()

    def memory(self) -> int:
        """Resident, in KB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    def handles(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def ended(self) -> int:
        self.process.wait(SECONDS)
        return self.process.returncode


@contextmanager
def watching(here: World, *flags: str) -> Iterator[Watched]:
    """A watch that prints documents."""
    argv = [sys.executable, "-m", __name__, str(here.clock.now()), "--project", str(here.folder), "watch", "--json"]
    said = here.folder / "stderr.txt"
    with said.open("w") as errors:
        process = subprocess.Popen(
            [*argv, *flags], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, cwd=ROOT
        )
    with process:
        try:
            yield Watched(here, process, said)
        finally:
            if process.poll() is None:
                process.kill()


if __name__ == "__main__":
    from mksync.cli import run

    run(sys.argv[2:], AskingClock(float(sys.argv[1])))
