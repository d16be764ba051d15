"""Leads by id and by filter: what is returned, in which shape, and where the limits are."""

from typing import Any

import pytest

from tests.sandbox.marketo.api import Api, code
from tests.sandbox.marketo.conftest import Start


def test_a_lead_has_six_fields_unless_others_are_asked_for(api: Api) -> None:
    lead_id = api.create(email="Ana.Ruiz@Example.com", firstName="Ana", title="CTO")
    assert api.lead(lead_id) == {
        "id": lead_id,
        "firstName": "Ana",
        "lastName": None,
        "email": "Ana.Ruiz@Example.com",
        "updatedAt": "2026-03-02T10:00:00Z",
        "createdAt": "2026-03-02T10:00:00Z",
    }
    assert api.lead(lead_id, "title", "phone") == {"id": lead_id, "title": "CTO", "phone": None}


def test_an_empty_boolean_reads_false(api: Api) -> None:
    assert api.lead(api.create(), "newsletter", "doNotCall") == {"id": 1, "newsletter": False, "doNotCall": False}


def test_ids_begin_at_one_and_are_never_used_again(api: Api) -> None:
    assert [api.create(), api.create()] == [1, 2]
    api.post("leads/delete", id=2)
    assert api.create() == 3


def test_an_unknown_id_is_1004(api: Api, start: Start) -> None:
    assert api.get("lead/99")["errors"] == [{"code": "1004", "message": "Lead '99' not found"}]
    assert start("unknown_lead_empty").get("lead/99")["result"] == []


def test_an_unknown_field_is_1006(api: Api) -> None:
    api.create()
    assert code(api.get("lead/1", fields="title,nothing")) == "1006"
    assert code(api.find("id", 1, fields="nothing")) == "1006"


def test_empty_fields_may_be_left_out(start: Start) -> None:
    api = start("omits_nulls")
    assert api.lead(api.create(lastName="Lind")) == {
        "id": 1,
        "lastName": "Lind",
        "updatedAt": "2026-03-02T10:00:00Z",
        "createdAt": "2026-03-02T10:00:00Z",
    }


def test_a_filter_matches_regardless_of_case_and_returns_the_case_as_written(api: Api) -> None:
    api.create(email="Ana@Example.com")
    assert [lead["email"] for lead in api.find("email", "aNA@eXAMPLE.COM")["result"]] == ["Ana@Example.com"]


def test_by_switch_only_the_same_case_matches(start: Start) -> None:
    api = start("exact_case")
    api.create(email="Ana@Example.com")
    assert api.ids("email", "ana@example.com") == []
    assert api.ids("email", "Ana@Example.com") == [1]


def test_one_value_may_match_several_leads_and_several_values_one_call(api: Api) -> None:
    ids = [api.create(email=email) for email in ("a@example.com", "a@example.com", "b@example.com", "c@example.com")]
    assert api.ids("email", "b@example.com", "a@example.com", "z@example.com") == ids[:3]


def test_no_match_is_an_empty_result_without_paging_keys(api: Api) -> None:
    assert set(api.find("email", "z@example.com")) == {"requestId", "result", "success"}
    assert api.ids("id", "no-number", 99999999999999999999) == []


@pytest.mark.parametrize(
    ("key", "expected"),
    [("createdAt", "1011"), ("firstName", "1011"), ("fitScore", "1011"), ("newsletter", "1011"), ("nothing", "1006")],
)
def test_only_keys_filter(api: Api, key: str, expected: str) -> None:
    assert code(api.find(key, "x")) == expected


@pytest.mark.parametrize("missing", ["filterType", "filterValues"])
def test_a_filter_needs_a_key_and_values(api: Api, missing: str) -> None:
    params = {"filterType": "email", "filterValues": "a@example.com"}
    del params[missing]
    assert code(api.get("leads", **params)) == "1002"


def test_a_custom_key_is_returned_when_no_fields_are_named(api: Api) -> None:
    api.create(customerTier="Gold")
    assert api.find("customerTier", "Gold")["result"][0]["customerTier"] == "Gold"
    assert "customerTier" not in api.find("customerTier", "Gold", fields="email")["result"][0]


def test_three_hundred_values_are_the_most(api: Api) -> None:
    assert api.find("id", *range(1, 301))["success"]
    assert code(api.find("id", *range(1, 302))) == "1003"


@pytest.mark.parametrize(("size", "good"), [(1, True), (300, True), (0, False), (301, False), ("x", False)])
def test_a_page_holds_one_to_three_hundred(api: Api, size: Any, good: bool) -> None:
    assert api.find("id", 1, batchSize=size)["success"] is good


def pages(api: Api, **params: Any) -> list[list[int]]:
    found = []
    while True:
        reply = api.get("leads", **params)
        found.append([lead["id"] for lead in reply["result"]])
        if "nextPageToken" not in reply:
            return found
        assert reply["moreResult"] is True
        params["nextPageToken"] = reply["nextPageToken"]


def test_pages_follow_each_other_without_gap_or_overlap(api: Api) -> None:
    for begin in range(0, 600, 300):
        api.sync(*({"customerTier": "Gold"} for _ in range(begin, begin + 300)), action="createDuplicate")
    assert [len(page) for page in pages(api, filterType="customerTier", filterValues="Gold")] == [300, 300]
    uneven = pages(api, filterType="customerTier", filterValues="Gold", batchSize=250)
    assert [len(page) for page in uneven] == [250, 250, 100]
    assert [id for page in uneven for id in page] == list(range(1, 601))


def test_more_than_a_thousand_matches_are_refused_even_page_by_page(api: Api) -> None:
    for _ in range(4):
        api.sync(*({"customerTier": "Gold"} for _ in range(250)), action="createDuplicate")
    assert api.find("customerTier", "Gold", batchSize=10)["success"]
    api.create(customerTier="Gold")
    assert code(api.find("customerTier", "Gold", batchSize=10)) == "1003"


def test_a_page_token_of_somebody_else_is_refused(api: Api) -> None:
    assert code(api.find("id", 1, nextPageToken="nonsense")) == "1003"


def test_leads_in_partitions_out_of_sight_are_not_found(api: Api) -> None:
    lead_id = api.create(email="a@example.com")
    api.marketo.partitions.add("EMEA")
    api.post("leads/partitions", {"input": [{"id": lead_id, "partitionName": "EMEA"}]})
    assert api.ids("email", "a@example.com") == [lead_id]
    with api.sandbox.store.transaction() as connection:
        connection.execute("UPDATE marketo_partition SET accessible = 0 WHERE name = 'EMEA'")
    assert api.ids("email", "a@example.com") == []
    assert code(api.get(f"lead/{lead_id}")) == "1004"
    assert [partition["name"] for partition in api.get("leads/partitions")["result"]] == ["Default"]
