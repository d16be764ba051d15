"""The demo organisation's custom objects, and what its people have to do with opportunities and events."""

from typing import Any

import pytest
import requests

from tests.sandbox.salesforce.api import Api, error
from tests.sandbox.salesforce.conftest import Start

REGISTRATION, BOOKING = "Event_Registration__c", "Session_Booking__c"
SPAN = {"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T10:05:00Z"}


def described(api: Api, object: str) -> dict[str, Any]:
    answer = api.get(f"sobjects/{object}/describe")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def fields_of(api: Api, object: str) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in described(api, object)["fields"]}


def children_of(api: Api, object: str) -> dict[tuple[str, str], tuple[str | None, bool]]:
    """Name and cascade of each relationship by child object and its field."""
    found = described(api, object)["childRelationships"]
    return {(one["childSObject"], one["field"]): (one["relationshipName"], one["cascadeDelete"]) for one in found}


def registered(api: Api, **values: Any) -> str:
    return api.create(REGISTRATION, **{"Name": "Summit", "Lead__c": api.lead(), **values})


def booked(api: Api, registration: str) -> str:
    return api.create(BOOKING, Name="Workshop", Registration__c=registration)


@pytest.mark.parametrize(
    ("object", "label", "prefix"), [(REGISTRATION, "Event Registration", "a01"), (BOOKING, "Session Booking", "a02")]
)
def test_a_custom_object_is_described_like_any_other(api: Api, object: str, label: str, prefix: str) -> None:
    found = described(api, object)
    assert (found["name"], found["label"], found["keyPrefix"]) == (object, label, prefix)
    assert found["custom"] is True
    assert found["customSetting"] is False
    flags = ("queryable", "retrieveable", "replicateable", "createable", "updateable", "deletable")
    assert all(found[flag] for flag in flags)
    listed = {one["name"]: one for one in api.get("sobjects").json()["sobjects"]}
    assert listed[object]["custom"] is True


def test_lookups_say_what_they_refer_to(api: Api) -> None:
    fields = fields_of(api, REGISTRATION)
    found = {name: (fields[name]["referenceTo"], fields[name]["relationshipName"]) for name in fields if "__c" in name}
    assert found["Lead__c"] == (["Lead"], "Lead__r")
    assert found["Contact__c"] == (["Contact"], "Contact__r")
    assert found["Account__c"] == (["Account"], "Account__r")
    assert fields["OwnerId"]["referenceTo"] == ["Group", "User"]
    assert "OwnerId" not in fields_of(api, BOOKING)


def test_a_detail_needs_its_master_and_keeps_it(api: Api) -> None:
    field = fields_of(api, BOOKING)["Registration__c"]
    assert (field["nillable"], field["createable"], field["updateable"], field["permissionable"]) == (
        False,
        True,
        False,
        False,
    )
    answer = api.post(f"sobjects/{BOOKING}", {"Name": "Workshop"})
    assert error(answer) == (400, "REQUIRED_FIELD_MISSING")


def test_parents_list_their_custom_children(api: Api) -> None:
    for object in ("Lead", "Contact", "Account"):
        assert children_of(api, object)[REGISTRATION, f"{object}__c"] == ("Event_Registrations__r", False)
    assert children_of(api, REGISTRATION) == {(BOOKING, "Registration__c"): ("Session_Bookings__r", True)}
    assert children_of(api, "Opportunity")["OpportunityContactRole", "OpportunityId"] == (
        "OpportunityContactRoles",
        True,
    )
    assert children_of(api, "Account")["Account", "ParentId"] == ("ChildAccounts", False)


def test_field_level_security_holds_for_custom_objects(api: Api) -> None:
    fields = fields_of(api, REGISTRATION)
    assert "Organiser_Note__c" not in fields
    assert (fields["Source_Code__c"]["createable"], fields["Source_Code__c"]["updateable"]) == (False, False)
    assert error(api.query(f"SELECT Organiser_Note__c FROM {REGISTRATION}")) == (400, "INVALID_FIELD")


def test_relationships_are_followed_both_ways(api: Api) -> None:
    lead = api.lead(LastName="Okafor")
    registration = registered(api, Lead__c=lead)
    booked(api, registration)
    (up,) = api.records(f"SELECT Registration__r.Name FROM {BOOKING}")
    assert up["Registration__r"]["Name"] == "Summit"
    (far,) = api.records(f"SELECT Registration__r.Lead__r.LastName FROM {BOOKING}")
    assert far["Registration__r"]["Lead__r"]["LastName"] == "Okafor"
    (down,) = api.records(f"SELECT Id, (SELECT Name FROM Event_Registrations__r) FROM Lead WHERE Id = '{lead}'")
    assert [one["Name"] for one in down["Event_Registrations__r"]["records"]] == ["Summit"]


def test_changes_and_deletions_are_replicated(api: Api) -> None:
    registration = registered(api)
    booking = booked(api, registration)
    api.sandbox.clock.advance(60)
    assert api.get(f"sobjects/{BOOKING}/updated/", params=SPAN).json()["ids"] == [booking]
    api.delete(f"sobjects/{REGISTRATION}/{registration}")
    api.sandbox.clock.advance(60)
    for object, id in ((REGISTRATION, registration), (BOOKING, booking)):
        found = api.get(f"sobjects/{object}/deleted/", params=SPAN).json()["deletedRecords"]
        assert [one["id"] for one in found] == [id]
        (row,) = api.records(f"SELECT Id, IsDeleted FROM {object}", "queryAll")
        assert row["IsDeleted"] is True
    api.org.edit("undelete", REGISTRATION, registration)
    assert api.read(BOOKING, booking)["Registration__c"] == registration


def test_what_hung_on_the_loser_of_a_merge_hangs_on_the_survivor(api: Api) -> None:
    master, loser = api.lead(), api.lead()
    registration = registered(api, Lead__c=loser)
    merge = (
        "<urn:merge><urn:request><urn:masterRecord><urn:type>Lead</urn:type>"
        f"<urn:Id>{master}</urn:Id></urn:masterRecord><urn:recordToMergeIds>{loser}</urn:recordToMergeIds>"
        "</urn:request></urn:merge>"
    )
    assert "<success>true</success>" in api.soap(merge).text
    assert api.read(REGISTRATION, registration)["Lead__c"] == master


def test_users_have_no_deletions(api: Api) -> None:
    fields = fields_of(api, "User")
    assert "IsDeleted" not in fields
    assert "MasterRecordId" not in fields
    found = described(api, "User")
    assert (found["deletable"], found["replicateable"]) == (False, True)
    user = api.records("SELECT Id FROM User LIMIT 1", "queryAll")[0]["Id"]
    assert error(api.delete(f"sobjects/User/{user}"))[1] == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_a_role_goes_with_its_opportunity(api: Api) -> None:
    deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}
    opportunity, contact = api.create("Opportunity", **deal), api.create("Contact", LastName="Roe")
    role = api.create("OpportunityContactRole", OpportunityId=opportunity, ContactId=contact, Role="Evaluator")
    api.delete(f"sobjects/Opportunity/{opportunity}")
    api.sandbox.clock.advance(120)
    found = api.get("sobjects/OpportunityContactRole/deleted/", params=SPAN).json()["deletedRecords"]
    assert [one["id"] for one in found] == [role]


def test_a_role_cannot_be_undeleted_by_itself(api: Api) -> None:
    assert described(api, "OpportunityContactRole")["undeletable"] is False
    assert described(api, "Opportunity")["undeletable"] is True
    deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}
    opportunity, contact = api.create("Opportunity", **deal), api.create("Contact", LastName="Roe")
    role = api.create("OpportunityContactRole", OpportunityId=opportunity, ContactId=contact)
    api.delete(f"sobjects/OpportunityContactRole/{role}")
    assert "UNDELETE_FAILED" in api.soap(f"<urn:undelete><urn:ids>{role}</urn:ids></urn:undelete>").text


@pytest.mark.parametrize(("quirks", "kept"), [((), 1), (("roles_skip_bin",), 0)])
def test_whether_a_deleted_role_stays_in_the_recycle_bin_is_a_switch(
    start: Start, quirks: tuple[str, ...], kept: int
) -> None:
    api = start(*quirks)
    deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}
    opportunity, contact = api.create("Opportunity", **deal), api.create("Contact", LastName="Roe")
    role = api.create("OpportunityContactRole", OpportunityId=opportunity, ContactId=contact)
    api.delete(f"sobjects/OpportunityContactRole/{role}")
    assert len(api.records("SELECT Id FROM OpportunityContactRole", "queryAll")) == kept
    api.sandbox.clock.advance(120)
    found = api.get("sobjects/OpportunityContactRole/deleted/", params=SPAN).json()["deletedRecords"]
    assert [one["id"] for one in found] == [role]


@pytest.mark.parametrize("wish", [{"type": "reference"}, {"type": "string", "reference_to": ["Lead"]}])
def test_a_reference_and_nothing_else_names_objects(api: Api, wish: dict[str, Any]) -> None:
    url = f"{api.url}/__sandbox__/salesforce/fields"
    body = {"object": BOOKING, "name": "Companion__c", **wish}
    assert requests.post(url, json=body, timeout=5).status_code == 400


def test_demo_people_have_opportunities_roles_and_registrations(start: Start) -> None:
    api = start(people=200)
    opportunities = {
        one["Id"]: one for one in api.records("SELECT Id, AccountId, StageName, IsWon, IsClosed FROM Opportunity")
    }
    roles = api.records("SELECT OpportunityId, ContactId, Contact.AccountId, IsPrimary FROM OpportunityContactRole")
    registrations = api.records(f"SELECT Id, Lead__c, Contact__c FROM {REGISTRATION}")
    bookings = api.records(f"SELECT Registration__c FROM {BOOKING}")
    assert all((opportunities, roles, registrations, bookings))
    assert all(one["IsWon"] is (one["StageName"] == "Closed Won") for one in opportunities.values())
    for role in roles:
        assert role["Contact"]["AccountId"] == opportunities[role["OpportunityId"]]["AccountId"]
    assert sorted(one["OpportunityId"] for one in roles if one["IsPrimary"]) == sorted(opportunities)
    assert len(roles) > len(opportunities)
    assert all((one["Lead__c"] is None) != (one["Contact__c"] is None) for one in registrations)
    assert {one["Registration__c"] for one in bookings} < {one["Id"] for one in registrations}
