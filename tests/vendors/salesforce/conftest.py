"""A scripted organisation and a port that is connected to it."""

from collections.abc import Iterator
from typing import cast

import pytest

from mksync.vendors.salesforce import VENDOR
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.salesforce.scripted_org import NOW, Org
from tests.wire.scripted import FakeClock, Scripted


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW.timestamp())


@pytest.fixture
def org(clock: FakeClock) -> Iterator[Org]:
    with Scripted().running() as server:
        yield Org(server, clock)


@pytest.fixture
def port(org: Org, clock: FakeClock) -> SalesforcePort:
    table = {"system": "salesforce", "url": org.server.url, "client_id": "3MVG9", "client_secret": "s3cret-of-the-app"}
    return cast("SalesforcePort", VENDOR.open(VENDOR.settings(table, "[crm]"), clock))
