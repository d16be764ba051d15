"""SIGKILL a process of its own at every call it makes and every commit, before and after: the same end as without.

What `test_kill_on_sandbox` does inside one process, with nothing of Python left to tidy up behind it. A few steps in
every build; all of them with MKSYNC_EXPLORE=1.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from tests.scenarios.crash import End, Prepared, end, prepare
from tests.scenarios.crms import CRMS
from tests.scenarios.processes import SECONDS
from tests.scenarios.sandbox_world import World

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=CRMS, ids=lambda crm: crm.system)
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("prepared"), request.param)


def cycle(here: World, fatal: str = "") -> "subprocess.CompletedProcess[str]":
    """A cycle in a process that dies at this step."""
    told = [here.facts.system, str(here.sandbox.clock.offset), fatal, here.urls["marketo"], here.urls["crm"]]
    command = [sys.executable, "-m", "tests.scenarios.killed", *told, "--project", str(here.folder), "run-once", "-q"]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=SECONDS, check=False)


def sampled(steps: list[str]) -> Iterator[str]:
    """Of each kind one in the middle; or all."""
    kinds = groupby(sorted(steps, key=_kind), key=_kind)
    for _, group in kinds:
        some = list(group)
        yield from some if os.environ.get("MKSYNC_EXPLORE") else some[len(some) // 2 :][:1]


def _kind(step: str) -> str:
    return step.rpartition(" ")[0]


def undisturbed(prepared: Prepared, folder: Path) -> tuple[End, list[str]]:
    with prepared.copy(folder, moving=True) as here:
        here.sandbox.clock.advance(300)
        ended = cycle(here)
        assert ended.returncode == 3, ended.stderr
        steps = [line for line in ended.stdout.splitlines() if line.split(" ")[1:2] in (["before"], ["after"])]
        return end(here), steps


def test_a_process_killed_at_any_step_is_made_good_by_the_next_run(prepared: Prepared, tmp_path: Path) -> None:
    expected, steps = undisturbed(prepared, tmp_path / "undisturbed")
    fatal = list(sampled(steps))
    assert len({_kind(step) for step in fatal}) == 6
    for step in fatal:
        with prepared.copy(tmp_path / "copy", moving=True) as here:
            here.sandbox.clock.advance(300)
            assert cycle(here, step).returncode == -signal.SIGKILL, step
            here.sandbox.clock.advance(300)
            ended = cycle(here)
            assert ended.returncode == 3, (step, ended.stderr)
            assert end(here) == expected, f"killed at {step}"
