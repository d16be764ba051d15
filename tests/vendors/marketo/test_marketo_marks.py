"""Where a cycle begins: ten minutes before the last one did or earlier, at a place that is known if that is cheap."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.records import Page
from mksync.ports import CursorExpired, Port
from mksync.vendors.marketo.marks import APART, KEPT, MANY, OVERLAP, Mark, Marks, start
from tests.vendors.marketo.conftest import NOW, Instance, asked, failed, ok
from tests.vendors.marketo.test_marketo_feed import DAY, DELETED, LEADS, LOG, SELECTION, TOKENS, _activity, _ids, _log
from tests.vendors.marketo.test_marketo_replaced import change

POLLED = NOW - 300
BEHIND = POLLED - 900  # old enough for a place


@pytest.fixture
def people(instance: Instance) -> Instance:
    instance.people.update({str(id): {"id": id, "email": f"p{id}@example.com", "title": "x"} for id in range(1, 401)})
    instance.standing |= {TOKENS: ok(nextPageToken="START="), LOG: _log(), DELETED: _log(token="GONE=")}
    return instance


def _mark(at: float) -> Mark:
    return Mark(at, f"S{at}=", f"D{at}=")


def _cursor(*marks: Mark, polled: float = POLLED, **more: object) -> str:
    return json.dumps({"polled": polled, "marks": marks, **more})


def _follows(port: Port, pages: Sequence[Page]) -> list[Page]:
    return list(port.changes(SELECTION, pages[-1].cursor))


# The decision


@pytest.mark.parametrize(
    ("ages", "begins"),
    [
        ([], None),
        ([599], None),
        ([600], 600),
        ([900, 601, 300], 601),
        ([300, 601, 900], 601),
        ([5000, 599], 5000),
    ],
)
def test_a_cycle_begins_at_the_youngest_place_that_is_ten_minutes_older_than_the_last_one(
    ages: list[float], begins: float | None
) -> None:
    begin = start([_mark(POLLED - age) for age in ages], POLLED)
    assert begin == (None if begins is None else _mark(POLLED - begins))


def _kept(known: Sequence[Mark], began: float, dates: Sequence[float] = (), at: float | None = None) -> list[float]:
    marks = Marks(known, began)
    marks.note(dates)
    return [mark.at for mark in marks.kept("S=", "D=", began if at is None else at)]


def test_the_end_of_a_cycle_is_a_place_for_a_later_one() -> None:
    assert _kept([], 1000, at=1003) == [1004]  # servers tell whole seconds


def test_places_that_no_cycle_will_begin_at_are_forgotten() -> None:
    assert _kept([_mark(at) for at in (100, 300, 400, 700)], 1000) == [400, 700, 1001]


def test_places_lie_apart_so_that_quick_cycles_do_not_pile_them_up() -> None:
    assert _kept([_mark(400), _mark(1000 - APART + 2)], 1000) == [400, 1000 - APART + 2]


@pytest.mark.parametrize(("many", "kept"), [(MANY, [200, 1001]), (MANY + 1, [1001])])
def test_where_much_would_be_told_again_a_place_is_asked_for(many: int, kept: list[float]) -> None:
    assert _kept([_mark(200)], 1000, [300.0] * many) == kept


def test_after_a_long_log_the_next_cycle_begins_at_its_last_page_that_is_old_enough() -> None:
    marks = Marks([_mark(200)], 1000)
    marks.note([250.0] * 300, "P1=")
    marks.note([300.0, 390.0, 300.0] * 100, "P2=")
    marks.note([320.0, 401.0] * 150, "P3=")
    marks.note([402.0])
    assert marks.kept("S=", "D=", 1000) == (Mark(390, "P2=", _mark(200).deleted), Mark(1001, "S=", "D="))


def test_empty_pages_of_a_log_move_no_place_back() -> None:
    marks = Marks([_mark(200)], 1000)
    marks.note([], "P1=")
    assert marks.kept("S=", "D=", 1000)[0] == Mark(200, "P1=", _mark(200).deleted)


def test_what_the_overlap_tells_again_anyway_does_not_count() -> None:
    assert _kept([_mark(200)], 1000, [401.0] * 1000) == [200, 1001]


@pytest.mark.parametrize(("age", "kept"), [(KEPT, True), (KEPT + 1, False)])
def test_a_token_is_not_trusted_for_ever(age: float, kept: bool) -> None:
    began = 10 * KEPT
    assert (began - OVERLAP - age in _kept([_mark(began - OVERLAP - age)], began)) is kept


@pytest.mark.parametrize(("ahead", "kept"), [(30, [1030]), (61, [])])
def test_an_entry_from_the_future_makes_no_place_that_might_lie_behind_what_is_to_come(
    ahead: float, kept: list[float]
) -> None:
    assert _kept([], 1000, [1000.0 + ahead]) == kept


@given(
    pauses=st.lists(st.floats(min_value=0.5, max_value=7200), min_size=1, max_size=60),
    busy=st.lists(st.integers(min_value=0, max_value=400), min_size=60, max_size=60),
)
def test_whatever_the_pauses_a_place_is_at_least_ten_minutes_older_than_the_last_cycle(
    pauses: list[float], busy: list[int]
) -> None:
    now, polled = 1e9, 1e9 - 5000
    known: tuple[Mark, ...] = ()
    for pause, many in zip(pauses, busy, strict=False):
        now += pause
        begin = start(known, polled)
        assert begin is None or begin.at <= polled - OVERLAP
        if begin is None:
            known = (_mark(polled - OVERLAP), *known)
        marks = Marks(known, now)
        marks.note(now - 10 * step for step in range(many))
        known = marks.kept("S=", "D=", now)
        assert len(known) <= 2 + OVERLAP / APART
        polled = now


# The feed


def test_a_cycle_goes_on_in_both_logs_where_an_earlier_one_ended(people: Instance, port: Port) -> None:
    list(port.changes(SELECTION, _cursor(_mark(BEHIND))))
    assert people.calls(TOKENS) == []
    assert asked(people.calls(LOG)[0])["nextPageToken"] == f"S{BEHIND}="
    assert asked(people.calls(DELETED)[0])["nextPageToken"] == f"D{BEHIND}="


def test_a_cursor_of_an_earlier_version_is_read_and_its_place_asked_for(people: Instance, port: Port) -> None:
    pages = list(port.changes(SELECTION, json.dumps({"polled": POLLED})))
    assert asked(people.calls(TOKENS)[0])["sinceDatetime"] == "2026-03-02T09:44:59Z"
    people.server.heard.clear()
    _follows(port, pages)
    assert people.calls(TOKENS) == []
    assert asked(people.calls(LOG)[0])["nextPageToken"] == "START="


def test_a_place_that_marketo_does_not_take_any_more_is_asked_for_by_the_time(people: Instance, port: Port) -> None:
    people.says(LOG, failed("1003", "Invalid nextPageToken"), _log([_activity(1)]))
    pages = list(port.changes(SELECTION, _cursor(_mark(BEHIND))))
    assert _ids(pages) == ["1"]
    assert asked(people.calls(TOKENS)[0])["sinceDatetime"] == "2026-03-02T09:44:59Z"


def test_a_place_in_the_log_of_deletions_that_is_not_taken_is_asked_for_too(people: Instance, port: Port) -> None:
    people.says(DELETED, failed("1003", "Invalid nextPageToken"), _log([_activity(7, 37)]))
    pages = list(port.changes(SELECTION, _cursor(_mark(BEHIND))))
    assert [one.id for page in pages for one in page.gone] == ["7"]
    assert asked(people.calls(DELETED)[1])["nextPageToken"] == "START="


@pytest.mark.parametrize("places", [[["x", "S=", "D="]], [["1", "S="]], [1], "x", {"a": 1}])
def test_places_that_are_none_are_an_expired_cursor(people: Instance, port: Port, places: Any) -> None:
    with pytest.raises(CursorExpired):
        list(port.changes(SELECTION, json.dumps({"polled": POLLED, "marks": places})))


def test_whoever_was_away_for_too_long_reads_everything_whatever_places_there_are(people: Instance, port: Port) -> None:
    polled = NOW - 14 * DAY
    with pytest.raises(CursorExpired):
        list(port.changes(SELECTION, _cursor(_mark(polled - 900), polled=polled)))


def test_a_cycle_that_is_cut_off_keeps_its_places(people: Instance, port: Port) -> None:
    people.says(LOG, _log([_activity(id) for id in range(1, 301)], "T1=", more=True), _log())
    first = next(port.changes(SELECTION, _cursor(_mark(BEHIND))))
    assert json.loads(first.cursor)["marks"] == [list(_mark(BEHIND))]
    *_, last = port.changes(SELECTION, first.cursor)
    assert [at for at, *_ in json.loads(last.cursor)["marks"]] == [BEHIND, NOW + 1]


def test_a_cycle_begins_with_its_question_and_not_with_the_answer(people: Instance, port: Port) -> None:
    def slow(clock: Any = people.clock) -> None:
        clock.sleep(40)  # the answer took so long, and may be that old

    answer = people.answer

    def late(heard: Any) -> Any:
        if heard.path == LOG:
            slow()
        return answer(heard)

    people.server.script = late
    [page] = port.changes(SELECTION, _cursor(_mark(BEHIND)))
    assert json.loads(page.cursor)["polled"] == NOW


# Entries that are told again


def test_an_entry_that_is_told_again_is_no_reason_to_read_again(people: Instance, port: Port) -> None:
    people.standing[LOG] = _log([_activity(1, marketoGUID="1"), _activity(2, marketoGUID="2")])
    pages = list(port.changes(SELECTION, _cursor(_mark(BEHIND))))
    assert _ids(pages) == ["1", "2"]
    people.standing[LOG] = _log([_activity(1, marketoGUID="1"), _activity(2, marketoGUID="3")])
    pages = _follows(port, pages)
    assert _ids(pages) == ["2"]
    assert _ids(_follows(port, pages)) == []


def test_an_entry_without_a_name_is_read_for_each_time(people: Instance, port: Port) -> None:
    people.standing[LOG] = _log([_activity(1, marketoGUID=None)])
    pages = list(port.changes(SELECTION, _cursor(_mark(BEHIND))))
    assert (_ids(pages), _ids(_follows(port, pages))) == (["1"], ["1"])


def test_only_the_last_entries_are_known_again(people: Instance, port: Port) -> None:
    people.standing[LOG] = _log([_activity(id, marketoGUID=str(id)) for id in range(1, 401)])
    pages = list(port.changes(SELECTION, _cursor(_mark(BEHIND))))
    assert _ids(_follows(port, pages)) == [str(id) for id in range(1, 101)]


def test_a_cycle_that_is_cut_off_has_told_nothing(people: Instance, port: Port) -> None:
    everybody = [_activity(id, marketoGUID=str(id)) for id in range(1, 301)]
    people.says(LOG, _log(everybody, "T1=", more=True))
    first = next(port.changes(SELECTION, _cursor(_mark(BEHIND))))
    people.says(LOG, failed("1003", "Invalid nextPageToken"), _log(everybody))
    assert len(_ids(list(port.changes(SELECTION, first.cursor)))) == 300


def test_a_merge_that_is_told_again_is_looked_at_again(people: Instance, port: Port) -> None:
    merge = _activity(1, 32, attributes=[{"name": "Merge IDs", "value": "[2]"}])
    people.standing[LOG] = _log([merge])
    pages = list(port.changes(SELECTION, _cursor(_mark(BEHIND))))
    del people.people["2"]  # it could still be read the first time
    assert [(one.id, one.reason) for page in _follows(port, pages) for one in page.gone] == [("2", "merged")]


def test_what_lies_before_the_overlap_was_told_and_is_not_told_as_a_change_again(people: Instance, port: Port) -> None:
    dates = ["2026-03-02T09:44:59Z", "2026-03-02T09:45:00Z"]  # ten minutes before the last cycle began
    people.says(LOG, _log([change("a", "b", marketoGUID=date, activityDate=date) for date in dates]))
    pages = list(port.changes(SELECTION, _cursor(_mark(BEHIND))))
    assert [one.entry for page in pages for one in page.replaced] == dates[1:]
    assert len(people.calls(LEADS)) == 1
