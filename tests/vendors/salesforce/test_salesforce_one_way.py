"""Objects that are only read: what describe tells of them, reading by id or key, what became of a record."""

from typing import Any

import pytest

from mksync.core.records import FieldType, Gone, Record, Ref, Write
from mksync.errors import AccessError, ConfigError
from mksync.ports import Unavailable
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.salesforce.scripted_org import (
    LEAD,
    OTHER_FIELDS,
    USER,
    Asked,
    Org,
    described,
    error,
    lead,
    page,
    row,
    wire_field,
)

ACCOUNT = "0015g00000QqRrSAAV"
ACCOUNT_B = "0015g00000QqRrTAAV"
OPPORTUNITY = "0065g00000AbCdEAAV"
VISIT = "a015g00000AbCdEAAV"
QUEUE = "00G5g000000AbCdEAK"
STAMP = "2026-01-31T09:15:00Z"

SOBJECTS = {
    "account": "Account",
    "user": "User",
    "opportunity": "Opportunity",
    "role": "OpportunityContactRole",
    "Visit__c": "Visit__c",
}
EACH = pytest.mark.parametrize(("object", "sobject"), SOBJECTS.items(), ids=SOBJECTS)


@EACH
def test_it_is_described_under_mksyncs_name(port: SalesforcePort, object: str, sobject: str) -> None:
    schema = port.describe(object)
    assert (schema.object, schema.label) == (object, sobject)
    assert schema.fields.keys() == {field["name"] for field in OTHER_FIELDS[sobject]}


@pytest.mark.parametrize(
    ("object", "field", "references"),
    [
        ("contact", "AccountId", ("account",)),
        ("account", "OwnerId", ("user",)),
        ("account", "MasterRecordId", ("account",)),
        ("opportunity", "AccountId", ("account",)),
        ("role", "OpportunityId", ("opportunity",)),
        ("role", "ContactId", ("contact",)),
        ("Visit__c", "Lead__c", ("lead",)),
        ("Stop__c", "Visit__c", ("Visit__c",)),
        ("opportunity", "Amount", ()),
    ],
)
def test_a_reference_tells_what_it_refers_to_in_mksyncs_words(
    port: SalesforcePort, object: str, field: str, references: tuple[str, ...]
) -> None:
    assert port.describe(object).fields[field].references == references


def test_objects_that_mksync_does_not_know_are_left_out_of_references(org: Org, port: SalesforcePort) -> None:
    fields = [
        wire_field("OwnerId", "reference", referenceTo=["Group", "User"]),
        wire_field("CampaignId", "reference", referenceTo=["Campaign"]),
    ]
    org.on("GET", "/sobjects/Lead/describe", described("Lead", fields))
    found = port.describe("lead").fields
    assert found["OwnerId"].references == ("user",)
    assert found["CampaignId"].references == ()
    assert found["CampaignId"].type is FieldType.REFERENCE


def test_check_boxes_about_a_users_screen_are_not_described(org: Org, port: SalesforcePort) -> None:
    settings = [wire_field(name, "boolean") for name in ("UserPreferencesHideBiggerPhotoCallout", "IsActive")]
    org.on("GET", "/sobjects/User/describe", described("User", [*OTHER_FIELDS["User"], *settings]))
    fields = port.describe("user").fields
    assert "IsActive" in fields
    assert "UserPreferencesHideBiggerPhotoCallout" not in fields


@EACH
def test_an_object_that_is_hidden_is_unavailable(org: Org, port: SalesforcePort, object: str, sobject: str) -> None:
    org.on("GET", f"/sobjects/{sobject}/describe", error("NOT_FOUND", "The requested resource does not exist"), 404)
    with pytest.raises(Unavailable) as caught:
        port.describe(object)
    assert sobject in caught.value.reason
    assert "read access to the object" in caught.value.remedy


@pytest.mark.parametrize(
    ("flag", "reason"),
    [("queryable", "may not read"), ("retrieveable", "may not read"), ("replicateable", "does not tell what changes")],
)
def test_an_object_that_cannot_be_followed_is_unavailable(
    org: Org, port: SalesforcePort, flag: str, reason: str
) -> None:
    org.on("GET", "/sobjects/Visit__c/describe", described("Visit__c", OTHER_FIELDS["Visit__c"], **{flag: False}))
    with pytest.raises(Unavailable) as caught:
        port.describe("Visit__c")
    assert reason in caught.value.reason
    assert caught.value.remedy


@pytest.mark.parametrize("field", ["IsDeleted", "SystemModstamp"])
def test_an_object_without_the_fields_that_tell_of_changes_is_unavailable(
    org: Org, port: SalesforcePort, field: str
) -> None:
    fields = [one for one in OTHER_FIELDS["Visit__c"] if one["name"] != field]
    org.on("GET", "/sobjects/Visit__c/describe", described("Visit__c", fields))
    with pytest.raises(Unavailable):
        port.describe("Visit__c")


def test_a_forbidden_api_is_no_matter_of_one_object(org: Org, port: SalesforcePort) -> None:
    disabled = error("API_CURRENTLY_DISABLED", "API is disabled for this User")
    org.on("GET", "/sobjects/Account/describe", disabled, 403)
    with pytest.raises(AccessError):
        port.describe("account")


def test_without_leads_there_is_nothing_to_sync(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/sobjects/Lead/describe", error("NOT_FOUND", "The requested resource does not exist"), 404)
    with pytest.raises(AccessError):
        port.describe("lead")


def test_a_custom_object_is_called_as_salesforce_calls_it(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/sobjects/visit__c/describe", described("Visit__c", OTHER_FIELDS["Visit__c"]))
    with pytest.raises(ConfigError) as caught:
        port.describe("visit__c")
    assert "Visit__c" in caught.value.hint


@pytest.mark.parametrize("name", ["Visit__mdt", "Visit__x", "Visit", "Vis it__c", "Visit__c/describe", "__c", ""])
def test_what_is_no_custom_object_never_reaches_a_path(org: Org, port: SalesforcePort, name: str) -> None:
    with pytest.raises(ConfigError):
        port.describe(name)
    assert org.calls == []


def test_users_are_read_without_asking_what_they_do_not_have(org: Org, port: SalesforcePort) -> None:
    org.on("POST", "/composite/sobjects/User", [row(USER, Email="ada@acme.example")])
    assert list(port.fetch("user", [USER], ["Email"])) == [Record("user", USER, {"Email": "ada@acme.example"}, STAMP)]
    (asked,) = org.parts("POST", "/composite/sobjects/User")
    assert asked.body["fields"] == ["Id", "SystemModstamp", "Email"]


@pytest.mark.parametrize("object", ["opportunity", "role", "Visit__c"])
def test_of_what_cannot_be_merged_no_survivor_is_asked_for(org: Org, port: SalesforcePort, object: str) -> None:
    org.on("POST", f"/composite/sobjects/{SOBJECTS[object]}", [row(OPPORTUNITY, IsDeleted=False, Name="N")])
    list(port.fetch(object, [OPPORTUNITY], ["Name"]))
    (asked,) = org.parts("POST", f"/composite/sobjects/{SOBJECTS[object]}")
    assert asked.body["fields"] == ["Id", "SystemModstamp", "IsDeleted", "Name"]


def test_every_account_is_answered_for(org: Org, port: SalesforcePort) -> None:
    hidden = "0015g00000QqRrUAAV"
    org.on("POST", "/composite/sobjects/Account", [None, None])
    org.on("GET", "/queryAll", page(row(ACCOUNT, IsDeleted=True, MasterRecordId=ACCOUNT_B)))
    assert set(port.fetch("account", [ACCOUNT[:15], hidden], ["Name"])) == {
        Gone("account", ACCOUNT, "merged", Ref("account", ACCOUNT_B)),
        Gone("account", hidden, "deleted"),
    }


def test_records_are_found_by_a_reference(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/query", page(row(VISIT, IsDeleted=False, Lead__c=LEAD[:15])))
    (found,) = port.find("Visit__c", "Lead__c", [LEAD], ["Lead__c"])
    assert found == Record("Visit__c", VISIT, {"Lead__c": LEAD}, STAMP)
    (asked,) = org.parts("GET", "/query")
    assert asked.soql.endswith(f"FROM Visit__c WHERE Lead__c IN ('{LEAD}')")


@pytest.mark.parametrize("queue", [QUEUE, QUEUE[:15]])
def test_what_a_queue_owns_is_owned_by_nobody(org: Org, port: SalesforcePort, queue: str) -> None:
    org.on("POST", "/composite/sobjects/Lead", [lead(LEAD, OwnerId=queue)])
    (found,) = port.fetch("lead", [LEAD], ["OwnerId"])
    assert isinstance(found, Record)
    assert found.values == {"OwnerId": None}


def test_an_owner_who_is_a_user_is_kept_in_eighteen_characters(org: Org, port: SalesforcePort) -> None:
    org.on("POST", "/composite/sobjects/Lead", [lead(LEAD, OwnerId=USER[:15])])
    (found,) = port.fetch("lead", [LEAD], ["OwnerId"])
    assert isinstance(found, Record)
    assert found.values == {"OwnerId": USER}


@EACH
def test_nothing_of_it_is_ever_written(org: Org, port: SalesforcePort, object: str, sobject: str) -> None:
    for write in (Write(1, object, None, {"Name": "N"}), Write(1, object, ACCOUNT, {"Name": "N"})):
        with pytest.raises(ConfigError, match=object):
            list(port.write(object, [write], ["Name"]))
    assert org.calls == []


def test_nothing_is_ever_deleted(org: Org, port: SalesforcePort) -> None:
    with pytest.raises(ConfigError):
        list(port.write("lead", [Write(1, "lead", LEAD, {}, delete=True)], ["Email"]))
    assert org.calls == []


def test_an_object_that_goes_hidden_in_between_is_a_matter_of_access(org: Org, port: SalesforcePort) -> None:
    def answer(asked: Asked) -> tuple[int, Any]:
        return 400, error("INVALID_TYPE", "sObject type 'Account' is not supported.")

    org.on("GET", "/query", answer)
    with pytest.raises(AccessError, match="Account"):
        list(port.find("account", "Name", ["Acme"], ["Name"]))
