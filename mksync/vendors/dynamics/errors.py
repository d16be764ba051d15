"""What an answer means: for a whole call (a verdict), for one record (a refusal). Code first, status second.

Source: Power Apps developer documentation, "Compose HTTP requests and handle errors". Errors come as `error` with
`code` and `message`; rarely in an older envelope, or as HTML of something in between.
"""

from collections.abc import Mapping
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.records import Refusal
from mksync.errors import AccessError, MksyncError, Temporary
from mksync.vendors.dynamics.codes import ACCESS, RULES, SCHEMA, THROTTLED, UNKNOWN, Act, Rule
from mksync.wire.reply import Reply, UnexpectedReply
from mksync.wire.verdict import Fail, Ok, RenewToken, Retry, Verdict, Wait

# Of these the status alone says enough; a page of something else may come with any.
_BARE = (403, 412, 413, 414)
_REPORT = "Run again. If it stays, run mksync init, which checks everything, or report it to mksync."

# An unknown column or table comes under several codes, or none ("Query data using the Web API").
_NOT_THERE = ("could not find a property named", "resource not found for the segment")


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of Dataverse's, from whichever envelope it came in."""

    status: int
    code: str
    message: str

    @property
    def rule(self) -> Rule:
        """What is to be made of it."""
        if self.status in (400, 404) and any(text in self.message.lower() for text in _NOT_THERE):
            return SCHEMA
        known = RULES.get(self.code.lower())
        return known or _BY_STATUS.get(self.status, UNKNOWN)

    @property
    def act(self) -> Act:
        return self.rule.act

    @property
    def refusal(self) -> Refusal:
        passing = self.act in (Act.AGAIN, Act.WAIT)
        code = self.code or f"HTTP_{self.status}"
        return Refusal(code, self.message or code, (), self.rule.cause, self.rule.remedy, passing)


_BY_STATUS = {
    403: ACCESS,
    429: THROTTLED,
    **dict.fromkeys(
        (500, 502, 503, 504), Rule(Act.AGAIN, "Dynamics was busy or under maintenance.", "Run again later.")
    ),
}


def problem(status: int, body: Any) -> Problem:  # noqa: ANN401 - any JSON value
    """The error of a body; without one, the status speaks alone."""
    body = body if isinstance(body, Mapping) else {}
    error = body.get("error")
    if isinstance(error, Mapping):
        return Problem(status, str(error.get("code") or ""), str(error.get("message") or ""))
    message = body.get("ExceptionMessage") or body.get("Message") or ""
    return Problem(status, str(body.get("ErrorCode") or ""), str(message))


def classify(reply: Reply) -> Verdict:
    """What a session does with an answer. What is refused for good is for the caller to judge."""
    if reply.status < 400:
        return Ok()
    body = _body(reply)
    found = problem(reply.status, body)
    if found.status == 401:  # a token that ended, or a user that no token helps
        return Fail(raised(found)) if found.act is Act.ACCESS else RenewToken()
    if found.act is Act.QUOTA:
        return Fail(Temporary(said(found), hint=_when(reply, found.rule.remedy)))
    if found.status == 429 or found.act is Act.WAIT:
        return Wait(reason=said(found))
    if found.act is Act.AGAIN:
        return Retry(reason=said(found))
    if not isinstance(body, Mapping) and found.status not in _BARE:
        return Retry(reason=f"HTTP {found.status}, and not in the words of Dynamics")
    if found.status >= 500 and found.code.lower() not in RULES:
        return Fail(Temporary(said(found), hint="Run again later."))
    return Ok()


def raised(found: Problem) -> MksyncError:
    """The situation that a problem of a whole call amounts to."""
    rule = found.rule
    match rule.act:
        case Act.WAIT | Act.QUOTA | Act.AGAIN | Act.EXPIRED:
            return Temporary(said(found), hint=rule.remedy)
        case Act.ACCESS | Act.SCHEMA:
            return AccessError(said(found), hint=rule.remedy)
    return Temporary(said(found), hint=_REPORT)


def _when(reply: Reply, remedy: str) -> str:
    """A daily limit is not waited for; Dynamics may say how long that would be."""
    asked = reply.headers.get("retry-after", "").strip()
    if not asked.isdecimal():
        return remedy
    return f"Dynamics asks to wait {asked} seconds; the entitlement is counted over 24 hours. {remedy}"


def said(found: Problem) -> str:
    text = " ".join(found.message.split())
    code = found.code or f"HTTP {found.status}"
    return f"Dynamics: {text} ({code})" if text else f"Dynamics answered {code}"


def _body(reply: Reply) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return reply.json()
    except UnexpectedReply:
        return None
