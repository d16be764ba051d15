"""Reading by bulk query jobs: when, and what comes of it."""

from collections.abc import Callable
from typing import Any

import pytest

from mksync.core.records import Gone, Record, Ref
from mksync.errors import Temporary
from mksync.vendors.salesforce import VENDOR, bulk, feed
from mksync.vendors.salesforce.cursor import Mark, text
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.feed_reader import FeedReader
from tests.vendors.salesforce.bulk_org import (
    COMPLETE,
    LEADS,
    NONE_DELETED,
    RUNNING,
    BulkOrg,
    calls_of_jobs,
    id_of,
    notes,
    person,
    read,
    results,
)
from tests.vendors.salesforce.scripted_org import CONTACT, LEAD_B, LEAD_FIELDS, Asked, Org, described
from tests.vendors.salesforce.scripted_org import wire_field as field
from tests.wire.scripted import FakeClock

NEW = "2026-01-31T09:39:50.000+0000"


@pytest.fixture
def port(connected: Callable[..., SalesforcePort]) -> SalesforcePort:
    return connected(bulk_from=5)


def test_many_records_are_read_by_a_job_that_is_deleted_afterwards(
    org: Org, leads: BulkOrg, port: SalesforcePort
) -> None:
    reader = FeedReader(LEADS)
    pages = reader.pulls(port)
    id = leads.job.id
    assert reader.records == {
        id_of(number): Record(
            "lead", id_of(number), {"Email": f"p{number}@x.io", "Title": "CEO"}, "2026-01-31T08:00:00Z"
        )
        for number in range(7)
    }
    assert calls_of_jobs(org) == [
        "POST jobs", f"GET jobs/{id}", f"GET jobs/{id}", f"GET jobs/{id}/results", f"DELETE jobs/{id}",
    ]  # fmt: skip
    assert (leads.job.deleted, notes(pages)) == (True, [])


def test_fewer_records_are_read_by_queries(org: Org, leads: BulkOrg, connected: Callable[..., SalesforcePort]) -> None:
    assert len(read(connected(bulk_from=8)).records) == 7
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
    assert reader.gone == {id_of(3): Gone("lead", id_of(3), "converted", Ref("contact", CONTACT))}
    assert len(reader.records) == 6


def test_many_changes_are_read_by_a_job_too_with_the_deleted_among_them(
    org: Org, leads: BulkOrg, port: SalesforcePort
) -> None:
    leads.rows = [person(number, NEW) for number in range(7)]
    leads.rows[2] = person(2, NEW, IsDeleted=True, MasterRecordId=LEAD_B)
    gone_for_good = {"deletedRecords": [{"id": id_of(99)}, {"id": id_of(2)}]}
    org.on("GET", "/sobjects/Lead/deleted/", NONE_DELETED | gone_for_good)
    reader = read(port, text({"lead": Mark(since="2026-01-31T09:20:00Z")}))
    assert leads.job.operation == "queryAll"
    assert leads.job.query.endswith(" FROM Lead WHERE SystemModstamp >= 2026-01-31T09:20:00Z")
    assert sorted(reader.records) == [id_of(number) for number in (0, 1, 3, 4, 5, 6)]
    assert {one.id: one.reason for one in reader.gone.values()} == {id_of(2): "merged", id_of(99): "deleted"}


def test_what_changed_while_the_job_ran_is_read_behind_it(org: Org, leads: BulkOrg, port: SalesforcePort) -> None:
    """Else a job that a killed run left behind would bring back what others have written over since."""
    reader = FeedReader(LEADS)
    for page in port.changes(LEADS, None):
        reader.fold(page)
        if len(leads.jobs) == 1 and leads.rows[0]["Title"] == "CEO":
            leads.rows[0] = person(0, NEW, Title="retired")
    assert leads.job.rows[0]["Title"] == "CEO"
    assert reader.records[id_of(0)].values["Title"] == "retired"
    assert len(leads.jobs) == 1
    since = read(port, reader.cursor)
    assert list(since.records) == [id_of(0)]


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


@pytest.mark.parametrize("at_most", range(1, 6))
def test_a_first_read_that_is_killed_goes_on_in_the_same_job(
    org: Org, leads: BulkOrg, connected: Callable[..., SalesforcePort], at_most: int
) -> None:
    leads.page = 2
    reader = FeedReader(LEADS)
    reader.pulls(connected(bulk_from=5), at_most)
    read_before = len(org.parts("GET", "/jobs/query/.*/results"))
    pages = reader.pulls(connected(bulk_from=5))
    assert reader.ids("lead") == [id_of(number) for number in range(7)]
    assert (len(leads.jobs), leads.job.deleted) == (1, True)
    assert len(org.parts("GET", "/jobs/query/.*/results")) - read_before <= 4 - max(0, read_before - 1)
    assert notes(pages) == []


@pytest.mark.parametrize("at_most", range(1, 7))
@pytest.mark.parametrize("bulk_from", [5, 100], ids=["by a job", "by queries"])
def test_a_page_is_handed_over_in_steps_and_whoever_is_killed_between_two_misses_nothing(
    leads: BulkOrg,
    connected: Callable[..., SalesforcePort],
    monkeypatch: pytest.MonkeyPatch,
    bulk_from: int,
    at_most: int,
) -> None:
    for module in (feed, bulk):
        monkeypatch.setattr(module, "STEP", 2)
    leads.first = leads.page = 5
    reader = FeedReader(LEADS)
    pages = reader.pulls(connected(bulk_from=bulk_from), at_most)
    pages += reader.pulls(connected(bulk_from=bulk_from))
    assert reader.ids("lead") == [id_of(number) for number in range(7)]
    assert max(len(page.records) for page in pages) == 2


def test_where_a_job_comes_to_nothing_the_page_that_told_how_many_there_are_is_asked_for_again(
    org: Org, leads: BulkOrg, port: SalesforcePort
) -> None:
    leads.states = ("Failed",)
    assert len(read(port).records) == 7
    assert [leads.job.deleted, len(org.parts("GET", "/query"))] == [True, 2]


@pytest.mark.parametrize("lost", ["vanished", "failed"])
def test_a_job_that_is_no_longer_there_is_begun_anew(
    org: Org, leads: BulkOrg, connected: Callable[..., SalesforcePort], lost: str
) -> None:
    leads.page = 2
    reader = FeedReader(LEADS)
    reader.pulls(connected(bulk_from=5), 5)
    if lost == "vanished":
        leads.jobs[0].deleted = True
    else:
        leads.jobs[0].states = ["Failed"]
    reader.pulls(connected(bulk_from=5))
    assert reader.ids("lead") == [id_of(number) for number in range(7)]
    assert len(leads.jobs) == 2


def test_who_does_not_want_to_wait_for_a_job_any_longer_has_queries_read(
    leads: BulkOrg, connected: Callable[..., SalesforcePort]
) -> None:
    leads.states = (RUNNING,)
    reader = FeedReader(LEADS)
    with pytest.raises(Temporary) as caught:
        reader.pulls(connected(bulk_from=5))
    assert "`bulk_from`" in caught.value.hint
    reader.pulls(connected(bulk_from=8))
    assert reader.ids("lead") == [id_of(number) for number in range(7)]
