"""What Salesforce's errors lead to."""

import json
from typing import Any

import pytest

from mksync.errors import AccessError, ConfigError, MksyncError, Temporary
from mksync.vendors.salesforce.codes import RULES, Act
from mksync.vendors.salesforce.errors import CallRefused, MissingError, classify, problem
from mksync.wire.reply import Headers, Reply
from mksync.wire.verdict import Fail, Ok, RenewToken, Retry, Verdict, Wait


def verdict(status: int, body: Any) -> Verdict:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return classify(Reply(status, Headers({"Content-Type": "application/json"}), raw))


def said(code: str, message: str = "…") -> list[dict[str, str]]:
    return [{"errorCode": code, "message": message}]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {}, Ok),
        (201, {}, Ok),
        (204, b"", Ok),
        (401, said("INVALID_SESSION_ID", "Session expired or invalid"), RenewToken),
        (401, b"", RenewToken),
        (403, said("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), Wait),
        (400, said("UNABLE_TO_LOCK_ROW"), Wait),
        (500, said("UNKNOWN_EXCEPTION"), Retry),
        (400, said("QUERY_TIMEOUT"), Retry),  # the code counts, not the status
        (503, said("SERVER_UNAVAILABLE"), Retry),
        (503, b"<html>down</html>", Retry),
        (502, b"", Retry),
        (420, b"", Retry),
        (406, b"", Retry),
        (404, b"<html>", Retry),  # not Salesforce's own words: something in between
    ],
)
def test_an_answer_tells_the_session_what_to_do(status: int, body: Any, kind: type) -> None:
    assert isinstance(verdict(status, body), kind)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, said("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), Temporary),
        (400, said("INVALID_QUERY_LOCATOR"), Temporary),
        (403, said("INSUFFICIENT_ACCESS"), AccessError),
        (400, said("INVALID_FIELD", "No such column 'Foo' on entity 'Lead'."), AccessError),
        (400, said("INVALID_TYPE"), MissingError),
        (404, said("NOT_FOUND"), MissingError),
        (403, b"<html>", AccessError),
        (410, b"", ConfigError),
        (400, said("MALFORMED_QUERY"), CallRefused),
        (414, b"", Temporary),
        (300, ["/services/data/v67.0/sobjects/Contact/0035g00000ZzYyWAAV"], Temporary),
    ],
)
def test_what_repeating_does_not_mend_is_raised_as_what_it_is(status: int, body: Any, error: type[MksyncError]) -> None:
    found = verdict(status, body)
    assert isinstance(found, Fail)
    assert type(found.error) is error
    assert found.error.hint


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("REQUIRED_FIELD_MISSING", Act.REFUSED),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", Act.REFUSED),
        ("FIELD_INTEGRITY_EXCEPTION", Act.REFUSED),
        ("INVALID_EMAIL_ADDRESS", Act.REFUSED),
        ("STRING_TOO_LONG", Act.REFUSED),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Act.REFUSED),
        ("DUPLICATE_VALUE", Act.REFUSED),
        ("DUPLICATES_DETECTED", Act.REFUSED),
        ("ENTITY_IS_LOCKED", Act.LATER),
        ("INACTIVE_OWNER_OR_USER", Act.REFUSED),
        ("INVALID_CROSS_REFERENCE_KEY", Act.REFUSED),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Act.REFUSED),
        ("INSUFFICIENT_ACCESS_OR_READONLY", Act.ACCESS),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", Act.ACCESS),
        ("CANNOT_UPDATE_CONVERTED_LEAD", Act.MOVED),
        ("ENTITY_IS_DELETED", Act.GONE),
        ("NOT_FOUND", Act.GONE),
        ("UNABLE_TO_LOCK_ROW", Act.LOCKED),
        ("SOMETHING_SALESFORCE_INVENTED_TODAY", Act.REFUSED),
    ],
)
def test_a_code_says_what_becomes_of_a_record(code: str, act: Act) -> None:
    assert problem(400, said(code)).act is act


def test_a_refusal_keeps_salesforces_words_and_adds_cause_and_remedy() -> None:
    row = [
        {"statusCode": "INVALID_EMAIL_ADDRESS", "message": "Email: invalid email address: bob@", "fields": ["Email"]}
    ]
    refusal = problem(200, row).refusal
    assert (refusal.code, refusal.message, refusal.fields) == (row[0]["statusCode"], row[0]["message"], ("Email",))
    assert refusal.cause
    assert refusal.remedy


def test_an_unknown_code_keeps_its_raw_text() -> None:
    refusal = problem(400, said("BRAND_NEW_CODE", "raw text of it")).refusal
    assert (refusal.code, refusal.message) == ("BRAND_NEW_CODE", "raw text of it")
    assert "does not know" in refusal.cause


@pytest.mark.parametrize("body", [None, [], {}, "text", [None], [{}], [{"message": "no code"}]])
def test_an_error_without_a_code_goes_by_its_status(body: Any) -> None:
    assert problem(418, body).code == "HTTP_418"


def test_every_code_that_refuses_a_record_explains_itself() -> None:
    lacking = [code for code, rule in RULES.items() if rule.act is Act.REFUSED and not (rule.cause and rule.remedy)]
    assert lacking == []
