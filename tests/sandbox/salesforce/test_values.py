"""What a field makes of the values it is given."""

from typing import Any

import pytest

from tests.sandbox.salesforce.api import Api, error
from tests.sandbox.salesforce.conftest import Start


def kept(api: Api, field: str, value: Any) -> Any:
    return api.read("Lead", api.lead(**{field: value}))[field]


@pytest.mark.parametrize(
    ("field", "sent", "held"),
    [
        ("City", "  Berlin\t\n", "Berlin"),
        ("City", "", None),
        ("City", "   ", None),
        ("City", None, None),
        ("City", "a\u00a0", "a\u00a0"),  # a no-break space survives
        ("City", "a\x00b\x07c\ud800", "abc"),
        ("City", "Zoë 🚀 'x' \"y\" <b>", "Zoë 🚀 'x' \"y\" <b>"),
        ("Street", "1 Main\nUnit 2\r\n", "1 Main\nUnit 2"),
        ("Email", " Ann.Roe@Example.COM ", "ann.roe@example.com"),
        ("Phone", "0800 / 12-34-567", "0800 / 12-34-567"),
        ("Website", "Example.COM", "Example.COM"),
        ("Fit_Score__c", 1.005, 1.01),  # half up, on the decimal digits
        ("Fit_Score__c", 2.345, 2.35),
        ("Fit_Score__c", -2.345, -2.35),
        ("Fit_Score__c", "12.5", 12.5),
        ("Fit_Score__c", "", None),
        ("AnnualRevenue", 1499.5, 1500.0),
        ("NumberOfEmployees", 7, 7),
        ("NumberOfEmployees", "7", 7),
        ("Newsletter__c", True, True),
        ("Newsletter__c", "true", True),
        ("Last_Demo__c", "2026-01-31T09:15:00.987+01:00", "2026-01-31T08:15:00.000+0000"),
        ("Last_Demo__c", "2026-01-31T09:15:00Z", "2026-01-31T09:15:00.000+0000"),
        ("Last_Demo__c", "2026-01-31T09:15:00.000+0000", "2026-01-31T09:15:00.000+0000"),
        ("Last_Demo__c", "", None),
        ("Customer_Tier__c", "gold", "Gold"),
        ("LeadSource", "Something new", "Something new"),  # not restricted
        ("Interests__c", "Events; Product;Events", "Product;Events"),
        ("Interests__c", "Strange;Careers;Product", "Product;Careers;Strange"),
    ],
)
def test_a_value_is_cleaned_before_it_is_kept(api: Api, field: str, sent: Any, held: Any) -> None:
    assert kept(api, field, sent) == held


@pytest.mark.parametrize(
    ("field", "sent", "code", "message"),
    [
        ("LastName", "x" * 81, "STRING_TOO_LONG", f"Last Name: data value too large: {'x' * 81} (max length=80)"),
        ("Region_Code__c", "x", "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Region_Code__c."),
        ("Internal_Note__c", "x", "INVALID_FIELD", "No such column 'Internal_Note__c' on sobject of type Lead"),
        ("Email", "bob@", "INVALID_EMAIL_ADDRESS", "Email: invalid email address: bob@"),
        ("Email", "a b@c.de", "INVALID_EMAIL_ADDRESS", "Email: invalid email address: a b@c.de"),
        ("Email", "a@b@c.de", "INVALID_EMAIL_ADDRESS", "Email: invalid email address"),
        ("Email", "a..b@c.de", "INVALID_EMAIL_ADDRESS", "Email: invalid email address"),
        (
            "Customer_Tier__c",
            "Tin",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Customer Tier: bad value for restricted picklist field: Tin",
        ),
        ("AnnualRevenue", "abc", "INVALID_TYPE_ON_FIELD_IN_RECORD", "Annual Revenue: value not of required type: abc"),
        ("City", 7, "INVALID_TYPE_ON_FIELD_IN_RECORD", "City: value not of required type: 7"),
        ("City", {"a": 1}, "INVALID_TYPE_ON_FIELD_IN_RECORD", "City: value not of required type"),
        ("NumberOfEmployees", 1.5, "INVALID_TYPE_ON_FIELD_IN_RECORD", "Employees: value not of required type: 1.5"),
        ("NumberOfEmployees", 2**31, "NUMBER_OUTSIDE_VALID_RANGE", "Employees: value outside of valid range"),
        ("Fit_Score__c", 1e14, "NUMBER_OUTSIDE_VALID_RANGE", "Fit Score: value outside of valid range"),
        ("Newsletter__c", None, "INVALID_TYPE_ON_FIELD_IN_RECORD", "Newsletter: value not of required type: "),
        ("Newsletter__c", "yes", "INVALID_TYPE_ON_FIELD_IN_RECORD", "Newsletter: value not of required type: yes"),
        (
            "Last_Demo__c",
            "31.01.2026",
            "JSON_PARSER_ERROR",
            "Cannot deserialize instance of datetime from VALUE_STRING",
        ),
        ("Last_Demo__c", "2026-02-30T00:00:00Z", "JSON_PARSER_ERROR", "Cannot deserialize instance of datetime"),
    ],
)
def test_a_value_is_refused_in_the_vendors_words(api: Api, field: str, sent: Any, code: str, message: str) -> None:
    answer = api.post("sobjects/Lead", {"LastName": "Roe", "Company": "Acme", field: sent})
    assert error(answer) == (400, code)
    assert answer.json()[0]["message"].startswith(message)


def test_every_bad_field_of_a_record_is_reported_at_once(api: Api) -> None:
    answer = api.post("sobjects/Lead", {"LastName": "R", "Company": "A", "Email": "x", "City": "y" * 41})
    assert {tuple(complaint["fields"]) for complaint in answer.json()} == {("Email",), ("City",)}


@pytest.mark.parametrize(
    ("quirk", "field", "sent", "held"),
    [
        ("keep_email_case", "Email", "Ann@Example.COM", "Ann@Example.COM"),
        ("keep_choice_order", "Interests__c", "Events;Product", "Events;Product"),
        ("strip_nbsp", "City", "\u00a0Berlin\u00a0", "Berlin"),
        ("crlf", "Street", "a\nb\rc\r\nd", "a\r\nb\r\nc\r\nd"),
        ("null_boolean_is_false", "Newsletter__c", None, False),
    ],
)
def test_switches_change_what_is_kept(start: Start, quirk: str, field: str, sent: Any, held: Any) -> None:
    assert kept(start(quirk), field, sent) == held


@pytest.mark.parametrize(
    ("quirk", "field", "sent", "code"),
    [
        ("exact_choices", "Customer_Tier__c", "gold", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("reject_control_characters", "City", "a\x07", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
    ],
)
def test_switches_change_what_is_refused(start: Start, quirk: str, field: str, sent: str, code: str) -> None:
    answer = start(quirk).post("sobjects/Lead", {"LastName": "R", "Company": "A", field: sent})
    assert error(answer) == (400, code)


def test_an_unknown_switch_is_refused(start: Start) -> None:
    with pytest.raises(ValueError, match="no such quirk: keep_everything"):
        start("keep_everything")


def test_a_date_has_no_zone(api: Api) -> None:
    id = api.create("Contact", LastName="Roe", Birthdate="1980-02-29Z")
    assert api.read("Contact", id)["Birthdate"] == "1980-02-29"
    assert error(api.patch(f"sobjects/Contact/{id}", {"Birthdate": "1981-02-29"})) == (400, "JSON_PARSER_ERROR")
