"""A process of its own that runs one command and kills itself with SIGKILL at one of its steps.

    python -m tests.scenarios.killed SYSTEM OFFSET FATAL MARKETO_URL CRM_URL COMMAND…

OFFSET: how far the sandbox's clock is ahead, in seconds. FATAL: "crm after 3", or "" for a process that lives on and
writes its steps to stdout, one a line.
"""

import os
import signal
import sys
import time
from typing import Never

from mksync.cli import run
from tests.scenarios.crms import CRMS
from tests.scenarios.plug import Plug, plugging


class Ahead:
    """Meets `ports.Clock`: real time, as far ahead as the sandbox's clock is."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return time.time() + self._seconds

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def _dies(step: str) -> Never:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError(f"alive after {step}")


def main(system: str, offset: str, fatal: str, marketo: str, crm: str, *argv: str) -> None:
    facts = next(one for one in CRMS if one.system == system)
    plug = Plug({"marketo": marketo, "crm": crm}, facts.writes, fatal, _dies)
    try:
        with plugging(plug):
            run(list(argv), Ahead(float(offset)))
    finally:
        if not fatal:
            print("\n".join(plug.steps))


if __name__ == "__main__":
    main(*sys.argv[1:])
