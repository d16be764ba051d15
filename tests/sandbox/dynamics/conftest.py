"""A Dataverse sandbox on loopback with a standing clock."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.sandbox.dynamics.api import Api
from tests.sandbox.dynamics.rows import NOW

Start = Callable[..., Api]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a sandbox with the given switches and signs in."""
    with ExitStack() as stack:

        def begin(*quirks: str, people: int = 0) -> Api:
            switches = {"dynamics": frozenset(quirks)}
            clock = SandboxClock(frozen_at=NOW)
            sandbox = Sandbox.start(vendors=("dynamics",), clock=clock, quirks=switches, people=people)
            return Api(stack.enter_context(sandbox), stack.enter_context(requests.Session()))

        yield begin


@pytest.fixture
def api(start: Start) -> Api:
    return start()
