"""Floors that keep the emulator from being the bottleneck. Each bound is generous: several times what it takes."""

import time
from collections.abc import Callable, Iterator

import pytest
import requests

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.sandbox.salesforce.api import Api
from tests.sandbox.salesforce.conftest import NOW

COLUMNS = (
    "Id, FirstName, LastName, Email, Phone, Title, Company, Street, City, State, PostalCode, Country, Status, "
    "LeadSource, OwnerId, IsConverted, SystemModstamp, LastModifiedDate, LastModifiedById, Fit_Score__c"
)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    clock = SandboxClock(frozen_at=NOW)
    with Sandbox.start(vendors=("salesforce",), clock=clock, people=10_000) as sandbox, requests.Session() as http:
        yield Api(sandbox, http)


def best(action: Callable[[], object]) -> float:
    """Milliseconds of the fastest of five runs: what the code costs without the machine's noise."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return min(times) * 1_000


def test_a_page_of_two_thousand_rows(api: Api) -> None:
    where = "SystemModstamp >= 2025-01-01T00:00:00Z ORDER BY SystemModstamp, Id LIMIT 2000"
    soql = f"SELECT {COLUMNS} FROM Lead WHERE {where}"
    assert len(api.records(soql)) == 2_000
    assert best(lambda: api.query(soql)) < 60


def test_a_page_of_a_cursor(api: Api) -> None:
    following = api.query(f"SELECT {COLUMNS} FROM Lead ORDER BY Id").json()["nextRecordsUrl"]
    assert best(lambda: api.get(following)) < 60


def test_an_update_of_two_hundred_records(api: Api) -> None:
    ids = [row["Id"] for row in api.records("SELECT Id FROM Lead LIMIT 200")]
    rows = [{"attributes": {"type": "Lead"}, "id": id, "Title": "CTO", "City": "Berlin"} for id in ids]
    assert best(lambda: api.patch("composite/sobjects", {"records": rows})) < 100


def test_seeding() -> None:
    began = time.perf_counter()
    with Sandbox.start(vendors=("salesforce",), people=5_000):
        assert time.perf_counter() - began < 1  # a tenth of fifty thousand in ten seconds
