"""General rules of values, over real HTTP: what goes in comes back, in the one form that Dataverse gives it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.sandbox.dynamics.answers import done
from tests.sandbox.dynamics.api import Api
from tests.sandbox.dynamics.rows import NOW

ENOUGH = settings(max_examples=40)
CHOICES = (100_000_000, 100_000_001, 100_000_002, 100_000_003)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.fixture(scope="module")
def desk() -> Iterator[tuple[Api, str]]:
    """A sandbox without limits, and a lead in it."""
    with (
        Sandbox.start(vendors=("dynamics",), clock=SandboxClock(frozen_at=NOW)) as sandbox,
        requests.Session() as http,
    ):
        api = Api(sandbox, http)
        api.control("settings", requests_limit=1_000_000, seconds_limit=1_000_000)
        yield api, api.create("leads", lastname="Roe")


def held(desk: tuple[Api, str], column: str, value: object) -> Any:
    """What the lead holds after a value was written."""
    api, id = desk
    done(api.patch(f"leads({id})", {column: value}))
    answer = api.get(f"leads({id})?$select={column}")
    return answer.json(parse_float=Decimal)[column]


@ENOUGH
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=25))
def test_any_text_that_fits_comes_back_as_it_is_and_empty_text_as_null(desk: tuple[Api, str], text: str) -> None:
    assert held(desk, "jobtitle", text) == (text or None)


@ENOUGH
@given(st.datetimes(datetime(1753, 1, 2), datetime(9999, 12, 30), timezones=OFFSETS))
def test_an_instant_comes_back_in_utc_to_the_second(desk: tuple[Api, str], moment: datetime) -> None:
    expected = moment.astimezone(UTC).replace(microsecond=0)
    found = held(desk, "new_lastdemo", moment.isoformat())
    assert found.endswith("Z")
    assert datetime.fromisoformat(found) == expected


@ENOUGH
@given(st.datetimes(datetime(1753, 1, 2), datetime(9999, 12, 30), timezones=OFFSETS))
def test_a_wall_clock_is_never_moved(desk: tuple[Api, str], moment: datetime) -> None:
    found = held(desk, "new_visit", moment.isoformat())
    assert datetime.fromisoformat(found).replace(tzinfo=None) == moment.replace(tzinfo=None, microsecond=0)


@ENOUGH
@given(st.sets(st.sampled_from(CHOICES)), st.randoms(use_true_random=False), st.sampled_from([",", ", ", " ,"]))
def test_choices_are_a_set(desk: tuple[Api, str], chosen: set[int], random: Any, comma: str) -> None:
    shuffled = [str(one) for one in chosen]
    random.shuffle(shuffled)
    assert held(desk, "new_interests", comma.join(shuffled)) == (",".join(map(str, sorted(chosen))) or None)


@ENOUGH
@given(st.decimals(0, 1_000, places=4))
def test_a_fraction_is_rounded_to_the_decimals_of_its_column(desk: tuple[Api, str], number: Decimal) -> None:
    assert held(desk, "new_fitscore", float(number)) == number.quantize(Decimal("0.01"), ROUND_HALF_UP)


@ENOUGH
@given(st.decimals(0, 1_000_000_000, places=4))
def test_an_amount_comes_back_with_four_decimals(desk: tuple[Api, str], amount: Decimal) -> None:
    found = held(desk, "estimatedamount", float(amount))
    assert found == amount
    assert found.as_tuple().exponent == -4


@ENOUGH
@given(
    st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(), st.just([]))
)
def test_no_value_breaks_the_organisation(desk: tuple[Api, str], value: object) -> None:
    api, id = desk
    for column in ("jobtitle", "new_tier", "new_interests", "numberofemployees", "estimatedamount", "new_lastdemo"):
        assert api.patch(f"leads({id})", {column: value}).status_code in (204, 400)
