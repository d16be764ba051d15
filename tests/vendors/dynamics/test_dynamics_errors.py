"""What answers mean: for a call, and as words for people."""

import json
from typing import Any

import pytest

from mksync.errors import AccessError, MksyncError, Temporary
from mksync.vendors.dynamics.codes import RULES, Act
from mksync.vendors.dynamics.errors import Problem, classify, problem, raised
from mksync.wire.reply import Headers, Reply
from mksync.wire.verdict import Fail, Ok, RenewToken, Retry, Wait


def reply(status: int, body: Any = b"") -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, Headers({"Content-Type": "application/json"}), raw)


def coded(code: str, message: str = "words") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, b"{}", Ok),
        (204, b"", Ok),
        (304, b"", Ok),
        (401, b"", RenewToken),
        (401, b"<html>", RenewToken),
        (401, coded("0x80040225"), Fail),
        (400, coded("0x80044352"), Ok),
        (500, coded("0x80044352"), Ok),
        (403, coded("0x80040220"), Ok),
        (404, b"<html>", Retry),  # not Dataverse's own words: something in between
        (403, b"<html>", Ok),
        (412, coded("0x80060882"), Ok),
        (413, coded("0x8004418A"), Ok),
        (429, coded("0x80072322"), Wait),
        (429, b"", Wait),
        (503, coded("0x80072321"), Wait),
        (400, coded("0x8005f103"), Fail),
        (429, coded("0x8005F103"), Fail),
        (500, coded("0x80040216"), Retry),
        (500, coded("0x80044150", "Sql Number: 1205"), Retry),
        (500, coded("0x80040333"), Ok),
        (500, coded("0x80040265", "A plug-in"), Ok),
        (500, coded("0x80049999", "nobody knows"), Retry),
        (502, b"<html>Bad Gateway</html>", Retry),
        (503, b"", Retry),
        (504, b"", Retry),
        (501, coded("0x80049999"), Fail),
    ],
)
def test_what_a_session_does_with_an_answer(status: int, body: Any, verdict: type[object]) -> None:
    assert type(classify(reply(status, body))) is verdict


@pytest.mark.parametrize("spelling", ["0x80040220", "0X80040220", "0x80040220".upper()])
def test_codes_are_known_in_any_case(spelling: str) -> None:
    assert Problem(403, spelling, "").act is Act.ACCESS
    assert Problem(403, "0x8004F507", "").act is Problem(403, "0x8004f507", "").act


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (coded("0x1", "words"), "0x1", "words"),
        ({"error": {"code": "", "message": "words"}}, "", "words"),
        ({"Message": "An error", "ExceptionMessage": "words", "ErrorCode": -1}, "-1", "words"),
        ({"Message": "words"}, "", "words"),
        (None, "", ""),
        ([], "", ""),
        ({"error": "words"}, "", ""),
    ],
)
def test_every_envelope_is_read(body: Any, code: str, message: str) -> None:
    found = problem(400, body)
    assert (found.code, found.message) == (code, message)


@pytest.mark.parametrize(
    ("found", "error"),
    [
        (Problem(403, "0x80072560", "The user is not a member of the organization."), AccessError),
        (Problem(403, "", ""), AccessError),
        (
            Problem(400, "0x0", "Could not find a property named 'x' on type 'Microsoft.Dynamics.CRM.lead'."),
            AccessError,
        ),
        (Problem(404, "0x8006088a", "Resource not found for the segment 'Account'."), AccessError),
        (Problem(429, "0x80072326", ""), Temporary),
        (Problem(503, "", ""), Temporary),
        (Problem(400, "0x80040203", "words"), Temporary),
    ],
)
def test_a_problem_of_a_whole_call_is_a_situation(found: Problem, error: type[MksyncError]) -> None:
    told = raised(found)
    assert type(told) is error
    assert told.hint
    assert told.message.startswith("Dynamics")


@pytest.mark.parametrize(("code", "rule"), RULES.items())
def test_every_code_has_a_cause_and_a_remedy_where_a_person_gets_to_read_it(code: str, rule: Any) -> None:
    assert code == code.lower()
    assert rule.cause.endswith(".")
    if rule.act not in (Act.GONE, Act.MOVED, Act.EXPIRED):
        assert rule.remedy.endswith(".")
    refusal = Problem(400, code, "words").refusal
    assert (refusal.cause, refusal.remedy) == (rule.cause, rule.remedy)


def test_the_customers_own_words_come_first() -> None:
    refusal = Problem(400, "0x80040265", "Country is mandatory for EU leads.").refusal
    assert refusal.message == "Country is mandatory for EU leads."
    assert "plug-in" in refusal.cause


def test_an_unknown_code_is_refused_in_the_vendors_words() -> None:
    refusal = Problem(400, "0x8004ABCD", "Nobody knows").refusal
    assert (refusal.code, refusal.message, refusal.passing) == ("0x8004ABCD", "Nobody knows", False)
    assert refusal.cause
