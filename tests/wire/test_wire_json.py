"""Numbers cross the wire unchanged."""

import json
import tracemalloc
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


pieces = st.sampled_from(
    ["\U0001f600", "\U0010ffff", "\\", "\\\\", "\\ud83d", "\\ude00", "\\n", '"', "\u2019", "é", "a", " ", "\0"]
)


@given(st.lists(pieces).map("".join), st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le", "utf-32-be"]))
def test_emoji_are_read_as_any_reader_of_json_reads_them_and_what_is_wrong_beside_them_is_refused(
    text: str, encoding: str
) -> None:
    body = f'{{"a":["{text}"]}}'.encode(encoding)
    try:
        expected = json.loads(body)
    except ValueError:
        with pytest.raises(ValueError):
            jsontext.loads(body)
    else:
        assert jsontext.loads(body) == expected


def test_an_emoji_in_a_page_does_not_make_all_of_its_text_four_times_as_large() -> None:
    rows = [{"id": number, "title": "a title of some length"} for number in range(5_000)]
    plain = jsontext.dumps([*rows, {"id": 5_000, "title": "ab"}])
    assert _peak(jsontext.dumps([*rows, {"id": 5_000, "title": "\U0001f600"}])) < 1.2 * _peak(plain)


def _peak(body: bytes) -> int:
    tracemalloc.start()
    try:
        jsontext.loads(body)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
