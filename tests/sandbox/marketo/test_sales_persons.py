"""Sales persons: who owns leads, companies and opportunities."""

import pytest

from tests.sandbox.marketo.api import Api, reason
from tests.sandbox.marketo.conftest import Start

SAM = {"externalSalesPersonId": "S1", "email": "sam@example.com", "firstName": "Sam", "lastName": "Sanosin"}
KEY = {"externalSalesPersonId": "S1"}


def test_a_query_without_fields_gives_all_that_has_a_value(api: Api) -> None:
    api.write("salespersons", SAM)
    stamps = {"createdAt": "2026-03-02T10:00:00Z", "updatedAt": "2026-03-02T10:00:00Z"}
    assert api.read("salespersons", "email", "sam@example.com") == [{"id": 1, **SAM, **stamps}]
    assert api.read("salespersons", "id", 1, fields="lastName,title") == [
        {"id": 1, "lastName": "Sanosin", "title": None}
    ]


def test_the_email_stays_as_it_was_created(api: Api) -> None:
    api.write("salespersons", SAM)
    assert api.write("salespersons", {**SAM, "firstName": "Samuel"})[0]["status"] == "updated"
    assert reason(api.write("salespersons", {**SAM, "email": "new@example.com", "firstName": "X"})[0]) == "1006"
    assert api.read("salespersons", "id", 1, fields="email,firstName") == [
        {"id": 1, "email": "sam@example.com", "firstName": "Samuel"}
    ]


def test_by_switch_a_new_email_is_passed_over(start: Start) -> None:
    api = start("frozen_ignored")
    api.write("salespersons", SAM)
    assert api.write("salespersons", {**SAM, "email": "new@example.com"})[0]["status"] == "updated"
    assert api.read("salespersons", "id", 1, fields="email")[0]["email"] == "sam@example.com"


def test_an_owner_of_leads_cannot_be_deleted_until_they_are_given_away(api: Api) -> None:
    api.write("salespersons", SAM)
    lead_id = api.create(email="a@example.com", externalSalesPersonId="S1")
    assert api.lead(lead_id, "externalSalesPersonId")["externalSalesPersonId"] == "S1"
    assert reason(api.write("salespersons/delete", KEY)[0]) == "1022"
    api.sync({"email": "a@example.com", "externalSalesPersonId": None})
    assert api.write("salespersons/delete", KEY) == [{"seq": 0, "id": 1, "status": "deleted"}]


def test_who_had_a_company_that_was_deleted_stays(api: Api) -> None:
    api.write("salespersons", SAM)
    api.company("C1", externalSalesPersonId="S1")
    api.write("companies/delete", {"externalCompanyId": "C1"})
    assert reason(api.write("salespersons/delete", KEY)[0]) == "1022"
    assert len(api.read("salespersons", "id", 1)) == 1


@pytest.mark.parametrize(("quirks", "expected"), [((), "deleted"), (("in_use_stays",), "skipped")])
@pytest.mark.parametrize("holder", ["companies", "opportunities"])
def test_only_by_switch_companies_and_opportunities_hold_on_to_their_owner(
    start: Start, quirks: tuple[str, ...], expected: str, holder: str
) -> None:
    api = start(*quirks)
    api.write("salespersons", SAM)
    keys = {"companies": {"externalCompanyId": "C1"}, "opportunities": {"externalOpportunityId": "O1", "name": "x"}}
    api.write(holder, {**keys[holder], **KEY})
    assert api.write("salespersons/delete", KEY)[0]["status"] == expected
