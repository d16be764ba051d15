"""What becomes of a read whose bulk query job goes wrong: it goes on by queries, and misses nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mksync.errors import AccessError, Temporary
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.feed_reader import FeedReader
from tests.vendors.salesforce.bulk_org import (
    COMPLETE,
    LEADS,
    QUEUED,
    RUNNING,
    BulkOrg,
    calls_of_jobs,
    csv_of,
    id_of,
    notes,
    person,
    read,
    results,
)
from tests.vendors.salesforce.scripted_org import Org, error
from tests.wire.scripted import FakeClock, Say


@pytest.fixture
def port(connected: Callable[..., SalesforcePort]) -> SalesforcePort:
    return connected(bulk_from=5)


def test_a_job_that_vanishes_while_it_is_read_is_done_without(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    leads.page = 2
    reader, pages = FeedReader(LEADS), []
    for page in port.changes(LEADS, None):
        reader.fold(page)
        pages.append(page)
        leads.job.deleted = leads.job.deleted or len(reader.records) == 4
    assert reader.ids("lead") == [id_of(number) for number in range(7)]
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
    assert reader.ids("lead") == [id_of(number) for number in range(7)]
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
        reader.pulls(connected(bulk_from=5))
    leads.job.states = [COMPLETE]
    reader.pulls(connected(bulk_from=5))
    assert reader.ids("lead") == [id_of(number) for number in range(7)]
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
    assert reader.ids("lead") == [id_of(number) for number in range(7)]


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
    assert reader.ids("lead") == [id_of(number) for number in range(7)]


def test_a_job_that_cannot_be_deleted_does_no_harm(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    org.on("DELETE", "/jobs/query/.*", error("INVALIDJOBSTATE", "no"), 400)
    pages = FeedReader(LEADS).pulls(port)
    assert (sum(len(page.records) for page in pages), notes(pages)) == (7, [])


def test_what_queries_are_refused_for_too_ends_the_read(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    org.on("POST", "/jobs/query", error("API_DISABLED_FOR_ORG", "API is not enabled"), 403)
    org.on("GET", "/query/more-.*", error("API_DISABLED_FOR_ORG", "API is not enabled"), 403)
    with pytest.raises(AccessError, match="API is not enabled"):
        read(port)
