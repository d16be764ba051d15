"""Cursors survive being stored, and say when they are of no use any more."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.ports import CursorExpired
from mksync.vendors.salesforce.cursor import Mark, Place, check_reach, parse, text

SELECTION = {"lead": ["Email"], "contact": ["Email"]}
NOW = datetime(2026, 1, 31, 9, 40, tzinfo=UTC).timestamp()

instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: f"{at:%Y-%m-%dT%H:%M:%S}Z")
marks = st.builds(
    Mark,
    st.none() | instants,
    st.none() | st.tuples(instants, st.just("00Q5g00000AbCdEEAV")),
    st.none() | instants,
    st.none() | instants,
    st.none() | st.builds(Place, st.just("7505g00000AbCdEAAV"), st.sampled_from(["", "MTAw"])),
)


@given(marks, marks)
def test_a_stored_cursor_is_read_back_as_it_was(lead: Mark, contact: Mark) -> None:
    kept = {"lead": lead, "contact": contact}
    assert parse(text(kept), SELECTION) == kept


def test_an_object_that_was_selected_later_is_read_from_the_beginning() -> None:
    known = Mark(since="2026-01-31T09:00:00Z")
    assert parse(text({"lead": known}), SELECTION) == {"lead": known, "contact": Mark()}


@pytest.mark.parametrize(
    "cursor", ["", "rubbish", "[]", '{"form":99,"marks":{}}', '{"form":1}', '{"form":1,"marks":[]}']
)
def test_a_cursor_that_is_not_ours_has_expired(cursor: str) -> None:
    with pytest.raises(CursorExpired):
        parse(cursor, SELECTION)


@pytest.mark.parametrize("mark", [Mark(since="2026-01-16T09:00:00Z"), Mark(upto="2026-01-16T09:00:00Z")])
def test_a_mark_from_before_the_kept_deletions_has_expired(mark: Mark) -> None:
    with pytest.raises(CursorExpired):
        check_reach({"lead": mark}, NOW)


def test_a_mark_of_last_week_has_not_expired() -> None:
    check_reach({"lead": Mark(since="2026-01-24T09:00:00Z"), "contact": Mark()}, NOW)
