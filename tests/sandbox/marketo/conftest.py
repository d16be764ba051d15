"""A Marketo sandbox on loopback with a standing clock, and a small signed-in client that knows only HTTP."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.marketo.meter import UNLIMITED
from mksync.sandbox.server import Sandbox
from tests.sandbox.marketo.api import Api

NOW = 1_772_445_600  # 2026-03-02T10:00:00Z

Start = Callable[..., Api]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a sandbox with the given switches and signs in; limits are off."""
    with ExitStack() as stack:

        def begin(*quirks: str, people: int = 0) -> Api:
            sandbox = stack.enter_context(
                Sandbox.start(
                    vendors=("marketo",),
                    clock=SandboxClock(frozen_at=NOW),
                    quirks={"marketo": frozenset(quirks)},
                    people=people,
                )
            )
            sandbox.marketo.limits = UNLIMITED
            return Api(sandbox, stack.enter_context(requests.Session()))

        yield begin


@pytest.fixture
def api(start: Start) -> Api:
    return start()
