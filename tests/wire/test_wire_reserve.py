"""A share of a day's quota is left to others, whoever counts: the vendor, or mksync."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.quota import Quota
from mksync.errors import Temporary
from mksync.wire.meter import TOLD_FOR, Meter
from tests.wire.scripted import FakeClock

MIDNIGHT = 20_000 * 86_400.0  # 2024-10-04T00:00:00Z


@given(limit=st.integers(1, 500), percent=st.integers(0, 99), used=st.integers(0, 500))
def test_exactly_the_calls_outside_the_reserve_are_made(limit: int, percent: int, used: int) -> None:
    meter = Meter("Vendor", budget=limit, used_today=used, reserve=percent / 100)
    for _ in range(max(0, limit - round(limit * percent / 100) - used)):
        meter.take()
    with pytest.raises(Temporary):
        meter.take()


def test_who_is_stopped_is_told_by_which_numbers_and_when_the_day_begins_anew() -> None:
    clock = FakeClock(MIDNIGHT + 10 * 3_600)
    meter = Meter("Marketo", budget=50_000, used_today=40_000, reserve=0.2, clock=clock, day_begins=6 * 3_600.0)
    with pytest.raises(Temporary) as caught:
        meter.take()
    assert caught.value.message == (
        "the quota reserve is reached: 40,000 of 50,000 calls to Marketo are used,"
        " and reserve = 0.2 leaves 10,000 of them to others"
    )
    assert caught.value.hint == (
        "run again after 2024-10-05T06:00:00Z, when a new day begins, or lower reserve of Marketo in mksync.toml"
    )


def test_what_a_vendor_tells_counts_calls_of_others_too() -> None:
    meter = Meter("Vendor", reserve=0.5, clock=FakeClock(MIDNIGHT), tells=True)
    meter.take()
    meter.tell(used=49, limit=100)
    meter.take()
    with pytest.raises(Temporary, match=r"50 of 100 calls to Vendor are used, and reserve = 0\.5 leaves 50") as caught:
        meter.take()
    assert "the last 24 hours" in caught.value.hint
    assert meter.quota == Quota(50, 100, 0.5)


def test_what_a_vendor_told_long_ago_lets_one_call_ask_anew() -> None:
    clock = FakeClock(MIDNIGHT)
    meter = Meter("Vendor", reserve=0.5, clock=clock, tells=True)
    meter.tell(used=80, limit=100)
    with pytest.raises(Temporary):
        meter.take()
    clock.time += TOLD_FOR
    meter.take()
    meter.tell(used=81, limit=100)
    with pytest.raises(Temporary):
        meter.take()


def test_without_a_reserve_what_a_vendor_tells_stops_nobody() -> None:
    meter = Meter("Vendor", clock=FakeClock(MIDNIGHT), tells=True)
    meter.tell(used=100, limit=100)
    meter.take()
    assert meter.quota == Quota(101, 100)


def test_of_a_vendor_that_tells_the_own_budget_stands_beside_the_reserve_of_all() -> None:
    meter = Meter("Vendor", budget=2, reserve=0.5, clock=FakeClock(MIDNIGHT), tells=True)
    assert meter.quota is None, "nothing was told yet"
    meter.take()
    meter.take()
    with pytest.raises(Temporary, match="2 of 2 calls to Vendor are used") as caught:
        meter.take()
    assert "raise daily_calls" in caught.value.hint


def test_a_batch_that_cannot_be_paid_for_is_not_begun() -> None:
    meter = Meter("Vendor", budget=5)
    meter.afford(5)
    with pytest.raises(Temporary, match="0 of 5 calls to Vendor are used; the next 6 would cross that") as caught:
        meter.afford(6)
    assert caught.value.hint == "raise daily_calls of Vendor in mksync.toml", "no day has room for it"
    assert meter.calls == 0


def test_calls_of_earlier_runs_count_once() -> None:
    meter = Meter("Vendor", budget=5)
    meter.take()
    meter.spent(3)
    meter.spent(2)
    meter.take()
    assert meter.quota == Quota(4, 5)
