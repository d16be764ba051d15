"""Every vendor and object in turn, each on an emulator of its own."""

from collections.abc import Callable, Iterator

import pytest

from mksync.core.records import Field, FieldType
from mksync.ports import Port
from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.scenarios.sandbox_world import NOW
from tests.vendors.port_facts import FACTS, KEY, Facts
from tests.vendors.port_system import System


@pytest.fixture(params=FACTS, ids=lambda facts: facts.name)
def facts(request: pytest.FixtureRequest) -> Facts:
    found: Facts = request.param
    return found


@pytest.fixture
def start(facts: Facts) -> Iterator[Callable[[int], System]]:
    """Starts the emulator with so many demo people in all systems together."""
    running: list[Sandbox] = []

    def begin(people: int) -> System:
        clock = SandboxClock(frozen_at=NOW)
        running.append(Sandbox.start(vendors=(facts.vendor,), people=people, clock=clock))
        system = System(running[-1], facts)
        _may_create_its_key(system.port, facts)
        return system

    yield begin
    for sandbox in running:
        sandbox.stop()


def _may_create_its_key(port: Port, facts: Facts) -> None:
    if KEY in facts.types:
        port.create_field(facts.object, Field(KEY, "CRM record id", FieldType.TEXT))


@pytest.fixture
def system(start: Callable[[int], System]) -> System:
    return start(0)
