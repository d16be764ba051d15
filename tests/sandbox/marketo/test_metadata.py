"""What the instance tells of its fields, and how fields are created."""

from typing import Any

import pytest

from tests.sandbox.marketo.api import Api, code, reason
from tests.sandbox.marketo.conftest import Start


def described(api: Api) -> dict[str, Any]:
    return {field["rest"]["name"]: field for field in api.get("leads/describe")["result"] if "rest" in field}


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("company", 4),
        ("externalCompanyId", 41),
        ("id", 44),
        ("firstName", 53),
        ("lastName", 55),
        ("email", 56),
        ("phone", 57),
        ("title", 60),
        ("unsubscribed", 79),
        ("createdAt", 130),
        ("updatedAt", 131),
        ("leadStatus", 145),
        ("leadScore", 146),
        ("customerTier", 795),
    ],
)
def test_fields_have_the_ids_of_a_recorded_instance(api: Api, name: str, id: int) -> None:
    assert described(api)[name]["id"] == id


def test_a_field_is_described_with_both_of_its_names(api: Api) -> None:
    assert described(api)["email"] == {
        "id": 56,
        "displayName": "Email Address",
        "dataType": "email",
        "length": 255,
        "rest": {"name": "email", "readOnly": False},
        "soap": {"name": "Email", "readOnly": False},
    }


def test_one_field_has_no_rest_name_and_must_be_stepped_over(api: Api) -> None:
    assert [field["id"] for field in api.get("leads/describe")["result"] if "rest" not in field] == [142]


def test_field_ids_are_unique(api: Api) -> None:
    ids = [field["id"] for field in api.get("leads/describe")["result"]]
    assert len(ids) == len(set(ids)) > 95


def test_a_score_is_an_integer_to_describe_and_a_score_to_the_schema(api: Api) -> None:
    assert described(api)["leadScore"]["dataType"] == "integer"
    assert api.get("leads/schema/fields/leadScore")["result"][0]["dataType"] == "score"


@pytest.mark.parametrize(
    ("name", "type", "read_only"),
    [
        ("customerTier", "string", False),
        ("interests", "string", False),
        ("lastDemoAt", "datetime", False),
        ("fitScore", "float", False),
        ("newsletter", "boolean", False),
        ("createdAt", "datetime", True),
        ("mktoName", "string", True),
        ("dateOfBirth", "date", False),
        ("annualRevenue", "currency", False),
        ("address", "text", False),
    ],
)
def test_fields_have_their_types(api: Api, name: str, type: str, read_only: bool) -> None:
    found = described(api)[name]
    assert (found["dataType"], found["rest"]["readOnly"]) == (type, read_only)
    assert ("length" in found) == (type == "string")


def test_describe2_tells_keys_and_what_can_be_written(api: Api) -> None:
    (told,) = api.get("leads/describe2")["result"]
    keys = {key for (key,) in told["searchableFields"]}
    assert {"id", "email", "externalCompanyId", "customerTier", "interests"} <= keys
    assert not keys & {"createdAt", "updatedAt", "firstName", "fitScore", "lastDemoAt", "newsletter"}
    fields = {field["name"]: field for field in told["fields"]}
    assert told["name"] == "API Lead"
    assert fields["email"]["updateable"]
    assert not fields["createdAt"]["updateable"]
    assert not fields["id"]["updateable"]
    assert not any(field["crmManaged"] for field in fields.values())


def test_with_native_sync_the_crm_owns_its_fields_and_companies_refuse_writes(start: Start) -> None:
    api = start("native_sync")
    fields = {field["name"]: field for field in api.get("leads/describe2")["result"][0]["fields"]}
    assert fields["sfdcLeadId"]["crmManaged"]
    assert code(api.post("companies", {"input": [{"externalCompanyId": "x"}]})) == "1018"
    assert reason(api.sync({"email": "a@example.com", "sfdcLeadId": "00Q"})[0]) == "1006"
    assert api.find("sfdcLeadId", "00Q")["result"] == []


def test_the_schema_comes_in_pages(api: Api) -> None:
    names: list[str] = []
    params: dict[str, Any] = {"batchSize": 40}
    while True:
        reply = api.get("leads/schema/fields", **params)
        names += [field["name"] for field in reply["result"]]
        if "nextPageToken" not in reply:
            break
        assert reply["moreResult"] is True
        params["nextPageToken"] = reply["nextPageToken"]
    assert set(names) == set(described(api))
    assert len(names) == len(set(names))


FIELD = {"displayName": "CRM Person Key", "name": "crmPersonKey", "dataType": "string"}


def test_a_created_field_can_be_written_read_and_looked_up(api: Api) -> None:
    assert api.post("leads/schema/fields", {"input": [FIELD]})["result"] == [
        {"name": "crmPersonKey", "status": "created"}
    ]
    assert api.get("leads/schema/fields/crmPersonKey")["result"] == [
        {
            **FIELD,
            "description": None,
            "length": 255,
            "isHidden": False,
            "isHtmlEncodingInEmail": True,
            "isSensitive": False,
            "isCustom": True,
            "isApiCreated": True,
        }
    ]
    assert described(api)["crmPersonKey"]["id"] == 800
    (item,) = api.sync({"crmPersonKey": "C-1", "email": "a@example.com"}, lookupField="crmPersonKey")
    assert item["status"] == "created"
    (again,) = api.sync({"crmPersonKey": "C-1", "email": "b@example.com"}, lookupField="crmPersonKey")
    assert again == {"id": item["id"], "status": "updated"}
    assert api.ids("crmPersonKey", "C-1") == [item["id"]]


TYPES = ("boolean", "currency", "date", "datetime", "email", "float", "integer", "percent", "phone", "score", "string")


def test_every_creatable_type_can_be_created(api: Api) -> None:
    wishes = [{"displayName": f"My {type}", "name": f"my_{type}", "dataType": type} for type in (*TYPES, "url")]
    items = api.post("leads/schema/fields", {"input": wishes})["result"]
    assert items == [{"name": f"my_{type}", "status": "created"} for type in (*TYPES, "url")]


@pytest.mark.parametrize(
    "wish",
    [
        {"dataType": "text"},
        {"dataType": "formula"},
        {"name": "1st"},
        {"name": "with blank"},
        {"name": "email"},
        {"name": "EMAIL"},
        {"displayName": "Email Address"},
        {"displayName": "a;b"},
        {"displayName": None},
        {"name": ""},
    ],
)
def test_a_field_that_cannot_be_is_refused(api: Api, wish: dict[str, Any]) -> None:
    (item,) = api.post("leads/schema/fields", {"input": [{**FIELD, **wish}]})["result"]
    assert reason(item) == "1003"


def test_no_more_than_a_hundred_fields_can_be_created(api: Api) -> None:
    wishes = [{"displayName": f"F {n}", "name": f"f{n}", "dataType": "integer"} for n in range(101)]
    items = api.post("leads/schema/fields", {"input": wishes})["result"]
    assert [item["status"] for item in items] == ["created"] * 100 + ["skipped"]


@pytest.mark.parametrize(
    ("name", "wish", "allowed"),
    [
        ("email", {"description": "x", "isSensitive": True}, True),
        ("email", {"displayName": "Mail"}, False),
        ("customerTier", {"displayName": "Tier"}, True),
        ("customerTier", {"isHidden": True}, False),
        ("crmPersonKey", {"isHidden": True, "displayName": "Key"}, True),
        ("crmPersonKey", {"dataType": "integer"}, False),
        ("crmPersonKey", {"displayName": "Email Address"}, False),
    ],
)
def test_only_some_of_a_field_can_be_changed(api: Api, name: str, wish: dict[str, Any], allowed: bool) -> None:
    api.post("leads/schema/fields", {"input": [FIELD]})
    before = api.get(f"leads/schema/fields/{name}")["result"][0]
    (item,) = api.post(f"leads/schema/fields/{name}", {"input": [wish]})["result"]
    assert item["status"] == ("updated" if allowed else "skipped")
    after = api.get(f"leads/schema/fields/{name}")["result"][0]
    assert after == ({**before, **wish} if allowed else before)


def test_an_unknown_field_is_1006(api: Api) -> None:
    assert code(api.get("leads/schema/fields/nothing")) == "1006"
