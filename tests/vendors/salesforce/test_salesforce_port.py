"""Identity, checks, metadata and reading by id or key."""

from typing import Any

import pytest

from mksync.core.quota import Quota
from mksync.core.records import Check, Field, FieldType, Gone, Identity, Record, Ref
from mksync.errors import AccessError, ConfigError
from mksync.vendors.salesforce import VENDOR
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.salesforce.scripted_org import (
    CONTACT,
    LEAD,
    LEAD_B,
    LEAD_C,
    LEAD_FIELDS,
    ORG,
    USER,
    Asked,
    Org,
    described,
    error,
    lead,
    page,
)
from tests.wire.scripted import Say

VERSIONS = [{"label": "Spring '26", "version": "66.0"}, {"label": "Summer '26", "version": "67.0"}]


def served(org: Org) -> None:
    """What a healthy organisation answers to the checks; these two paths carry no version."""
    ahead = org.server.script

    def script(heard: Any) -> Say:
        match heard.path:
            case "/services/data":
                return Say(200, VERSIONS)
            case "/services/oauth2/userinfo":
                return Say(200, {"user_id": USER, "organization_id": ORG})
        return ahead(heard)

    org.server.script = script


def checked(port: SalesforcePort) -> dict[str, Check]:
    return {check.name: check for check in port.checks()}


def test_it_says_which_organisation_it_is_connected_to_and_as_whom(org: Org, port: SalesforcePort) -> None:
    served(org)

    def rows(asked: Asked) -> tuple[int, Any]:
        if "FROM Organization" in asked.soql:
            return 200, page({"Id": ORG[:15], "Name": "Acme GmbH"})
        assert f"Id = '{USER}'" in asked.soql
        return 200, page({"Id": USER, "Username": "sync@acme.example"})

    org.on("GET", "/query", rows)
    assert port.identify() == Identity("Salesforce", ORG, "Acme GmbH", "sync@acme.example")


def test_a_sign_in_that_does_not_name_the_organisation_is_asked_for_it(org: Org, port: SalesforcePort) -> None:
    served(org)
    assert port.organisation() == ORG


def test_a_healthy_organisation_passes_every_check(org: Org, port: SalesforcePort) -> None:
    served(org)
    found = checked(port)
    assert [name for name, check in found.items() if not check.passed] == []
    assert found["Salesforce API calls"].finding == "1204 of 115000 calls of the last 24 hours are used"
    assert len(found) == 7


def test_a_missing_field_is_named_with_its_remedy(org: Org, port: SalesforcePort) -> None:
    served(org)
    fields = [field for field in LEAD_FIELDS if field["name"] not in ("Email", "ConvertedContactId")]
    org.on("GET", "/sobjects/Lead/describe", described("Lead", fields))
    check = checked(port)["Salesforce Lead fields"]
    assert not check.passed
    assert "Email, ConvertedContactId" in check.finding
    assert "Grant field-level read access" in check.remedy


@pytest.mark.parametrize("flag", ["queryable", "replicateable", "updateable"])
def test_an_object_that_cannot_be_synced_fails_its_check(org: Org, port: SalesforcePort, flag: str) -> None:
    served(org)
    org.on("GET", "/sobjects/Lead/describe", described("Lead", LEAD_FIELDS, **{flag: False}))
    assert not checked(port)["Salesforce Lead"].passed


def test_an_object_that_the_sync_user_does_not_see_fails_alone(org: Org, port: SalesforcePort) -> None:
    served(org)
    org.on("GET", "/sobjects/Lead/describe", error("NOT_FOUND", "The requested resource does not exist"), 404)
    found = checked(port)
    assert not found["Salesforce Lead"].passed
    assert "read access to the object" in found["Salesforce Lead"].remedy
    assert found["Salesforce Contact"].passed


def test_a_version_that_is_not_served_names_the_newest(org: Org) -> None:
    served(org)
    table = {"url": org.server.url, "client_id": "3MVG9", "client_secret": "s3cret", "api_version": "99.0"}
    port = VENDOR.open(VENDOR.settings(table, "[crm]"), org.clock)
    check = {check.name: check for check in port.checks()}["Salesforce API version"]
    assert (check.passed, check.exit_code) == (False, 2)
    assert '"67.0"' in check.remedy


def test_used_up_calls_are_temporary(org: Org, port: SalesforcePort) -> None:
    served(org)
    org.usage = "api-usage=115000/115000; per-app-api-usage=310/20000(appName=mksync)"
    check = checked(port)["Salesforce API calls"]
    assert (check.passed, check.exit_code) == (False, 5)


def test_a_refused_sign_in_is_the_only_finding(org: Org, port: SalesforcePort) -> None:
    refusal = {"error": "invalid_client", "error_description": "invalid client credentials"}
    org.server.script = lambda heard: Say(400, refusal)
    (check,) = port.checks()
    assert (check.passed, check.exit_code) == (False, 8)
    assert "client_secret" in check.remedy


def test_the_schema_holds_what_the_sync_user_sees(org: Org, port: SalesforcePort) -> None:
    schema = port.describe("lead")
    assert (schema.object, schema.label) == ("lead", "Lead")
    assert "Address" not in schema.fields  # a compound; its parts are fields of their own
    assert schema.fields["Email"].searchable
    assert schema.fields["AnnualRevenue"].type is FieldType.DECIMAL


def test_the_quota_of_the_organisation_is_known_from_any_answer(org: Org, port: SalesforcePort) -> None:
    assert port.budget.quota is None
    port.describe("lead")
    assert port.budget.quota == Quota(used=1204, limit=115000)


def test_every_id_is_answered_for(org: Org, port: SalesforcePort) -> None:
    hidden = "00Q5g00000AbCdHEAV"
    org.on("POST", "/composite/sobjects/Lead", [lead(LEAD, Title="CTO"), None, None, None])
    org.on(
        "GET",
        "/queryAll",
        page(
            lead(LEAD_B, IsDeleted=True, MasterRecordId=LEAD_C),
            lead(LEAD_C, IsConverted=True, IsDeleted=True, ConvertedContactId=CONTACT),
        ),
    )
    found = {one.id: one for one in port.fetch("lead", [LEAD[:15], LEAD_B, LEAD_C, hidden], ["Title"])}
    assert found == {
        LEAD: Record("lead", LEAD, {"Title": "CTO"}, "2026-01-31T09:15:00Z"),
        LEAD_B: Gone("lead", LEAD_B, "merged", Ref("lead", LEAD_C)),
        LEAD_C: Gone("lead", LEAD_C, "converted", Ref("contact", CONTACT)),
        hidden: Gone("lead", hidden, "deleted"),
    }


def test_a_converted_lead_is_gone_although_it_can_be_read(org: Org, port: SalesforcePort) -> None:
    org.on("POST", "/composite/sobjects/Lead", [lead(LEAD, IsConverted=True, ConvertedContactId=CONTACT, Title=None)])
    assert list(port.fetch("lead", [LEAD], ["Title"])) == [Gone("lead", LEAD, "converted", Ref("contact", CONTACT))]


def test_text_that_is_no_id_is_answered_for_without_breaking_the_question(org: Org, port: SalesforcePort) -> None:
    org.on("POST", "/composite/sobjects/Lead", [None])
    assert list(port.fetch("lead", ["not an id'"], ["Title"])) == [Gone("lead", "not an id'", "deleted")]
    assert org.parts("GET", "/queryAll") == []


def test_two_thousand_ids_are_one_call(org: Org, port: SalesforcePort) -> None:
    ids = [f"00Q5g000000{number:04}" for number in range(2_001)]
    org.on("POST", "/composite/sobjects/Lead", lambda asked: (200, [lead(id, Title=None) for id in asked.body["ids"]]))
    assert len(list(port.fetch("lead", ids, ["Title"]))) == 2_001
    assert [len(call.body["ids"]) for call in org.parts("POST", "/composite/sobjects/Lead")] == [2_000, 1]


def test_records_are_found_by_a_key(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/query", page(lead(LEAD, Email="o'hara@x.io")))
    found = list(port.find("lead", "Email", ["O'Hara@x.io", "", "\x00", "O'Hara@x.io"], ["Email"]))
    assert [record.id for record in found] == [LEAD]
    (asked,) = org.parts("GET", "/query")
    assert asked.soql.endswith(r"WHERE Email IN ('O\'Hara@x.io') AND IsConverted = false")


def test_what_is_found_is_followed_over_all_pages(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/query", page(lead(LEAD, Email="a@x.io"), more="01g-1"))
    org.on("GET", "/query/01g-1", page(lead(LEAD_B, Email="A@x.io")))
    assert [record.id for record in port.find("lead", "Email", ["a@x.io"], ["Email"])] == [LEAD, LEAD_B]


def test_nothing_to_find_is_no_call(org: Org, port: SalesforcePort) -> None:
    port.describe("lead")
    before = port.calls
    assert list(port.find("lead", "Email", ["", "\x00"], ["Email"])) == []
    assert port.calls == before


def test_records_are_not_looked_up_by_dates(port: SalesforcePort) -> None:
    with pytest.raises(ConfigError, match="CreatedDate"):
        list(port.find("lead", "CreatedDate", ["2026-01-31"], ["Email"]))


def test_an_unknown_object_is_named(port: SalesforcePort) -> None:
    with pytest.raises(ConfigError, match="campaign"):
        port.describe("campaign")


def test_mksync_creates_no_fields_in_the_crm(port: SalesforcePort) -> None:
    with pytest.raises(ConfigError) as caught:
        port.create_field("lead", Field("Score__c", "Score", FieldType.INTEGER))
    assert "Object Manager" in caught.value.hint


def test_a_daily_budget_is_kept(org: Org) -> None:
    table = {"url": org.server.url, "client_id": "3MVG9", "client_secret": "s3cret", "daily_calls": 1}
    port = VENDOR.open(VENDOR.settings(table, "[crm]"), org.clock)
    port.describe("lead")
    with pytest.raises(Exception, match="quota reserve"):
        port.describe("lead")


def test_a_missing_permission_is_an_access_error(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/sobjects/Lead/describe", error("API_CURRENTLY_DISABLED", "API is disabled for this User"), 403)
    with pytest.raises(AccessError, match="API is disabled"):
        port.describe("lead")
