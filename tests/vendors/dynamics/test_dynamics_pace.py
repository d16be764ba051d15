"""How large batches are: they grow while they are quick, and shrink when they are not. Time is the test's."""

from collections.abc import Callable
from math import ceil
from typing import Any

import pytest

from mksync.core.records import Outcome, Write
from mksync.errors import MksyncError, OutcomeUnknown
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.scripted_org import BASE, Asked, Org, error, lead
from tests.wire.scripted import FakeClock, Say

MOST = 1_000


@pytest.fixture
def takes(org: Org, port: DynamicsPort, clock: FakeClock) -> Callable[[float], None]:
    """Has every record take so many seconds from now on."""
    port.describe("lead")

    def each(seconds: float) -> None:
        def respond(asked: Asked) -> tuple[int, Any]:
            clock.time += seconds
            return 200, lead(asked.path[-37:-1], 8, **asked.body)

        org.on("PATCH", r"/leads\(.*\)", respond)

    return each


def sent(port: DynamicsPort, records: int) -> list[Outcome]:
    ids = [f"1a1a0000-0000-4000-8000-{number:012d}" for number in range(records)]
    return list(port.write("lead", [Write(ref, "lead", id, {"jobtitle": "T"}) for ref, id in enumerate(ids)], ()))


def batches(org: Org) -> int:
    return org.calls.count(f"POST {BASE}/$batch")


def sizes(port: DynamicsPort, records: int) -> list[int]:
    """Sends so many as the engine does: every batch as large as the port says by then."""
    found = []
    while records:
        found.append(min(records, port.batch))
        assert {one.kind for one in sent(port, found[-1])} == {"written"}
        records -= found[-1]
    return found


def test_the_first_batch_is_small(port: DynamicsPort) -> None:
    assert port.batch == 100


def test_ten_thousand_quick_writes_take_hardly_more_calls_than_full_batches_would(
    org: Org, port: DynamicsPort, takes: Callable[[float], None]
) -> None:
    takes(0.001)
    before = port.calls
    found = sizes(port, 10_000)
    assert max(found) == MOST, "the most that a batch may hold"
    assert batches(org) == len(found) == ceil(10_000 / MOST) + 2
    assert port.calls - before == 10_000, "every record counts against the entitlement"


def test_a_batch_becomes_as_large_as_twenty_seconds_allow(port: DynamicsPort, takes: Callable[[float], None]) -> None:
    takes(0.05)
    assert sizes(port, 2_000)[1:-1] == [400] * 4
    takes(0.1)
    assert sizes(port, 800)[1:] == [200, 200]


def test_a_minute_for_a_hundred_records_makes_batches_smaller_and_they_grow_again(
    port: DynamicsPort, takes: Callable[[float], None]
) -> None:
    takes(0.6)
    assert sizes(port, 166) == [100, 33, 33]
    takes(0.01)
    assert sizes(port, 33 + 132 + 528) == [33, 132, 528]


def test_a_batch_is_never_so_small_that_it_were_none(port: DynamicsPort, takes: Callable[[float], None]) -> None:
    takes(5.0)
    sent(port, 100)
    assert port.batch == 10


def test_a_few_quick_records_say_nothing_of_many(port: DynamicsPort, takes: Callable[[float], None]) -> None:
    takes(0.0)
    sent(port, 99)
    assert port.batch == 100


def test_after_a_lost_answer_fewer_are_sent(org: Org, port: DynamicsPort, takes: Callable[[float], None]) -> None:
    takes(0.001)
    sizes(port, 100)
    assert port.batch == 400
    org.then(Say(504, error("", "the gateway waited long enough")))
    with pytest.raises(OutcomeUnknown):
        sent(port, 400)
    assert port.batch == 100


def test_a_limit_on_execution_time_makes_batches_smaller(
    org: Org, port: DynamicsPort, takes: Callable[[float], None]
) -> None:
    takes(0.001)
    sizes(port, 500)
    assert port.batch == MOST
    throttled = error("0x80072321", "Combined execution time of incoming requests exceeded limit")
    org.then(Say(429, throttled, {"Retry-After": "50"}))
    assert {one.kind for one in sent(port, MOST)} == {"written"}
    assert port.batch < MOST / 2, "what was waited for counts as well"
    org.then(*[Say(429, throttled, {"Retry-After": "3000"})] * 9)
    with pytest.raises(MksyncError):
        sent(port, port.batch)
    assert port.batch < MOST / 8


def test_what_was_too_large_once_is_not_sent_again(
    org: Org, port: DynamicsPort, takes: Callable[[float], None]
) -> None:
    takes(0.001)
    sizes(port, 100)
    org.then(Say(413, error("0x8004418A", "too large")))
    assert {one.kind for one in sent(port, 400)} == {"written"}
    before = batches(org)
    assert set(sizes(port, 1_000)) == {200}
    assert batches(org) - before == 5


def test_one_record_that_cannot_be_read_makes_no_batch_smaller(
    org: Org, port: DynamicsPort, takes: Callable[[float], None]
) -> None:
    takes(0.001)
    org.then(Say(400, error("0x80048d19", "Error identified in Payload")))
    sent(port, 100)
    assert port.batch == 100
