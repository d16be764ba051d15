"""Rules that the organisation's administrator made."""

from typing import Any

import pytest

from tests.sandbox.salesforce.api import Api, error, row_errors

DUPLICATES = "Standard_Lead_Duplicate_Rule"
ROE = {"LastName": "Roe", "Company": "Acme"}


def create(api: Api, headers: dict[str, str] | None = None, **values: Any) -> Any:
    return api.post("sobjects/Lead", {**ROE, **values}, headers=headers or {})


@pytest.mark.parametrize(
    ("phone", "fine"), [("12-34", False), ("555 0100", True), ("+1 (2) 3-4-5-6-7", True), (None, True)]
)
def test_a_phone_needs_seven_digits(api: Api, phone: str | None, fine: bool) -> None:
    answer = create(api, Phone=phone)
    assert (answer.status_code == 201) is fine
    assert fine or answer.json() == [
        {
            "message": "Phone must contain at least 7 digits",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": ["Phone"],
        }
    ]


def test_a_rule_judges_every_save_not_only_of_its_field(api: Api) -> None:
    api.control("rules", name="Lead_Phone_Digits", active=False)
    id = api.lead(Phone="123")
    api.control("rules", name="Lead_Phone_Digits", active=True)
    refused = api.patch(f"sobjects/Lead/{id}", {"Title": "x"})
    assert error(refused) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert api.patch(f"sobjects/Lead/{id}", {"Title": "x", "Phone": None}).status_code == 204


def test_rules_can_be_made_for_some_records_only_and_removed(api: Api) -> None:
    rule = {
        "name": "Hot_needs_title",
        "kind": "validation",
        "object": "Lead",
        "field": "Title",
        "check": {"present": True},
        "when": {"Rating": "Hot"},
        "message": "A hot lead needs a title",
    }
    api.control("rules", **rule)
    assert create(api).status_code == 201
    assert create(api, Rating="Hot").json()[0]["message"] == "A hot lead needs a title"
    assert create(api, Rating="Hot", Title="CTO").status_code == 201
    api.control("rules", name="Hot_needs_title", remove=True)
    assert create(api, Rating="Hot").status_code == 201


def test_contacts_have_a_rule_of_their_own(api: Api) -> None:
    assert error(api.post("sobjects/Contact", {"LastName": "Roe", "Title": "x"}))[1] == (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    )


class TestDuplicates:
    def test_are_no_concern_unless_the_rule_is_on(self, api: Api) -> None:
        assert [create(api, Email="a@b.co").status_code for _ in range(2)] == [201, 201]

    def test_alert_names_the_records_and_lets_a_caller_save_all_the_same(self, api: Api) -> None:
        api.control("rules", name=DUPLICATES, active=True)
        known = api.lead(Email="a@b.co", Title="CTO")
        answer = create(api, Email="A@B.CO")
        assert error(answer) == (400, "DUPLICATES_DETECTED")
        (complaint,) = answer.json()
        assert complaint["message"] == "Use one of these records?"
        (found,) = complaint["duplicateResult"]["matchResults"]
        (match,) = found["matchRecords"]
        assert match["record"]["Id"] == known
        assert "Title" not in match["record"]
        detailed = create(api, {"Sforce-Duplicate-Rule-Header": "includeRecordDetails=true"}, Email="a@b.co")
        assert detailed.json()[0]["duplicateResult"]["matchResults"][0]["matchRecords"][0]["record"]["Title"] == "CTO"
        allowed = {"Sforce-Duplicate-Rule-Header": "allowSave=true; runAsCurrentUser=true"}
        assert create(api, allowed, Email="a@b.co").status_code == 201

    def test_block_stands_whatever_the_header_says(self, api: Api) -> None:
        api.control("rules", name=DUPLICATES, active=True, action="block")
        api.lead(Email="a@b.co")
        allowed = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
        assert error(create(api, allowed, Email="a@b.co")) == (400, "DUPLICATES_DETECTED")

    def test_matter_on_an_update_only_if_the_matched_field_changes(self, api: Api) -> None:
        ids = [api.lead(Email="a@b.co"), api.lead(Email="a@b.co")]
        api.control("rules", name=DUPLICATES, active=True)
        assert api.patch(f"sobjects/Lead/{ids[0]}", {"Title": "x"}).status_code == 204
        assert error(api.patch(f"sobjects/Lead/{ids[0]}", {"Email": "a@b.co"}))[1] == "DUPLICATES_DETECTED"

    def test_are_a_bare_row_error_in_collections(self, api: Api) -> None:
        api.control("rules", name=DUPLICATES, active=True)
        row = {"attributes": {"type": "Lead"}, **ROE, "Email": "a@b.co"}
        results = api.post("composite/sobjects", {"records": [row, row]}).json()
        assert row_errors(results) == [None, "DUPLICATES_DETECTED"]
        assert set(results[1]["errors"][0]) == {"statusCode", "message", "fields"}


def test_an_active_assignment_rule_takes_the_record_unless_told_not_to(api: Api) -> None:
    mine, queue = api.org.users["sync_user"], api.org.users["queue"]
    assert api.read("Lead", api.lead())["OwnerId"] == mine
    api.control("rules", name="Lead_Assignment", active=True)
    assert api.read("Lead", api.lead(OwnerId=mine))["OwnerId"] == queue
    kept = create(api, {"Sforce-Auto-Assign": "false"}, OwnerId=mine).json()["id"]
    assert api.read("Lead", kept)["OwnerId"] == mine


def test_automation_edits_a_record_after_our_write_as_somebody_else(api: Api) -> None:
    admin = api.org.users["admin_user"]
    rule = {"name": "Rate", "kind": "automation", "object": "Lead", "set": {"Rating": "Hot"}, "as": admin}
    api.control("rules", **rule, after=5)
    id = api.lead()
    assert api.read("Lead", id)["Rating"] is None
    api.sandbox.clock.advance(10)
    record = api.read("Lead", id)
    assert (record["Rating"], record["LastModifiedById"]) == ("Hot", admin)
    assert record["SystemModstamp"] == "2026-03-02T10:00:05.000+0000"
    api.control("rules", name="Rate", after=0, set={"Rating": "Cold"})
    api.patch(f"sobjects/Lead/{id}", {"Title": "x"})
    record = api.read("Lead", id)
    assert (record["Rating"], record["Title"], record["LastModifiedById"]) == ("Cold", "x", admin)


def test_automation_that_fails_takes_the_save_with_it(api: Api) -> None:
    rule = {"name": "Break", "kind": "automation", "object": "Lead", "set": {"Phone": "1"}}
    api.control("rules", **rule)
    assert error(create(api)) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    row = {"attributes": {"type": "Lead"}, **ROE}
    results = api.post("composite/sobjects", {"records": [row]}).json()
    assert row_errors(results) == ["FIELD_CUSTOM_VALIDATION_EXCEPTION"]
    assert api.records("SELECT Id FROM Lead") == []


def test_edits_of_other_users_start_no_automation_and_carry_their_name(api: Api) -> None:
    api.control("rules", name="R", kind="automation", object="Lead", set={"Rating": "Hot"})
    chiara = api.records("SELECT Id FROM User WHERE FirstName = 'Chiara'")[0]["Id"]
    made = api.control("edits", kind="create", object="Lead", values=ROE, user=chiara)["id"]
    record = api.read("Lead", made)
    assert (record["Rating"], record["CreatedById"], record["LastModifiedById"]) == (None, chiara, chiara)
