"""What changed and what was deleted, open transactions, and the recycle bin's end."""

from typing import Any

import pytest
import requests

from tests.sandbox.salesforce.api import Api, error
from tests.sandbox.salesforce.conftest import NOW, Start

DAY = 86_400


def span(api: Api, feed: str, start: str, end: str, object: str = "Lead") -> requests.Response:
    return api.get(f"sobjects/{object}/{feed}/", params={"start": start, "end": end})


def updated(api: Api, start: str, end: str) -> Any:
    answer = span(api, "updated", start, end)
    assert answer.status_code == 200, answer.text
    return answer.json()


def deleted(api: Api, start: str, end: str) -> Any:
    answer = span(api, "deleted", start, end)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_updated_lists_created_and_changed_rows_but_not_deleted_ones(api: Api) -> None:
    changed, created, gone = api.lead(), api.lead(), api.lead()
    api.sandbox.clock.advance(3_600)
    api.patch(f"sobjects/Lead/{changed}", {"Title": "x"})
    api.delete(f"sobjects/Lead/{gone}")
    assert updated(api, "2026-03-02T09:00:00Z", "2026-03-02T10:30:00Z")["ids"] == [created]
    assert updated(api, "2026-03-02T11:00:00Z", "2026-03-02T11:01:00Z")["ids"] == [changed]


def test_seconds_are_dropped_and_both_ends_belong_to_the_span(api: Api) -> None:
    api.sandbox.clock.advance(30)
    late = api.lead()  # 10:00:30
    api.sandbox.clock.advance(30)
    on_the_minute = api.lead()  # 10:01:00
    assert updated(api, "2026-03-02T10:00:59Z", "2026-03-02T10:01:59Z")["ids"] == [late, on_the_minute]
    assert updated(api, "2026-03-02T09:59:00Z", "2026-03-02T10:00:59Z")["ids"] == []


def test_covered_is_the_end_or_now_whichever_is_earlier(api: Api) -> None:
    past = updated(api, "2026-03-02T09:00:00+00:00", "2026-03-02T09:35:20+00:00")
    assert past["latestDateCovered"] == "2026-03-02T09:35:00.000+0000"
    future = updated(api, "2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z")
    assert future["latestDateCovered"] == "2026-03-02T10:00:00.000+0000"


def test_an_open_transaction_holds_covered_back_and_its_row_appears_with_an_old_stamp(api: Api) -> None:
    api.sandbox.clock.advance(90)  # 10:01:30
    wish = {"kind": "create", "object": "Lead", "values": {"LastName": "Late", "Company": "A"}, "open_seconds": 600}
    id = api.control("edits", **wish)["id"]
    api.sandbox.clock.advance(300)
    during = updated(api, "2026-03-02T10:00:00Z", "2026-03-02T10:06:00Z")
    assert (during["ids"], during["latestDateCovered"]) == ([], "2026-03-02T10:01:30.000+0000")
    assert api.get(f"sobjects/Lead/{id}").status_code == 404
    api.sandbox.clock.advance(300)
    after = updated(api, "2026-03-02T10:00:00Z", "2026-03-02T10:11:00Z")
    assert (after["ids"], after["latestDateCovered"]) == ([id], "2026-03-02T10:11:00.000+0000")
    record = api.read("Lead", id)
    assert record["SystemModstamp"] == record["CreatedDate"] == "2026-03-02T10:01:30.000+0000"
    assert record["CreatedById"] == api.org.users["admin_user"]


def test_a_setting_keeps_everybody_elses_edits_open_for_a_while(api: Api) -> None:
    id = api.lead()
    api.control("settings", visibility_delay=120)
    api.control("edits", kind="update", object="Lead", id=id, values={"Title": "late"})
    assert api.read("Lead", id)["Title"] is None
    api.sandbox.clock.advance(120)
    record = api.read("Lead", id)
    assert (record["Title"], record["SystemModstamp"]) == ("late", "2026-03-02T10:00:00.000+0000")


def test_transactions_can_be_opened_and_ended_by_hand(api: Api) -> None:
    api.control("transactions", seconds=86_400)
    api.sandbox.clock.advance(3_600)
    covered = updated(api, "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z")["latestDateCovered"]
    assert covered == "2026-03-02T10:00:00.000+0000"
    api.control("transactions", commit=True)
    covered = updated(api, "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z")["latestDateCovered"]
    assert covered == "2026-03-02T11:00:00.000+0000"


def test_deleted_tells_when_and_undeletion_takes_it_back(api: Api) -> None:
    id = api.lead()
    api.sandbox.clock.advance(67)
    api.delete(f"sobjects/Lead/{id}")
    api.sandbox.clock.advance(60)
    found = deleted(api, "2026-03-02T10:00:00Z", "2026-03-02T10:02:00Z")
    assert found["deletedRecords"] == [{"id": id, "deletedDate": "2026-03-02T10:01:07.000+0000"}]
    assert found["latestDateCovered"] == "2026-03-02T10:02:00.000+0000"
    api.org.edit("undelete", "Lead", id)
    assert deleted(api, "2026-03-02T10:00:00Z", "2026-03-02T10:02:00Z")["deletedRecords"] == []
    assert updated(api, "2026-03-02T10:02:00Z", "2026-03-02T10:03:00Z")["ids"] == [id]


@pytest.mark.parametrize(
    ("feed", "since", "until", "fine"),
    [
        ("updated", "2026-02-01T10:00:00Z", "2026-03-02T10:00:00Z", True),
        ("updated", "2026-01-31T09:00:00Z", "2026-03-02T10:00:00Z", False),  # more than 30 days back
        ("deleted", "2026-02-16T10:00:00Z", "2026-03-02T10:00:00Z", True),
        ("deleted", "2026-02-15T09:00:00Z", "2026-03-02T10:00:00Z", False),  # more than 15 days back
        ("updated", "2026-03-02T09:00:00Z", "2026-03-02T09:00:59Z", False),  # the same minute
        ("updated", "2026-03-02T09:00:00Z", "2026-03-02T09:01:00Z", True),
        ("deleted", "2026-03-02T09:00:00Z", "2026-03-02T09:01:00Z", False),  # needs more than a minute
        ("deleted", "2026-03-02T09:00:00Z", "2026-03-02T09:02:00Z", True),
        ("updated", "2026-03-02T09:00:00Z", "2026-03-02T08:00:00Z", False),
        ("updated", "yesterday", "2026-03-02T08:00:00Z", False),
    ],
)
def test_spans_that_are_and_are_not_allowed(api: Api, feed: str, since: str, until: str, fine: bool) -> None:
    answer = span(api, feed, since, until)
    assert (answer.status_code == 200) is fine
    assert fine or error(answer) == (400, "INVALID_REPLICATION_DATE")


def test_deleted_rows_leave_the_recycle_bin_after_fifteen_days(api: Api) -> None:
    id = api.lead()
    api.delete(f"sobjects/Lead/{id}")
    soql = f"SELECT Id FROM Lead WHERE Id = '{id}'"
    api.sandbox.clock.advance(15 * DAY - 60)
    api.sign_in()
    assert len(api.records(soql, "queryAll")) == 1
    api.sandbox.clock.advance(120)
    assert api.records(soql, "queryAll") == []
    assert error(api.get(f"sobjects/Lead/{id}")) == (404, "NOT_FOUND")


def test_an_emptied_bin_shortens_the_reach_of_deleted(api: Api) -> None:
    api.delete(f"sobjects/Lead/{api.lead()}")
    api.sandbox.clock.advance(3_600)
    api.control("purge", object="Lead")
    assert error(span(api, "deleted", "2026-03-02T09:00:00Z", "2026-03-02T11:00:00Z"))[1] == "INVALID_REPLICATION_DATE"
    found = deleted(api, "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z")
    assert (found["deletedRecords"], found["earliestDateAvailable"]) == ([], "2026-03-02T10:00:00.000+0000")


def test_whether_deletion_moves_the_stamp_is_a_switch(start: Start) -> None:
    for quirks, moves in (((), True), (("delete_keeps_stamp",), False)):
        api = start(*quirks)
        id = api.lead()
        api.sandbox.clock.advance(60)
        api.delete(f"sobjects/Lead/{id}")
        (record,) = api.records(f"SELECT SystemModstamp FROM Lead WHERE Id = '{id}'", "queryAll")
        assert (record["SystemModstamp"] == "2026-03-02T10:01:00.000+0000") is moves


def test_the_date_header_is_the_sandboxs_clock(api: Api) -> None:
    assert NOW == 1_772_445_600
    assert api.get("limits").headers["Date"] == "Mon, 02 Mar 2026 10:00:00 GMT"
