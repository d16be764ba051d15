"""The SOAP endpoint: conversion, merge, undeletion, and what is refused."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.sandbox.salesforce.api import Api, error
from tests.sandbox.salesforce.conftest import Start

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def results(api: Api, operation: str, headers: str = "") -> list[dict[str, Any]]:
    """One dictionary per result; errors as the dictionary under `errors`."""
    answer = api.soap(operation, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/xml")
    body = ElementTree.fromstring(answer.content)[1][0]
    return [_content(result) for result in body]


def _content(element: ElementTree.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element:
        name = child.tag.rpartition("}")[2]
        value = _content(child) if len(child) else None if child.get(NIL) else child.text
        found[name] = [*found.get(name, []), value] if name in ("mergedRecordIds", "updatedRelatedIds") else value
    return found


def convert(api: Api, lead: str, headers: str = "", **more: Any) -> dict[str, Any]:
    arguments = {"convertedStatus": "Closed - Converted", **more, "leadId": lead}
    inner = "".join(
        f"<urn:{name}>{str(value).lower() if isinstance(value, bool) else value}</urn:{name}>"
        for name, value in arguments.items()
        if value is not None
    )
    (result,) = results(
        api, f"<urn:convertLead><urn:leadConverts>{inner}</urn:leadConverts></urn:convertLead>", headers
    )
    return result


FULL = {"FirstName": "Ann", "Email": "a@b.co", "City": "Berlin", "Title": "CTO", "Customer_Tier__c": "Gold"}


class TestConversion:
    def test_makes_account_contact_and_opportunity_and_keeps_the_lead(self, api: Api) -> None:
        lead = api.lead(**FULL)
        api.sandbox.clock.advance(60)
        made = convert(api, lead)
        assert (made["success"], made["leadId"]) == ("true", lead)
        account, contact = api.read("Account", made["accountId"]), api.read("Contact", made["contactId"])
        opportunity = api.read("Opportunity", made["opportunityId"])
        assert (account["Name"], account["BillingCity"]) == ("Acme", "Berlin")
        assert (contact["AccountId"], contact["MailingCity"], contact["Email"]) == (account["Id"], "Berlin", "a@b.co")
        assert (contact["Title"], contact["Customer_Tier__c"]) == ("CTO", "Gold")
        assert (opportunity["Name"], opportunity["AccountId"]) == ("Acme", account["Id"])
        assert opportunity["CloseDate"] == "2026-03-31"
        (role,) = api.records("SELECT ContactId, OpportunityId FROM OpportunityContactRole")
        assert (role["ContactId"], role["OpportunityId"]) == (contact["Id"], opportunity["Id"])
        after = api.read("Lead", lead)
        assert (after["IsConverted"], after["ConvertedDate"]) == (True, "2026-03-02")
        assert after["Status"] == "Closed - Converted"
        assert after["ConvertedContactId"] == contact["Id"]
        assert after["SystemModstamp"] == "2026-03-02T10:01:00.000+0000"

    def test_a_converted_lead_cannot_be_edited_or_converted_again(self, api: Api) -> None:
        lead = api.lead()
        convert(api, lead)
        answer = api.patch(f"sobjects/Lead/{lead}", {"Title": "x"})
        assert answer.json() == [
            {"message": "cannot reference converted lead", "errorCode": "CANNOT_UPDATE_CONVERTED_LEAD", "fields": []}
        ]
        again = convert(api, lead)
        assert (again["success"], again["contactId"]) == ("false", None)
        assert again["errors"]["statusCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"
        api.control("settings", edit_converted_leads=True)
        assert api.patch(f"sobjects/Lead/{lead}", {"Title": "x"}).status_code == 204

    def test_into_an_existing_contact_fills_only_what_is_empty(self, api: Api) -> None:
        account = api.create("Account", Name="Known")
        contact = api.create("Contact", LastName="Old", Title="CEO", LeadSource="Web", AccountId=account)
        lead = api.lead(**FULL, LeadSource="Other")
        made = convert(api, lead, accountId=account, contactId=contact, doNotCreateOpportunity=True)
        assert (made["accountId"], made["contactId"], made["opportunityId"]) == (account, contact, None)
        record = api.read("Contact", contact)
        assert (record["LastName"], record["Title"], record["LeadSource"]) == ("Old", "CEO", "Web")
        assert (record["Email"], record["MailingCity"]) == ("a@b.co", "Berlin")
        assert api.records("SELECT Id FROM Opportunity") == []

    def test_overwrites_the_lead_source_if_asked(self, api: Api) -> None:
        account = api.create("Account", Name="Known")
        contact = api.create("Contact", LastName="Old", LeadSource="Web", AccountId=account)
        convert(api, api.lead(LeadSource="Other"), accountId=account, contactId=contact, overwriteLeadSource=True)
        assert api.read("Contact", contact)["LeadSource"] == "Other"

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ({"convertedStatus": "Nope"}, "INVALID_STATUS"),
            ({"convertedStatus": "Open - Not Contacted"}, "INVALID_STATUS"),
            ({"convertedStatus": None}, "INVALID_STATUS"),
            ({"accountId": "0015g00000zzzzz"}, "INVALID_CROSS_REFERENCE_KEY"),
            ({"accountId": "0035g00000zzzzz"}, "MALFORMED_ID"),
            ({"contactId": "0035g00000zzzzz"}, "REQUIRED_FIELD_MISSING"),
            ({"opportunityName": "x", "doNotCreateOpportunity": True}, "INVALID_FIELD"),
            ({"opportunityName": "x" * 81}, "STRING_TOO_LONG"),
        ],
    )
    def test_refusals_change_nothing(self, api: Api, arguments: dict[str, Any], code: str) -> None:
        lead = api.lead()
        refused = convert(api, lead, **arguments)
        assert (refused["success"], refused["leadId"]) == ("false", lead)
        assert refused["errors"]["statusCode"] == code
        assert api.read("Lead", lead)["IsConverted"] is False
        assert api.records("SELECT Id FROM Account") == []

    def test_converting_takes_a_permission_and_edit_access_to_all_it_makes(self, api: Api) -> None:
        lead = api.lead()
        api.control("access", object="Opportunity", field=None, access="read")
        assert convert(api, lead)["errors"]["statusCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
        api.control("settings", convert_leads=False)
        refused = convert(api, lead, doNotCreateOpportunity=True)
        assert refused["errors"]["statusCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
        api.control("settings", convert_leads=True)
        assert convert(api, lead, doNotCreateOpportunity=True)["success"] == "true"

    def test_a_contact_rule_stops_it_and_what_was_made_before_is_undone(self, api: Api) -> None:
        refused = convert(api, api.lead(Title="x"))
        assert refused["errors"]["statusCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
        assert api.records("SELECT Id FROM Account") == []

    def test_a_lead_owned_by_a_queue_needs_an_owner(self, api: Api) -> None:
        lead = api.lead(OwnerId=api.org.users["queue"])
        assert convert(api, lead)["success"] == "false"
        made = convert(api, lead, ownerId=api.org.users["admin_user"])
        assert api.read("Contact", made["contactId"])["OwnerId"] == api.org.users["admin_user"]

    def test_over_long_text_is_cut_only_if_allowed(self, api: Api) -> None:
        api.control("fields", object="Contact", name="Nick__c", length=5, access="edit")
        api.control("fields", object="Lead", name="Nick__c", length=20, access="edit")
        lead = api.lead(Nick__c="longer than five")
        assert convert(api, lead)["errors"]["statusCode"] == "STRING_TOO_LONG"
        header = "<urn:AllowFieldTruncationHeader><urn:allowFieldTruncation>true</urn:allowFieldTruncation>"
        made = convert(api, lead, header + "</urn:AllowFieldTruncationHeader>")
        assert api.read("Contact", made["contactId"])["Nick__c"] == "longe"

    def test_at_most_a_hundred_per_call(self, api: Api) -> None:
        many = "<urn:leadConverts><urn:leadId>x</urn:leadId></urn:leadConverts>" * 101
        answer = api.soap(f"<urn:convertLead>{many}</urn:convertLead>")
        assert answer.status_code == 500
        assert "EXCEEDED_LEAD_CONVERT_LIMIT" in answer.text

    def test_whether_it_moves_last_modified_is_a_switch(self, start: Start) -> None:
        api = start("convert_keeps_modified")
        lead = api.lead()
        api.sandbox.clock.advance(60)
        convert(api, lead)
        record = api.read("Lead", lead)
        assert record["LastModifiedDate"] == "2026-03-02T10:00:00.000+0000"
        assert record["SystemModstamp"] == "2026-03-02T10:01:00.000+0000"


def merge(api: Api, type: str, master: str, *losers: str, fields: str = "") -> dict[str, Any]:
    gone = "".join(f"<urn:recordToMergeIds>{id}</urn:recordToMergeIds>" for id in losers)
    record = f"<urn:masterRecord><type>{type}</type><Id>{master}</Id>{fields}</urn:masterRecord>"
    (result,) = results(api, f"<urn:merge><urn:request>{record}{gone}</urn:request></urn:merge>")
    return result


class TestMerge:
    def test_deletes_the_losers_and_remembers_the_survivor(self, api: Api) -> None:
        master, first, second = api.lead(), api.lead(), api.lead()
        merged = merge(api, "Lead", master, first, second, fields="<Title>CTO</Title>")
        assert (merged["success"], merged["mergedRecordIds"]) == ("true", [first, second])
        assert api.read("Lead", master)["Title"] == "CTO"
        soql = "SELECT Id, MasterRecordId FROM Lead WHERE IsDeleted = true AND MasterRecordId != null ORDER BY Id"
        found = [(row["Id"], row["MasterRecordId"]) for row in api.records(soql, "queryAll")]
        assert found == [(first, master), (second, master)]
        params = {"start": "2026-03-02T09:00:00Z", "end": "2026-03-02T10:00:00Z"}
        gone = api.get("sobjects/Lead/deleted", params=params).json()["deletedRecords"]
        assert {row["id"] for row in gone} == {first, second}

    def test_moves_the_children_to_the_survivor(self, api: Api) -> None:
        master, loser = api.create("Account", Name="A"), api.create("Account", Name="B")
        contact = api.create("Contact", LastName="Roe", AccountId=loser)
        api.sandbox.clock.advance(60)
        merged = merge(api, "Account", master, loser)
        assert merged["updatedRelatedIds"] == [contact]
        record = api.read("Contact", contact)
        assert (record["AccountId"], record["SystemModstamp"]) == (master, "2026-03-02T10:01:00.000+0000")

    def test_takes_one_or_two_losers_of_the_same_kind(self, api: Api) -> None:
        leads = [api.lead() for _ in range(4)]
        assert merge(api, "Lead", *leads)["success"] == "false"
        assert merge(api, "Lead", leads[0], leads[0])["success"] == "false"
        contact = api.create("Contact", LastName="Roe")
        assert merge(api, "Lead", leads[0], contact)["errors"]["statusCode"] == "MALFORMED_ID"
        assert merge(api, "Opportunity", leads[0], leads[1])["errors"]["statusCode"] == "INVALID_TYPE"


def test_undelete_brings_a_record_back_under_its_id(api: Api) -> None:
    id = api.lead()
    api.delete(f"sobjects/Lead/{id}")
    api.sandbox.clock.advance(60)
    (back,) = results(api, f"<urn:undelete><urn:ids>{id}</urn:ids></urn:undelete>")
    assert back == {"id": id, "success": "true"}
    record = api.read("Lead", id)
    assert (record["IsDeleted"], record["SystemModstamp"]) == (False, "2026-03-02T10:01:00.000+0000")
    (again,) = results(api, f"<urn:undelete><urn:ids>{id}</urn:ids></urn:undelete>")
    assert again["errors"]["statusCode"] == "UNDELETE_FAILED"


def test_the_server_tells_its_time_and_who_is_asking(api: Api) -> None:
    (time,) = results(api, "<urn:getServerTimestamp/>")
    assert time["timestamp"] == "2026-03-02T10:00:00.000Z"
    (user,) = results(api, "<urn:getUserInfo/>")
    assert (user["userId"], user["userName"]) == (api.org.users["sync_user"], "mksync@sandbox.example")


def test_an_expired_session_is_a_fault_with_literal_bytes(api: Api) -> None:
    answer = api.soap("<urn:getUserInfo/>", session="00D5g0000000001!gone")
    assert answer.status_code == 500
    assert "<faultcode>sf:INVALID_SESSION_ID</faultcode>" in answer.text
    assert "<sf:exceptionCode>INVALID_SESSION_ID</sf:exceptionCode>" in answer.text


def test_an_unknown_operation_is_a_fault(api: Api) -> None:
    answer = api.soap("<urn:login/>")
    assert answer.status_code == 500
    assert "INVALID_OPERATION" in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e "boom">]><x>&e;</x>'.encode("utf-16"),
        b"not xml",
        b"",
    ],
)
def test_document_types_and_garbage_are_refused_unread(api: Api, body: bytes) -> None:
    answer = api.http.post(f"{api.url}/services/Soap/u/67.0", data=body, headers={"Content-Type": "text/xml"})
    assert answer.status_code == 500
    assert re.search("<faultcode>sf:(INVALID_OPERATION|UNKNOWN_EXCEPTION)</faultcode>", answer.text)
    assert "root:" not in answer.text


def test_text_from_records_is_escaped(api: Api) -> None:
    refused = convert(api, api.lead(), convertedStatus="&lt;b&gt;&amp;")
    assert refused["errors"]["message"] == "invalid convertedStatus: <b>&"


def test_soap_calls_count_and_can_meet_faults(api: Api) -> None:
    api.fault("token_expired", path="Soap")
    assert "<faultcode>sf:INVALID_SESSION_ID</faultcode>" in api.soap("<urn:getUserInfo/>").text
    api.fault("row_lock", path="Soap")
    lead = api.lead()
    assert convert(api, lead)["errors"]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert convert(api, lead)["success"] == "true"
    assert error(api.get("sobjects/Lead/none"))[0] == 404
