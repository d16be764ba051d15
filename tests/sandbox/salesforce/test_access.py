"""Describes, and what the sync user's profile hides from them."""

from typing import Any

import pytest

from tests.sandbox.salesforce.api import Api, error

# The keys a recorded v59 describe carries, as the public cassettes of CumulusCI show them.
RECORDED_KEYS = """
aggregatable aiPredictionField autoNumber byteLength calculated calculatedFormula cascadeDelete caseSensitive
compoundFieldName controllerName createable custom defaultValue defaultValueFormula defaultedOnCreate
dependentPicklist deprecatedAndHidden digits displayLocationInDecimal encrypted externalId extraTypeInfo
filterable filteredLookupInfo formulaTreatNullNumberAsZero groupable highScaleNumber htmlFormatted idLookup
inlineHelpText label length mask maskType name nameField namePointing nillable permissionable picklistValues
polymorphicForeignKey precision queryByDistance referenceTargetField referenceTo relationshipName
relationshipOrder restrictedDelete restrictedPicklist scale searchPrefilterable soapType sortable type unique
updateable writeRequiresMasterRead
"""


def fields(api: Api, object: str) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in api.get(f"sobjects/{object}/describe").json()["fields"]}


def test_the_global_describe_lists_the_objects(api: Api) -> None:
    answer = api.get("sobjects").json()
    listed = {item["name"]: item for item in answer["sobjects"]}
    assert (answer["encoding"], answer["maxBatchSize"]) == ("UTF-8", 200)
    assert {"Lead", "Contact", "Account", "User", "Group", "Opportunity", "LeadStatus", "Organization"} <= set(listed)
    lead = listed["Lead"]
    assert (lead["keyPrefix"], lead["replicateable"], lead["mergeable"], lead["createable"]) == (
        "00Q",
        True,
        True,
        True,
    )
    assert lead["urls"]["rowTemplate"] == "/services/data/v67.0/sobjects/Lead/{ID}"
    assert listed["Organization"]["updateable"] is False


@pytest.mark.parametrize(("object", "count"), [("Lead", 54), ("Contact", 59), ("Account", 64), ("Opportunity", 40)])
def test_every_recorded_standard_field_is_there(api: Api, object: str, count: int) -> None:
    described = fields(api, object)
    extra = {"HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall"}
    standard = [name for name, field in described.items() if not field["custom"] and name not in extra]
    assert len(standard) == count
    assert all(set(field) == set(RECORDED_KEYS.split()) for field in described.values())


@pytest.mark.parametrize(
    ("object", "field", "facts"),
    [
        (
            "Lead",
            "LastName",
            {"type": "string", "length": 80, "byteLength": 240, "nillable": False, "label": "Last Name"},
        ),
        ("Lead", "Email", {"type": "email", "idLookup": True, "externalId": False, "soapType": "xsd:string"}),
        ("Lead", "Name", {"createable": False, "updateable": False, "nameField": True}),
        (
            "Lead",
            "OwnerId",
            {"referenceTo": ["Group", "User"], "polymorphicForeignKey": True, "relationshipName": "Owner"},
        ),
        ("Contact", "OwnerId", {"referenceTo": ["User"], "polymorphicForeignKey": False}),
        ("Lead", "Status", {"restrictedPicklist": False, "defaultedOnCreate": True, "permissionable": False}),
        ("Lead", "Description", {"type": "textarea", "filterable": False, "sortable": False, "length": 32_000}),
        ("Lead", "AnnualRevenue", {"type": "currency", "precision": 18, "scale": 0}),
        ("Lead", "IsConverted", {"createable": True, "updateable": False}),
        ("Lead", "City", {"compoundFieldName": "Address"}),
        ("Contact", "MailingCity", {"compoundFieldName": "MailingAddress"}),
        ("Lead", "Mkto_Id__c", {"externalId": True, "unique": True, "custom": True, "idLookup": True}),
        ("Lead", "Customer_Tier__c", {"restrictedPicklist": True, "type": "picklist"}),
        ("Lead", "Region_Code__c", {"createable": False, "updateable": False, "length": 10}),
        ("Opportunity", "Name", {"idLookup": True}),
        ("Account", "Name", {"idLookup": False}),
    ],
)
def test_field_facts(api: Api, object: str, field: str, facts: dict[str, Any]) -> None:
    described = fields(api, object)[field]
    assert {name: described[name] for name in facts} == facts


def test_picklist_values_tell_the_default(api: Api) -> None:
    values = fields(api, "Lead")["Status"]["picklistValues"]
    assert [value["value"] for value in values if value["defaultValue"]] == ["Open - Not Contacted"]


def test_a_hidden_field_is_as_if_it_did_not_exist(api: Api) -> None:
    id = api.lead()
    api.org.edit("update", "Lead", id, Internal_Note__c="secret")
    assert api.org.row("Lead", id)["Internal_Note__c"] == "secret"  # type: ignore[index]
    assert "Internal_Note__c" not in fields(api, "Lead")
    assert "Internal_Note__c" not in api.read("Lead", id)
    assert error(api.patch(f"sobjects/Lead/{id}", {"Internal_Note__c": "x"})) == (400, "INVALID_FIELD")


def test_a_read_only_field_is_shown_but_not_written(api: Api) -> None:
    id = api.lead()
    api.org.edit("update", "Lead", id, Region_Code__c="EU")
    assert api.read("Lead", id)["Region_Code__c"] == "EU"
    answer = api.patch(f"sobjects/Lead/{id}", {"Region_Code__c": "US", "Name": "x", "Title": "CTO"})
    assert error(answer) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert answer.json()[0]["fields"] == ["Region_Code__c", "Name"]


def test_access_to_a_field_can_be_taken_and_given_back(api: Api) -> None:
    id = api.lead(Title="CTO")
    api.control("access", object="Lead", field="Title", access="none")
    assert "Title" not in api.read("Lead", id)
    assert error(api.query("SELECT Title FROM Lead")) == (400, "INVALID_FIELD")
    assert error(api.query("SELECT Id FROM Lead WHERE Title = 'CTO'")) == (400, "INVALID_FIELD")
    api.control("access", object="Lead", field="Title", access="read")
    assert api.read("Lead", id)["Title"] == "CTO"
    assert error(api.patch(f"sobjects/Lead/{id}", {"Title": "x"}))[1] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    api.control("access", object="Lead", field="Title", access="edit")
    assert api.patch(f"sobjects/Lead/{id}", {"Title": "x"}).status_code == 204


def test_access_to_a_whole_object(api: Api) -> None:
    id = api.lead()
    api.control("access", object="Lead", access="read")
    assert error(api.patch(f"sobjects/Lead/{id}", {"Title": "x"})) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    api.control("access", object="Lead", access="none")
    assert error(api.get(f"sobjects/Lead/{id}")) == (404, "NOT_FOUND")
    assert error(api.query("SELECT Id FROM Lead")) == (400, "INVALID_TYPE")
    assert "Lead" not in {item["name"] for item in api.get("sobjects").json()["sobjects"]}


def test_a_new_custom_field_is_invisible_until_access_is_granted(api: Api) -> None:
    api.control("fields", object="Lead", name="Budget__c", type="currency", precision=10, scale=2)
    assert "Budget__c" not in fields(api, "Lead")
    api.control("access", object="Lead", field="Budget__c", access="edit")
    assert fields(api, "Lead")["Budget__c"]["scale"] == 2
    assert api.read("Lead", api.lead(Budget__c=10.555))["Budget__c"] == 10.56


def test_describes_are_cached_by_date_until_metadata_or_access_changes(api: Api) -> None:
    for path in ("sobjects", "sobjects/Lead/describe"):
        seen = api.get(path).headers["Last-Modified"]
        assert api.get(path, headers={"If-Modified-Since": seen}).status_code == 304
    api.control("access", object="Lead", field="Title", access="read")
    assert api.get("sobjects/Lead/describe", headers={"If-Modified-Since": seen}).status_code == 200


def test_the_organisation_and_its_statuses_can_be_asked_for(api: Api) -> None:
    (organisation,) = api.records("SELECT Id, Name, IsSandbox, OrganizationType, InstanceName FROM Organization")
    assert organisation["IsSandbox"] is True
    (converted,) = api.records("SELECT ApiName FROM LeadStatus WHERE IsConverted = true")
    assert converted["ApiName"] == "Closed - Converted"
