"""A scripted environment and a port that is connected to it."""

from collections.abc import Iterator
from typing import cast

import pytest

from mksync.vendors.dynamics import VENDOR
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.scripted_org import NOW, TENANT, Org
from tests.wire.scripted import FakeClock, Scripted


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW.timestamp())


@pytest.fixture
def org(clock: FakeClock) -> Iterator[Org]:
    with Scripted().running() as server:
        yield Org(server, clock)


@pytest.fixture
def port(org: Org, clock: FakeClock) -> DynamicsPort:
    table = {"url": org.server.url, "tenant": TENANT, "client_id": "app", "client_secret": "s3cret-of-the-app"}
    return cast("DynamicsPort", VENDOR.open(VENDOR.settings(table, "[crm]"), clock))
