"""What a day of watching costs, from measured cycles or from a client's rates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.quota import ENOUGH, Day, Jobs, Quota, Rates, Spent, day, measured

RATES = Rates(idle=3, hourly=2, page=300, page_calls=2, batch=300, batch_calls=3)
EACH = 2 / 300 + 3 / 300


def test_what_is_kept_for_others_is_not_left() -> None:
    quota = Quota(used=1_240, limit=15_000, reserve=0.2)
    assert (quota.kept, quota.left) == (3_000, 10_760)
    assert Quota(used=13_000, limit=15_000, reserve=0.2).left == -1_000


@pytest.mark.parametrize(("records", "read", "written"), [(0, 0, 0), (1, 2, 3), (300, 2, 3), (301, 4, 6)])
def test_pages_and_batches_are_counted_whole(records: int, read: int, written: int) -> None:
    assert (RATES.to_read(records), RATES.to_write(records)) == (read, written)


def test_where_every_record_counts_a_batch_is_no_cheaper() -> None:
    assert Rates(3, 21, 5_000, 1, 100, 0, each=1).to_write(250) == 250


@pytest.mark.parametrize(
    ("records", "calls"), [(19_999, 10), (20_000, 10), (25_000, 10), (25_001, 12), (1_000_000, 88)]
)
def test_many_records_are_read_by_a_job(records: int, calls: int) -> None:
    jobs = Jobs(least=20_000, calls=8, page=25_000, page_calls=2)
    assert Rates(1, 2, 2_000, 1, 24, 1, jobs=jobs).to_read(records) == calls


def test_without_a_measured_cycle_the_rates_of_the_client_hold() -> None:
    found = day(RATES, measured([]), interval=300)
    assert found == Day(288, 3 + 48 / 288, EACH, measured=0)
    assert found.calls == 288 * 3 + 24 * 2


def test_cycles_of_an_hour_and_more_all_look_at_the_fields() -> None:
    assert day(RATES, measured([]), interval=2 * 3_600).calls == 12 * (3 + 2)


def test_measured_cycles_tell_what_an_idle_one_and_what_a_changed_record_costs() -> None:
    idle = [Spent(3, 0, 1.0), Spent(5, 0, 1.0)] * 6
    known = measured([*idle, Spent(24, 40, 1.0), Spent(5, 1, 1.0)])
    assert (known.cycles, known.idle) == (14, 4.0)
    assert known.each == pytest.approx((20 + 1) / 41)
    assert day(RATES, known, interval=300).calls == 288 * 4


@pytest.mark.parametrize("cycles", [[Spent(24, 40, 1.0)] * 20, [Spent(9, 0, 1.0)] * (ENOUGH - 1)])
def test_few_idle_cycles_tell_nothing(cycles: list[Spent]) -> None:
    found = day(RATES, measured(cycles), interval=300)
    assert (found.measured, found.each) == (0, EACH)


@given(st.floats(1, 86_400), st.floats(0, 3_600))
def test_no_more_cycles_than_a_day_has_room_for(interval: float, lasting: float) -> None:
    cycles = day(RATES, measured([]), interval, lasting).cycles
    assert cycles * (interval + lasting) <= 86_400 * (1 + 1e-9)
