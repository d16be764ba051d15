"""The change feed: everybody once, then who changed, with deletions and merges; cut off anywhere, it goes on."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from mksync.core.records import Gone, Page, Record, Ref
from mksync.ports import CursorExpired, Port
from mksync.vendors.marketo import cycle
from mksync.vendors.marketo.cycle import merged_ids
from mksync.wire.session import UnexpectedReply
from tests.vendors.marketo.conftest import NOW, Instance, asked, failed, ok
from tests.wire.scripted import FakeClock

TOKENS = "/rest/v1/activities/pagingtoken.json"
LOG = "/rest/v1/activities.json"
DELETED = "/rest/v1/activities/deletedleads.json"
LEADS = "/rest/v1/leads.json"
SELECTION = {"person": ["email", "title"]}
DAY = 86400.0


def _activity(lead: int, type: int = 13, field: int | None = 60, **more: Any) -> dict[str, Any]:
    base = {"marketoGUID": "1", "leadId": lead, "activityDate": "2026-03-02T09:59:00Z", "activityTypeId": type}
    return {**base, **({"primaryAttributeValueId": field} if type == 13 and field else {}), **more}


def _log(items: Sequence[object] = (), token: str = "END=", more: bool = False) -> Any:
    # `result` is missing when there is nothing to tell.
    return ok(list(items) or None, nextPageToken=token, moreResult=more)


@pytest.fixture
def people(instance: Instance) -> Instance:
    instance.people.update({str(id): {"id": id, "email": f"p{id}@example.com", "title": "x"} for id in range(1, 801)})
    instance.standing[TOKENS] = ok(nextPageToken="START=")
    instance.standing[LOG] = _log()
    instance.standing[DELETED] = _log()
    return instance


def _cursor(polled: float = NOW - 300, **more: object) -> str:
    return json.dumps({"polled": polled, **more})


def _ids(pages: Sequence[Page]) -> list[str]:
    return [record.id for page in pages for record in page.records]


def _gone(pages: Sequence[Page]) -> list[Gone]:
    return [one for page in pages for one in page.gone]


def _begins_at(pages: Sequence[Page]) -> float:
    """When the cycle began that these pages ended."""
    cursor = json.loads(pages[-1].cursor)
    assert cursor.keys() <= {"polled", "marks", "told"}
    return float(cursor["polled"])


# The first read


def test_the_first_read_shows_everybody_and_ends_with_a_cursor_for_changes(people: Instance, port: Port) -> None:
    people.says(LOG, _log([_activity(id, 12) for id in range(1, 301)], "T1=", more=True))
    people.says(LOG, _log([_activity(id, 12) for id in range(301, 501)]))
    pages = list(port.changes(SELECTION, None))
    assert _ids(pages) == [str(id) for id in range(1, 501)]
    assert [page.full for page in pages] == [True, True, False]
    assert asked(people.calls(TOKENS)[0])["sinceDatetime"] == "2005-01-01T00:00:00Z"
    assert asked(people.calls(LOG)[0])["activityTypeIds"] == "12"
    assert _begins_at(pages) == NOW


def test_what_changes_during_the_first_read_is_read_again(people: Instance, port: Port) -> None:
    people.says(LOG, _log([_activity(1, 12)]), _log([_activity(1)]))
    pages = list(port.changes(SELECTION, None))
    assert _ids(pages) == ["1", "1"]
    assert asked(people.calls(TOKENS)[1])["sinceDatetime"] == "2026-03-02T09:49:59Z"  # over ten minutes before it began


def test_empty_pages_in_the_log_are_passed_over(people: Instance, port: Port) -> None:
    people.says(LOG, _log(token="T1=", more=True), _log(token="T2=", more=True), _log([_activity(1, 12)]))
    assert _ids(list(port.changes(SELECTION, None))) == ["1"]


def test_a_first_read_that_is_cut_off_goes_on_from_its_last_page(people: Instance, port: Port) -> None:
    people.says(LOG, _log([_activity(id, 12) for id in range(1, 301)], "T1=", more=True))
    first = next(port.changes(SELECTION, None))
    people.says(LOG, _log([_activity(301, 12)]))
    pages = list(port.changes(SELECTION, first.cursor))
    assert _ids(pages) == ["301"]
    assert pages[0].full
    assert asked(people.calls(LOG)[1])["nextPageToken"] == "T1="
    assert _begins_at(pages) == NOW


def test_a_place_in_the_first_read_that_marketo_forgot_is_an_expired_cursor(people: Instance, port: Port) -> None:
    people.says(LOG, failed("1003", "Invalid nextPageToken"))
    with pytest.raises(CursorExpired):
        list(port.changes(SELECTION, _cursor(walk="T1=")))


def test_people_who_are_gone_by_now_are_not_shown_in_the_first_read(people: Instance, port: Port) -> None:
    people.says(LOG, _log([_activity(1, 12), _activity(4711, 12)]))
    pages = list(port.changes(SELECTION, None))
    assert (_ids(pages), _gone(pages)) == (["1"], [])


# Cycles


def test_an_idle_cycle_costs_two_calls_and_yields_one_empty_page(people: Instance, port: Port) -> None:
    *_, first = port.changes(SELECTION, _cursor())
    before = port.calls
    [page] = port.changes(SELECTION, first.cursor)
    assert (page.records, page.gone, page.full) == ((), [], False)
    assert port.calls - before == 2


def test_a_cycle_begins_ten_minutes_before_the_last_one_did(people: Instance, port: Port) -> None:
    list(port.changes(SELECTION, _cursor(NOW - 300)))
    assert asked(people.calls(TOKENS)[0])["sinceDatetime"] == "2026-03-02T09:44:59Z"


def test_time_is_marketos_not_ours(people: Instance, port: Port, clock: FakeClock) -> None:
    date = {"Date": "Mon, 02 Mar 2026 10:07:00 GMT"}
    people.says(TOKENS, replace(ok(nextPageToken="START="), headers=date))
    assert _begins_at(list(port.changes(SELECTION, _cursor()))) == NOW + 420


def test_whoever_changed_is_read_again_once_and_never_taken_from_the_log(people: Instance, port: Port) -> None:
    stale = [{"name": "New Value", "value": "stale"}]
    people.says(LOG, _log([_activity(3, attributes=stale), _activity(5, 12), _activity(3)]))
    [page, _] = port.changes(SELECTION, _cursor())
    assert list(page.records) == [
        Record("person", "3", {"email": "p3@example.com", "title": "x"}),
        Record("person", "5", {"email": "p5@example.com", "title": "x"}),
    ]
    assert len(people.calls(LEADS)) == 1


def test_a_change_of_a_field_that_is_not_selected_is_passed_over(people: Instance, port: Port) -> None:
    changed = {3: 79, 4: 56, 5: None, 6: 9999}
    people.says(LOG, _log([_activity(lead, field=field) for lead, field in changed.items()]))
    assert _ids(list(port.changes(SELECTION, _cursor()))) == ["4", "5", "6"]  # an unknown field may be one of ours


@pytest.mark.parametrize(("fields", "types"), [(["title"], "12,13,32"), (["title", "leadScore"], "12,13,32,22")])
def test_score_changes_are_followed_where_a_score_may_be_selected(
    people: Instance, port: Port, fields: list[str], types: str
) -> None:
    list(port.changes({"person": fields}, _cursor()))
    assert asked(people.calls(LOG)[0])["activityTypeIds"] == types


def test_an_activity_without_a_person_is_passed_over(people: Instance, port: Port) -> None:
    anonymous = {name: value for name, value in _activity(1).items() if name != "leadId"}
    people.says(LOG, _log([anonymous]))
    assert _ids(list(port.changes(SELECTION, _cursor()))) == []


def test_people_are_collected_over_pages_so_that_few_calls_read_many(people: Instance, port: Port) -> None:
    for number in range(4):
        lead = 100 * number
        items = [_activity(lead + one) for one in range(1, 101)]
        people.says(LOG, _log(items, f"T{number}=", more=number < 3))
    pages = list(port.changes(SELECTION, _cursor()))
    assert sorted(map(int, _ids(pages))) == list(range(1, 401))
    assert [len(asked(call)["filterValues"].split(",")) for call in people.calls(LEADS)] == [300, 100]


@pytest.mark.parametrize(
    ("happened", "reads"),
    [("2026-03-02T09:58:00Z", 1), ("2026-03-02T09:59:30Z", 2), ("yesterday", 2)],
    ids=["long before the first reading", "perhaps after it", "no date to tell by"],
)
def test_who_was_read_after_an_activity_happened_is_not_read_for_it_again(
    people: Instance, port: Port, happened: str, reads: int
) -> None:
    people.says(LOG, _log([_activity(id) for id in range(1, 301)], "T1=", more=True))
    people.says(LOG, _log([_activity(1, activityDate=happened)]))
    assert _ids(list(port.changes(SELECTION, _cursor()))).count("1") == reads


def test_who_was_read_so_many_others_ago_that_it_is_forgotten_is_read_again(
    people: Instance, port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cycle, "REMEMBERED", 100)
    people.says(LOG, _log([_activity(id) for id in range(1, 301)], "T1=", more=True))
    people.says(LOG, _log([_activity(id, activityDate="2026-03-02T09:58:00Z") for id in (200, 201)]))
    found = _ids(list(port.changes(SELECTION, _cursor())))
    assert (found.count("200"), found.count("201")) == (2, 1)


# Deletions and merges


def test_the_log_of_deletions_is_told(people: Instance, port: Port) -> None:
    people.says(DELETED, _log([_activity(7, 37), _activity(8, 37)], "D1=", more=True), _log([_activity(9, 37)]))
    pages = list(port.changes(SELECTION, _cursor()))
    assert [(one.id, one.reason) for one in _gone(pages)] == [("7", "deleted"), ("8", "deleted"), ("9", "deleted")]
    assert "deleted" in json.loads(pages[0].cursor)


def test_who_cannot_be_read_any_more_is_gone(people: Instance, port: Port) -> None:
    people.says(LOG, _log([_activity(4711), _activity(1)]))
    pages = list(port.changes(SELECTION, _cursor()))
    assert _ids(pages) == ["1"]
    assert _gone(pages) == [Gone("person", "4711", "deleted")]


def _merge(winner: int, losers: str) -> dict[str, Any]:
    named = [{"name": "Merge IDs", "value": losers}, {"name": "Master Updated", "value": "true"}]
    return _activity(winner, 32, attributes=named)


@pytest.mark.parametrize("lost_first", [True, False])
def test_the_losers_of_a_merge_name_their_winner_whatever_is_told_first(
    people: Instance, port: Port, lost_first: bool
) -> None:
    told = [_activity(4711), _merge(1, "[4711, 4712]")]
    first, second = told if lost_first else reversed(told)
    # Enough others for the people of the first page to be read before the second page comes.
    people.says(LOG, _log([first, *(_activity(id) for id in range(2, 302))], "T1=", more=True), _log([second]))
    pages = list(port.changes(SELECTION, _cursor()))
    assert {(one.id, one.reason, one.into) for one in _gone(pages)} == {
        ("4711", "merged", Ref("person", "1")),
        ("4712", "merged", Ref("person", "1")),
    }
    assert "1" in _ids(pages)


def test_a_winner_that_lost_in_turn_is_followed_to_the_last(people: Instance, port: Port) -> None:
    people.says(LOG, _log([_merge(4711, "[4712]"), _merge(1, "[4711]")]))
    assert {one.id: one.into for one in _gone(list(port.changes(SELECTION, _cursor())))} == {
        "4711": Ref("person", "1"),
        "4712": Ref("person", "1"),
    }


def test_somebody_a_merge_names_who_can_still_be_read_is_not_gone(people: Instance, port: Port) -> None:
    people.says(LOG, _log([_merge(1, "[2]")]))
    pages = list(port.changes(SELECTION, _cursor()))
    assert (sorted(_ids(pages)), _gone(pages)) == (["1", "2"], [])


def test_somebody_a_merge_names_who_was_deleted_instead_is_deleted(people: Instance, port: Port) -> None:
    people.says(LOG, _log([_merge(1, "[2]")]))
    people.says(DELETED, _log([_activity(2, 37)]))
    assert _gone(list(port.changes(SELECTION, _cursor()))) == [Gone("person", "2", "deleted")]


@pytest.mark.parametrize("value", ["[8, 9]", "8,9", '["8","9"]', "[1, 8, 9]"])
def test_merged_ids_are_read_however_they_are_listed(value: str) -> None:
    assert merged_ids({"attributes": [{"name": "Merge IDs", "value": value}]}, "1") == ["8", "9"]


# Cut off, late, or away for too long


def test_a_cycle_that_is_cut_off_goes_on_and_forgets_nobody(people: Instance, port: Port) -> None:
    told = [_activity(4711), *(_activity(id) for id in range(1, 301))]
    people.says(LOG, _log(told, "T1=", more=True))
    first = next(port.changes(SELECTION, _cursor(NOW - 300)))
    assert first.gone == []  # deleted, or merged: nobody has told yet
    people.says(LOG, _log([_merge(1, "[4711, 4712]")]))
    pages = list(port.changes(SELECTION, first.cursor))
    assert asked(people.calls(LOG)[1])["nextPageToken"] == "T1="
    assert ("4711", "merged") in {(one.id, one.reason) for one in _gone(pages)}
    assert _begins_at(pages) == NOW
    assert len(people.calls(TOKENS)) == 1


def test_a_merge_told_before_the_cut_is_known_after_it(people: Instance, port: Port) -> None:
    told = [_merge(1, "[4711]"), *(_activity(id) for id in range(1, 301))]
    people.says(LOG, _log(told, "T1=", more=True))
    first = next(port.changes(SELECTION, _cursor()))
    people.says(LOG, _log([_activity(4711)]))
    assert _gone(list(port.changes(SELECTION, first.cursor))) == [Gone("person", "4711", "merged", Ref("person", "1"))]


def test_somebody_who_could_not_be_read_before_the_cut_is_gone_after_it(people: Instance, port: Port) -> None:
    people.says(LOG, _log([_activity(4711), *(_activity(id) for id in range(1, 301))], "T1=", more=True))
    first = next(port.changes(SELECTION, _cursor()))
    assert _gone(list(port.changes(SELECTION, first.cursor))) == [Gone("person", "4711", "deleted")]


def test_a_place_that_marketo_forgot_is_found_again_by_the_time(people: Instance, port: Port) -> None:
    people.says(LOG, failed("1003", "Invalid nextPageToken"), _log([_activity(1)]))
    cursor = _cursor(NOW - 900, began=NOW - 300, stream="OLD=", deleted="OLD=")
    pages = list(port.changes(SELECTION, cursor))
    assert _ids(pages) == ["1"]
    assert asked(people.calls(TOKENS)[0])["sinceDatetime"] == "2026-03-02T09:34:59Z"


@pytest.mark.parametrize(("away", "expired"), [(13.9 * DAY, False), (14 * DAY, True), (90 * DAY, True)])
@pytest.mark.parametrize("more", [{}, {"began": NOW, "stream": "S=", "deleted": "D="}, {"walk": "W="}])
def test_whoever_was_away_for_longer_than_deletions_are_kept_reads_everything(
    people: Instance, port: Port, away: float, expired: bool, more: dict[str, object]
) -> None:
    cursor = _cursor(NOW - away, **more)
    if expired:
        with pytest.raises(CursorExpired):
            list(port.changes(SELECTION, cursor))
    else:
        assert list(port.changes(SELECTION, cursor))


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"polled": "x"}', '{"polled": 1, "other": 2}'])
def test_a_cursor_that_is_none_of_ours_is_expired(people: Instance, port: Port, text: str) -> None:
    with pytest.raises(CursorExpired):
        list(port.changes(SELECTION, text))


def test_a_log_that_does_not_move_on_is_not_read_for_ever(people: Instance, port: Port, clock: FakeClock) -> None:
    people.standing[LOG] = _log(token="START=", more=True)
    with pytest.raises(UnexpectedReply):
        list(port.changes(SELECTION, _cursor()))
