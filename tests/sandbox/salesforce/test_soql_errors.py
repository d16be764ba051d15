"""What is wrong with a statement, in Salesforce's codes and words."""

from collections.abc import Iterator

import pytest
import requests

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.sandbox.salesforce.api import Api
from tests.sandbox.salesforce.conftest import NOW


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    clock = SandboxClock(frozen_at=NOW)
    with Sandbox.start(vendors=("salesforce",), clock=clock) as sandbox, requests.Session() as http:
        yield Api(sandbox, http)


@pytest.mark.parametrize(
    ("soql", "code", "text"),
    [
        ("select count() from XYZZY", "INVALID_TYPE", "sObject type 'XYZZY' is not supported"),
        ("SELECT Foo FROM Lead", "INVALID_FIELD", "No such column 'Foo' on entity 'Lead'"),
        ("SELECT Id FROM Lead WHERE Foo__c = 1", "INVALID_FIELD", "No such column 'Foo__c' on entity 'Lead'"),
        ("SELECT Internal_Note__c FROM Lead", "INVALID_FIELD", "No such column 'Internal_Note__c' on entity 'Lead'"),
        ("SELECT Owner.Foo FROM Lead", "INVALID_FIELD", "No such column 'Foo' on entity 'Name'"),
        ("SELECT Account.Name FROM Lead", "INVALID_FIELD", "Didn't understand relationship 'Account'"),
        ("SELECT (SELECT Id FROM Leads) FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Leads'"),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD", "'Description' can not be filtered"),
        ("SELECT Id FROM Lead ORDER BY Description", "INVALID_FIELD", "'Description' can not be sorted"),
        ("SELECT Description FROM Lead GROUP BY Description", "INVALID_FIELD", "'Description' can not be grouped"),
        ("SELECT Id FROM Lead WHERE AnnualRevenue = '1'", "INVALID_FIELD", "must be of type currency and should not"),
        ("SELECT Id FROM Lead WHERE LastName = 1", "INVALID_FIELD", "must be of type string and should be enclosed"),
        ("SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01T00:00:00Z'", "INVALID_FIELD", "should not be enclosed"),
        ("SELECT Id FROM Lead WHERE Newsletter__c = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Lead WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("SELECT Id FROM Lead WHERE Id LIKE '00Q%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
        ("SELECT Id FROM Lead WHERE City INCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Lead WHERE LastName = SOMEDAY", "MALFORMED_QUERY", "unexpected token: 'SOMEDAY'"),
        ("SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
        ("SELECT LastName, COUNT(Id) FROM Lead", "MALFORMED_QUERY", "Field must be grouped or aggregated: LastName"),
        ("SELECT COUNT(), Id FROM Lead", "MALFORMED_QUERY", "COUNT()"),
        ("SELECT MAX(Address) FROM Lead", "MALFORMED_QUERY", "field Address does not support aggregate operator MAX"),
        ("SELECT SUM(LastName) FROM Lead", "MALFORMED_QUERY", "field LastName does not support aggregate operator SUM"),
        ("SELECT COUNT(Id) FROM Lead ORDER BY Id", "MALFORMED_QUERY", "Field must be grouped or aggregated: Id"),
        ("SELECT (SELECT COUNT() FROM Contacts) FROM Account", "MALFORMED_QUERY", "not allowed in a sub-select"),
        ("SELECT CALENDAR_YEAR(Name) FROM Lead", "INVALID_FIELD", "does not support function CALENDAR_YEAR"),
        ("SELECT toLabel(Address) FROM Lead", "INVALID_FIELD", "does not support function TOLABEL"),
        ("SELECT Id FROM Lead WHERE COUNT(Id) = 1", "MALFORMED_QUERY", "unexpected token: 'COUNT'"),
        ("SELECT Id FROM Lead WHERE Id IN (SELECT COUNT() FROM Lead)", "MALFORMED_QUERY", "semi-join"),
        ("SELECT Id FROM Lead WHERE Id IN (SELECT Id, Name FROM Lead)", "MALFORMED_QUERY", "semi-join"),
        ("SELECT Id FROM Lead WHERE SystemModstamp > null", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Lead FOR UPDATE", "MALFORMED_QUERY", "unexpected token: 'FOR'"),
        ("", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ],
)
def test_a_bad_statement(api: Api, soql: str, code: str, text: str) -> None:
    answer = api.query(soql)
    (complaint,) = answer.json()
    assert (answer.status_code, complaint["errorCode"]) == (400, code)
    assert text in complaint["message"]


def test_the_message_has_the_recorded_layout(api: Api) -> None:
    (complaint,) = api.query("select count() from XYZZY").json()
    head = "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not"
    assert complaint["message"].startswith(head)


def test_a_uri_longer_than_sixteen_kilobytes_is_refused(api: Api) -> None:
    in_list = ",".join(f"'{number:018d}'" for number in range(800))
    assert api.query(f"SELECT Id FROM Lead WHERE LastName IN ({in_list})").status_code == 414


@pytest.mark.parametrize(
    "condition",
    ["(" * 3_000 + "City = 'x'" + ")" * 3_000, " OR ".join(["City='x'"] * 1_200), "NOT " * 1_500 + "City = 'x'"],
)
def test_a_statement_beyond_the_servers_means_is_too_complicated(api: Api, condition: str) -> None:
    answer = api.http.get(
        f"{api.url}/services/data/v67.0/query", params={"q": f"SELECT Id FROM Lead WHERE {condition}"}
    )
    assert answer.status_code == 400 or answer.status_code == 414
    assert answer.json()[0]["errorCode"] in ("QUERY_TOO_COMPLICATED", "URI_TOO_LONG")


@pytest.mark.parametrize("limit", ["LIMIT 99999999999999999999", "LIMIT 0"])
def test_any_whole_number_is_a_limit(api: Api, limit: str) -> None:
    assert api.query(f"SELECT Id FROM Lead {limit}").json()["records"] == []


def test_a_date_literal_out_of_the_calendar_is_refused(api: Api) -> None:
    answer = api.query("SELECT Id FROM Lead WHERE CreatedDate = LAST_N_DAYS:99999999")
    assert answer.json()[0]["errorCode"] == "MALFORMED_QUERY"
