"""A scripted organisation and a port that is connected to it."""

from collections.abc import Callable, Iterator
from typing import cast

import pytest

from mksync.vendors.salesforce import VENDOR
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.salesforce.bulk_org import BulkOrg, seven_leads
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
def connected(org: Org, clock: FakeClock) -> Callable[..., SalesforcePort]:
    """A port with settings of its own."""

    def connect(**settings: object) -> SalesforcePort:
        sign_in = {"client_id": "3MVG9", "client_secret": "s3cret-of-the-app"}
        table = {"system": "salesforce", "url": org.server.url, **sign_in, **settings}
        return cast("SalesforcePort", VENDOR.open(VENDOR.settings(table, "[crm]"), clock))

    return connect


@pytest.fixture
def port(connected: Callable[..., SalesforcePort]) -> SalesforcePort:
    return connected()


@pytest.fixture
def leads(org: Org) -> BulkOrg:
    return seven_leads(org)
