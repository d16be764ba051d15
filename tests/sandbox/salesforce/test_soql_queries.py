"""What a statement finds, over a small organisation whose answers can be worked out by hand."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.sandbox.salesforce.api import Api
from tests.sandbox.salesforce.conftest import NOW, Start

LEADS: dict[str, dict[str, Any]] = {
    "ana": {
        "FirstName": "Ana",
        "LastName": "Adler",
        "Company": "Acme",
        "Email": "ana@example.com",
        "AnnualRevenue": 100,
        "NumberOfEmployees": 5,
        "Interests__c": "Product;Events",
        "Last_Demo__c": "2026-03-02T08:30:00Z",
        "Newsletter__c": True,
        "Customer_Tier__c": "Gold",
    },
    "ben": {
        "LastName": "O'Brien",
        "Company": "Birch 100% & Sons",
        "Email": "ben@example.org",
        "AnnualRevenue": 250.0,
        "Interests__c": "Events",
        "Last_Demo__c": "2026-02-27T23:59:59Z",
    },
    "zoe": {"FirstName": "Zoë", "LastName": "ŻÓŁĆ", "Company": "acme_two", "NumberOfEmployees": 50},
    "nil": {"LastName": "Null", "Company": "Cedar", "Description": "long text"},
}


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    clock = SandboxClock(frozen_at=NOW)
    with Sandbox.start(vendors=("salesforce",), clock=clock) as sandbox, requests.Session() as http:
        api = Api(sandbox, http)
        for number, values in enumerate(LEADS.values()):
            sandbox.clock.advance(60 if number else 0)
            api.create("Lead", **values)
        big = api.create("Account", Name="Big", Industry="Energy")
        api.create("Account", Name="Lonely")
        for name in ("Kim", "Lee", "Max"):
            api.create("Contact", LastName=name, AccountId=big)
        api.create("Contact", LastName="Private")
        gone = api.lead(LastName="Gone")
        api.delete(f"sobjects/Lead/{gone}")
        yield api


def found(api: Api, where: str) -> set[str]:
    names = {values["LastName"]: key for key, values in LEADS.items()}
    return {names[record["LastName"]] for record in api.records(f"SELECT LastName FROM Lead WHERE {where}")}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        # Text compares without regard to case, beyond ASCII too.
        ("LastName = 'ADLER'", "ana"),
        ("LastName = 'żółć'", "zoe"),
        ("LastName = 'O\\'Brien'", "ben"),
        ("LastName != 'adler'", "ben zoe nil"),
        ("FirstName != 'Ana'", "ben zoe nil"),  # empty fields differ from any text
        ("FirstName = null", "ben nil"),
        ("FirstName = ''", "ben nil"),
        ("FirstName != null", "ana zoe"),
        ("LastName > 'b' AND LastName < 'o'", "nil"),
        # LIKE
        ("Company LIKE 'ACME%'", "ana zoe"),
        ("Company LIKE 'acme\\_%'", "zoe"),
        ("Company LIKE '%100\\% &%'", "ben"),
        ("Company LIKE 'Acm_'", "ana"),
        ("FirstName LIKE 'zoË'", "zoe"),
        ("NOT Company LIKE 'acme%'", "ben nil"),
        # lists
        ("LastName IN ('adler', 'NULL', 'nobody')", "ana nil"),
        ("LastName IN ('ŻÓŁĆ', 'adler')", "ana zoe"),
        ("FirstName IN ('Ana', null)", "ana ben nil"),
        ("LastName NOT IN ('Adler', 'Null')", "ben zoe"),
        ("FirstName NOT IN ('Ana')", "ben zoe nil"),
        # numbers, booleans
        ("AnnualRevenue >= 100 AND AnnualRevenue < 250", "ana"),
        ("AnnualRevenue = 250", "ben"),
        ("AnnualRevenue < 1000", "ana ben"),
        ("NumberOfEmployees > 5", "zoe"),
        ("Newsletter__c = TRUE", "ana"),
        ("Newsletter__c = false", "ben zoe nil"),
        ("Newsletter__c != true", "ben zoe nil"),
        # instants in any zone
        ("Last_Demo__c = 2026-03-02T09:30:00+01:00", "ana"),
        ("Last_Demo__c < 2026-03-01T00:00:00.000Z", "ben"),
        ("Last_Demo__c > 2026-02-27T23:59:59.500Z", "ana"),
        ("CreatedDate >= 2026-03-02T10:02:00Z", "zoe nil"),
        # date literals: today is Monday, 2 March 2026
        ("Last_Demo__c = TODAY", "ana"),
        ("Last_Demo__c = LAST_N_DAYS:3", "ana ben"),
        ("Last_Demo__c = LAST_N_DAYS:2", "ana"),
        ("Last_Demo__c < THIS_MONTH", "ben"),
        ("Last_Demo__c = LAST_MONTH", "ben"),
        ("Last_Demo__c = N_DAYS_AGO:3", "ben"),
        ("Last_Demo__c >= THIS_WEEK", "ana"),
        ("Last_Demo__c != TODAY", "ben zoe nil"),
        ("Last_Demo__c IN (TODAY, LAST_WEEK)", "ana ben"),
        ("CALENDAR_MONTH(Last_Demo__c) = 2", "ben"),
        ("DAY_ONLY(Last_Demo__c) = 2026-03-02", "ana"),
        # multi-selects
        ("Interests__c INCLUDES ('Events')", "ana ben"),
        ("Interests__c INCLUDES ('product;events', 'Careers')", "ana"),
        ("Interests__c EXCLUDES ('Product')", "ben zoe nil"),
        ("Interests__c = 'Events;Product'", "ana"),
        # logic
        ("NOT (LastName = 'Adler' OR FirstName = null)", "zoe"),
        ("(Newsletter__c = true AND Company = 'acme') OR (NumberOfEmployees = 50)", "ana zoe"),
        ("Lead.LastName = 'Adler'", "ana"),
        ("Owner.Name = 'marketo sync' AND Owner.Type = 'User' AND Company = 'Cedar'", "nil"),
    ],
)
def test_conditions(api: Api, where: str, expected: str) -> None:
    assert found(api, where) == set(expected.split())


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("LastName", "Adler Null O'Brien ŻÓŁĆ"),
        ("LastName DESC", "ŻÓŁĆ O'Brien Null Adler"),
        ("AnnualRevenue, LastName", "Null ŻÓŁĆ Adler O'Brien"),  # empty first unless told otherwise
        ("AnnualRevenue DESC, LastName", "Null ŻÓŁĆ O'Brien Adler"),
        ("AnnualRevenue NULLS LAST, LastName", "Adler O'Brien Null ŻÓŁĆ"),
        ("AnnualRevenue DESC NULLS LAST, LastName", "O'Brien Adler Null ŻÓŁĆ"),
        ("SystemModstamp DESC, Id", "Null ŻÓŁĆ O'Brien Adler"),
    ],
)
def test_ordering(api: Api, order: str, expected: str) -> None:
    records = api.records(f"SELECT LastName FROM Lead ORDER BY {order}")
    assert [record["LastName"] for record in records] == expected.split()


def test_limit_and_offset_cut_out_of_the_ordered_rows(api: Api) -> None:
    answer = api.query("SELECT LastName FROM Lead ORDER BY LastName LIMIT 2 OFFSET 1").json()
    assert [record["LastName"] for record in answer["records"]] == ["Null", "O'Brien"]
    assert (answer["totalSize"], answer["done"]) == (2, True)


def test_a_record_holds_every_selected_field_under_its_canonical_name(api: Api) -> None:
    (record,) = api.records("select id, lastname, EMAIL, isconverted, annualrevenue from lead where lastname = 'null'")
    assert record.pop("attributes") == {"type": "Lead", "url": f"/services/data/v67.0/sobjects/Lead/{record['Id']}"}
    assert list(record) == ["Id", "LastName", "Email", "IsConverted", "AnnualRevenue"]
    assert record["Email"] is None
    assert record["IsConverted"] is False


def test_parents_nest_and_a_missing_parent_is_null(api: Api) -> None:
    records = api.records("SELECT LastName, Account.Name, Account.Owner.Username FROM Contact ORDER BY LastName")
    by_name = {record["LastName"]: record for record in records}
    assert by_name["Private"]["Account"] is None
    account = by_name["Kim"]["Account"]
    assert account["attributes"]["type"] == "Account"
    assert account["Name"] == "Big"
    assert account["Owner"]["Username"] == "mksync@sandbox.example"


def test_children_come_as_a_set_or_as_null(api: Api) -> None:
    soql = "SELECT Name, (SELECT LastName FROM Contacts WHERE LastName != 'Lee' ORDER BY LastName) FROM Account"
    by_name = {record["Name"]: record["Contacts"] for record in api.records(soql)}
    assert by_name["Lonely"] is None
    assert (by_name["Big"]["totalSize"], by_name["Big"]["done"]) == (2, True)
    assert [child["LastName"] for child in by_name["Big"]["records"]] == ["Kim", "Max"]


def test_a_limit_in_a_sub_select_holds_per_parent(api: Api) -> None:
    soql = "SELECT (SELECT LastName FROM Contacts ORDER BY LastName DESC LIMIT 1) FROM Account WHERE Name = 'Big'"
    (record,) = api.records(soql)
    assert [child["LastName"] for child in record["Contacts"]["records"]] == ["Max"]


def test_semi_joins_find_parents_with_and_without_children(api: Api) -> None:
    with_children = "SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Kim')"
    without = "SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact)"
    assert [record["Name"] for record in api.records(with_children)] == ["Big"]
    assert [record["Name"] for record in api.records(without)] == ["Lonely"]


def test_an_address_is_one_object_and_null_when_empty(api: Api) -> None:
    api.patch(f"sobjects/Lead/{_id(api, 'Adler')}", {"Street": "1 Main St", "City": "Springfield"})
    ana, nil = (
        api.records(f"SELECT Address FROM Lead WHERE LastName = '{name}'")[0]["Address"] for name in ("Adler", "Null")
    )
    assert nil is None
    assert (ana["street"], ana["city"], ana["country"]) == ("1 Main St", "Springfield", None)


def test_ids_are_found_by_fifteen_and_by_eighteen_characters(api: Api) -> None:
    id = _id(api, "Adler")
    assert api.records(f"SELECT Id FROM Lead WHERE Id = '{id[:15]}'") == api.records(
        f"SELECT Id FROM Lead WHERE Id IN ('{id}')"
    )


def test_counting_and_grouping(api: Api) -> None:
    assert api.query("SELECT COUNT() FROM Lead").json() == {"totalSize": 4, "done": True, "records": []}
    (counted,) = api.records("SELECT COUNT(Id), MAX(AnnualRevenue) most FROM Lead")
    assert counted == {"attributes": {"type": "AggregateResult"}, "expr0": 4, "most": 250.0}
    grouped = api.records("SELECT AccountId, COUNT(Id) n FROM Contact GROUP BY AccountId ORDER BY COUNT(Id)")
    assert [record["n"] for record in grouped] == [1, 3]


def test_deleted_rows_are_in_query_all_only(api: Api) -> None:
    soql = "SELECT LastName, IsDeleted FROM Lead WHERE IsDeleted = true"
    assert api.records(soql) == []
    (gone,) = api.records(soql, "queryAll")
    assert (gone["LastName"], gone["IsDeleted"]) == ("Gone", True)


def test_fields_all_needs_a_limit(api: Api) -> None:
    (record,) = api.records("SELECT FIELDS(ALL) FROM Lead WHERE LastName = 'Adler' LIMIT 200")
    assert record["Customer_Tier__c"] == "Gold"
    assert "Internal_Note__c" not in record
    (custom,) = api.records("SELECT FIELDS(CUSTOM) FROM Lead WHERE LastName = 'Adler' LIMIT 1")
    assert all(name.endswith("__c") for name in custom if name != "attributes")
    assert "FIELDS" in api.query("SELECT FIELDS(ALL) FROM Lead").json()[0]["message"]


def test_plus_signs_and_percent_twenties_are_both_spaces(api: Api) -> None:
    plus = api.http.get(f"{api.url}/services/data/v67.0/query/?q=SELECT+COUNT()+FROM+Lead").json()
    percent = api.http.get(f"{api.url}/services/data/v67.0/query?q=SELECT%20COUNT()%20FROM%20Lead").json()
    assert plus == percent == {"totalSize": 4, "done": True, "records": []}


def test_column_metadata_nests_parents(api: Api) -> None:
    params = {"q": "SELECT Id, Account.Name FROM Contact", "columns": "true"}
    metadata = api.get("query", params=params).json()
    assert (metadata["entityName"], metadata["keyPrefix"], metadata["idSelected"]) == ("Contact", "003", True)
    first, second = metadata["columnMetadata"]
    assert (first["columnName"], first["apexType"], second["columnName"]) == ("Id", "Id", "Account")
    assert [column["columnName"] for column in second["joinColumns"]] == ["Name"]


def _id(api: Api, last_name: str) -> str:
    return str(api.records(f"SELECT Id FROM Lead WHERE LastName = '{last_name}'")[0]["Id"])


def test_a_page_says_the_same_printed_for_people_and_for_programs(start: Start) -> None:
    api = start(people=60)
    account = api.create("Account", Name='Quo"te \\ back', BillingCity="Tromsø", Description="two\r\nlines\t\u2028")
    api.create("Contact", LastName="Roe", AccountId=account, MailingLatitude=59.913868, Fit_Score__c=0.1)
    queue = api.org.users["queue"]
    api.lead(AnnualRevenue=123456789012345678, Fit_Score__c=-12.5, OwnerId=queue, IsUnreadByOwner=False)
    api.lead(LastName="Zoë \U0001f600", Interests__c=None)
    for soql in (
        "SELECT Id, Name, Description, BillingAddress, BillingCity, Owner.Name FROM Account ORDER BY Id",
        "SELECT LastName, MailingAddress, Account.Name, Account.BillingAddress, Account.Owner.Email FROM Contact",
        "SELECT Id, FIELDS(CUSTOM) FROM Contact LIMIT 200",
        "SELECT Id, AnnualRevenue, Fit_Score__c, IsUnreadByOwner, Owner.Name, Owner.Type, CreatedDate FROM Lead",
        "SELECT toLabel(Status) state, CALENDAR_YEAR(CreatedDate) FROM Lead",
        "SELECT Name, (SELECT LastName FROM Contacts) FROM Account",
        "SELECT Status, COUNT(Id), MAX(AnnualRevenue) FROM Lead GROUP BY Status",
        "SELECT Id FROM Lead WHERE LastName = 'nobody'",
    ):
        plain, pretty = api.query(soql), api.query(soql, headers={"X-PrettyPrint": "1"})
        assert plain.headers["Content-Type"] == pretty.headers["Content-Type"] == "application/json;charset=UTF-8"
        assert plain.status_code == 200, plain.text
        assert plain.json() == pretty.json()
        assert list(map(list, plain.json()["records"])) == list(map(list, pretty.json()["records"]))
