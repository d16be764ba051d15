"""What an answer means: for a whole call (a verdict), for one record (a refusal). Code first, status second.

Source: REST API Developer Guide, "Status Codes and Error Responses". Errors come as a list of `errorCode` and
`message`; inside collections the code is called `statusCode`; the edge in front of an organisation answers HTML or
nothing. SOAP has faults, in XML.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.records import Refusal
from mksync.errors import AccessError, ConfigError, MksyncError, Temporary
from mksync.vendors.salesforce import soap
from mksync.vendors.salesforce.codes import RULES, UNKNOWN, Act, Rule
from mksync.wire.reply import Reply, UnexpectedReply
from mksync.wire.verdict import Fail, Ok, RenewToken, Retry, Verdict, Wait

# A new token would be refused again (jsforce, `http-api.js`: these two are not worth another sign-in).
_LASTING_401 = ("Connected app is not attached to Agent", "This session is not valid for use with the REST API")
_ABOUT_CONTENT = (400, 413)  # what was sent cannot be read, or is too much
_TOO_LONG = (413, 414, 431)
_REPORT = "Run again. If it stays, run mksync init, which checks everything, or report it to mksync."
_LONG_CALLS = "ConcurrentPerOrgLongTxn"


# What naming an object answers that is not there, or that the user may not read: a path the one, a query the other.
MISSING = frozenset({"NOT_FOUND", "INVALID_TYPE"})


class MissingError(AccessError):
    """There is no such object, or the sync user may not read it; Salesforce does not say which."""


class CallRefused(Temporary):
    """A whole call was refused for something in it, and nothing of it was done."""

    def __init__(self, found: "Problem") -> None:
        super().__init__(_said(found), hint=_REPORT)
        self.problem = found


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of Salesforce's, from whichever envelope it came in."""

    status: int
    code: str
    message: str
    fields: tuple[str, ...] = ()

    @property
    def rule(self) -> Rule:
        return RULES.get(self.code, UNKNOWN)

    @property
    def act(self) -> Act:
        return self.rule.act

    @property
    def wire(self) -> list[dict[str, object]]:
        """As Salesforce writes it."""
        return [{"errorCode": self.code, "message": self.message, "fields": list(self.fields)}]

    @property
    def refusal(self) -> Refusal:
        passing = self.act in (Act.AGAIN, Act.LOCKED, Act.LATER)
        return Refusal(self.code, self.message, self.fields, self.rule.cause, self.rule.remedy, passing)


def problem(status: int, errors: Any) -> Problem:  # noqa: ANN401 - any JSON value
    """The first error of a list that says something about it; without one, the status stands for the code."""
    for error in errors if isinstance(errors, Sequence) else ():
        if not isinstance(error, Mapping):
            continue
        code = error.get("errorCode") or error.get("statusCode")
        if code:
            fields = tuple(map(str, error.get("fields") or ()))
            return Problem(status, str(code), str(error.get("message") or ""), fields)
    return Problem(status, f"HTTP_{status}", "")


def classify(reply: Reply) -> Verdict:
    """What a session does with an answer."""
    if reply.status < 400 and reply.status != 300:
        return Ok()
    found = problem(reply.status, _errors(reply))
    if found.status == 401 or found.act is Act.RENEW:
        return _session_ended(found)
    if found.code in RULES:
        return _by_code(found)
    return Fail(raised(found)) if _is_fault(reply, found) else _by_status(found)


def raised(found: Problem) -> MksyncError:
    """The situation that a problem of a whole call, or of a read inside one, amounts to."""
    rule = found.rule
    if found.code in MISSING:
        return MissingError(_said(found), hint=RULES["INVALID_TYPE"].remedy)
    match rule.act:
        case Act.QUOTA | Act.AGAIN | Act.LOCKED | Act.EXPIRED:
            return Temporary(_said(found), hint=rule.remedy)
        case Act.ACCESS | Act.RENEW:
            return AccessError(_said(found), hint=rule.remedy)
    return CallRefused(found) if found.status in _ABOUT_CONTENT else Temporary(_said(found), hint=_REPORT)


def _is_fault(reply: Reply, found: Problem) -> bool:
    """A SOAP fault comes with HTTP 500 and says all the same that nothing was done ("API Fault Element")."""
    return "xml" in reply.headers.get("content-type", "") and not found.code.startswith("HTTP_")


def _errors(reply: Reply) -> Any:  # noqa: ANN401 - any JSON value
    if "xml" in reply.headers.get("content-type", ""):
        found = soap.fault(reply.body)
        return [{"errorCode": found.code, "message": found.message}] if found else None
    try:
        return reply.json()
    except UnexpectedReply:
        return None


def _session_ended(found: Problem) -> Verdict:
    if any(text in found.message for text in _LASTING_401):
        return Fail(AccessError(_said(found), hint="The app has to issue tokens that are valid for the REST API."))
    return RenewToken()


def _by_code(found: Problem) -> Verdict:
    match found.act:
        case Act.QUOTA if _LONG_CALLS in found.message:
            return Wait(reason="too many long calls are running in this organisation")
        case Act.AGAIN if found.code != "INVALID_QUERY_LOCATOR":
            return Retry(reason=found.code)
        case Act.LOCKED:
            return Wait(reason=found.code)
    return Fail(raised(found))


def _by_status(found: Problem) -> Verdict:
    match found.status:
        case 403:
            return Fail(AccessError(_said(found), hint="Check what the sync user may do in Salesforce."))
        case 406 | 420 | 429:
            return Retry(reason=f"HTTP {found.status}")  # the edge in front of the organisation
        case 410:
            return Fail(ConfigError(_said(found), hint="This API version is retired; raise `api_version` in [crm]."))
        case status if status >= 500:
            return Retry(reason=f"HTTP {status}")
        case status if status >= 400 and status not in _TOO_LONG and found.code == f"HTTP_{status}":
            return Retry(reason=f"HTTP {status}, and not in Salesforce's words")
    return Fail(raised(found))


def _said(found: Problem) -> str:
    text = " ".join(found.message.split())
    return f"Salesforce: {text} ({found.code})" if text else f"Salesforce answered {found.code}"
