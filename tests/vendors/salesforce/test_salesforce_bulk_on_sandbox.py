"""Bulk query jobs against the emulator, which was written apart from the client."""

import pytest

from mksync.sandbox.faults import AFTER_EFFECT
from tests.vendors.salesforce.sandbox_org import Mirror, World, world

JOBS = "/jobs/query"
EVERYTHING = {
    "lead": [
        "Email", "LastName", "Title", "Company", "Status", "AnnualRevenue", "NumberOfEmployees", "DoNotCall",
        "HasOptedOutOfEmail", "CreatedDate", "LastModifiedDate", "OwnerId", "Description", "Phone", "Rating",
    ],
    "contact": ["Email", "LastName", "Birthdate", "AccountId", "OwnerId", "MailingStreet", "CreatedDate"],
    "account": ["Name", "AnnualRevenue", "NumberOfEmployees", "OwnerId", "BillingStreet"],
    "user": ["Email", "LastName", "IsActive"],
    "opportunity": ["Name", "Amount", "Probability", "CloseDate", "StageName", "IsWon", "AccountId"],
}  # fmt: skip
QUIRKS = ["bulk_plus_zero", "bulk_nul_bytes", "bulk_query_unordered", "short_pages"]


def pulled(here: World, *, in_bulk: bool) -> tuple[Mirror, list[str]]:
    mirror = Mirror(EVERYTHING)
    pages = mirror.pulls(here.connected(bulk_from=1 if in_bulk else 1_000_000))
    return mirror, [note for page in pages for note in page.notes]


def spoil(here: World) -> None:
    """Texts that make trouble in CSV."""
    texts = ['a "quoted", text', "two\nlines", "two\r\nlines", "#N/A", " ", "=1+1", "ümlaut 😀", ",", '"', ""]
    for number, text in enumerate(texts):
        here.others.creates("Lead", LastName=f"Lead {number}", Company="Acme", Description=text, Title=text.strip())


@pytest.mark.parametrize("quirks", [[], *([one] for one in QUIRKS), QUIRKS], ids=str)
def test_a_job_reads_the_same_as_queries_do(quirks: list[str]) -> None:
    with world(people=120, quirks=quirks) as here:
        spoil(here)
        by_queries, _ = pulled(here, in_bulk=False)
        by_jobs, notes = pulled(here, in_bulk=True)
        assert notes == []
        assert by_jobs.records == by_queries.records
        assert by_jobs.gone == by_queries.gone
        assert len(by_jobs.ids("lead")) > 50


def test_a_read_that_is_killed_at_every_page_ends_with_everything() -> None:
    with world(people=60) as here:
        expected, _ = pulled(here, in_bulk=False)
        mirror = Mirror(EVERYTHING)
        for _ in range(200):
            if len(mirror.pulls(here.connected(bulk_from=1), at_most=2)) < 2:
                break
        assert mirror.records == expected.records


def test_what_is_edited_or_deleted_while_a_job_is_read_is_known_in_the_end() -> None:
    with world(people=60) as here:
        mirror = Mirror()
        for number, page in enumerate(here.connected(bulk_from=1).changes(mirror.selection, None)):
            mirror.fold(page)
            if number == 3:
                edited, deleted = mirror.ids("lead")[:2] or _two_leads(here)
                here.others.edits("Lead", edited, Title="edited meanwhile")
                here.others.deletes("Lead", deleted)
                made = here.others.creates("Lead", LastName="Late", Company="Acme")
        here.passes(60)
        mirror.pulls(here.port)
        assert mirror.records[edited].values["Title"] == "edited meanwhile"
        assert deleted not in mirror.records
        assert made in mirror.records


def _two_leads(here: World) -> list[str]:
    leads = Mirror()
    leads.pulls(here.connected(bulk_from=1_000_000))
    return leads.ids("lead")[:2]


@pytest.mark.parametrize("after", [0, 2, 3])
@pytest.mark.parametrize(
    "name",
    [
        *sorted({"reset_before", "gateway_html", "portal", "redirect", "not_json", "other_shape", "empty"}),
        *sorted(AFTER_EFFECT),
        *("http_503", "http_404", "http_429", "token_expired", "server_error", "unavailable"),
        *("API_ERROR", "LIMIT_EXCEEDED", "INVALIDENTITY", "REQUEST_RUNNING_TOO_LONG", "NOBODY_KNOWS"),
    ],
)
def test_a_fault_at_a_call_of_a_job_leaves_no_record_unread(name: str, after: int) -> None:
    with world(people=30) as here:
        expected, _ = pulled(here, in_bulk=False)
        here.fails(name, JOBS, after=after)
        by_jobs, _notes = pulled(here, in_bulk=True)
        assert by_jobs.records == expected.records


@pytest.mark.parametrize("name", ["reset_after", "http_503", "other_shape", "LIMIT_EXCEEDED", "http_403"])
def test_where_no_call_of_a_job_gets_through_queries_do(name: str) -> None:
    with world(people=30) as here:
        expected, _ = pulled(here, in_bulk=False)
        here.fails(name, JOBS, times=10_000)
        by_jobs, notes = pulled(here, in_bulk=True)
        assert by_jobs.records == expected.records
        assert len(notes) == len(EVERYTHING)
