"""Opportunities and the roles that tie leads to them."""

from typing import Any

import pytest

from tests.sandbox.marketo.api import Api, code, reason
from tests.sandbox.marketo.conftest import Start

O1 = {"externalOpportunityId": "O1", "name": "Chairs"}
ROLE = {"externalOpportunityId": "O1", "leadId": 1, "role": "Buyer"}


def write(api: Api, **values: Any) -> Any:
    return api.write("opportunities", {**O1, **values})[0]


def read(api: Api, *fields: str) -> Any:
    (found,) = api.read("opportunities", "externalOpportunityId", "O1", fields=",".join(fields))
    return {name: found[name] for name in fields}


def test_an_opportunity_holds_values_of_every_type(api: Api) -> None:
    values = {
        "description": "A hundred chairs",
        "amount": 1604.47,
        "closeDate": "2026-06-30",
        "externalCreatedDate": "2026-01-02T03:04:05Z",
        "isWon": True,
        "probability": 80,
        "quantity": 2.5,
        "stage": "Proposal",
        "type": "New",
    }
    write(api, **values)
    assert read(api, *values) == values


def test_an_amount_may_be_written_as_text_and_an_empty_boolean_is_false(api: Api) -> None:
    write(api, amount="1604.47", isWon=None)
    assert read(api, "amount", "isWon", "isClosed", "stage") == {
        "amount": 1604.47,
        "isWon": False,
        "isClosed": False,
        "stage": None,
    }


@pytest.mark.parametrize("name", [None, ""])
def test_an_opportunity_needs_a_name_for_good(api: Api, name: str | None) -> None:
    assert reason(api.write("opportunities", {"externalOpportunityId": "O1"})[0]) == "1003"
    assert reason(write(api, name=name)) == "1003"
    write(api)
    assert reason(write(api, name=name, stage="Lost")) == "1003"
    assert api.write("opportunities", {"externalOpportunityId": "O1", "stage": "Won"})[0]["status"] == "updated"
    assert read(api, "name", "stage") == {"name": "Chairs", "stage": "Won"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", "lots"), ("closeDate", "soon"), ("probability", 12.5), ("description", "x" * 2001), ("isWon", "maybe")],
)
def test_a_value_that_does_not_fit_skips_the_record(api: Api, field: str, value: Any) -> None:
    item = write(api, **{field: value})
    assert item["reasons"] == [{"code": "1003", "message": f"Invalid value for field '{field}' and value '{value}'"}]


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("externalSalesPersonId", "ExternalSalesPersonID not found"),
        ("externalCompanyId", "ExternalCompanyID not found"),
    ],
)
def test_one_unknown_parent_fails_the_whole_call(api: Api, link: str, message: str) -> None:
    records = [{"externalOpportunityId": "O2", "name": "Tables"}, {**O1, link: "X"}]
    reply = api.post("opportunities", {"input": records})
    assert code(reply) == "718"
    assert reply["errors"][0]["message"] == message
    assert api.read("opportunities", "dedupeFields", "O1", "O2") == []


def test_by_switch_an_unknown_parent_skips_its_record_only(start: Start) -> None:
    api = start("unknown_parent_per_record")
    records = [{"externalOpportunityId": "O2", "name": "Tables"}, {**O1, "externalSalesPersonId": "X"}]
    good, bad = api.write("opportunities", *records)
    assert good["status"] == "created"
    assert (bad["seq"], reason(bad)) == (1, "718")


def test_an_opportunity_belongs_to_a_company_and_an_owner(api: Api) -> None:
    api.company("C1")
    api.write("salespersons", {"externalSalesPersonId": "S1"})
    links = {"externalCompanyId": "C1", "externalSalesPersonId": "S1"}
    assert write(api, **links)["status"] == "created"
    assert read(api, *links) == links
    write(api, externalCompanyId=None)
    assert read(api, *links) == {**links, "externalCompanyId": None}


def test_a_parent_that_is_gone_is_unknown_when_it_is_named_again(api: Api) -> None:
    api.company("C1")
    write(api, externalCompanyId="C1")
    api.write("companies/delete", {"externalCompanyId": "C1"})
    assert write(api, stage="Won")["status"] == "updated"
    assert code(api.post("opportunities", {"input": [{**O1, "externalCompanyId": "C1"}]})) == "718"
    assert read(api, "externalCompanyId", "stage") == {"externalCompanyId": "C1", "stage": "Won"}


def test_opportunity_fields_are_told_to_the_schema_too(api: Api) -> None:
    (told,) = api.get("opportunities/schema/fields/externalOpportunityId")["result"]
    assert (told["displayName"], told["dataType"], told["length"]) == ("SFDC Oppty Id", "string", 50)
    names = {field["name"] for field in api.get("opportunities/schema/fields")["result"]}
    assert {"name", "description", "type", "stage", "amount"} <= names


def test_what_outlives_a_deleted_opportunity_is_its_roles(api: Api) -> None:
    write(api)
    api.create(email="a@example.com")
    api.write("opportunities/roles", ROLE)
    api.write("opportunities/delete", {"externalOpportunityId": "O1"})
    assert len(api.read("opportunities/roles", "externalOpportunityId", "O1")) == 1


def test_by_switch_roles_go_with_their_opportunity_and_their_lead(start: Start) -> None:
    api = start("orphans_deleted")
    write(api)
    api.write("opportunities", {"externalOpportunityId": "O2", "name": "Tables"})
    first, second, third = api.create(), api.create(), api.create()
    links = [("O1", first), ("O2", first), ("O2", second), ("O2", third)]
    api.write(
        "opportunities/roles", *({**ROLE, "externalOpportunityId": key, "leadId": lead_id} for key, lead_id in links)
    )
    api.write("opportunities/delete", {"externalOpportunityId": "O1"})
    api.post("leads/delete", {"input": [{"id": second}]})
    api.post(f"leads/{first}/merge", leadId=third)
    left = api.read("opportunities/roles", "externalOpportunityId", "O1", "O2")
    assert [(role["externalOpportunityId"], role["leadId"]) for role in left] == [("O2", first)]


def test_by_switch_an_opportunity_with_roles_cannot_be_deleted(start: Start) -> None:
    api = start("in_use_stays")
    write(api)
    api.create()
    api.write("opportunities/roles", ROLE)
    assert reason(api.write("opportunities/delete", {"externalOpportunityId": "O1"})[0]) == "1022"
    api.write("opportunities/roles/delete", ROLE)
    assert api.write("opportunities/delete", {"externalOpportunityId": "O1"})[0]["status"] == "deleted"


def test_a_role_needs_a_lead_and_an_opportunity_that_exist(api: Api) -> None:
    write(api)
    lead_id = api.create()
    no_lead, no_opportunity, good = api.write(
        "opportunities/roles",
        {**ROLE, "leadId": 99},
        {**ROLE, "leadId": lead_id, "externalOpportunityId": "O9"},
        {**ROLE, "leadId": lead_id},
    )
    assert (reason(no_lead), reason(no_opportunity), good["status"]) == ("1004", "1013", "created")


def test_a_role_is_found_by_each_of_its_links(api: Api) -> None:
    write(api)
    api.write("opportunities", {"externalOpportunityId": "O2", "name": "Tables"})
    first, second = api.create(), api.create()
    links = [("O1", first, "Buyer"), ("O1", first, "User"), ("O1", second, "Buyer"), ("O2", first, "Buyer")]
    keys = [dict(zip(("externalOpportunityId", "leadId", "role"), link, strict=True)) for link in links]
    ids = [item["marketoGUID"] for item in api.write("opportunities/roles", *keys)]
    for key, value, places in (
        ("leadId", first, [0, 1, 3]),
        ("externalOpportunityId", "O1", [0, 1, 2]),
        ("marketoGUID", ids[2], [2]),
    ):
        found = api.read("opportunities/roles", key, value)
        assert [role["marketoGUID"] for role in found] == [ids[place] for place in places]


def test_a_compound_key_takes_a_body(api: Api) -> None:
    assert code(api.get("opportunities/roles", filterType="dedupeFields", filterValues="O1")) == "1003"
    partial = {"filterType": "dedupeFields", "input": [{"externalOpportunityId": "O1", "leadId": 1}]}
    assert code(api.post("opportunities/roles", partial, _method="GET")) == "1003"


def test_the_guides_own_spelling_of_the_id_is_taken(api: Api) -> None:
    write(api)
    api.create()
    api.write("opportunities/roles", {**ROLE, "isPrimary": True})
    body = {"filterType": "dedupeFields", "fields": ["marketoGuid", "isPrimary"], "input": [ROLE]}
    (role,) = api.post("opportunities/roles", body, _method="GET")["result"]
    assert set(role) == {"seq", "marketoGUID", "isPrimary"}
    assert role["isPrimary"] is True
