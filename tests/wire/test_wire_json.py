"""Numbers cross the wire unchanged."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.wire import jsontext

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.decimals(allow_nan=False, allow_infinity=False, places=6)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=20
)


@given(values)
def test_what_is_written_is_read_back_exactly(value: object) -> None:
    assert jsontext.loads(jsontext.dumps(value)) == value


@given(values)
def test_what_is_written_is_json_to_anybody(value: object) -> None:
    json.loads(jsontext.dumps(value))


def test_a_long_amount_keeps_every_digit() -> None:
    assert jsontext.dumps({"amount": Decimal("12345678901234567.89")}) == b'{"amount":12345678901234567.89}'


@pytest.mark.parametrize("text", [b"", b"NaN", b"[Infinity]", b'{"a":1', b"\xff", b"<html>"])
def test_what_is_not_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError):
        jsontext.loads(text)
