"""What survives a restart, and what the demo people are."""

from pathlib import Path

import requests

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.people import demo_people
from mksync.sandbox.server import Sandbox
from tests.sandbox.salesforce.api import Api
from tests.sandbox.salesforce.conftest import NOW, Start


def opened(state: Path) -> Sandbox:
    return Sandbox.start(vendors=("salesforce",), clock=SandboxClock(frozen_at=NOW), state=state, people=50)


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as sandbox, requests.Session() as http:
        api = Api(sandbox, http)
        token = str(http.headers["Authorization"])
        api.control("fields", object="Lead", name="Budget__c", type="double", scale=1, access="edit")
        api.control("access", object="Lead", field="City", access="none")
        api.control("rules", name="Lead_Phone_Digits", active=False)
        api.control("settings", daily_requests=500)
        id = api.lead(Budget__c=1.25, Phone="1")
        key, organisation = api.org.private_key, api.get("").json()["identity"].split("/")[-2]
        api.control("edits", kind="update", object="Lead", id=id, values={"Title": "late"}, open_seconds=60)
        pages = api.query("SELECT Id FROM Lead").json()["totalSize"]
    with opened(tmp_path / "state.db") as sandbox, requests.Session() as http:
        api = Api(sandbox, http)
        http.headers["Authorization"] = token
        record = api.read("Lead", id)
        assert (record["Budget__c"], record["Title"]) == (1.3, None)
        assert "City" not in record
        assert api.query("SELECT Id FROM Lead").json()["totalSize"] == pages
        assert api.lead(Phone="1") > id
        assert api.get("limits").json()["DailyApiRequests"]["Max"] == 500
        assert api.org.private_key == key
        assert api.get("").json()["identity"].split("/")[-2] == organisation
        sandbox.clock.advance(60)
        assert api.read("Lead", id)["Title"] == "late"


def test_jobs_their_data_and_their_results_survive_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as sandbox, requests.Session() as http:
        api = Api(sandbox, http)
        wish = {"operation": "query", "query": "SELECT Id FROM Lead ORDER BY Id"}
        asked = api.post("jobs/query", wish).json()["id"]
        rows = api.get(f"jobs/query/{asked}/results").text
        api.control("settings", bulk_queue_seconds=60)
        given = api.post("jobs/ingest", {"operation": "insert", "object": "Lead"}).json()["id"]
        data, kind = b"LastName,Company\nRoe,Acme\n", {"Content-Type": "text/csv"}
        assert api.call("PUT", f"jobs/ingest/{given}/batches", data=data, headers=kind).status_code == 201
        api.patch(f"jobs/ingest/{given}", {"state": "UploadComplete"})
    with opened(tmp_path / "state.db") as sandbox, requests.Session() as http:
        api = Api(sandbox, http)
        assert api.get(f"jobs/query/{asked}/results").text == rows
        sandbox.clock.advance(60)
        told = api.get(f"jobs/ingest/{given}").json()
        assert (told["state"], told["numberRecordsProcessed"]) == ("JobComplete", 1)


def test_demo_people_stand_where_they_belong_and_hold_what_the_crm_holds(start: Start) -> None:
    api = start(people=300)
    people = [person.in_crm() for person in demo_people(300, 1) if person.place.in_crm]
    leads = {person.email for person in people if not person.place.is_contact}
    contacts = {person.email: person for person in people if person.place.is_contact}
    soql = "SELECT Email, FirstName, LastName, Name, Title, Account.Name, CreatedDate, Fit_Score__c FROM Contact"
    records = api.records(soql)
    assert {record["Email"] for record in api.records("SELECT Email FROM Lead")} == leads
    assert {record["Email"] for record in records} == set(contacts)
    for record in records:
        person = contacts[record["Email"]]
        assert (record["LastName"], record["Title"]) == (person.last_name, person.title)
        assert record["Name"] == f"{person.first_name} {person.last_name}"
        assert record["Account"]["Name"] == person.company
        assert record["CreatedDate"] == person.created.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        assert record["Fit_Score__c"] == person.fit_score
    accounts = api.records("SELECT Name FROM Account")
    assert len(accounts) == len({account["Name"] for account in accounts})


def test_every_demo_record_can_be_saved_as_it_is(start: Start) -> None:
    api = start(people=200)
    for object in ("Lead", "Contact"):
        rows = api.records(f"SELECT Id, LastName FROM {object} LIMIT 200")
        results = api.patch("composite/sobjects", {"records": rows}).json()
        assert [row["errors"] for row in results if not row["success"]] == []


def test_bad_control_requests_say_what_is_wrong(start: Start) -> None:
    url = start().url
    for name, wish, words in (
        ("access", {"object": "Lead", "field": "LastName", "access": "none"}, "access cannot be set on Lead.LastName"),
        ("access", {"object": "Lead", "field": "City", "access": "maybe"}, "none of edit, read, none"),
        ("rules", {"name": "x"}, "a rule needs"),
        ("rules", {"name": "x", "kind": "validation", "object": "Lead"}, "needs check, field, message"),
        ("fields", {"object": "Lead", "name": "Plain"}, "followed by __c"),
        ("fields", {"object": "Lead", "name": "X__c", "type": "blob"}, "no field type"),
        ("settings", {"speed": 1}, "no such setting"),
        ("edits", {"kind": "explode", "object": "Lead"}, "no kind of edit"),
        ("nothing", {}, "no such control"),
    ):
        answer = requests.post(f"{url}/__sandbox__/salesforce/{name}", json=wish, timeout=5)
        assert answer.status_code in (400, 404)
        assert words in answer.json()["error"]
