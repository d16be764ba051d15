"""Marketo's error codes as data, and what a reply means for the call it answers.

Source: Marketo developer guide, Error Codes; wordings that it lacks were seen in public integrations' recordings.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mksync.core.records import Refusal
from mksync.errors import AccessError, ConfigError, MksyncError, Temporary
from mksync.wire.session import Reply, UnexpectedReply
from mksync.wire.verdict import Fail, Ok, RenewToken, Retry, Verdict, Wait, by_status

Kind = Literal["renew", "access", "throttle", "quota", "retry", "refused", "bug"]


@dataclass(frozen=True, slots=True)
class Code:
    """One error code. `free`: the call is not counted. `wait`: least seconds before the next attempt."""

    kind: Kind
    cause: str
    remedy: str = ""
    free: bool = False
    wait: float = 0.0


_GRANT = "give the API user's role the permission (Marketo: Admin, Users & Roles), and allow this computer's IP address"
_MERGE = "merge the duplicates in Marketo (Database, Possible Duplicates)"
_PARTITION = "check `partition` in mksync.toml and the workspaces of the API user"
_REPORT = "please report this as a bug of mksync"

CODES: Mapping[str, Code] = {
    # The whole reply. Codes with an asterisk in the guide are free of quota and rate limit.
    "500": Code("retry", "Marketo had an internal error"),
    "502": Code("retry", "Marketo's gateway timed out"),
    "600": Code("renew", "no token was sent", free=True),  # retired in August 2022
    "601": Code("renew", "the token is not valid", free=True),
    "602": Code("renew", "the token has expired", free=True),
    "603": Code("access", "the API user may not do this", _GRANT),
    "604": Code("retry", "the call timed out inside Marketo; it may have been processed", free=True),
    "605": Code("bug", "the HTTP method is not supported", _REPORT, free=True),
    "606": Code("throttle", "the instance's limit of 100 calls in 20 seconds is reached", wait=20.0),
    "607": Code("quota", "the instance's daily API calls are used up", "run again after midnight, US Central time"),
    "608": Code("retry", "the API is temporarily unavailable", free=True),
    "609": Code("bug", "the request's JSON was not understood", _REPORT),
    "610": Code("bug", "the address does not exist in this instance", "check `url` in mksync.toml"),
    "611": Code("retry", "Marketo had an unhandled error", free=True),
    "612": Code("bug", "the content type is wrong", _REPORT),
    "613": Code("bug", "the multipart request is wrong", _REPORT),
    "614": Code("retry", "the subscription is not valid or cannot be reached"),
    "615": Code("throttle", "the instance's limit of 10 calls at a time is reached", wait=1.0),
    "616": Code("refused", "this subscription has no custom-object metadata API"),
    "713": Code("retry", "Marketo had a passing error"),
    "719": Code("retry", "Marketo waited too long for a lock"),
    # A request or a record.
    "701": Code("refused", "a field that may not be blank is blank", "give it a value, or leave the field out"),
    "702": Code("refused", "no data was found"),
    "703": Code("refused", "the feature is not enabled in this instance", "ask Marketo support to enable it"),
    "704": Code("refused", "a date is not valid"),
    "712": Code("refused", "Salesforce person accounts cannot be merged"),
    "714": Code("refused", "there is no default record type in Salesforce"),
    "718": Code("refused", "the sales person is not known to Marketo", "create the sales person first"),
    "1001": Code("refused", "a value is not of the field's type", "correct the value, or map the field to another one"),
    "1002": Code("refused", "a required value is missing", "give it a value"),
    "1003": Code("refused", "a value is not valid for its field", "correct the value, or map the field to another one"),
    "1004": Code("refused", "the person does not exist any more"),
    "1005": Code("refused", "the person exists already"),
    # Of a record it is a refusal like any other; of a whole read it says that a field went since it was described.
    "1006": Code("access", "the field does not exist in Marketo", "deselect the field, or create it in Marketo"),
    "1007": Code("refused", "several people have the same key", _MERGE),
    "1008": Code("refused", "the API user may not use this person partition", _PARTITION),
    "1009": Code("refused", "the person partition has to be named", _PARTITION),
    "1010": Code("refused", "the person is in another partition, and an update cannot move it", _PARTITION),
    "1011": Code("refused", "the field is not supported here: not searchable, or read-only", "deselect the field"),
    "1013": Code("refused", "the record does not exist"),
    "1014": Code("retry", "Marketo failed to create the record"),
    "1017": Code("refused", "the record exists already"),
    "1018": Code(
        "refused",
        "Marketo's built-in CRM sync owns this record",
        "switch the built-in CRM sync off: mksync is for instances without it",
    ),
    "1021": Code(
        "refused",
        "a company field cannot be changed through a person",
        "deselect the company's fields, or change the company in Marketo",
    ),
    "1022": Code("retry", "Marketo is using the record"),
    "1036": Code("refused", "the same key is twice in one batch", _REPORT),
}
UNKNOWN = Code("refused", "Marketo refused it", "see Marketo's message")
_FIELD = re.compile(r"field '([^']+)'", re.IGNORECASE)


class RequestRefused(ConfigError):  # noqa: N818 - the word for what a vendor does not take
    """Marketo refused a whole request, for good."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(f"Marketo refused the request: {message} (code {code})", hint=hint)
        self.code = code
        self.said = message


def classify(reply: Reply) -> Verdict:
    """What a reply means. Its body is judged first: most errors come with HTTP 200."""
    body = _envelope(reply)
    if body is None:
        return _without_envelope(reply)
    if body["success"] is True:
        return Ok()
    return verdict(*_first(body.get("errors") or ()))


def verdict(code: str, message: str) -> Verdict:
    """What an error of a whole reply means."""
    known = CODES.get(code, UNKNOWN)
    counted, text = not known.free, f"{known.cause}: {message} (code {code})"
    match known.kind:
        case "renew":
            return RenewToken(counted=counted)
        case "throttle":
            return Wait(known.wait, text, counted=counted)
        case "retry":
            return Retry(text, counted=counted)
        case _:
            return Fail(_error(known, code, message), counted=counted)


def refusal(reasons: Sequence[Mapping[str, Any]]) -> Refusal:
    """Why a record was skipped: Marketo's own words, the fields they name, a cause and a remedy."""
    code, message = _first(reasons)
    known = CODES.get(code, UNKNOWN)
    texts = "; ".join(str(reason.get("message", "")) for reason in reasons)
    fields = tuple(dict.fromkeys(name for reason in reasons if (name := _field(reason))))
    return Refusal(code, texts or message, fields, known.cause, known.remedy)


def _field(reason: Mapping[str, Any]) -> str | None:
    found = _FIELD.search(str(reason.get("message", "")))  # the first only: a value may quote anything
    return found and found[1]


def _error(known: Code, code: str, message: str) -> MksyncError:
    text = f"Marketo: {known.cause}: {message} (code {code})"
    match known.kind:
        case "access":
            return AccessError(text, hint=known.remedy)
        case "quota":
            return Temporary(text, hint=known.remedy)
        case "bug":
            return MksyncError(text, hint=known.remedy)
        case _:
            return RequestRefused(code, message, hint=known.remedy)


def _envelope(reply: Reply) -> Mapping[str, Any] | None:
    try:
        body = reply.json()
    except UnexpectedReply:
        return None
    return body if isinstance(body, dict) and isinstance(body.get("success"), bool) else None


def _without_envelope(reply: Reply) -> Verdict:
    if reply.status == 401:
        return RenewToken(counted=False)
    if reply.status in (413, 414):
        return Fail(MksyncError(f"Marketo finds the request too long (HTTP {reply.status})", hint=_REPORT))
    if 400 <= reply.status < 500 and reply.status != 429:
        text = f"Marketo answered with HTTP {reply.status}"
        return Fail(MksyncError(text, hint="is `url` in mksync.toml the REST address of a Marketo instance?"))
    judged = by_status(reply)
    return Retry("the reply is not Marketo's, or was cut") if isinstance(judged, Ok) else judged


def _first(errors: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    if not errors:
        return "", "no reason given"
    return str(errors[0].get("code", "")), str(errors[0].get("message", ""))
