"""Custom activities: their types' life, and adding them to a person's log."""

from typing import Any

import pytest

from tests.sandbox.marketo.api import Api, code

TYPE = {
    "apiName": "syncRefused",
    "name": "Sync Refused",
    "triggerName": "Sync is Refused",
    "filterName": "Was Refused",
    "description": "A CRM said no",
    "primaryAttribute": {"apiName": "reference", "name": "Reference", "dataType": "string"},
}
ONE = "activities/external/type/syncRefused"


def listed(api: Api) -> list[tuple[int, str, str]]:
    types = api.get("activities/external/types")["result"]
    return [(found["id"], found["apiName"], found["status"]) for found in types]


def approved(api: Api) -> None:
    api.post("activities/external/type", TYPE)
    wishes = [
        {"apiName": "amount", "name": "Amount", "dataType": "float"},
        {"apiName": "reason", "name": "Reason", "dataType": "text"},
    ]
    api.post(f"{ONE}/attributes/create", {"attributes": wishes})
    reply = api.post(f"{ONE}/approve")
    assert reply["success"], reply


def test_a_type_lives_from_draft_over_approval_to_deletion(api: Api) -> None:
    (made,) = api.post("activities/external/type", TYPE)["result"]
    assert {key: made[key] for key in TYPE} == TYPE
    assert (made["id"], made["status"], made["attributes"]) == (100_001, "draft", [])
    assert api.post(f"{ONE}/approve")["result"][0]["status"] == "approved"
    wish = {"attributes": [{"apiName": "code", "name": "Code", "dataType": "integer"}]}
    assert api.post(f"{ONE}/attributes/create", wish)["result"][0]["status"] == "approved with draft"
    assert api.get(f"{ONE}/describe")["result"][0]["attributes"] == []
    assert len(api.get(f"{ONE}/describe", draft="true")["result"][0]["attributes"]) == 1
    assert api.post(f"{ONE}/discardDraft")["result"][0]["status"] == "approved"
    assert code(api.get(f"{ONE}/describe", draft="true")) == "1013"
    assert listed(api) == [(100_001, "syncRefused", "approved")]
    assert api.post(f"{ONE}/delete")["result"][0]["status"] == "deleted"
    assert listed(api) == []


def test_a_draft_can_be_changed(api: Api) -> None:
    approved(api)
    api.post(ONE, {"description": "other"})
    api.post(f"{ONE}/attributes/update", {"attributes": [{"apiName": "amount", "name": "Sum"}]})
    api.post(f"{ONE}/attributes/delete", {"attributes": [{"apiName": "reason"}]})
    (changed,) = api.post(f"{ONE}/approve")["result"]
    assert changed["description"] == "other"
    assert changed["attributes"] == [{"apiName": "amount", "name": "Sum", "dataType": "float"}]


@pytest.mark.parametrize("missing", ["apiName", "name", "triggerName", "filterName", "primaryAttribute"])
def test_a_type_needs_all_of_its_parts(api: Api, missing: str) -> None:
    assert code(api.post("activities/external/type", {**TYPE, missing: None})) == "1003"


@pytest.mark.parametrize(
    ("address", "body", "expected"),
    [
        ("activities/external/type", TYPE, "1017"),
        (f"{ONE}/approve", None, "1003"),
        (f"{ONE}/discardDraft", None, "1048"),
        ("activities/external/type/nothing/approve", None, "1013"),
        (f"{ONE}/attributes/create", {"attributes": [{"apiName": "x", "name": "X", "dataType": "list"}]}, "1003"),
        (f"{ONE}/attributes/create", {"attributes": [{"apiName": "amount", "name": "X"}]}, "1003"),
        (f"{ONE}/attributes/delete", {"attributes": [{"apiName": "nothing"}]}, "1013"),
        (
            f"{ONE}/attributes/create",
            {"attributes": [{"apiName": f"a{n}", "name": f"A{n}"} for n in range(19)]},
            "1028",
        ),
    ],
)
def test_what_a_type_refuses(api: Api, address: str, body: Any, expected: str) -> None:
    approved(api)
    before = listed(api)
    assert code(api.post(address, body)) == expected
    assert listed(api) == before


def test_no_more_than_ten_types_can_be_created(api: Api) -> None:
    replies = [api.post("activities/external/type", {**TYPE, "apiName": f"t{n}"}) for n in range(11)]
    assert [reply["success"] for reply in replies] == [True] * 10 + [False]
    assert code(replies[10]) == "1027"


def activity(**change: Any) -> dict[str, Any]:
    return {
        "leadId": 1,
        "activityDate": "2026-03-02T09:30:00Z",
        "activityTypeId": 100_001,
        "primaryAttributeValue": "Quote Q-17",
        "attributes": [{"apiName": "amount", "value": 1200.5}],
        **change,
    }


def add(api: Api, *records: dict[str, Any]) -> list[Any]:
    reply = api.post("activities/external", {"input": list(records)})
    assert reply["success"], reply
    items: list[Any] = reply["result"]
    return items


def test_an_added_activity_stands_in_the_persons_log(api: Api) -> None:
    approved(api)
    api.create()
    (item,) = add(api, activity())
    assert item == {"id": 2, "marketoGUID": "2", "status": "added"}
    (found,) = api.activities(100_001)
    assert found == {
        "id": 2,
        "marketoGUID": "2",
        "leadId": 1,
        "activityDate": "2026-03-02T09:30:00Z",
        "activityTypeId": 100_001,
        "primaryAttributeValue": "Quote Q-17",
        "attributes": [{"name": "Amount", "apiName": "amount", "value": 1200.5}],
    }


def test_adding_again_makes_a_second_activity(api: Api) -> None:
    approved(api)
    api.create()
    add(api, activity(), activity())
    assert len(api.activities(100_001)) == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"leadId": 99}, "1004"),
        ({"leadId": "x"}, "1003"),
        ({"leadId": None}, "1003"),
        ({"activityTypeId": 13}, "1003"),
        ({"activityTypeId": 100_009}, "1003"),
        ({"primaryAttributeValue": ""}, "1003"),
        ({"primaryAttributeValue": "\ud83d"}, "1003"),
        ({"activityDate": "today"}, "1003"),
        ({"attributes": [{"apiName": "nothing", "value": 1}]}, "1006"),
        ({"attributes": [{"apiName": "amount", "value": "much"}]}, "1003"),
        ({"attributes": [{"apiName": "reason", "value": "x" * 65_536}]}, "1049"),
    ],
)
def test_a_refused_activity_says_so_under_errors_and_others_go_on(
    api: Api, change: dict[str, Any], expected: str
) -> None:
    approved(api)
    api.create()
    refused, added = add(api, activity(**change), activity())
    assert refused["status"] == "skipped"
    assert "reasons" not in refused
    assert refused["errors"][0]["code"] == expected
    assert added["status"] == "added"
    assert len(api.activities(100_001)) == 1


def test_a_type_that_is_only_a_draft_takes_no_activities_and_is_not_listed(api: Api) -> None:
    api.post("activities/external/type", TYPE)
    api.create()
    assert add(api, activity())[0]["errors"][0]["code"] == "1003"
    assert 100_001 not in [found["id"] for found in api.get("activities/types")["result"]]
    api.post(f"{ONE}/approve")
    assert 100_001 in [found["id"] for found in api.get("activities/types")["result"]]
