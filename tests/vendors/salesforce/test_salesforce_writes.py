"""Guarded updates: what is sent, and what becomes of each record."""

from typing import Any

import pytest

from mksync.core.records import Outcome, Record, Write
from mksync.errors import AccessError, MksyncError, OutcomeUnknown, Temporary
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.salesforce.scripted_org import LEAD, LEAD_B, LEAD_C, Answer, Asked, Org, error, lead
from tests.wire.scripted import FakeClock, Say

READ = "2026-01-31T09:15:00Z"
AFTER = "2026-01-31T09:40:00.000+0000"


def update(ref: int, id: str, version: str | None = READ, **values: Any) -> Write:
    return Write(ref, "lead", id, values or {"Title": "CTO"}, version)


def holds(org: Org, *rows: dict[str, Any] | None) -> None:
    org.on("POST", "/composite/sobjects/Lead", list(rows))


def written(port: SalesforcePort, *writes: Write) -> list[Outcome]:
    return list(port.write("lead", writes, ["Title"]))


@pytest.fixture
def org(org: Org) -> Org:
    """Every update works."""
    org.on("PATCH", "/sobjects/Lead/.*", None, 204)
    return org


def test_an_update_is_sparse_guarded_and_read_back_in_one_call(org: Org, port: SalesforcePort) -> None:
    port.describe("lead")
    before = port.calls
    holds(org, lead(LEAD, AFTER, Title="CTO"), lead(LEAD_B, AFTER, Title=None))
    outcomes = written(port, update(1, LEAD), update(2, LEAD_B, Title=None))
    assert outcomes == [
        Outcome(1, "written", Record("lead", LEAD, {"Title": "CTO"}, "2026-01-31T09:40:00Z")),
        Outcome(2, "written", Record("lead", LEAD_B, {"Title": None}, "2026-01-31T09:40:00Z")),
    ]
    assert port.calls - before == 1
    first, second = org.parts("PATCH", "/sobjects/Lead/.*")
    assert (first.body, second.body) == ({"Title": "CTO"}, {"Title": None})
    assert first.headers == {
        "Sforce-Auto-Assign": "false",
        "If-Unmodified-Since": "Sat, 31 Jan 2026 09:15:00 GMT",
    }


def test_what_the_server_made_of_a_value_is_what_was_written(org: Org, port: SalesforcePort) -> None:
    holds(org, lead(LEAD, AFTER, Title="Chief Technology"))
    (outcome,) = written(port, update(1, LEAD))
    assert outcome.record
    assert outcome.record.values == {"Title": "Chief Technology"}


def test_a_write_without_a_version_is_not_guarded(org: Org, port: SalesforcePort) -> None:
    holds(org, lead(LEAD, AFTER, Title="CTO"))
    written(port, update(1, LEAD, version=None))
    assert "If-Unmodified-Since" not in org.parts("PATCH", "/sobjects/Lead/.*")[0].headers


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (412, None, "moved"),
        (412, error("PRECONDITION_FAILED", "…"), "moved"),
        (400, error("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"), "moved"),
        (404, error("ENTITY_IS_DELETED", "entity is deleted"), "gone"),
        (404, error("NOT_FOUND", "Provided external ID field does not exist or is not accessible: 00Q…"), "gone"),
        (400, error("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Title must be polite", "Title"), "refused"),
        (400, error("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Title.", "Title"), "refused"),
        (403, error("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"), "refused"),
        (500, error("UNKNOWN_EXCEPTION", "An unexpected error occurred. ErrorId 1-2 (3)"), "refused"),
        (400, error("NEVER_HEARD_OF", "raw"), "refused"),
    ],
)
def test_one_records_trouble_is_its_own(org: Org, port: SalesforcePort, status: int, body: Any, kind: str) -> None:
    org.on("PATCH", f"/sobjects/Lead/{LEAD}", body, status)
    holds(org, lead(LEAD, Title=None), lead(LEAD_B, AFTER, Title="CTO"))
    troubled, fine = written(port, update(1, LEAD), update(2, LEAD_B))
    assert (troubled.ref, troubled.kind, troubled.record) == (1, kind, None)
    assert fine.kind == "written"
    if kind == "refused":
        assert troubled.refusal
        assert (troubled.refusal.code, troubled.refusal.message) == (body[0]["errorCode"], body[0]["message"])


def test_a_record_that_vanished_right_after_the_write_is_gone(org: Org, port: SalesforcePort) -> None:
    holds(org, None)
    assert [one.kind for one in written(port, update(1, LEAD))] == ["gone"]


def test_a_locked_record_is_tried_again_alone_and_then_written(
    org: Org, port: SalesforcePort, clock: FakeClock
) -> None:
    locks = iter([True, True, False])

    def locked(asked: Asked) -> Answer:
        return (400, error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")) if next(locks) else (204, None)

    org.on("PATCH", f"/sobjects/Lead/{LEAD}", locked)
    org.on(
        "POST",
        "/composite/sobjects/Lead",
        lambda asked: (200, [lead(id, AFTER, Title="CTO") for id in asked.body["ids"]]),
    )
    outcomes = written(port, update(1, LEAD), update(2, LEAD_B))
    assert {one.ref: one.kind for one in outcomes} == {1: "written", 2: "written"}
    assert len(org.parts("PATCH", f"/sobjects/Lead/{LEAD_B}")) == 1
    assert len(clock.sleeps) == 2
    assert not {1.0, 3.0} & set(clock.sleeps)  # two that met once must not meet again


def test_a_record_that_stays_locked_is_refused_as_passing(org: Org, port: SalesforcePort, clock: FakeClock) -> None:
    org.on("PATCH", f"/sobjects/Lead/{LEAD}", error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"), 400)
    holds(org, lead(LEAD, Title=None))
    (outcome,) = written(port, update(1, LEAD))
    assert outcome.kind == "refused"
    assert outcome.refusal
    assert "passes" in outcome.refusal.cause
    assert len(org.parts("PATCH", "/sobjects/Lead/.*")) == 4
    assert sum(clock.sleeps) < 20


@pytest.mark.parametrize("lost", [Say(reset=True), Say(503, b"<html>"), Say(500, error("UNKNOWN_EXCEPTION", "…"))])
def test_a_lost_answer_is_unknown_and_never_sent_twice(org: Org, port: SalesforcePort, lost: Say) -> None:
    port.describe("lead")
    org.then(lost)
    with pytest.raises(OutcomeUnknown):
        written(port, update(1, LEAD))
    assert org.calls.count("POST /services/data/v67.0/composite") == 1


def test_a_call_that_salesforce_did_not_process_is_sent_again(org: Org, port: SalesforcePort) -> None:
    port.describe("lead")
    org.then(Say(403, error("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")))
    holds(org, lead(LEAD, AFTER, Title="CTO"))
    assert [one.kind for one in written(port, update(1, LEAD))] == ["written"]


def test_a_days_quota_that_is_used_up_stops_the_run(org: Org, port: SalesforcePort) -> None:
    port.describe("lead")
    org.then(Say(403, error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")))
    with pytest.raises(Temporary, match="TotalRequests"):
        written(port, update(1, LEAD))


def test_a_read_back_that_failed_alone_is_made_up_for(org: Org, port: SalesforcePort) -> None:
    answers = iter([(400, error("QUERY_TIMEOUT", "…")), (200, [lead(LEAD, AFTER, Title="CTO")])])
    org.on("POST", "/composite/sobjects/Lead", lambda asked: next(answers))
    assert [one.kind for one in written(port, update(1, LEAD))] == ["written"]


def test_a_write_that_cannot_be_read_back_at_all_is_unknown(org: Org, port: SalesforcePort) -> None:
    org.on("POST", "/composite/sobjects/Lead", error("INVALID_FIELD", "No such column 'Title'"), 400)
    with pytest.raises(OutcomeUnknown):
        written(port, update(1, LEAD))


def create(ref: int, **values: Any) -> Write:
    return Write(ref, "lead", None, {"LastName": "Roe", "Company": "Acme", **values})


def creates(asked: Asked) -> Answer:
    if "Company" not in asked.body:
        return 400, error("REQUIRED_FIELD_MISSING", "Required fields are missing: [Company]")
    return 201, {"id": LEAD_C, "success": True, "errors": []}


def test_a_create_is_read_back_in_the_same_call_and_a_refused_one_does_not_hinder_it(
    org: Org, port: SalesforcePort
) -> None:
    port.describe("lead")
    org.on("POST", "/sobjects/Lead", creates)
    org.on("GET", "/sobjects/Lead/@.w1.id.", lead(LEAD_C, AFTER, Title="CTO"))
    before = port.calls
    refused, made = port.write(
        "lead", [Write(2, "lead", None, {"LastName": "Roe", "Title": None}), create(1, Title="CTO")], ["Title"]
    )
    assert made == Outcome(1, "written", Record("lead", LEAD_C, {"Title": "CTO"}, "2026-01-31T09:40:00Z"), created=True)
    assert refused.refusal
    assert refused.refusal.code == "REQUIRED_FIELD_MISSING"
    assert port.calls - before == 1
    calls = org.parts("POST", "/sobjects/Lead")
    assert [call.body for call in calls] == [
        {"LastName": "Roe"},
        {"LastName": "Roe", "Company": "Acme", "Title": "CTO"},
    ]
    assert all(call.headers["Sforce-Auto-Assign"] == "false" for call in calls)


def test_a_create_whose_read_failed_stands_and_is_read_by_itself(org: Org, port: SalesforcePort) -> None:
    org.on("POST", "/sobjects/Lead", creates)
    org.on("GET", "/sobjects/Lead/@.w1.id.", error("SERVER_UNAVAILABLE", "busy"), 503)
    holds(org, lead(LEAD_C, AFTER, Title=None))
    (made,) = written(port, create(1))
    assert (made.kind, made.created, made.record and made.record.id) == ("written", True, LEAD_C)


def test_a_create_whose_answer_was_lost_is_never_sent_twice(org: Org, port: SalesforcePort) -> None:
    port.describe("lead")
    org.then(Say(reset=True))
    with pytest.raises(OutcomeUnknown):
        written(port, create(1))
    assert org.calls.count("POST /services/data/v67.0/composite") == 1


def test_a_field_that_the_sync_user_does_not_see_is_not_sent(org: Org, port: SalesforcePort) -> None:
    with pytest.raises(AccessError, match="Hidden__c"):
        written(port, update(1, LEAD, Hidden__c="x"))
    assert org.parts("PATCH", ".*") == []


UNREADABLE = Say(400, error("JSON_PARSER_ERROR", "Unexpected character at [line:1, column:7]"))


def test_a_call_that_is_refused_whole_is_sent_in_halves_until_the_one_record_stands_alone(
    org: Org, port: SalesforcePort
) -> None:
    port.describe("lead")
    holds(org, lead(LEAD_C, AFTER, Title="CTO"))
    before = port.calls
    org.then(UNREADABLE, UNREADABLE, UNREADABLE)  # all three, the first, and the next two
    outcomes = written(port, update(1, LEAD), update(2, LEAD_B), update(3, LEAD_C))
    assert [(one.ref, one.kind) for one in outcomes] == [(1, "refused"), (2, "gone"), (3, "written")]
    assert outcomes[0].refusal
    assert (outcomes[0].refusal.code, outcomes[0].refusal.cause) == (
        "JSON_PARSER_ERROR",
        "The value is of another type than the Salesforce field.",
    )
    assert port.calls - before == 5


def test_creates_that_are_refused_whole_are_sent_in_halves(org: Org, port: SalesforcePort) -> None:
    port.describe("lead")
    org.on("POST", "/sobjects/Lead", creates)
    holds(org, lead(LEAD_C, AFTER, Title="CTO"))
    org.then(UNREADABLE, UNREADABLE)
    outcomes = written(port, create(1), create(2))
    assert [(one.ref, one.kind, one.created) for one in outcomes] == [(1, "refused", False), (2, "written", True)]


def test_a_call_that_nobody_can_make_is_no_records_fault(org: Org, port: SalesforcePort) -> None:
    port.describe("lead")
    org.then(Say(405, error("METHOD_NOT_ALLOWED", "HTTP Method 'POST' not allowed.")))
    with pytest.raises(MksyncError):
        written(port, update(1, LEAD), update(2, LEAD_B))
