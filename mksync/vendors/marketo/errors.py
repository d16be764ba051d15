"""What a reply of Marketo's means for the call it answers, and a skipped record for its write."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mksync.core.records import Refusal
from mksync.errors import AccessError, ConfigError, MksyncError, Temporary
from mksync.vendors.marketo.codes import CODES, REPORT, UNKNOWN, Code
from mksync.wire.session import Reply, UnexpectedReply
from mksync.wire.verdict import Fail, Ok, RenewToken, Retry, Verdict, Wait, by_status

_FIELD = re.compile(r"field '([^']+)'", re.IGNORECASE)


class Answered(MksyncError):  # noqa: N818 - the subclasses say what it is
    """Marketo turned a whole request down, for good: its `code`, and in `said` its own words."""

    def __init__(self, code: str, said: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.said = said


class RequestRefused(Answered, ConfigError):  # noqa: N818 - the word for what a vendor does not take
    """What was asked for is not to be had in this instance, or not like this."""

    def __init__(self, code: str, said: str, *, hint: str = "") -> None:
        super().__init__(code, said, f"Marketo refused the request: {said} (code {code})", hint=hint)

    def as_result(self) -> Mapping[str, Any]:
        """As Marketo says it of a record, for a request about only one."""
        return {"status": "skipped", "reasons": [{"code": self.code, "message": self.said}]}


class NotUnderstood(Answered, Temporary):
    """Marketo did not understand what was sent: it was spoilt on its way, or mksync has a bug."""


class NotAllowed(Answered, AccessError):  # noqa: N818
    """The API user may not do this, or may not see it any more."""


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


def refusal(reasons: Sequence[Mapping[str, Any]], codes: Mapping[str, Code] = CODES) -> Refusal:
    """Why a record was skipped: Marketo's own words, the fields they name, a cause and a remedy."""
    code, message = _first(reasons)
    known = codes.get(code, UNKNOWN)
    texts = "; ".join(str(reason.get("message", "")) for reason in reasons)
    fields = tuple(dict.fromkeys(name for reason in reasons if (name := _field(reason))))
    return Refusal(code, texts or message, fields, known.cause, known.remedy, known.kind == "retry")


def _field(reason: Mapping[str, Any]) -> str | None:
    found = _FIELD.search(str(reason.get("message", "")))  # the first only: a value may quote anything
    return found and found[1]


def _error(known: Code, code: str, message: str) -> MksyncError:
    text = f"Marketo: {known.cause}: {message} (code {code})"
    match known.kind:
        case "access":
            return NotAllowed(code, message, text, hint=known.remedy)
        case "quota":
            return Temporary(text, hint=known.remedy)
        case "bug":
            return NotUnderstood(code, message, text, hint=known.remedy)
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
        return Fail(Temporary(f"Marketo finds the request too long (HTTP {reply.status})", hint=REPORT))
    if reply.status == 403:  # not Marketo's own 603
        text = "something in front of Marketo refused the call (HTTP 403)"
        return Fail(AccessError(text, hint="allow this computer's IP address in Marketo, and in the firewalls between"))
    if 400 <= reply.status < 500 and reply.status != 429:
        return Retry(f"HTTP {reply.status}, and not in Marketo's words: is `url` the REST address of an instance?")
    judged = by_status(reply)
    return Retry("the reply is not Marketo's, or was cut") if isinstance(judged, Ok) else judged


def _first(errors: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    if not errors:
        return "", "no reason given"
    return str(errors[0].get("code", "")), str(errors[0].get("message", ""))
