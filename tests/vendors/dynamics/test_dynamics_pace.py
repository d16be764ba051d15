"""How large batches are: they grow while they are quick, and shrink when they are not. Time is the test's."""

import stat
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any, cast

import pytest

from mksync.core.records import Outcome, Write
from mksync.errors import MksyncError, OutcomeUnknown
from mksync.ports import Beside
from mksync.vendors.dynamics import VENDOR
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.scripted_org import BASE, TENANT, Asked, Org, error, lead
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


class Runs:
    """Ports one after the other, of one project."""

    def __init__(self, org: Org, clock: FakeClock, folder: Path) -> None:
        self._org = org
        self._clock = clock
        self.beside = Beside(folder / "mksync.db")

    def __call__(self, **more: str) -> DynamicsPort:
        url = self._org.server.url
        table = {"url": url, "tenant": TENANT, "client_id": "app", "client_secret": "s3cret", **more}
        port = VENDOR.open_beside(VENDOR.settings(table, "[crm]"), self._clock, self.beside)
        return cast("DynamicsPort", port)

    @property
    def file(self) -> Path:
        return self.beside.file("dynamics-pace")


@pytest.fixture
def run(org: Org, clock: FakeClock, tmp_path: Path) -> Runs:
    return Runs(org, clock, tmp_path)


def test_the_next_run_sends_three_hundred_at_once_where_they_were_quick(
    run: Runs, takes: Callable[[float], None]
) -> None:
    takes(0.001)
    assert run().batch == 100
    assert sizes(run(), 1_500) == [100, 400, 1_000]
    assert sizes(run(), 300) == [300]
    assert stat.S_IMODE(run.file.stat().st_mode) == 0o600


def test_it_begins_with_no_more_than_is_through_before_its_answer_is_given_up(
    org: Org, run: Runs, takes: Callable[[float], None]
) -> None:
    """The environment has become slow since, as slow as Dynamics may be."""
    takes(0.001)
    sizes(run(), 1_500)
    port = run()
    assert port.batch == 500
    takes(0.6)
    assert sizes(port, 533) == [500, 33]
    assert run().batch == 33, "and the next run begins where this one ended"


def test_ten_thousand_of_a_later_run_take_one_batch_more_than_full_ones_would(
    org: Org, run: Runs, takes: Callable[[float], None]
) -> None:
    takes(0.001)
    sizes(run(), 1_500)
    before = batches(org)
    sizes(run(), 10_000)
    assert batches(org) - before == ceil(10_000 / MOST) + 1


def test_a_lost_answer_makes_the_next_run_careful(org: Org, run: Runs, takes: Callable[[float], None]) -> None:
    takes(0.001)
    sizes(run(), 1_500)
    port = run()
    port.describe("lead")
    org.then(Say(504, error("", "the gateway waited long enough")))
    with pytest.raises(OutcomeUnknown):
        sent(port, 500)
    assert run().batch == 125


def test_what_was_found_holds_for_a_day(run: Runs, clock: FakeClock, takes: Callable[[float], None]) -> None:
    takes(0.001)
    sizes(run(), 1_500)
    clock.time += 86_000
    assert run().batch == 500
    clock.time += 400
    assert run().batch == 100


def test_nor_does_it_hold_where_the_clock_was_set_back(
    run: Runs, clock: FakeClock, takes: Callable[[float], None]
) -> None:
    takes(0.001)
    sizes(run(), 1_500)
    clock.time -= 3_600
    assert run().batch == 100


def test_it_holds_for_that_environment_alone(run: Runs, takes: Callable[[float], None]) -> None:
    takes(0.001)
    sizes(run(), 1_500)
    assert run(url="https://another.crm.dynamics.com").batch == 100


SPOILT = ("", "[]", "{", '{"size": true}', '{"size": -4, "at": 1e999}', '{"size": 9', '{"size": "400", "at": 1.0}')


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_file_that_cannot_be_read_is_as_if_there_were_none(
    run: Runs, takes: Callable[[float], None], spoilt: str
) -> None:
    takes(0.001)
    sizes(run(), 1_500)
    run.file.write_text(spoilt)
    assert run().batch == 100
    assert sizes(run(), 1_500) == [100, 400, 1_000]
    assert run().batch == 500


def test_where_it_cannot_be_kept_every_run_begins_small(run: Runs, takes: Callable[[float], None]) -> None:
    takes(0.001)
    run.file.mkdir()
    assert sizes(run(), 1_500) == [100, 400, 1_000]
    assert run().batch == 100
