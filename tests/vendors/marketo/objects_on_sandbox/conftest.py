"""A Marketo instance in the sandbox for each test, with the switches that the test names."""

from collections.abc import Callable, Iterator

import pytest

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from mksync.vendors.marketo import VENDOR
from mksync.vendors.marketo.port import MarketoPort
from tests.scenarios.sandbox_world import NOW, SteeredClock
from tests.vendors.marketo.objects_on_sandbox.steps import made


@pytest.fixture
def quirks() -> frozenset[str]:
    return frozenset()


@pytest.fixture
def sandbox(quirks: frozenset[str]) -> Iterator[Sandbox]:
    clock = SandboxClock(frozen_at=NOW)
    with Sandbox.start(vendors=("marketo",), people=30, clock=clock, quirks={"marketo": quirks}) as sandbox:
        yield sandbox


@pytest.fixture
def connect(sandbox: Sandbox) -> Callable[[], MarketoPort]:
    def opened() -> MarketoPort:
        table = {"url": sandbox.marketo_url, "client_id": "sandbox", "client_secret": "sandbox"}
        port = VENDOR.open(VENDOR.settings(table, "[marketo]"), SteeredClock(sandbox.clock))
        assert isinstance(port, MarketoPort)
        return port

    return opened


@pytest.fixture
def port(connect: Callable[[], MarketoPort]) -> MarketoPort:
    return connect()


@pytest.fixture
def deal(port: MarketoPort) -> str:
    """A company and its owner; the answer is the id of their opportunity."""
    made(port, "salesperson", externalSalesPersonId="005A", email="sam@example.com", firstName="Sam")
    made(port, "company", externalCompanyId="001A", company="Acme", externalSalesPersonId="005A")
    return made(
        port,
        "opportunity",
        externalOpportunityId="006A",
        name="Chairs",
        amount="1604.47",
        externalCompanyId="001A",
        externalSalesPersonId="005A",
    )
