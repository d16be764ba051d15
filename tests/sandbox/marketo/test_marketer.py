"""Edits that are made in Marketo itself, and the records as Marketo holds them."""

from typing import Any

import pytest

from tests.sandbox.marketo.api import Api
from tests.sandbox.marketo.conftest import Start
from tests.sandbox.marketo.customs import approved


def test_a_marketers_edit_is_seen_by_the_api_and_on_the_leads(api: Api) -> None:
    id = api.company("C1", company="Acme", industry="Tools")
    lead_id = api.create(externalCompanyId="C1")
    api.sandbox.clock.advance(60)
    assert api.marketo.edit("update", "company", id, industry="Glass") == id
    assert api.read("companies", "id", id, fields="industry,updatedAt") == [
        {"id": id, "industry": "Glass", "updatedAt": "2026-03-02T10:01:00Z"}
    ]
    assert api.lead(lead_id, "industry")["industry"] == "Glass"


def test_records_are_created_and_deleted_over_http(api: Api) -> None:
    edit = {"kind": "create", "object": "opportunity", "values": {"externalOpportunityId": "O1", "name": "Chairs"}}
    id = api.control("edits", edit).json()["id"]
    assert [found["marketoGUID"] for found in api.read("opportunities", "dedupeFields", "O1")] == [id]
    url = f"{api.sandbox.marketo_url}/__sandbox__/marketo/rows"
    (row,) = api.session.get(url, params={"object": "opportunity"}).json()["rows"]
    assert (row["name"], row["isWon"], row["stage"]) == ("Chairs", False, None)
    api.control("edits", {"kind": "delete", "object": "opportunity", "id": id})
    assert api.session.get(url, params={"object": "opportunity"}).json() == {"rows": []}


def test_rows_hold_every_field_of_every_record(api: Api) -> None:
    approved(api)
    api.write("customobjects/car", {"vin": "V1", "year": 2003}, {"vin": "V2"})
    described = [field["name"] for field in api.get("customobjects/car/describe")["result"][0]["fields"]]
    rows = api.marketo.rows("car")
    assert [list(row) for row in rows] == [described] * 2
    assert [(row["vin"], row["year"]) for row in rows] == [("V1", 2003), ("V2", None)]
    assert api.marketo.rows("salesPerson") == []


def test_a_marketer_is_not_bound_by_what_the_api_refuses(start: Start) -> None:
    api = start("native_sync")
    id = api.marketo.edit("create", "company", externalCompanyId="C1", company="Acme")
    assert api.read("companies", "id", id, fields="company") == [{"id": id, "company": "Acme"}]


@pytest.mark.parametrize(
    "edit",
    [
        {"kind": "replace", "object": "company", "id": 1},
        {"kind": "update", "object": "planet", "id": 1},
        {"kind": "update", "object": "company", "id": 99},
        {"kind": "create", "object": "company", "values": {"nothing": 1}},
        {"kind": "create", "object": "company", "values": {"numberOfEmployees": "many"}},
        {"kind": "create", "object": "opportunity", "values": {"externalCompanyId": "C9"}},
        {"object": "company"},
    ],
)
def test_an_edit_that_makes_no_sense_is_an_error(api: Api, edit: dict[str, Any]) -> None:
    reply = api.control("edits", edit)
    assert (reply.status_code, list(reply.json())) == (400, ["error"])
    assert api.marketo.rows("company") == []


def test_not_even_a_marketer_makes_two_records_of_one_key(api: Api) -> None:
    api.company("C1")
    reply = api.control("edits", {"kind": "create", "object": "company", "values": {"externalCompanyId": "c1"}})
    assert reply.status_code == 400
    nameless = {"kind": "create", "object": "company", "values": {"company": "Acme"}}
    assert [api.control("edits", nameless).status_code for _ in range(2)] == [200, 200]
    assert [row["externalCompanyId"] for row in api.marketo.rows("company")] == ["C1", None, None]


def test_an_edit_counts_as_no_call(api: Api) -> None:
    before = api.get("stats/usage")["result"][0]["total"]
    api.marketo.edit("create", "company", externalCompanyId="C1")
    api.control("edits", {"kind": "create", "object": "company", "values": {"externalCompanyId": "C2"}})
    assert api.get("stats/usage")["result"][0]["total"] == before + 1


def test_an_admin_adds_fields_that_the_api_then_knows(api: Api) -> None:
    id = api.company("C1")
    reply = api.control("fields", {"object": "company", "name": "crmTier", "type": "string"})
    assert reply.json() == {}
    api.marketo.add_field("opportunity", "seats", "integer")
    assert api.write("companies", {"externalCompanyId": "C1", "crmTier": "Gold"})[0]["status"] == "updated"
    assert api.read("companies", "id", id, fields="crmTier") == [{"id": id, "crmTier": "Gold"}]
    (told,) = api.get("companies/schema/fields/crmTier")["result"]
    assert (told["displayName"], told["length"], told["isCustom"]) == ("Crm Tier", 255, True)
    searchable = api.get("opportunities/describe")["result"][0]["searchableFields"]
    assert searchable == [["externalOpportunityId"], ["marketoGUID"], ["seats"]]
    api.write("opportunities", {"externalOpportunityId": "O1", "name": "x", "seats": 4})
    assert len(api.read("opportunities", "seats", 4)) == 1


@pytest.mark.parametrize(
    "field",
    [
        {"object": "company", "name": "industry"},
        {"object": "company", "name": "a b"},
        {"object": "company", "name": "good", "type": "link"},
        {"object": "planet", "name": "good"},
    ],
)
def test_a_field_that_cannot_be_added_is_an_error(api: Api, field: dict[str, str]) -> None:
    assert api.control("fields", field).status_code == 400


def test_permissions_are_taken_and_given_over_http(api: Api) -> None:
    api.control("permissions", {"revoke": ["Read-Only Company", "Read-Write Company"]})
    assert api.get("companies/describe")["errors"][0]["code"] == "603"
    api.control("permissions", {"grant": ["Read-Only Company"]})
    assert api.get("companies/describe")["success"]
    assert api.control("permissions", {"revoke": ["Everything"]}).status_code == 400
    assert api.control("nothing", {}).status_code == 404
