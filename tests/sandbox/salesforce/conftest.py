"""A Salesforce sandbox on loopback with a standing clock."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.sandbox.salesforce.api import Api

NOW = 1_772_445_600  # 2026-03-02T10:00:00Z, a Monday

Start = Callable[..., Api]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a sandbox with the given switches and signs in."""
    with ExitStack() as stack:

        def begin(*quirks: str, people: int = 0) -> Api:
            clock = SandboxClock(frozen_at=NOW)
            sandbox = stack.enter_context(
                Sandbox.start(
                    vendors=("salesforce",), clock=clock, quirks={"salesforce": frozenset(quirks)}, people=people
                )
            )
            return Api(sandbox, stack.enter_context(requests.Session()))

        yield begin


@pytest.fixture
def api(start: Start) -> Api:
    return start()
