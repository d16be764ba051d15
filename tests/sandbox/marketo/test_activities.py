"""The activity log: what writes leave behind, and what a feed promises to those who read on from a token."""

from typing import Any

import pytest

from tests.sandbox.marketo.api import Api, attributes, code
from tests.sandbox.marketo.conftest import Start

A = "a@example.com"
DAY = 86_400


def test_a_new_lead_leaves_one_activity_and_no_value_changes(api: Api) -> None:
    lead_id = api.create(email=A, firstName="Bo", lastName="Lind")
    (new,), _ = api.feed("activities/leadchanges", fields="email,firstName,lastName")
    assert new == {
        "id": 1,
        "marketoGUID": "1",
        "leadId": lead_id,
        "activityDate": "2026-03-02T10:00:00Z",
        "activityTypeId": 12,
        "primaryAttributeValueId": lead_id,
        "primaryAttributeValue": "Bo Lind",
        "attributes": [
            {"name": "Created Date", "value": "2026-03-02"},
            {"name": "Source Type", "value": "Web service API"},
        ],
    }


def changed(api: Api, **values: Any) -> list[Any]:
    """What an update by id leaves in the log."""
    token = api.feed("activities", activityTypeIds="12,13,22")[1]
    api.sync({"id": 1, **values}, action="updateOnly", lookupField="id")
    return api.activities(12, 13, 22, token=token)


def test_each_changed_field_leaves_one_activity(api: Api) -> None:
    api.create(email=A, title="VP", phone="1")
    found = changed(api, title="CTO", phone="1", city="Bonn", customerTier="Gold")
    assert [(a["activityTypeId"], a["primaryAttributeValueId"], a["primaryAttributeValue"]) for a in found] == [
        (13, 60, "Job Title"),
        (13, 64, "City"),
        (13, 795, "Customer Tier"),
    ]
    assert found[0]["attributes"] == [
        {"name": "New Value", "value": "CTO"},
        {"name": "Old Value", "value": "VP"},
        {"name": "Reason", "value": "Web service API"},
        {"name": "Source", "value": "Web service API"},
    ]
    assert "Old Value" not in attributes(found[1])


def test_what_changes_nothing_leaves_nothing(api: Api) -> None:
    api.create(email=A, title="VP", newsletter=False, fitScore=2)
    assert changed(api, title="VP", newsletter=None, doNotCall=False, fitScore=2.0, phone=None, city="") == []


@pytest.mark.parametrize(
    ("field", "before", "after", "old", "new"),
    [
        ("newsletter", False, True, "False", "True"),
        ("fitScore", 1.5, None, "1.5", ""),
        ("dateOfBirth", "1980-01-01", "1980-01-02", "1980-01-01", "1980-01-02"),
        ("lastDemoAt", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z", "2025-12-31 18:00:00", "2026-06-30 19:00:00"),
        ("numberOfEmployees", 5, 6, "5", "6"),
    ],
)
def test_lead_changes_tell_values_as_text(
    api: Api, field: str, before: object, after: object, old: str, new: str
) -> None:
    api.create(email=A, **{field: before})
    token = api.feed("activities/leadchanges", fields=field)[1]
    api.sync({"email": A, field: after})
    ((change,), _) = api.feed("activities/leadchanges", token, fields=field)
    (told,) = change["fields"]
    assert (told["name"], told.get("oldValue", ""), told["newValue"]) == (field, old, new)


def test_lead_changes_tell_the_field_by_id_and_rest_name(api: Api) -> None:
    api.create(email=A, title="VP")
    token = api.feed("activities/leadchanges", fields="title")[1]
    api.sync({"email": A, "title": "CTO"})
    ((change,), _) = api.feed("activities/leadchanges", token, fields="title")
    assert change == {
        "id": 2,
        "marketoGUID": "2",
        "leadId": 1,
        "activityDate": "2026-03-02T10:00:00Z",
        "activityTypeId": 13,
        "fields": [{"id": 60, "name": "title", "newValue": "CTO", "oldValue": "VP"}],
        "attributes": [
            {"name": "Reason", "value": "Web service API"},
            {"name": "Source", "value": "Web service API"},
            {"name": "Lead ID", "value": 1},
        ],
    }


def test_lead_changes_tell_only_the_fields_asked_for_and_every_new_lead(api: Api) -> None:
    api.create(email=A)
    api.sync({"email": A, "title": "CTO", "phone": "1", "leadScore": 9})
    api.create(email="b@example.com")
    items, _ = api.feed("activities/leadchanges", fields="phone,leadScore")
    assert [(item["activityTypeId"], item["leadId"]) for item in items] == [(12, 1), (13, 1), (12, 2)]


def test_a_score_changes_as_type_22(api: Api) -> None:
    api.create(email=A, leadScore=10)
    (change,) = changed(api, leadScore=7)
    assert (change["activityTypeId"], change["primaryAttributeValueId"]) == (22, 146)
    assert attributes(change) == {
        "Change Value": "-3",
        "New Value": "7",
        "Old Value": "10",
        "Reason": "Web service API",
        "Source": "Web service API",
    }


def test_by_switch_activities_tell_who_wrote(start: Start) -> None:
    api = start("modifying_user")
    api.create(email=A)
    api.sync({"email": A, "title": "CTO"})
    for activity in api.activities(12, 13):
        assert attributes(activity)["Modifying User"] == "mksync@api.example.com"


def test_by_switch_activities_have_no_id_but_a_guid(start: Start) -> None:
    api = start("no_activity_ids")
    api.create()
    (new,) = api.activities(12)
    assert "id" not in new
    assert new["marketoGUID"] == "1"


@pytest.mark.parametrize(
    ("since", "count"),
    [
        ("2026-03-02T09:59:59Z", 2),
        ("2026-03-02T10:00:00Z", 2),
        ("2026-03-02T10:00:01Z", 1),
        ("2026-03-02T12:00:00+02:00", 2),
        ("2026-03-02T10:00:31.500Z", 0),
        ("2026-03-02", 2),
    ],
)
def test_a_feed_begins_at_the_time_asked_for(api: Api, since: str, count: int) -> None:
    api.create()
    api.sandbox.clock.advance(30)
    api.create()
    api.sandbox.clock.advance(30)
    assert len(api.activities(12, token=api.since(since))) == count


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01T00:00:00Z", "2026-03-02T12:00:00 02:00"])
def test_a_feed_begins_at_no_time_that_is_none(api: Api, since: str) -> None:
    assert code(api.get("activities/pagingtoken", sinceDatetime=since)) == "704"


@pytest.mark.parametrize(
    ("address", "params", "expected"),
    [
        ("activities", {}, "1002"),
        ("activities", {"activityTypeIds": ",".join(map(str, range(11)))}, "1003"),
        ("activities", {"activityTypeIds": "13", "leadIds": ",".join(map(str, range(31)))}, "1003"),
        ("activities", {"activityTypeIds": "x"}, "1003"),
        ("activities", {"activityTypeIds": "13", "batchSize": 301}, "1003"),
        ("activities", {"activityTypeIds": "13", "nextPageToken": "nonsense"}, "1003"),
        ("activities", {"activityTypeIds": "13", "nextPageToken": None}, "1002"),
        ("activities/leadchanges", {}, "1002"),
        ("activities/leadchanges", {"fields": "nothing"}, "1006"),
        ("activities/leadchanges", {"fields": "title", "listId": 7}, "1013"),
    ],
)
def test_a_feed_that_cannot_be_fails(api: Api, address: str, params: dict[str, Any], expected: str) -> None:
    assert code(api.get(address, **{"nextPageToken": api.since(), **params})) == expected


def test_an_empty_page_has_no_result_but_always_a_token_and_more_result(api: Api) -> None:
    for address in ("activities", "activities/leadchanges", "activities/deletedleads"):
        reply = api.get(address, nextPageToken=api.since(), activityTypeIds=13, fields="title")
        assert set(reply) == {"requestId", "success", "nextPageToken", "moreResult"}
        assert reply["moreResult"] is False


def test_pages_follow_each_other_without_gap_or_overlap(api: Api) -> None:
    api.sync(*({"email": f"{number}@example.com"} for number in range(25)))
    token, seen = api.since(), []
    for more in (True, True, False):
        reply = api.get("activities", nextPageToken=token, activityTypeIds=12, batchSize=10)
        assert reply["moreResult"] is more
        seen += [item["leadId"] for item in reply["result"]]
        token = reply["nextPageToken"]
    assert seen == list(range(1, 26))


def test_a_feed_can_be_restricted_to_leads_and_to_assets(api: Api) -> None:
    for number in range(3):
        api.create(email=f"{number}@example.com")
    api.sync({"email": "1@example.com", "title": "CTO", "phone": "1"})
    assert [item["leadId"] for item in api.activities(12, leadIds="1,3")] == [1, 3]
    assert [item["primaryAttributeValueId"] for item in api.activities(13, assetIds="60")] == [60]


@pytest.mark.parametrize(
    ("type", "days", "kept"),
    [(12, 3000, True), (13, 89, True), (13, 91, False), (22, 91, False), (37, 13, True), (37, 15, False)],
)
def test_the_log_forgets(api: Api, type: int, days: int, kept: bool) -> None:
    api.create(email=A)
    api.sync({"email": A, "title": "CTO", "leadScore": 4})
    api.post("leads/delete", id=1)
    api.sandbox.clock.advance(days * DAY)
    api.sign_in()
    assert bool(api.activities(type)) is kept


def seen_in_time(api: Api, token: str) -> tuple[list[int], list[int]]:
    """Ids of leads in the order in which a reader, polling every second, sees their New Lead; and at which poll."""
    order: list[int] = []
    polls: list[int] = []
    for poll in range(70):
        items, token = api.feed("activities", token, activityTypeIds="12")
        order += [item["leadId"] for item in items]
        polls += [poll] * len(items)
        api.sandbox.clock.advance(1)
    return order, polls


def test_delayed_activities_come_late_and_out_of_order_and_none_is_lost_to_who_reads_on(api: Api) -> None:
    token = api.since()
    api.marketo.activity_delay = 30
    for number in range(40):
        api.create(email=f"{number}@example.com")
        api.sandbox.clock.advance(0.5)
    order, polls = seen_in_time(api, token)
    assert sorted(order) == list(range(1, 41))
    assert order != sorted(order)
    assert len(set(polls)) > 5


def test_nothing_is_visible_before_its_time(api: Api) -> None:
    api.marketo.activity_delay = 1000
    api.create(email=A)
    due = api.sandbox.store.connection.execute("SELECT visible_at FROM marketo_activity").fetchone()[0]
    assert due > api.sandbox.clock.now()
    assert api.activities(12) == []
    assert api.ids("email", A) == [1]
    api.sandbox.clock.advance(due - api.sandbox.clock.now())
    assert len(api.activities(12)) == 1


def test_by_switch_what_comes_late_is_passed_over_unless_read_again(start: Start) -> None:
    api = start("tokens_by_date")
    token = api.since()
    api.marketo.activity_delay = 30
    for number in range(40):
        api.create(email=f"{number}@example.com")
        api.sandbox.clock.advance(0.5)
    order, _ = seen_in_time(api, token)
    assert 0 < len(order) < 40
    assert len(api.activities(12)) == 40


def test_by_switch_empty_pages_come_in_between(start: Start) -> None:
    api = start("empty_pages")
    api.create()
    first = api.get("activities", nextPageToken=api.since(), activityTypeIds=12)
    assert (first.get("result"), first["moreResult"]) == (None, True)
    assert len(api.activities(12)) == 1


def test_what_happens_while_a_feed_is_read_is_on_a_later_page(api: Api) -> None:
    _, token = api.feed("activities", activityTypeIds="12")
    api.create()  # within the same instant of a standing clock
    items, token = api.feed("activities", token, activityTypeIds="12")
    assert [item["leadId"] for item in items] == [1]
    assert api.feed("activities", token, activityTypeIds="12")[0] == []


def test_the_types_that_must_be_known_are_listed(api: Api) -> None:
    types = {found["id"]: found for found in api.get("activities/types")["result"]}
    names = {12: "New Lead", 13: "Change Data Value", 22: "Change Score", 32: "Merge Leads", 37: "Delete Lead"}
    assert {id: types[id]["name"] for id in names} == names
    assert "primaryAttribute" not in types[12]
    assert {"Old Value", "New Value"} <= {attribute["name"] for attribute in types[13]["attributes"]}


def test_demo_people_are_new_leads_of_the_past(start: Start) -> None:
    api = start(people=100)
    leads = api.sandbox.store.connection.execute("SELECT count(*) FROM marketo_lead").fetchone()[0]
    items = api.activities(12, token=api.since("2020-01-01T00:00:00Z"))
    assert len(items) == leads > 80
    assert api.activities(12) == []
