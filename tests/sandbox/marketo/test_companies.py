"""Companies, and the leads that belong to them."""

from typing import Any

import pytest

from tests.sandbox.marketo.api import Api, attributes, code, reason
from tests.sandbox.marketo.conftest import Start

A, B = "a@example.com", "b@example.com"
SHOWN = ("company", "industry", "annualRevenue", "billingCity")
ACME = {"company": "Acme", "industry": "Tools", "annualRevenue": 1500.5, "billingCity": "Bonn"}


def shown(api: Api, lead_id: int) -> Any:
    lead = api.lead(lead_id, *SHOWN)
    return {name: lead[name] for name in SHOWN}


def write(api: Api, key: str, **values: Any) -> Any:
    return api.write("companies", {"externalCompanyId": key, **values})[0]


def test_a_company_is_found_by_name_id_and_external_id(api: Api) -> None:
    one = api.company("C1", company="Acme")
    other = api.company("C2", company="Acme")
    assert [found["id"] for found in api.read("companies", "company", "acme")] == [one, other]
    assert [found["id"] for found in api.read("companies", "dedupeFields", "C2")] == [other]
    assert api.read("companies", "company", "Acme")[0]["company"] == "Acme"


def test_company_fields_are_told_to_the_schema_too(api: Api) -> None:
    names: list[str] = []
    params: dict[str, Any] = {"batchSize": 5}
    for _ in range(9):
        reply = api.get("companies/schema/fields", **params)
        names += [field["name"] for field in reply["result"]]
        if "nextPageToken" not in reply:
            break
        params["nextPageToken"] = reply["nextPageToken"]
    described = [field["name"] for field in api.get("companies/describe")["result"][0]["fields"]]
    assert sorted(names) == sorted(described)
    assert api.get("companies/schema/fields/industry")["result"] == [
        {
            "displayName": "Industry",
            "name": "industry",
            "description": None,
            "dataType": "string",
            "length": 255,
            "isHidden": False,
            "isHtmlEncodingInEmail": True,
            "isSensitive": False,
            "isCustom": False,
            "isApiCreated": False,
        }
    ]
    assert code(api.get("companies/schema/fields/nothing")) == "1006"
    assert code(api.post("companies/schema/fields", {"input": [{}]})) == "605"


@pytest.mark.parametrize(
    ("field", "value", "good"),
    [
        ("annualRevenue", "1604.47", True),
        ("annualRevenue", "much", False),
        ("numberOfEmployees", 12, True),
        ("numberOfEmployees", 12.5, False),
        ("sicCode", "x" * 40, True),
        ("sicCode", "x" * 41, False),
        ("company", "x" * 256, False),
        ("externalCompanyId", "x" * 100, True),
        ("externalCompanyId", "x" * 101, False),
    ],
)
def test_values_are_judged_by_their_type(api: Api, field: str, value: Any, good: bool) -> None:
    item = write(api, **{"key": "C1", **({} if field == "externalCompanyId" else {field: value})})
    if field == "externalCompanyId":
        item = api.write("companies", {field: value})[0]
    if good:
        assert item["status"] == "created"
    else:
        assert reason(item) == "1003"


def test_a_company_keeps_its_external_id(api: Api) -> None:
    id = api.company("C1")
    by_id = {"action": "updateOnly", "dedupeBy": "idField"}
    assert reason(api.write("companies", {"id": id, "externalCompanyId": "C2"}, **by_id)[0]) == "1006"
    same = api.write("companies", {"id": id, "externalCompanyId": "C1", "company": "Acme"}, **by_id)
    assert same == [{"seq": 0, "status": "updated", "id": id}]
    assert api.read("companies", "id", id, fields="company") == [{"id": id, "company": "Acme"}]


def test_by_switch_what_cannot_be_updated_is_passed_over_in_silence(start: Start) -> None:
    api = start("frozen_ignored")
    id = api.company("C1")
    record = {"id": id, "externalCompanyId": "C2", "company": "Acme"}
    assert api.write("companies", record, action="updateOnly", dedupeBy="idField")[0]["status"] == "updated"
    assert api.read("companies", "id", id, fields="externalCompanyId,company") == [
        {"id": id, "externalCompanyId": "C1", "company": "Acme"}
    ]


def test_a_company_with_an_unknown_owner_is_skipped(api: Api) -> None:
    assert reason(write(api, "C1", externalSalesPersonId="S1")) == "1013"
    api.write("salespersons", {"externalSalesPersonId": "S1"})
    assert write(api, "C1", externalSalesPersonId="S1")["status"] == "created"


def test_a_lead_that_is_created_in_a_company_shows_its_values(api: Api) -> None:
    api.company("C1", **ACME)
    assert shown(api, api.create(email=A, externalCompanyId="c1")) == ACME


def test_a_lead_that_joins_a_company_loses_its_own_values(api: Api) -> None:
    api.company("C1", company="Acme")
    lead_id = api.create(email=A, company="Own", industry="Own")
    api.sync({"email": A, "externalCompanyId": "C1"})
    assert shown(api, lead_id) == {**dict.fromkeys(SHOWN), "company": "Acme"}


def test_a_lead_that_moves_shows_the_new_company(api: Api) -> None:
    api.company("C1", **ACME)
    api.company("C2", company="Bolt")
    lead_id = api.create(email=A, externalCompanyId="C1")
    api.sync({"email": A, "externalCompanyId": "C2"})
    assert shown(api, lead_id) == {**dict.fromkeys(SHOWN), "company": "Bolt"}
    api.write("companies", {"externalCompanyId": "C1", "industry": "Glass"})
    assert shown(api, lead_id)["industry"] is None


def test_a_change_of_the_company_is_seen_on_all_of_its_leads_and_no_others(api: Api) -> None:
    api.company("C1", **ACME)
    api.company("C2", **ACME)
    mine = [api.create(externalCompanyId="C1") for _ in range(3)]
    others = [api.create(externalCompanyId="C2"), api.create(**ACME)]
    write(api, "C1", industry="Glass", billingCity=None)
    assert [shown(api, id) for id in mine] == [{**ACME, "industry": "Glass", "billingCity": None}] * 3
    assert [shown(api, id) for id in others] == [ACME] * 2


def test_what_a_lead_inherits_leaves_no_activity_and_moves_no_stamp(api: Api) -> None:
    api.company("C1", **ACME)
    lead_id = api.create(email=A, company="Own", externalCompanyId=None)
    token = api.since("2026-03-02T10:00:30Z")
    api.sandbox.clock.advance(60)
    api.sync({"email": A, "externalCompanyId": "C1"})
    write(api, "C1", industry="Glass")
    told, _ = api.feed("activities/leadchanges", token, fields="company,industry,externalCompanyId")
    assert [change["fields"][0]["name"] for change in told] == ["externalCompanyId"]
    api.sandbox.clock.advance(60)
    write(api, "C1", industry="Wood")
    assert api.lead(lead_id)["updatedAt"] == "2026-03-02T10:01:00Z"


def test_by_switch_activities_tell_what_leads_inherit(start: Start) -> None:
    api = start("company_changes_logged")
    api.company("C1", **ACME)
    ids = [api.create(externalCompanyId="C1"), api.create(externalCompanyId="C1")]
    api.sandbox.clock.advance(60)
    write(api, "C1", industry="Glass")
    told = api.activities(13, token=api.since("2026-03-02T10:00:30Z"))
    assert [activity["leadId"] for activity in told] == ids
    assert attributes(told[0])["Old Value"] == "Tools"
    assert attributes(told[0])["New Value"] == "Glass"
    assert api.lead(ids[0])["updatedAt"] == "2026-03-02T10:01:00Z"


def test_a_lead_of_an_unknown_company_or_owner_is_skipped(api: Api) -> None:
    for field in ("externalCompanyId", "externalSalesPersonId"):
        assert reason(api.sync({"email": A, field: "X"})[0]) == "1013"
    lead_id = api.create(email=B)
    for field in ("externalCompanyId", "externalSalesPersonId"):
        assert reason(api.sync({"email": B, field: "X", "title": "CTO"})[0]) == "1013"
    assert api.lead(lead_id, "title")["title"] is None
    assert api.ids("email", A) == []


def test_by_switch_a_lead_may_name_a_company_that_comes_later(start: Start) -> None:
    api = start("unknown_links_kept")
    lead_id = api.create(email=A, externalCompanyId="C1", externalSalesPersonId="S1")
    assert shown(api, lead_id) == dict.fromkeys(SHOWN)
    api.company("C1", **ACME)
    assert shown(api, lead_id) == ACME


def test_by_switch_a_lead_writes_its_company_and_so_all_its_colleagues(start: Start) -> None:
    api = start("leads_write_companies")
    api.company("C1", **ACME)
    one, other = api.create(email=A, externalCompanyId="C1"), api.create(email=B, externalCompanyId="C1")
    assert api.sync({"email": A, "industry": "Glass", "title": "CTO"})[0]["status"] == "updated"
    assert shown(api, one) == shown(api, other) == {**ACME, "industry": "Glass"}
    assert api.read("companies", "dedupeFields", "C1", fields="industry")[0]["industry"] == "Glass"
    assert [api.lead(id, "title")["title"] for id in (one, other)] == ["CTO", None]


def test_the_leads_of_a_deleted_company_have_none_and_show_none(api: Api) -> None:
    api.company("C1", **ACME)
    lead_id = api.create(email=A, externalCompanyId="C1")
    assert api.write("companies/delete", {"externalCompanyId": "C1"})[0]["status"] == "deleted"
    assert shown(api, lead_id) == dict.fromkeys(SHOWN)
    assert api.lead(lead_id, "externalCompanyId")["externalCompanyId"] is None
    assert api.sync({"email": A, "company": "Own"})[0]["status"] == "updated"


@pytest.mark.parametrize("holder", ["lead", "opportunity"])
def test_by_switch_a_company_in_use_cannot_be_deleted(start: Start, holder: str) -> None:
    api = start("in_use_stays")
    api.company("C1")
    if holder == "lead":
        api.create(externalCompanyId="C1")
    else:
        api.write("opportunities", {"externalOpportunityId": "O1", "name": "x", "externalCompanyId": "C1"})
    assert reason(api.write("companies/delete", {"externalCompanyId": "C1"})[0]) == "1022"
    assert len(api.read("companies", "dedupeFields", "C1")) == 1


def test_a_merged_lead_takes_a_company_as_a_whole(api: Api) -> None:
    api.company("C1", **ACME)
    winner, loser = api.create(email=A, company="Own", billingCity="Own"), api.create(email=B, externalCompanyId="C1")
    api.post(f"leads/{winner}/merge", leadId=loser)
    assert shown(api, winner) == ACME
    assert api.lead(winner, "externalCompanyId")["externalCompanyId"] == "C1"


def test_a_merged_lead_keeps_its_company_as_a_whole(api: Api) -> None:
    api.company("C1", company="Acme")
    winner, loser = api.create(email=A, externalCompanyId="C1"), api.create(email=B, industry="Own")
    api.post(f"leads/{winner}/merge", leadId=loser)
    assert shown(api, winner) == {**dict.fromkeys(SHOWN), "company": "Acme"}


def test_by_switch_keys_that_differ_in_case_are_two_companies(start: Start) -> None:
    api = start("exact_case")
    upper, lower = api.write("companies", {"externalCompanyId": "C1", "company": "Acme"}, {"externalCompanyId": "c1"})
    assert [upper["status"], lower["status"]] == ["created", "created"]
    assert [found["id"] for found in api.read("companies", "externalCompanyId", "c1")] == [lower["id"]]
    lead_id = api.create(externalCompanyId="c1")
    write(api, "C1", industry="Glass")
    assert shown(api, lead_id) == dict.fromkeys(SHOWN)
