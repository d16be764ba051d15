"""What Marketo's codes mean."""

import pytest

from mksync.errors import AccessError, Temporary
from mksync.vendors.marketo.codes import CODES
from mksync.vendors.marketo.errors import RequestRefused, classify, refusal
from mksync.wire import jsontext
from mksync.wire.reply import Headers, Reply
from mksync.wire.verdict import Fail, Ok, RenewToken, Retry, Wait


def _reply(body: object, status: int = 200) -> Reply:
    raw = body if isinstance(body, bytes) else jsontext.dumps(body)
    return Reply(status, Headers({"Content-Type": "application/json"}), raw)


def _failure(code: str, status: int = 200) -> Reply:
    return _reply({"requestId": "a#1", "success": False, "errors": [{"code": code, "message": "said so"}]}, status)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("500", Retry),
        ("502", Retry),
        ("601", RenewToken),
        ("602", RenewToken),
        ("604", Retry),
        ("606", Wait),
        ("608", Retry),
        ("611", Retry),
        ("614", Retry),
        ("615", Wait),
        ("713", Retry),
        ("719", Retry),
        ("1014", Retry),
        ("1022", Retry),
    ],
)
def test_passing_trouble_is_told_apart(code: str, kind: type) -> None:
    assert type(classify(_failure(code))) is kind


@pytest.mark.parametrize(
    ("code", "raised", "exit_code"),
    [
        ("603", AccessError, 8),
        ("607", Temporary, 5),
        ("609", Temporary, 5),
        ("610", RequestRefused, 2),
        ("1003", RequestRefused, 2),
        ("1011", RequestRefused, 2),
        ("1018", RequestRefused, 2),
        ("4711", RequestRefused, 2),
    ],
)
def test_what_repeating_does_not_help_is_an_error_with_an_exit_code(code: str, raised: type, exit_code: int) -> None:
    verdict = classify(_failure(code))
    assert isinstance(verdict, Fail)
    assert isinstance(verdict.error, raised)
    assert verdict.error.exit_code == exit_code
    assert "said so" in verdict.error.message
    assert code in verdict.error.message


@pytest.mark.parametrize("code", sorted(CODES))
def test_only_the_codes_with_an_asterisk_are_free(code: str) -> None:
    free = {"600", "601", "602", "604", "605", "608", "611"}
    assert classify(_failure(code)).counted is (code not in free)


def test_the_rate_limit_waits_for_its_window() -> None:
    verdict = classify(_failure("606"))
    assert isinstance(verdict, Wait)
    assert verdict.seconds == 20


def test_success_is_read_from_the_body_not_from_the_status() -> None:
    assert classify(_reply({"success": True, "result": []})) == Ok()
    assert isinstance(classify(_failure("610", status=404)), Fail)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>", Retry),
        (200, {"no": "envelope"}, Retry),
        (200, b"", Retry),
        (503, b"<html>", Retry),
        (429, b"", Wait),
        (401, b"", RenewToken),
        (413, b"", Fail),
        (414, b"too long", Fail),
        (404, b"no such page", Retry),
        (403, b"<html>", Fail),
    ],
)
def test_replies_without_an_envelope_are_judged_by_their_status(status: int, body: object, kind: type) -> None:
    assert type(classify(_reply(body, status))) is kind


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("Invalid value for field 'email' and value 'not-an-address'", ("email",)),
        ("Field 'x' not found", ("x",)),
        ("Value for required field 'email' not specified", ("email",)),
        ("Lookup field 'createdAt' not supported", ("createdAt",)),
        ("Invalid value for field 'title' and value 'field 'b''", ("title",)),
        ("Lead not found", ()),
    ],
)
def test_a_refusal_names_the_field_that_marketo_names(message: str, fields: tuple[str, ...]) -> None:
    why = refusal([{"code": "1003", "message": message}])
    assert (why.code, why.message, why.fields) == ("1003", message, fields)
    assert why.cause == "a value is not valid for its field"
    assert why.remedy


def test_several_reasons_are_told_together() -> None:
    why = refusal(
        [{"code": "1006", "message": "Field 'a' not found"}, {"code": "1006", "message": "Field 'b' not found"}]
    )
    assert why.fields == ("a", "b")
    assert why.message == "Field 'a' not found; Field 'b' not found"


def test_a_code_that_is_not_known_is_still_told() -> None:
    why = refusal([{"code": 4711, "message": "no"}])
    assert (why.code, why.message) == ("4711", "no")
    assert why.cause
