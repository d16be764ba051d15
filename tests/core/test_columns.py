"""A column of raw values reads as its values do one by one."""

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.columns import by_record, column_reader, each
from mksync.core.records import FieldType, Value
from mksync.core.values import reader

TEXTS = [
    "",
    " ",
    " Ann ",
    "Ann",
    "\u00a0Ann",
    "Ann\u2028",
    "e\u0301",
    "\u00e9",
    "\u0301",
    "a\nb",
    "a\r\nb",
    "\n",
    "\x00",
    "\ud83d",
]
NUMBERS = [True, False, 1, 0, -1, 2**63, Decimal("1.0"), Decimal("1"), Decimal("-0"), Decimal("1E+2"), "1", "1.50"]
TIMES = [
    "2026-02-28T09:15:00.000+0000", "2026-02-28T09:15:00Z", "2026-02-28T09:15:00.5+00:00", "2026-02-30T09:15:00Z",
    "2026-02-30", "2026-02-28T25:15:00Z", "2026-02-28T09:15:00+0100", "2026-02-28", "2026-02-28T09:15",
    " 2026-02-28T09:15:00Z",
]  # fmt: skip
RAW: list[object] = [None, *TEXTS, *NUMBERS, *TIMES, {"street": "x"}, ["x"], "yes", "true", "red;blue"]
columns = st.lists(st.sampled_from(RAW) | st.text() | st.integers(), max_size=6) | st.lists(
    st.none() | st.sampled_from(TEXTS) | st.text(), max_size=6
)


def told(read: Callable[[], Sequence[Value]]) -> object:
    """What is read, with its types, as 1 == True; or that it cannot be."""
    try:
        return [(type(value), value) for value in read()]
    except ValueError:
        return ValueError


@given(columns, st.sampled_from(FieldType), st.sampled_from([None, 0, 2]))
def test_a_column_reads_as_each_of_its_values(column: list[object], type: FieldType, scale: int | None) -> None:
    read = reader(type, scale)
    assert told(lambda: column_reader(type, scale)(column)) == told(lambda: [read(raw) for raw in column])


@pytest.mark.parametrize("type", FieldType)
def test_what_compares_as_the_same_is_still_read_by_its_type(type: FieldType) -> None:
    for column in ([True, 1, "1"], [1, True], [0, False, None], [Decimal("1.0"), 1]):
        read = reader(type)
        assert told(lambda: column_reader(type)(column)) == told(lambda: [read(raw) for raw in column])  # noqa: B023


def test_what_many_records_share_is_read_once() -> None:
    asked: list[object] = []

    def read(raw: object) -> Value:
        asked.append(raw)
        return str(raw).upper()

    assert list(each(read)(["a", "b", "a", "a"])) == ["A", "B", "A", "A"]
    assert sorted(map(str, asked)) == ["a", "b"]


def test_the_values_of_each_record_come_together_again() -> None:
    readers = {"name": column_reader(FieldType.TEXT), "age": column_reader(FieldType.INTEGER)}
    found = by_record(readers, [["Ann ", "41"], (None, 12)])
    assert found == [{"name": "Ann", "age": 41}, {"name": None, "age": 12}]
    assert by_record({}, [(), ()]) == [{}, {}]
    assert by_record(readers, []) == []
