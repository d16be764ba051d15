"""An independent witness: simple_salesforce, unmodified, works against the emulator.

It always speaks https; the adapter turns that into http for the loopback address.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceOperationError,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from tests.sandbox.salesforce.api import Api
from tests.sandbox.salesforce.conftest import Start


class Plain(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *args, **more)


@pytest.fixture
def api(start: Start) -> Api:
    return start(people=700)


@pytest.fixture
def client(api: Api) -> Iterator[Any]:  # it makes an attribute of every object's name
    with requests.Session() as http:
        http.mount("https://", Plain())
        yield Salesforce(instance_url=api.url, session_id=api.sign_in(), session=http)


def test_it_describes(client: Any) -> None:
    assert {item["name"] for item in client.describe()["sobjects"]} >= {"Lead", "Contact"}
    fields = client.Lead.describe()["fields"]
    assert "Email" in {field["name"] for field in fields}
    assert client.Lead.metadata()["objectDescribe"]["name"] == "Lead"


def test_it_queries_and_follows_pages(client: Any) -> None:
    total = client.query("SELECT COUNT() FROM Lead")["totalSize"]
    client.headers["Sforce-Query-Options"] = "batchSize=200"
    first = client.query("SELECT Id FROM Lead")
    assert (first["done"], len(first["records"])) == (False, 200)
    rest = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert len(rest["records"]) == min(200, total - 200)
    everything = client.query_all("SELECT Id, Name, Owner.Name FROM Lead ORDER BY Name")
    assert len(everything["records"]) == total
    assert sum(1 for _ in client.query_all_iter("SELECT Id FROM Lead", include_deleted=True)) == total


def test_it_creates_reads_changes_upserts_and_deletes(client: Any) -> None:
    id = client.Lead.create({"LastName": "O'Brien", "Company": "Acme", "Email": "W@Example.com"})["id"]
    assert client.Lead.get(id)["Email"] == "w@example.com"
    assert client.Lead.update(id, {"Title": "CTO", "Mkto_Id__c": "w/1"}) == 204
    assert client.Lead.get_by_custom_id("Mkto_Id__c", "w/1")["Title"] == "CTO"
    assert client.Lead.upsert("Mkto_Id__c/new-1", {"LastName": "Roe", "Company": "Acme"}) == 201
    assert client.Lead.upsert("Mkto_Id__c/new-1", {"Title": "CEO"}) == 200
    assert client.Lead.delete(id) == 204


def test_it_reads_what_was_updated_and_deleted(client: Any, api: Api) -> None:
    now = datetime.fromtimestamp(api.sandbox.clock.now(), UTC)
    kept, gone = (client.Lead.create({"LastName": name, "Company": "A"})["id"] for name in ("Kept", "Gone"))
    client.Lead.delete(gone)
    start, end = now - timedelta(minutes=5), now + timedelta(minutes=5)
    assert client.Lead.updated(start, end)["ids"] == [kept]
    assert [row["id"] for row in client.Lead.deleted(start, end)["deletedRecords"]] == [gone]


def test_it_sends_composites(client: Any) -> None:
    made = {"method": "POST", "url": "/services/data/v59.0/sobjects/Lead", "referenceId": "a"}
    body = {"compositeRequest": [{**made, "body": {"LastName": "Roe", "Company": "A"}}]}
    answer = client.restful("composite", method="POST", json=body)
    assert answer["compositeResponse"][0]["httpStatusCode"] == 201


def test_it_runs_bulk_queries_and_follows_their_pages(client: Any) -> None:
    records = client.query_all("SELECT Id, LastName FROM Lead ORDER BY Id")["records"]
    assert len(records) > 400
    soql = "SELECT Id, LastName FROM Lead ORDER BY Id"
    pages = list(client.bulk2.Lead.query(soql, max_records=200, wait=0))
    found = [list(csv.DictReader(io.StringIO(page, newline=""), strict=True)) for page in pages]
    assert [len(page) for page in found[:-1]] == [200] * (len(found) - 1)
    expected = [(record["Id"], record["LastName"]) for record in records]
    assert [(row["Id"], row["LastName"]) for page in found for row in page] == expected
    assert len("".join(client.bulk2.Lead.query_all(soql, wait=0)).splitlines()) == len(records) + 1


def test_a_bulk_query_that_can_not_run_is_an_error_to_it(client: Any, api: Api) -> None:
    with pytest.raises(SalesforceMalformedRequest):
        list(client.bulk2.Lead.query("SELECT Id, Address FROM Lead", wait=0))
    api.control("settings", bulk_failures=1, bulk_failure_message="InternalServerError : no more")
    with pytest.raises(SalesforceOperationError, match="no more"):
        list(client.bulk2.Lead.query("SELECT Id FROM Lead", wait=0))


def test_it_runs_bulk_inserts_updates_upserts_and_deletes(client: Any) -> None:
    rows = [{"LastName": f"R{number}", "Company": "Acme", "Mkto_Id__c": f"w{number}"} for number in range(5)]
    bulk = client.bulk2.Lead
    (made,) = bulk.insert(records=rows, wait=0)
    assert (made["numberRecordsTotal"], made["numberRecordsFailed"], made["numberRecordsProcessed"]) == (5, 0, 5)
    found = csv.DictReader(io.StringIO(bulk.get_successful_records(made["job_id"]), newline=""))
    ids = {row["Mkto_Id__c"]: row["sf__Id"] for row in found}
    (updated,) = bulk.update(records=[{"Id": ids["w1"], "Title": "CEO"}, {"Id": ids["w2"], "Email": "bad"}], wait=0)
    assert updated["numberRecordsFailed"] == 1
    assert "INVALID_EMAIL_ADDRESS" in bulk.get_failed_records(updated["job_id"])
    assert client.Lead.get(ids["w1"])["Title"] == "CEO"
    keyed = [{"Mkto_Id__c": "w1", "Title": "CTO"}, {"Mkto_Id__c": "new", "LastName": "N", "Company": "A"}]
    keyed[0] |= {"LastName": "", "Company": ""}
    keyed[1] |= {"Title": ""}
    (upserted,) = bulk.upsert(records=keyed, external_id_field="Mkto_Id__c", wait=0)
    assert (upserted["numberRecordsProcessed"], upserted["numberRecordsFailed"]) == (2, 0)
    assert client.Lead.get(ids["w1"])["Title"] == "CTO"
    (deleted,) = bulk.delete(records=[{"Id": id} for id in ids.values()], wait=0)
    assert (deleted["numberRecordsProcessed"], deleted["numberRecordsFailed"]) == (5, 0)
    assert bulk.get_unprocessed_records(deleted["job_id"]) == '"Id"\n'


def test_its_error_classes_are_raised_by_the_right_answers(client: Any, api: Api) -> None:
    lead = {"LastName": "Roe", "Company": "Acme"}
    with pytest.raises(SalesforceMalformedRequest) as refused:
        client.Lead.create({**lead, "Phone": "1"})
    content: Any = refused.value.content
    assert content[0]["errorCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    with pytest.raises(SalesforceResourceNotFound):
        client.Lead.get("00Q5g00000zzzzz")
    for _ in range(2):
        client.Lead.create({**lead, "Email": "two@example.com"})
    with pytest.raises(SalesforceMoreThanOneRecord):
        client.Lead.get_by_custom_id("Email", "two@example.com")
    api.fault("rate_limit")
    with pytest.raises(SalesforceRefusedRequest):
        client.query("SELECT Id FROM Lead")
    api.fault("unavailable")
    with pytest.raises(SalesforceGeneralError):
        client.query("SELECT Id FROM Lead")
    api.control("sessions", end=True)
    with pytest.raises(SalesforceExpiredSession):
        client.query("SELECT Id FROM Lead")


def test_it_reads_its_usage_from_the_header(client: Any) -> None:
    client.query("SELECT Id FROM Lead LIMIT 1")
    usage = client.api_usage["api-usage"]
    assert (usage.used, usage.total) == (1, 115_000)
