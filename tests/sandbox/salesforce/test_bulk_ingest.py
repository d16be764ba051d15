"""Ingest jobs of Bulk API 2.0 over HTTP: rows saved as single calls save them, told of in tables without an order."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import requests

from tests.sandbox.salesforce.api import Api, error
from tests.sandbox.salesforce.conftest import Start

JOBS = "jobs/ingest"
CSV = {"Content-Type": "text/csv; charset=UTF-8"}


def make(api: Api, operation: str, object: str = "Lead", **more: Any) -> dict[str, Any]:
    answer = api.post(JOBS, {"object": object, "operation": operation, **more})
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()
    return job


def upload(api: Api, id: str, data: str | bytes) -> requests.Response:
    content = data.encode() if isinstance(data, str) else data
    return api.call("PUT", f"{JOBS}/{id}/batches", data=content, headers=CSV)


def close(api: Api, id: str) -> requests.Response:
    return api.patch(f"{JOBS}/{id}", {"state": "UploadComplete"})


def run(api: Api, operation: str, data: str, object: str = "Lead", **more: Any) -> dict[str, Any]:
    """A whole job; what it tells when it has ended."""
    id = make(api, operation, object, **more)["id"]
    assert upload(api, id, data).status_code == 201
    assert close(api, id).json()["state"] == "UploadComplete"
    return told(api, id)


def told(api: Api, id: str) -> dict[str, Any]:
    job: dict[str, Any] = api.get(f"{JOBS}/{id}").json()
    return job


def table(api: Api, id: str, name: str, by: str) -> Mapping[str, dict[str, str]]:
    """The rows of a result by one of their columns: their order means nothing."""
    answer = api.get(f"{JOBS}/{id}/{name}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline=""), strict=True))
    return {row[by]: row for row in rows}


def counts(job: Mapping[str, Any]) -> tuple[str, int, int]:
    return job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]


def sheet(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def test_a_new_job_is_open_and_told_as_documented(api: Api) -> None:
    job = make(api, "upsert", externalIdFieldName="mkto_id__c", lineEnding="LF")
    assert job["id"].startswith("750")
    assert job == {
        "id": job["id"],
        "operation": "upsert",
        "object": "Lead",
        "createdById": api.org.users["sync_user"],
        "createdDate": "2026-03-02T10:00:00.000+0000",
        "systemModstamp": "2026-03-02T10:00:00.000+0000",
        "state": "Open",
        "externalIdFieldName": "Mkto_Id__c",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 67.0,
        "contentUrl": f"services/data/v67.0/jobs/ingest/{job['id']}/batches",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }


def test_inserts_succeed_and_fail_row_by_row_in_the_words_of_single_calls(api: Api) -> None:
    data = "LastName,Company,Phone,Title\nRoe,Acme,,CEO\n,Acme,,No name\nZed,Acme,1,Short phone\n"
    job = run(api, "insert", data)
    assert counts(job) == ("JobComplete", 3, 2)
    assert (job["jobType"], job["retries"], job["apexProcessingTime"]) == ("V2Ingest", 0, 0)
    good = table(api, job["id"], "successfulResults", "LastName")
    assert good["Roe"] == {**good["Roe"], "sf__Created": "true", "Company": "Acme", "Phone": "", "Title": "CEO"}
    assert api.read("Lead", good["Roe"]["sf__Id"])["Title"] == "CEO"
    bad = table(api, job["id"], "failedResults", "Title")
    assert {title: row["sf__Error"] for title, row in bad.items()} == {
        "No name": "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",
        "Short phone": "FIELD_CUSTOM_VALIDATION_EXCEPTION:Phone must contain at least 7 digits:Phone --",
    }
    assert {row["sf__Id"] for row in bad.values()} == {""}
    assert table(api, job["id"], "unprocessedrecords", "Title") == {}


def test_an_empty_cell_leaves_a_value_and_n_a_clears_it(api: Api) -> None:
    id = api.lead(Title="CEO", City="Oslo", Email="a@example.com")
    job = run(api, "update", f"id,Title,City,Email\n{id[:15]},,#N/A,B@Example.com\n")
    assert counts(job) == ("JobComplete", 1, 0)
    record = api.read("Lead", id)
    assert (record["Title"], record["City"], record["Email"]) == ("CEO", None, "b@example.com")
    assert table(api, job["id"], "successfulResults", "sf__Id")[id]["sf__Created"] == "false"


def test_upserts_create_and_update_by_their_key(api: Api) -> None:
    id = api.lead(Mkto_Id__c="m1")
    job = run(
        api,
        "upsert",
        "Mkto_Id__c,LastName,Company\nm1,New,\nm2,Two,Acme\n,No key,Acme\n",
        externalIdFieldName="Mkto_Id__c",
    )
    assert counts(job) == ("JobComplete", 3, 1)
    good = table(api, job["id"], "successfulResults", "Mkto_Id__c")
    assert (good["m1"]["sf__Id"], good["m1"]["sf__Created"], good["m2"]["sf__Created"]) == (id, "false", "true")
    assert api.read("Lead", id)["LastName"] == "New"
    (refused,) = table(api, job["id"], "failedResults", "LastName").values()
    assert refused["sf__Error"].startswith("MISSING_ARGUMENT:")


def test_a_key_that_stands_twice_among_two_hundred_rows_fails_both(api: Api) -> None:
    rows = [[f"k{number}", "Roe", "Acme"] for number in range(201)]
    rows[3][0] = "K0"
    rows[200][0] = "k1"
    job = run(api, "upsert", sheet([["Mkto_Id__c", "LastName", "Company"], *rows]), externalIdFieldName="Mkto_Id__c")
    assert counts(job) == ("JobComplete", 201, 2)
    bad = table(api, job["id"], "failedResults", "Mkto_Id__c")
    assert {key: row["sf__Error"] for key, row in bad.items()} == {
        key: f"DUPLICATE_VALUE:Duplicate external id specified: {key}:Mkto_Id__c --" for key in ("k0", "K0")
    }


def test_updates_and_deletes_go_by_id(api: Api) -> None:
    kept, gone, twice = (api.lead(LastName=name) for name in ("Kept", "Gone", "Twice"))
    job = run(api, "delete", f"Id\n{gone}\n")
    assert counts(job) == ("JobComplete", 1, 0)
    assert error(api.get(f"sobjects/Lead/{gone}"))[0] == 404
    rows = [["Id", "Title"], [kept, "CEO"], [gone, "x"], [twice, "y"], [twice, "z"], ["", "none"], ["1", "bad"]]
    rows.append(["00Q5g00000zzzzzAAA"[:15], "unknown"])
    job = run(api, "update", sheet(rows))
    assert counts(job) == ("JobComplete", 7, 6)
    assert list(table(api, job["id"], "successfulResults", "Title")) == ["CEO"]
    bad = table(api, job["id"], "failedResults", "Title")
    assert {title: row["sf__Error"].partition(":")[0] for title, row in bad.items()} == {
        "x": "ENTITY_IS_DELETED",
        "y": "DUPLICATE_VALUE",
        "z": "DUPLICATE_VALUE",
        "none": "MISSING_ARGUMENT",
        "bad": "MALFORMED_ID",
        "unknown": "INVALID_CROSS_REFERENCE_KEY",
    }
    assert bad["unknown"]["sf__Error"] == "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--"
    assert bad["x"]["sf__Id"] == gone


def test_results_do_not_come_in_the_order_of_the_upload(api: Api) -> None:
    names = [f"R{number:02}" for number in range(40)]
    job = run(api, "insert", sheet([["LastName", "Company"], *([name, "Acme"] for name in names)]))
    found = list(table(api, job["id"], "successfulResults", "LastName"))
    assert found != names
    assert sorted(found) == names


def test_cells_are_read_as_csv_and_come_back_as_they_were_sent(api: Api) -> None:
    value = 'two\nlines, a "quote" and a comma'
    job = run(api, "insert", sheet([["LastName", "Company", "Description"], ["Roe", "Acme", value]]))
    (row,) = table(api, job["id"], "successfulResults", "LastName").values()
    assert row["Description"] == value
    assert api.read("Lead", row["sf__Id"])["Description"] == value


def test_values_of_every_kind_are_texts(api: Api) -> None:
    api.control("fields", object="Lead", name="Since__c", type="date", access="edit")
    head = "LastName,Company,DoNotCall,Fit_Score__c,Last_Demo__c,Since__c"
    good = "Roe,Acme,TRUE,12.5,2026-01-31T09:15:00.000Z,2026-01-31"
    job = run(api, "insert", f"{head}\n{good}\nBad,Acme,maybe,,,\nWorse,Acme,,many,,\nWorst,Acme,,,,31.1.2026\n")
    (row,) = table(api, job["id"], "successfulResults", "LastName").values()
    record = api.read("Lead", row["sf__Id"])
    assert (record["DoNotCall"], record["Fit_Score__c"], record["Since__c"]) == (True, 12.5, "2026-01-31")
    assert record["Last_Demo__c"] == "2026-01-31T09:15:00.000+0000"
    bad = table(api, job["id"], "failedResults", "LastName")
    assert {name: row["sf__Error"].partition(":")[0] for name, row in bad.items()} == dict.fromkeys(
        ("Bad", "Worse", "Worst"), "INVALID_TYPE_ON_FIELD_IN_RECORD"
    )


def test_parents_are_named_by_a_key_of_theirs(api: Api) -> None:
    account = api.create("Account", Name="Acme")
    key = "Account_Key__c"
    api.control("fields", object="Account", name=key, type="string", external_id=True, access="edit")
    api.patch(f"sobjects/Account/{account}", {key: "A-17"})
    data = f"LastName,Account.{key},Owner.Username\nRoe,A-17,bela.okafor@sandbox.example\nZed,#N/A,\nLost,nope,\n"
    job = run(api, "insert", data, "Contact")
    good = table(api, job["id"], "successfulResults", "LastName")
    roe = api.records(f"SELECT AccountId, Owner.Username FROM Contact WHERE Id = '{good['Roe']['sf__Id']}'")[0]
    assert (roe["AccountId"], roe["Owner"]["Username"]) == (account, "bela.okafor@sandbox.example")
    assert api.read("Contact", good["Zed"]["sf__Id"])["AccountId"] is None
    bad = table(api, job["id"], "failedResults", "LastName")
    assert bad["Lost"]["sf__Error"].startswith("INVALID_FIELD:Foreign key external ID: nope not found")


def test_the_type_of_a_parent_is_told_where_it_may_be_one_of_several(api: Api) -> None:
    data = "LastName,Company,Owner:User.Username\nRoe,Acme,bela.okafor@sandbox.example\n"
    assert counts(run(api, "insert", data)) == ("JobComplete", 1, 0)
    (record,) = api.records("SELECT Owner.Username FROM Lead")
    assert record["Owner"]["Username"] == "bela.okafor@sandbox.example"
    job = run(api, "insert", "LastName,Owner:User.Username\nRoe,bela.okafor@sandbox.example\n", "Contact")
    assert job["errorMessage"] == "InvalidBatch : Field name not found : Owner:User.Username"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("LastName,Foo__c,Bar__c\nRoe,1,2\n", "InvalidBatch : Field name not found : Foo__c"),
        ("LastName,Account:Account.Name\nRoe,A\n", "InvalidBatch : Field name not found : Account:Account.Name"),
        ("LastName,Company\r\nRoe,Acme\r\n", "ClientInputError : LineEnding is invalid on user data"),
        ("LastName,Company\nRoe,Acme\r\n", "ClientInputError : LineEnding is invalid on user data"),
        ('LastName,Company\nRoe, "Acme"\n', "InvalidBatch : Failed to parse CSV at line 2"),
        ('LastName,Company\nRoe,"Acme\n', "InvalidBatch : Failed to parse CSV at line 2"),
        ("LastName,Company\nRoe\n", "InvalidBatch : Record 1 has 1 fields, the header has 2"),
        ("", "InvalidBatch : The data have no header row"),
        (b"LastName\n\xff\n", "InvalidBatch : The data are not UTF-8"),
    ],
)
def test_data_that_can_not_be_read_fail_the_job_later(api: Api, data: str | bytes, message: str) -> None:
    id = make(api, "insert")["id"]
    assert upload(api, id, data).status_code == 201
    assert close(api, id).status_code == 200
    job = told(api, id)
    assert (job["state"], job["errorMessage"], job["numberRecordsProcessed"]) == ("Failed", message, 0)
    assert api.get(f"{JOBS}/{id}/unprocessedRecords").status_code == 200
    assert api.records("SELECT Id FROM Lead") == []


def test_a_column_out_of_sight_is_not_found(api: Api) -> None:
    api.control("access", object="Lead", field="City", access="none")
    job = run(api, "insert", "LastName,Company,City\nRoe,Acme,Oslo\n")
    assert job["errorMessage"] == "InvalidBatch : Field name not found : City"


def test_a_column_that_goes_out_of_sight_in_the_middle_fails_the_job(api: Api) -> None:
    api.control("settings", bulk_seconds=40)
    id = make(api, "insert")["id"]
    upload(api, id, "LastName,Company,City\nRoe,Acme,Oslo\nZed,Acme,Oslo\n")
    close(api, id)
    api.sandbox.clock.advance(20)
    assert counts(told(api, id)) == ("InProgress", 1, 0)
    api.control("access", object="Lead", field="City", access="none")
    api.sandbox.clock.advance(20)
    assert counts(told(api, id)) == ("Failed", 1, 0)
    assert list(table(api, id, "unprocessedrecords", "LastName")) == ["Zed"]


def test_a_column_that_can_only_be_read_fails_its_rows(api: Api) -> None:
    api.control("access", object="Lead", field="City", access="read")
    job = run(api, "insert", "LastName,Company,City\nRoe,Acme,Oslo\nZed,Acme,\n")
    assert counts(job) == ("JobComplete", 2, 1)
    (bad,) = table(api, job["id"], "failedResults", "LastName").values()
    assert bad["sf__Error"].startswith("INVALID_FIELD_FOR_INSERT_UPDATE:")
    assert bad["sf__Error"].endswith(":City --")


def test_the_other_delimiter_and_line_end_hold_for_upload_and_results(api: Api) -> None:
    job = run(api, "insert", "LastName|Company\r\nRoe, Jo|Acme\r\n", columnDelimiter="PIPE", lineEnding="CRLF")
    assert counts(job) == ("JobComplete", 1, 0)
    answer = api.get(f"{JOBS}/{job['id']}/successfulResults").content.decode()
    assert answer.startswith('"sf__Id"|"sf__Created"|"LastName"|"Company"\r\n')
    assert answer.endswith('|"true"|"Roe, Jo"|"Acme"\r\n')


def test_rows_are_saved_while_the_job_runs_and_an_abort_leaves_the_rest(api: Api) -> None:
    api.control("settings", bulk_queue_seconds=10, bulk_seconds=40)
    id = make(api, "insert")["id"]
    upload(api, id, sheet([["LastName", "Company"], *([f"R{number}", "Acme"] for number in range(4))]))
    close(api, id)
    seen = []
    for _ in range(3):
        seen.append(counts(told(api, id)))
        api.sandbox.clock.advance(10)
    assert seen == [("UploadComplete", 0, 0), ("InProgress", 0, 0), ("InProgress", 1, 0)]
    assert error(api.get(f"{JOBS}/{id}/successfulResults")) == (400, "INVALIDJOBSTATE")
    assert error(api.delete(f"{JOBS}/{id}")) == (400, "INVALIDJOBSTATE")
    assert api.patch(f"{JOBS}/{id}", {"state": "Aborted"}).json()["state"] == "Aborted"
    api.sandbox.clock.advance(100)
    assert counts(told(api, id)) == ("Aborted", 2, 0)
    assert sorted(table(api, id, "successfulResults", "LastName")) == ["R0", "R1"]
    assert sorted(table(api, id, "unprocessedrecords", "LastName")) == ["R2", "R3"]
    stamps = {row["CreatedDate"] for row in api.records("SELECT CreatedDate FROM Lead")}
    assert stamps == {"2026-03-02T10:00:20.000+0000", "2026-03-02T10:00:30.000+0000"}
    assert api.delete(f"{JOBS}/{id}").status_code == 204
    assert error(api.get(f"{JOBS}/{id}")) == (404, "NOT_FOUND")


def test_a_job_that_fails_in_the_middle_keeps_what_it_saved(api: Api) -> None:
    wish = {"bulk_failures": 1, "bulk_failure_after": 2, "bulk_failure_message": "InternalServerError : no more"}
    api.control("settings", **wish)
    job = run(api, "insert", sheet([["LastName", "Company"], *([f"R{number}", "Acme"] for number in range(4))]))
    assert counts(job) == ("Failed", 2, 0)
    assert job["errorMessage"] == "InternalServerError : no more"
    assert sorted(row["LastName"] for row in api.records("SELECT LastName FROM Lead")) == ["R0", "R1"]
    assert sorted(table(api, job["id"], "unprocessedRecords", "LastName")) == ["R2", "R3"]
    assert counts(run(api, "insert", "LastName,Company\nRoe,Acme\n")) == ("JobComplete", 1, 0)


def test_owners_are_assigned_only_if_the_job_names_a_rule(start: Start) -> None:
    data = "LastName,Company\nRoe,Acme\n"
    rule = {"assignmentRuleId": "01Q5g000000RrUuEAK"}
    for quirks, more, assigned in (((), {}, False), ((), rule, True), (("bulk_assigns",), {}, True)):
        api = start(*quirks)
        queue = api.org.users["queue"]
        api.control("rules", name="Route", kind="assignment", object="Lead", active=True, owner=queue)
        run(api, "insert", data, **more)
        (record,) = api.records("SELECT OwnerId FROM Lead")
        assert (record["OwnerId"] == queue) is assigned


def test_a_row_fault_strikes_the_first_row(api: Api) -> None:
    id = make(api, "insert")["id"]
    upload(api, id, "LastName,Company\nRoe,Acme\nZed,Acme\n")
    api.fault("row_lock", path="jobs/ingest", method="PATCH")
    close(api, id)
    (bad,) = table(api, id, "failedResults", "LastName").values()
    assert bad["LastName"] == "Roe"
    assert bad["sf__Error"] == ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records:--")
    assert list(table(api, id, "successfulResults", "LastName")) == ["Zed"]


def test_a_lost_answer_to_an_upload_leaves_the_data_there(api: Api) -> None:
    id = make(api, "insert")["id"]
    api.fault("reset_after", path="batches")
    with pytest.raises(requests.exceptions.ConnectionError):
        upload(api, id, "LastName,Company\nRoe,Acme\n")
    assert error(upload(api, id, "LastName,Company\nRoe,Acme\n")) == (400, "CLIENTINPUTERROR")
    close(api, id)
    assert counts(told(api, id)) == ("JobComplete", 1, 0)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"operation": "hardDelete", "object": "Lead"}, "FEATURENOTENABLED"),
        ({"operation": "query", "object": "Lead"}, "INVALIDOPERATION"),
        ({"operation": "insert", "object": "Nothing"}, "INVALIDJOB"),
        ({"operation": "insert"}, "INVALIDJOB"),
        ({"operation": "insert", "object": "LeadStatus"}, "INVALIDENTITY"),
        ({"operation": "upsert", "object": "Lead"}, "INVALIDJOB"),
        ({"operation": "upsert", "object": "Lead", "externalIdFieldName": "Title"}, "INVALIDJOB"),
        ({"operation": "insert", "object": "Lead", "lineEnding": "CR"}, "INVALIDJOB"),
    ],
)
def test_what_no_job_can_do_is_refused_when_it_is_made(api: Api, wish: dict[str, str], code: str) -> None:
    assert error(api.post(JOBS, wish)) == (400, code)
    assert api.get(JOBS).json()["records"] == []


def test_data_are_csv_within_the_limit_and_for_an_open_job(api: Api) -> None:
    id = make(api, "insert")["id"]
    path = f"{JOBS}/{id}/batches"
    assert error(close(api, id)) == (400, "INVALIDBATCH")
    assert api.call("PUT", path, data=b"{}", headers={"Content-Type": "application/json"}).status_code == 415
    api.control("settings", bulk_upload_bytes=40)
    assert error(upload(api, id, "L" * 31)) == (400, "EXCEEDEDQUOTA")
    assert upload(api, id, "L" * 30).status_code == 201
    close(api, id)
    assert error(upload(api, id, "LastName\nRoe\n")) == (400, "INVALIDJOBSTATE")
    assert error(close(api, id)) == (400, "INVALIDJOBSTATE")


def test_a_chunked_upload_is_read_whole(api: Api) -> None:
    id = make(api, "insert")["id"]
    parts = iter([b"LastName,Comp", b"any\nRoe,Ac", b"me\n"])
    assert api.call("PUT", f"{JOBS}/{id}/batches", data=parts, headers=CSV).status_code == 201
    close(api, id)
    assert counts(told(api, id)) == ("JobComplete", 1, 0)


def test_a_job_left_open_is_closed_after_a_day(api: Api) -> None:
    id = make(api, "insert")["id"]
    upload(api, id, "LastName,Company\nRoe,Acme\n")
    api.sandbox.clock.advance(86_399)
    api.sign_in()
    assert told(api, id)["state"] == "Open"
    api.sandbox.clock.advance(1)
    assert told(api, id)["state"] == "Aborted"
    assert list(table(api, id, "unprocessedrecords", "LastName")) == ["Roe"]
