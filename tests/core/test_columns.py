"""A column of raw values reads as its values do one by one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.columns import Records, by_field, by_object, column_reader, each, in_columns
from mksync.core.records import FieldType, Record, Value
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
    "a\x00",
    " a\x00 ",
    "\ta",
    "a\v",
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


def test_the_values_of_each_field_are_read_together() -> None:
    readers = {"name": column_reader(FieldType.TEXT), "age": column_reader(FieldType.INTEGER)}
    found = by_field(readers, [["Ann ", "41"], (None, 12)])
    assert {name: list(column) for name, column in found.items()} == {"name": ["Ann", None], "age": [41, 12]}
    assert by_field({}, [(), ()]) == {}
    assert by_field(readers, []) == {"name": (), "age": ()}


ANN, BOB = Record("lead", "L1", {"name": "Ann", "age": 41}, "v1"), Record("lead", "L2", {"name": None, "age": 12})
COLUMNS = Records("lead", ["L1", "L2"], ["v1", None], {"name": ["Ann", None], "age": [41, 12]})


def test_records_kept_as_columns_are_the_records() -> None:
    assert list(COLUMNS) == [ANN, BOB]
    assert (COLUMNS[0], COLUMNS[-1], list(COLUMNS[1:]), len(COLUMNS)) == (ANN, BOB, [BOB], 2)
    assert ANN in COLUMNS
    assert not Records("lead", [], [], {"name": ()})


def test_records_without_a_field_are_still_as_many() -> None:
    assert list(Records("lead", ["L1", "L2"], [None, None], {})) == [Record("lead", "L1", {}), Record("lead", "L2", {})]


def test_records_become_columns_and_what_one_of_them_does_not_have_is_empty() -> None:
    found = in_columns([ANN, replace(BOB, values={"age": 12})], ["name", "age"])
    assert found == COLUMNS
    assert in_columns(COLUMNS, ["name"]) is COLUMNS
    assert in_columns(COLUMNS, ["title"])[0].values == {**ANN.values, "title": None}
    assert list(in_columns([], ["title"])) == []


def test_records_of_several_objects_are_told_apart_in_their_order() -> None:
    other = replace(ANN, object="contact")
    runs = [(object, list(found)) for object, found in by_object([ANN, BOB, other, ANN])]
    assert runs == [("lead", [ANN, BOB]), ("contact", [other]), ("lead", [ANN])]
    assert list(by_object(COLUMNS)) == [("lead", COLUMNS)]
    assert list(by_object([])) == []
