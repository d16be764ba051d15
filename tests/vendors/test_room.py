"""How many writes the calls that are left are good for."""

from hypothesis import given
from hypothesis import strategies as st

from mksync.core.quota import Rates
from mksync.errors import Temporary
from mksync.vendors.budget import Budget
from mksync.wire.meter import Meter

RATES = st.builds(
    Rates,
    idle=st.just(1),
    hourly=st.just(0),
    page=st.just(1),
    page_calls=st.just(1),
    batch=st.integers(1, 30),
    batch_calls=st.integers(0, 3),
    each=st.integers(0, 2),
)


def affords(budget: Budget, writes: int) -> bool:
    try:
        budget.afford(writes)
    except Temporary:
        return False
    return True


@given(
    rates=RATES,
    limit=st.integers(1, 100),
    used=st.integers(0, 120),
    percent=st.integers(0, 99),
    most=st.integers(1, 60),
)
def test_room_is_the_most_writes_that_can_be_afforded(
    rates: Rates, limit: int, used: int, percent: int, most: int
) -> None:
    budget = Budget(Meter("Vendor", budget=limit, used_today=used, reserve=percent / 100), rates)
    room = budget.room(most)
    assert 0 <= room <= most
    assert room == max((some for some in range(1, most + 1) if affords(budget, some)), default=0)


def test_without_a_bound_there_is_room_for_everything() -> None:
    assert Budget(Meter("Vendor"), Rates(1, 0, 1, 1, 10, 1)).room(1_000) == 1_000
