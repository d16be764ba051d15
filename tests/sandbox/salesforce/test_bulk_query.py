"""Query jobs of Bulk API 2.0 over HTTP: their states on the sandbox's clock, their pages of CSV, their refusals."""

import csv
import io
from typing import Any

import pytest
import requests

from tests.sandbox.salesforce.api import Api, error
from tests.sandbox.salesforce.conftest import Start

JOBS = "jobs/query"


def make(api: Api, soql: str, operation: str = "query", **more: Any) -> dict[str, Any]:
    answer = api.post(JOBS, {"operation": operation, "query": soql, **more})
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()
    return job


def state(api: Api, id: str) -> str:
    return str(api.get(f"{JOBS}/{id}").json()["state"])


def page(api: Api, id: str, **params: Any) -> requests.Response:
    answer = api.get(f"{JOBS}/{id}/results", params=params)
    assert answer.status_code == 200, answer.text
    return answer


def table(answer: requests.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8"), newline=""), strict=True))


def rows(api: Api, soql: str, operation: str = "query") -> list[list[str]]:
    """The answer of a whole job, header first."""
    return table(page(api, make(api, soql, operation)["id"]))


def test_a_new_job_is_queued_and_told_as_documented(api: Api) -> None:
    job = make(api, "SELECT Id FROM Lead")
    assert job["id"].startswith("750")
    assert len(job["id"]) == 18
    expected = {
        "operation": "query",
        "object": "Lead",
        "createdById": api.org.users["sync_user"],
        "createdDate": "2026-03-02T10:00:00.000+0000",
        "systemModstamp": "2026-03-02T10:00:00.000+0000",
        "state": "UploadComplete",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 67.0,
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    assert job == {"id": job["id"], **expected}


def test_a_job_waits_runs_and_ends_on_the_sandbox_clock(api: Api) -> None:
    for number in range(4):
        api.lead(LastName=f"R{number}")
    api.control("settings", bulk_queue_seconds=60, bulk_seconds=100)
    id = make(api, "SELECT Id FROM Lead")["id"]
    seen = []
    for _ in range(5):
        told = api.get(f"{JOBS}/{id}").json()
        seen.append((told["state"], told["numberRecordsProcessed"], told["totalProcessingTime"]))
        api.sandbox.clock.advance(40)
    assert seen == [
        ("UploadComplete", 0, 0),
        ("UploadComplete", 0, 0),
        ("InProgress", 0, 20_000),
        ("InProgress", 2, 60_000),
        ("JobComplete", 4, 100_000),
    ]
    told = api.get(f"{JOBS}/{id}").json()
    assert (told["jobType"], told["retries"]) == ("V2Query", 0)
    assert told["systemModstamp"] == "2026-03-02T10:02:40.000+0000"


def test_a_job_sees_the_data_as_of_its_run(api: Api) -> None:
    api.control("settings", bulk_queue_seconds=60, bulk_seconds=60)
    kept = api.lead(LastName="Before")
    id = make(api, "SELECT LastName FROM Lead")["id"]
    api.lead(LastName="While it waited")
    api.control("edits", kind="update", object="Lead", id=kept, values={"LastName": "In time"}, open_seconds=59)
    api.control("edits", kind="update", object="Lead", id=kept, values={"LastName": "Too late"}, open_seconds=61)
    api.sandbox.clock.advance(120)
    api.lead(LastName="After")
    assert table(page(api, id)) == [["LastName"], ["In time"], ["While it waited"]]
    assert api.read("Lead", kept)["LastName"] == "Too late"


def test_everything_is_quoted_and_nothing_is_an_empty_value(api: Api) -> None:
    api.lead(LastName='Roe "Jo", Jr', Description="two\nlines", AnnualRevenue=1_000_000, NumberOfEmployees=12)
    id = make(api, "select id, lastname, Description, DoNotCall, annualrevenue, NumberOfEmployees, Title FROM Lead")[
        "id"
    ]
    head, _, rest = page(api, id).text.partition("\n")
    assert head == '"Id","LastName","Description","DoNotCall","AnnualRevenue","NumberOfEmployees","Title"'
    assert rest.partition(",")[2] == '"Roe ""Jo"", Jr","two\nlines","false","1000000.0","12",""\n'


def test_instants_end_in_z_and_by_a_switch_as_in_rest(start: Start) -> None:
    for quirks, end in (((), "Z"), (("bulk_plus_zero",), "+0000")):
        api = start(*quirks)
        api.lead()
        assert rows(api, "SELECT CreatedDate FROM Lead")[1] == [f"2026-03-02T10:00:00.000{end}"]


def test_a_null_byte_among_the_rows_is_a_switch(start: Start) -> None:
    api = start("bulk_nul_bytes")
    api.lead(LastName="Roe")
    assert page(api, make(api, "SELECT LastName FROM Lead")["id"]).content == b'"LastName"\n"\x00Roe"\n'


def test_parents_are_columns_of_their_own(api: Api) -> None:
    account = api.create("Account", Name="Acme")
    api.create("Contact", LastName="Roe", AccountId=account)
    api.create("Contact", LastName="Zed")
    found = rows(api, "SELECT account.name, Contact.LastName, Owner.Username, Account.IsDeleted FROM Contact")
    user = "mksync@sandbox.example"
    assert found == [
        ["Account.Name", "LastName", "Owner.Username", "Account.IsDeleted"],
        ["Acme", "Roe", user, "false"],
        ["", "Zed", user, ""],
    ]


def test_a_job_of_every_column_tells_what_rest_tells(start: Start) -> None:
    api = start(people=60)
    fields = [f["name"] for f in api.get("sobjects/Contact/describe").json()["fields"] if f["type"] != "address"]
    soql = f"SELECT {', '.join(fields)} FROM Contact ORDER BY Id"
    head, *found = rows(api, soql)
    assert head == fields
    records = api.records(soql)
    assert len(records) > 10
    assert found == [[_text(record[field]) for field in fields] for record in records]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).replace(".000+0000", ".000Z")


def test_results_come_in_pages_and_the_last_locator_is_the_word_null(api: Api) -> None:
    for number in range(5):
        api.lead(LastName=f"R{number}")
    id = make(api, "SELECT LastName FROM Lead ORDER BY LastName")["id"]
    pages = []
    params: dict[str, object] = {"maxRecords": 2}
    for _ in range(3):
        answer = page(api, id, **params)
        assert answer.headers["Content-Type"] == "text/csv"
        pages.append((answer.headers["Sforce-NumberOfRecords"], table(answer)))
        params["locator"] = answer.headers["Sforce-Locator"]
    assert params["locator"] == "null"
    head = ["LastName"]
    assert pages == [("2", [head, ["R0"], ["R1"]]), ("2", [head, ["R2"], ["R3"]]), ("1", [head, ["R4"]])]
    again = page(api, id, maxRecords=2, locator=page(api, id, maxRecords=2).headers["Sforce-Locator"])
    assert table(again) == pages[1][1]
    assert error(api.get(f"{JOBS}/{id}/results?locator=null")) == (400, "INVALID_QUERY_LOCATOR")


def test_the_organisation_bounds_a_page_whatever_is_asked_for(api: Api) -> None:
    for _ in range(3):
        api.lead()
    api.control("settings", bulk_page=2)
    id = make(api, "SELECT Id FROM Lead")["id"]
    assert page(api, id, maxRecords=50_000).headers["Sforce-NumberOfRecords"] == "2"
    assert page(api, id).headers["Sforce-NumberOfRecords"] == "2"
    assert error(api.get(f"{JOBS}/{id}/results?maxRecords=0")) == (400, "INVALIDJOB")


def test_no_rows_are_a_header_and_no_further_page(api: Api) -> None:
    answer = page(api, make(api, "SELECT Id, LastName FROM Lead")["id"])
    assert (answer.text, answer.headers["Sforce-NumberOfRecords"]) == ('"Id","LastName"\n', "0")
    assert answer.headers["Sforce-Locator"] == "null"


def test_rows_are_compressed_for_whoever_takes_it(api: Api) -> None:
    api.lead(LastName="Roe")
    id = make(api, "SELECT LastName FROM Lead")["id"]
    plain = api.get(f"{JOBS}/{id}/results", headers={"Accept-Encoding": "identity"})
    packed = api.get(f"{JOBS}/{id}/results", headers={"Accept-Encoding": "gzip, deflate"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.text == packed.text


def test_delimiter_and_line_end_are_the_jobs_own(api: Api) -> None:
    api.lead(LastName="Roe; Jo", Company="Acme")
    job = make(api, "SELECT LastName, Company FROM Lead", columnDelimiter="SEMICOLON", lineEnding="CRLF")
    assert (job["columnDelimiter"], job["lineEnding"]) == ("SEMICOLON", "CRLF")
    assert page(api, job["id"]).content == b'"LastName";"Company"\r\n"Roe; Jo";"Acme"\r\n'
    for bad in ({"columnDelimiter": "SPACE"}, {"lineEnding": "CR"}, {"contentType": "JSON"}):
        assert error(api.post(JOBS, {"operation": "query", "query": "SELECT Id FROM Lead", **bad}))[0] == 400


def test_pages_can_be_read_side_by_side_from_version_58_on(start: Start) -> None:
    for quirk, name in (((), "nextRecordsUrl"), (("bulk_next_record_url",), "nextRecordUrl")):
        api = start(*quirk)
        for number in range(13):
            api.lead(LastName=f"R{number:02}")
        api.control("settings", bulk_page=2)
        id = make(api, "SELECT LastName FROM Lead ORDER BY LastName")["id"]
        first = api.get(f"{JOBS}/{id}/resultPages").json()
        second = api.get(first[name]).json()
        assert (first["done"], len(first["resultPages"])) == (False, 5)
        assert (second["done"], len(second["resultPages"]), name in second) == (True, 2, False)
        urls = [entry["resultUrl"] for entry in first["resultPages"] + second["resultPages"]]
        found = [line for url in reversed(urls) for line in table(api.get(url))[1:]]
        assert sorted(found) == [[f"R{number:02}"] for number in range(13)]
    assert error(api.get(f"/services/data/v57.0/{JOBS}/{id}/resultPages")) == (404, "NOT_FOUND")


def test_another_version_than_the_jobs_is_a_conflict(api: Api) -> None:
    id = make(api, "SELECT Id FROM Lead")["id"]
    assert api.get(f"/services/data/v60.0/{JOBS}/{id}/results").status_code == 409
    assert api.get(f"/services/data/v60.0/{JOBS}/{id}/resultPages").status_code == 409


def test_results_of_a_job_that_is_not_complete_are_refused(api: Api) -> None:
    api.control("settings", bulk_queue_seconds=10)
    id = make(api, "SELECT Id FROM Lead")["id"]
    assert error(api.get(f"{JOBS}/{id}/results")) == (400, "INVALIDJOBSTATE")
    assert error(api.delete(f"{JOBS}/{id}")) == (400, "INVALIDJOBSTATE")


def test_a_job_is_aborted_then_deleted_then_unknown(api: Api) -> None:
    api.control("settings", bulk_queue_seconds=10)
    id = make(api, "SELECT Id FROM Lead")["id"]
    assert error(api.patch(f"{JOBS}/{id}", {"state": "JobComplete"})) == (400, "INVALIDJOBSTATE")
    assert api.patch(f"{JOBS}/{id}", {"state": "Aborted"}).json()["state"] == "Aborted"
    api.sandbox.clock.advance(60)
    assert state(api, id) == "Aborted"
    assert error(api.patch(f"{JOBS}/{id}", {"state": "Aborted"})) == (400, "INVALIDJOBSTATE")
    assert error(api.get(f"{JOBS}/{id}/results")) == (400, "INVALIDJOBSTATE")
    assert api.delete(f"{JOBS}/{id}").status_code == 204
    assert error(api.get(f"{JOBS}/{id}")) == (404, "NOT_FOUND")
    assert error(api.get(f"{JOBS}/7505g00000AbCdEEAV")) == (404, "NOT_FOUND")


def test_a_deleted_jobs_rows_are_not_taken_for_anothers(api: Api) -> None:
    api.lead(LastName="One")
    gone = make(api, "SELECT LastName FROM Lead")["id"]
    assert state(api, gone) == "JobComplete"
    api.delete(f"{JOBS}/{gone}")
    kept = make(api, "SELECT LastName FROM Lead")["id"]
    assert state(api, kept) == "JobComplete"
    api.sandbox.clock.advance(7 * 86_400 - 1)
    api.sign_in()
    make(api, "SELECT Id FROM Lead")
    assert table(page(api, kept)) == [["LastName"], ["One"]]


def test_a_job_vanishes_after_seven_days(api: Api) -> None:
    id = make(api, "SELECT Id FROM Lead")["id"]
    assert state(api, id) == "JobComplete"
    api.sandbox.clock.advance(7 * 86_400 + 1)
    api.sign_in()
    other = make(api, "SELECT Id FROM Lead")["id"]
    assert error(api.get(f"{JOBS}/{id}")) == (404, "NOT_FOUND")
    assert [job["id"] for job in api.get(JOBS).json()["records"]] == [other]


def test_query_all_finds_what_was_deleted(api: Api) -> None:
    api.delete(f"sobjects/Lead/{api.lead(LastName='Gone')}")
    api.lead(LastName="Kept")
    soql = "SELECT LastName, IsDeleted FROM Lead ORDER BY LastName"
    assert rows(api, soql, "queryAll")[1:] == [["Gone", "true"], ["Kept", "false"]]
    assert rows(api, soql)[1:] == [["Kept", "false"]]
    api.sandbox.clock.advance(16 * 86_400)
    api.sign_in()
    assert rows(api, soql, "queryAll")[1:] == [["Kept", "false"]]


def test_without_an_order_rows_may_come_in_any(start: Start) -> None:
    api = start("bulk_query_unordered")
    names = [f"R{number:02}" for number in range(40)]
    for name in names:
        api.lead(LastName=name)
    found = [row[0] for row in rows(api, "SELECT LastName FROM Lead")[1:]]
    assert found != names
    assert sorted(found) == names
    assert [row[0] for row in rows(api, "SELECT LastName FROM Lead ORDER BY LastName")[1:]] == names


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        ("SELECT Id, Address FROM Lead", "API_ERROR", "Selecting compound data not supported in Bulk Query"),
        ("SELECT Status, COUNT(Id) FROM Lead GROUP BY Status", "API_ERROR", "not supported"),
        ("SELECT COUNT() FROM Lead", "API_ERROR", "not supported"),
        ("SELECT MAX(CreatedDate) FROM Lead", "API_ERROR", "not supported"),
        ("SELECT Id FROM Lead OFFSET 5", "API_ERROR", "OFFSET"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR", "subqueries"),
        ("SELECT TYPEOF Owner WHEN User THEN Email END FROM Lead", "MALFORMED_QUERY", ""),
        ("SELECT Id FROM LeadStatus", "INVALIDENTITY", "is not supported by the Bulk API"),
        ("SELECT Nope FROM Lead", "INVALID_FIELD", "Nope"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE", "Nothing"),
        ("SELECT Id FROM", "MALFORMED_QUERY", ""),
        ("", "INVALIDJOB", "query"),
    ],
)
def test_what_a_query_job_can_not_do_is_refused_when_it_is_made(api: Api, soql: str, code: str, words: str) -> None:
    answer = api.post(JOBS, {"operation": "query", "query": soql})
    assert error(answer) == (400, code)
    assert words in answer.json()[0]["message"]
    assert api.get(JOBS).json()["records"] == []


def test_only_the_two_operations_of_queries_are_known_and_no_version_before_47(api: Api) -> None:
    wish = {"operation": "insert", "query": "SELECT Id FROM Lead"}
    assert error(api.post(JOBS, wish)) == (400, "INVALIDOPERATION")
    old = api.post(f"/services/data/v46.0/{JOBS}", {**wish, "operation": "query"})
    assert error(old) == (404, "NOT_FOUND")
    assert error(api.get("jobs/nothing")) == (404, "NOT_FOUND")


def test_a_field_hidden_while_the_job_waits_fails_it(api: Api) -> None:
    api.control("settings", bulk_queue_seconds=10)
    id = make(api, "SELECT Id, City FROM Lead")["id"]
    api.control("access", object="Lead", field="City", access="none")
    api.sandbox.clock.advance(10)
    told = api.get(f"{JOBS}/{id}").json()
    assert told["state"] == "Failed"
    assert told["errorMessage"].startswith("InvalidBatch : ")
    assert "City" in told["errorMessage"]


def test_jobs_fail_as_ordered_with_or_without_a_word(api: Api) -> None:
    api.control("settings", bulk_failures=1)
    silent = make(api, "SELECT Id FROM Lead")["id"]
    told = api.get(f"{JOBS}/{silent}").json()
    assert (told["state"], "errorMessage" in told) == ("Failed", False)
    assert state(api, make(api, "SELECT Id FROM Lead")["id"]) == "JobComplete"
    api.control("settings", bulk_failures=1, bulk_failure_message="InternalServerError : Retried more than 15 times")
    told = api.get(f"{JOBS}/{make(api, 'SELECT Id FROM Lead')['id']}").json()
    assert told["errorMessage"] == "InternalServerError : Retried more than 15 times"


def test_every_call_of_a_job_is_counted_and_meets_faults_as_others_do(api: Api) -> None:
    id = make(api, "SELECT Id FROM Lead")["id"]
    page(api, id)
    assert page(api, id).headers["Sforce-Limit-Info"] == "api-usage=3/115000"
    api.fault("INVALIDENTITY", path="jobs/query")
    assert error(api.get(JOBS)) == (400, "INVALIDENTITY")
    api.fault("unavailable", path="results")
    assert error(api.get(f"{JOBS}/{id}/results")) == (503, "SERVER_UNAVAILABLE")
    api.fault("truncated", path="results")
    with pytest.raises(requests.exceptions.RequestException):
        api.get(f"{JOBS}/{id}/results")


def test_the_days_jobs_are_counted_deleted_ones_too(api: Api) -> None:
    api.control("settings", daily_query_jobs=2)
    for _ in range(2):
        id = make(api, "SELECT Id FROM Lead")["id"]
        api.patch(f"{JOBS}/{id}", {"state": "Aborted"})
        api.delete(f"{JOBS}/{id}")
    assert error(api.post(JOBS, {"operation": "query", "query": "SELECT Id FROM Lead"})) == (400, "LIMIT_EXCEEDED")
    assert api.get("limits").json()["DailyBulkV2QueryJobs"] == {"Max": 2, "Remaining": 0}
    api.sandbox.clock.advance(86_400)
    api.sign_in()
    assert api.get("limits").json()["DailyBulkV2QueryJobs"] == {"Max": 2, "Remaining": 2}


def test_a_subrequest_can_ask_for_no_job(api: Api) -> None:
    one = {"method": "GET", "url": "/services/data/v67.0/jobs/query", "referenceId": "a"}
    (part,) = api.post("composite", {"compositeRequest": [one]}).json()["compositeResponse"]
    assert part["httpStatusCode"] == 400
