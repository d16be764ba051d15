"""Reading by bulk query jobs: when, what comes of it, and what becomes of a read whose job goes wrong."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from mksync.core.records import Gone, Page, Record, Ref
from mksync.errors import AccessError, Temporary
from mksync.vendors.salesforce import VENDOR
from mksync.vendors.salesforce.cursor import Mark, text
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.feed_reader import FeedReader
from tests.vendors.salesforce.bulk_org import COMPLETE, QUEUED, RUNNING, BulkOrg, csv_of, results
from tests.vendors.salesforce.scripted_org import BASE, CONTACT, LEAD_B, LEAD_FIELDS, Asked, Org, described, error, lead
from tests.vendors.salesforce.scripted_org import wire_field as field
from tests.wire.scripted import FakeClock, Say

LEADS = {"lead": ["Email", "Title"]}
OLD, NEW = "2026-01-31T08:00:00.000+0000", "2026-01-31T09:39:50.000+0000"
COVERED = {"ids": [], "latestDateCovered": "2026-01-31T09:39:00.000+0000"}
NONE_DELETED = {"deletedRecords": [], "earliestDateAvailable": "2026-01-16T02:11:00.000+0000"}
JOBS = f"{BASE}/jobs/query"


def person(number: int, stamp: str = OLD, **values: Any) -> dict[str, Any]:
    return lead(_id(number), stamp, **{"Email": f"p{number}@x.io", "Title": "CEO", **values})


def _id(number: int) -> str:
    return f"00Q5g0000000{number:03}AAA"


@pytest.fixture
def connected(org: Org, clock: FakeClock) -> Callable[..., SalesforcePort]:
    """A port that reads so many records by a job."""

    def connect(least: int = 5) -> SalesforcePort:
        table = {"system": "salesforce", "url": org.server.url, "client_id": "3MVG9", "client_secret": "s3cret"}
        return cast("SalesforcePort", VENDOR.open(VENDOR.settings({**table, "bulk_from": least}, "[crm]"), clock))

    return connect


@pytest.fixture
def port(connected: Callable[..., SalesforcePort]) -> SalesforcePort:
    return connected()


@pytest.fixture
def leads(org: Org) -> BulkOrg:
    """Seven, which nobody edited lately."""
    org.on("GET", "/sobjects/Lead/updated/", COVERED)
    org.on("GET", "/sobjects/Lead/deleted/", NONE_DELETED)
    return BulkOrg(org, "Lead", [person(number) for number in range(7)])


def read(port: SalesforcePort, cursor: str | None = None) -> FeedReader:
    reader = FeedReader(LEADS)
    reader.cursor = cursor
    reader.pulls(port)
    return reader


def notes(pages: list[Page]) -> list[str]:
    return [note for page in pages for note in page.notes]


def calls_of_jobs(org: Org) -> list[str]:
    return [call.replace(JOBS, "jobs") for call in org.calls if JOBS in call]


def test_many_records_are_read_by_a_job_that_is_deleted_afterwards(
    org: Org, leads: BulkOrg, port: SalesforcePort
) -> None:
    reader = FeedReader(LEADS)
    pages = reader.pulls(port)
    id = leads.job.id
    assert reader.records == {
        _id(number): Record("lead", _id(number), {"Email": f"p{number}@x.io", "Title": "CEO"}, "2026-01-31T08:00:00Z")
        for number in range(7)
    }
    assert calls_of_jobs(org) == [
        "POST jobs", f"GET jobs/{id}", f"GET jobs/{id}", f"GET jobs/{id}/results", f"DELETE jobs/{id}",
    ]  # fmt: skip
    assert (leads.job.deleted, notes(pages)) == (True, [])


def test_fewer_records_are_read_by_queries(org: Org, leads: BulkOrg, connected: Callable[..., SalesforcePort]) -> None:
    assert len(read(connected(8)).records) == 7
    assert leads.jobs == []


def test_unless_it_is_set_otherwise_twenty_thousand_records_are_many() -> None:
    table = {"url": "https://acme.my.salesforce.com", "client_id": "3MVG9", "client_secret": "s3cret"}
    assert VENDOR.settings(table, "[crm]").bulk_from == 20_000


def test_a_job_asks_for_all_fields_and_in_no_order(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    read(port)
    assert leads.job.operation == "query"
    assert leads.job.query == (
        "SELECT Id, SystemModstamp, IsDeleted, MasterRecordId, IsConverted, ConvertedContactId, Email, Title FROM Lead"
    )


def test_more_fields_than_an_address_takes_are_no_trouble_for_a_job(
    org: Org, leads: BulkOrg, port: SalesforcePort
) -> None:
    long = [f"A_field_with_quite_a_long_name_{number:04}__c" for number in range(600)]
    org.on("GET", "/sobjects/Lead/describe", described("Lead", [*LEAD_FIELDS, *map(field, long)]))
    leads.rows = [person(number, **dict.fromkeys(long, "x")) for number in range(7)]
    found = [one for page in port.changes({"lead": long}, None) for one in page.records]
    assert [len(one.values) for one in found] == [600] * 7
    assert org.parts("POST", "/composite/sobjects/Lead") == []


def test_a_wide_job_is_read_in_smaller_pages(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    read(port)
    (narrow,) = org.parts("GET", "/jobs/query/.*/results")
    wide = [f"F{number}__c" for number in range(100)]
    org.on("GET", "/sobjects/Lead/describe", described("Lead", [*LEAD_FIELDS, *map(field, wide)]))
    port.describe("lead")
    leads.rows = [person(number, **dict.fromkeys(wide, "x")) for number in range(7)]
    list(port.changes({"lead": wide}, None))
    assert narrow.query == {"maxRecords": "25000"}
    assert int(org.parts("GET", "/jobs/query/.*/results")[-1].query["maxRecords"]) * 100 < 800_000


def test_an_answer_that_is_too_large_is_asked_for_again_with_fewer_records(
    org: Org, leads: BulkOrg, port: SalesforcePort
) -> None:
    def large(asked: Asked) -> Any:
        most = int(asked.query["maxRecords"])
        return leads._results(asked) if most < 10_000 else results(b"x" * (64 * 2**20 + 1), most)

    org.on("GET", "/jobs/query/.*/results", large)
    assert len(read(port).records) == 7
    assert [one.query["maxRecords"] for one in org.parts("GET", "/jobs/query/.*/results")] == ["25000", "12500", "6250"]


def test_pages_of_a_job_are_followed_by_their_locators(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    leads.page = 3
    assert len(read(port).records) == 7
    assert [one.query.get("locator") for one in org.parts("GET", "/jobs/query/.*/results")] == [None, "Mw==", "Ng=="]


def test_converted_leads_come_as_gone(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    leads.rows[3] = person(3, IsConverted=True, ConvertedContactId=CONTACT)
    reader = read(port)
    assert reader.gone == {_id(3): Gone("lead", _id(3), "converted", Ref("contact", CONTACT))}
    assert len(reader.records) == 6


def test_many_changes_are_read_by_a_job_too_with_the_deleted_among_them(
    org: Org, leads: BulkOrg, port: SalesforcePort
) -> None:
    leads.rows = [person(number, NEW) for number in range(7)]
    leads.rows[2] = person(2, NEW, IsDeleted=True, MasterRecordId=LEAD_B)
    gone_for_good = {"deletedRecords": [{"id": _id(99)}, {"id": _id(2)}]}
    org.on("GET", "/sobjects/Lead/deleted/", NONE_DELETED | gone_for_good)
    reader = read(port, text({"lead": Mark(since="2026-01-31T09:20:00Z")}))
    assert leads.job.operation == "queryAll"
    assert leads.job.query.endswith(" FROM Lead WHERE SystemModstamp >= 2026-01-31T09:20:00Z")
    assert sorted(reader.records) == [_id(number) for number in (0, 1, 3, 4, 5, 6)]
    assert {one.id: one.reason for one in reader.gone.values()} == {_id(2): "merged", _id(99): "deleted"}


def test_what_changed_while_the_job_ran_is_read_behind_it(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    """Else a job that a killed run left behind would bring back what others have written over since."""
    reader = FeedReader(LEADS)
    for page in port.changes(LEADS, None):
        reader.fold(page)
        if len(leads.jobs) == 1 and leads.rows[0]["Title"] == "CEO":
            leads.rows[0] = person(0, NEW, Title="retired")
    assert leads.job.rows[0]["Title"] == "CEO"
    assert reader.records[_id(0)].values["Title"] == "retired"
    assert len(leads.jobs) == 1
    since = read(port, reader.cursor)
    assert list(since.records) == [_id(0)]


def test_waits_for_a_job_grow_up_to_ten_seconds(
    org: Org, leads: BulkOrg, port: SalesforcePort, clock: FakeClock
) -> None:
    leads.states = (*[RUNNING] * 6, COMPLETE)
    read(port)
    assert clock.sleeps == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_a_run_that_waits_for_a_job_can_be_stopped_between_two_looks(leads: BulkOrg, port: SalesforcePort) -> None:
    leads.states = (*[RUNNING] * 50, COMPLETE)
    reader = FeedReader(LEADS)
    assert [len(page.records) for page in reader.pulls(port, at_most=5)] == [0] * 5


@pytest.mark.parametrize("at_most", range(1, 7))
def test_a_first_read_that_is_killed_goes_on_in_the_same_job(
    org: Org, leads: BulkOrg, connected: Callable[..., SalesforcePort], at_most: int
) -> None:
    leads.page = 2
    reader = FeedReader(LEADS)
    reader.pulls(connected(), at_most)
    read_before = len(org.parts("GET", "/jobs/query/.*/results"))
    pages = reader.pulls(connected())
    assert reader.ids("lead") == [_id(number) for number in range(7)]
    assert (len(leads.jobs), leads.job.deleted) == (1, True)
    assert len(org.parts("GET", "/jobs/query/.*/results")) - read_before <= 4 - max(0, read_before - 1)
    assert notes(pages) == []


@pytest.mark.parametrize("lost", ["vanished", "failed"])
def test_a_job_that_is_no_longer_there_is_begun_anew(
    org: Org, leads: BulkOrg, connected: Callable[..., SalesforcePort], lost: str
) -> None:
    leads.page = 2
    reader = FeedReader(LEADS)
    reader.pulls(connected(), 5)
    if lost == "vanished":
        leads.jobs[0].deleted = True
    else:
        leads.jobs[0].states = ["Failed"]
    reader.pulls(connected())
    assert reader.ids("lead") == [_id(number) for number in range(7)]
    assert len(leads.jobs) == 2


def test_a_job_that_vanishes_while_it_is_read_is_done_without(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    leads.page = 2
    reader, pages = FeedReader(LEADS), []
    for page in port.changes(LEADS, None):
        reader.fold(page)
        pages.append(page)
        leads.job.deleted = leads.job.deleted or len(reader.records) == 4
    assert reader.ids("lead") == [_id(number) for number in range(7)]
    assert [one.split(":")[0] for one in notes(pages)] == ["Lead was read by queries, not by a bulk query job"]


REFUSALS = [
    (400, error("INVALIDENTITY", "Entity 'Lead' is not supported by the Bulk API.")),
    (400, error("API_ERROR", "Selecting compound data not supported in Bulk Query")),
    (403, error("FEATURENOTENABLED", "Feature not enabled")),
    (400, error("EXCEEDEDQUOTA", "ApiQueryJobs Limit exceeded")),
    (403, error("LIMIT_EXCEEDED", "Maximum number of jobs exceeded")),
    (404, error("NOT_FOUND", "The requested resource does not exist")),
    (409, error("INVALIDVERSION", "another version made this job")),
    (500, error("API_ERROR", "Implementation restriction: you need View All")),
    (503, None),
]


@pytest.mark.parametrize("call", ["POST /jobs/query", r"GET /jobs/query/\w+", r"GET /jobs/query/\w+/results"])
@pytest.mark.parametrize(("status", "body"), REFUSALS, ids=lambda one: str(one)[:40])
def test_whatever_a_job_is_refused_for_the_records_are_read_by_queries_with_a_note(
    org: Org, leads: BulkOrg, port: SalesforcePort, call: str, status: int, body: Any
) -> None:
    method, path = call.split()
    org.on(method, path, body, status)
    reader = FeedReader(LEADS)
    pages = reader.pulls(port)
    assert reader.ids("lead") == [_id(number) for number in range(7)]
    (note,) = notes(pages)
    assert note.startswith("Lead was read by queries, not by a bulk query job: ")
    assert (body[0]["message"] if status < 500 else f"HTTP {status}") in note
    assert len(read(port, reader.cursor).records) == 0


@pytest.mark.parametrize("state", ["Failed", "Aborted"])
def test_a_job_that_fails_is_deleted_and_done_without(
    org: Org, leads: BulkOrg, port: SalesforcePort, state: str
) -> None:
    leads.states = (RUNNING, state)
    pages = FeedReader(LEADS).pulls(port)
    assert notes(pages) == [f"Lead was read by queries, not by a bulk query job: the job ended as {state}"]
    assert leads.job.deleted
    assert sum(len(page.records) for page in pages) == 7


def test_a_job_that_is_never_begun_is_taken_back_and_done_without(
    org: Org, leads: BulkOrg, port: SalesforcePort, clock: FakeClock
) -> None:
    leads.states = (QUEUED,)
    pages = FeedReader(LEADS).pulls(port)
    assert sum(len(page.records) for page in pages) == 7
    assert "not begun within 5 minutes" in notes(pages)[0]
    assert calls_of_jobs(org)[-2:] == [f"PATCH jobs/{leads.job.id}", f"DELETE jobs/{leads.job.id}"]
    assert sum(clock.sleeps) < 400


def test_a_job_that_takes_longer_than_a_run_should_wait_is_gone_on_with_by_the_next(
    org: Org, leads: BulkOrg, connected: Callable[..., SalesforcePort], clock: FakeClock
) -> None:
    leads.states = (RUNNING,)
    reader = FeedReader(LEADS)
    with pytest.raises(Temporary, match=r"has not finished the bulk query job 750\w+ within 15 minutes"):
        reader.pulls(connected())
    leads.job.states = [COMPLETE]
    reader.pulls(connected())
    assert reader.ids("lead") == [_id(number) for number in range(7)]
    assert len(leads.jobs) == 1


def _bad_pages() -> Iterator[tuple[str, Say]]:
    columns = ["Id", "SystemModstamp", "IsDeleted", "IsConverted", "Email", "Title"]
    whole = csv_of(columns, [person(number) for number in range(7)])
    yield "too few rows", results(whole, 8)
    yield "too many rows", results(whole, 6)
    yield "no ids", results(whole.replace(b'"Id"', b'"Key"'), 7)
    yield "a row that is too short", results(whole + b'"x"\n', 8)
    yield "an open quote", results(whole + b'"x', 8)
    yield "no UTF-8", results(whole.replace(b"CEO", b"\xff\xfe"), 7)
    yield "a stamp that is none", results(whole.replace(b"08:00", b"late"), 7)


@pytest.mark.parametrize("page", [pytest.param(page, id=name) for name, page in _bad_pages()])
def test_a_page_that_cannot_be_read_is_never_taken_for_less_than_it_is(
    org: Org, leads: BulkOrg, port: SalesforcePort, page: Say
) -> None:
    org.on("GET", "/jobs/query/.*/results", lambda asked: page)
    reader = FeedReader(LEADS)
    assert len(notes(reader.pulls(port))) == 1
    assert reader.ids("lead") == [_id(number) for number in range(7)]


BROKEN = [
    Say(reset=True),
    Say(200, b"Id\n", {"Content-Type": "text/csv", "Content-Length": "9"}, cut=2),
    Say(200, b"", {"Content-Type": "text/csv"}),
    Say(200, b"<html>sign in to the network</html>", {"Content-Type": "text/html"}),
    Say(200, {"hello": "world"}),
    Say(302, b"", {"Location": "https://elsewhere.example"}),
    Say(401, error("INVALID_SESSION_ID", "Session expired or invalid")),
    Say(503, b"<html>", {"Content-Type": "text/html"}),
    Say(429, b""),
]


@pytest.mark.parametrize("call", ["POST", "GET", "results"])
@pytest.mark.parametrize("say", BROKEN, ids=lambda say: f"{say.status}{' reset' * say.reset} {say.body!s:.20}")
def test_a_call_that_breaks_once_is_made_again(
    org: Org, leads: BulkOrg, port: SalesforcePort, call: str, say: Say
) -> None:
    path = {"POST": "/jobs/query", "GET": r"/jobs/query/\w+", "results": "/jobs/query/.*/results"}[call]
    answer = {"POST": leads._create, "GET": leads._look, "results": leads._results}[call]
    broken = [say]
    org.on("POST" if call == "POST" else "GET", path, lambda asked: broken.pop() if broken else answer(asked))
    reader = FeedReader(LEADS)
    assert notes(reader.pulls(port)) == []
    assert reader.ids("lead") == [_id(number) for number in range(7)]


def test_a_job_that_cannot_be_deleted_does_no_harm(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    org.on("DELETE", "/jobs/query/.*", error("INVALIDJOBSTATE", "no"), 400)
    pages = FeedReader(LEADS).pulls(port)
    assert (sum(len(page.records) for page in pages), notes(pages)) == (7, [])


def test_what_queries_are_refused_for_too_ends_the_read(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    org.on("POST", "/jobs/query", error("API_DISABLED_FOR_ORG", "API is not enabled"), 403)
    org.on("GET", "/query/more-.*", error("API_DISABLED_FOR_ORG", "API is not enabled"), 403)
    with pytest.raises(AccessError, match="API is not enabled"):
        read(port)
