"""Scripted faults in Dataverse's own words.

Source: Microsoft Learn, "Web service error codes", "Service protection API limits".
"""

from collections.abc import Callable, Mapping

from mksync.sandbox.dynamics import limits
from mksync.sandbox.dynamics.call import Answer
from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.dynamics.limits import Limits
from mksync.sandbox.dynamics.oauth import challenge

_GATEWAY = "<html><head><title>504 Gateway Time-out</title></head><body><h1>504 Gateway Time-out</h1></body></html>"
_DEADLOCK = ODataError(
    500,
    "0x80044150",
    "Generic SQL error. CRM ErrorCode: -2147204784 Sql ErrorCode: -2146232060 Sql Number: 1205",
)
_ENTITLED = {"Retry-After": "60"}

ERRORS: Mapping[str, ODataError] = {
    "row_lock": _DEADLOCK,
    "deadlock": _DEADLOCK,
    "server_error": ODataError(500, "0x80040216", "An unexpected error occurred."),
    "timeout_before": ODataError(500, "0x80044151", "SQL timeout expired. Sql Number: -2"),
    "plugin": ODataError(400, "0x80040265", "A plug-in of this organisation refused the request.", sub_code="4711"),
    "plugin_timeout": ODataError(
        500, "0x80044171", "The plug-in execution failed because the operation has timed-out at the Sandbox Host."
    ),
    "concurrent_operation": ODataError(
        500, "0x80071154", "A concurrent operation is in progress on this record. Try again later."
    ),
    "quota": ODataError(429, "0x8005F103", "The daily request limit of this tenant is exceeded.", _ENTITLED),
}
# The edge answers these; it speaks no JSON. What `timeout_after` hides has taken effect.
PLAIN: Mapping[str, Answer] = {
    "unavailable": Answer(503, "The service is unavailable.", content_type="text/html"),
    "timeout_after": Answer(504, _GATEWAY, content_type="text/html"),
}
_THROTTLED: Mapping[str, str] = {
    "rate_limit": limits.REQUESTS,
    "throttled_requests": limits.REQUESTS,
    "throttled_time": limits.TIME,
    "concurrency": limits.CONCURRENCY,
    "throttled_concurrency": limits.CONCURRENCY,
}
# Codes as a client may meet them: status and words ("Web service error codes", "Compose HTTP requests").
_CODED: Mapping[str, tuple[int, str]] = {
    "0x80040216": (500, "An unexpected error occurred."),
    "0x80040217": (404, "lead With Id = 1 Does Not Exist"),
    "0x80040220": (403, "Principal user is missing prvWriteLead privilege"),
    "0x80040225": (403, "The specified user is either disabled or is not a member of any business unit."),
    "0x80040237": (412, "A record with matching key values already exists."),
    "0x80040265": (400, "A plug-in of this organisation refused the request."),
    "0x80040333": (412, "A record was not created or updated because a duplicate of it already exists."),
    "0x80044150": (500, "Generic SQL error. Sql Number: 1205"),
    "0x80044151": (500, "SQL timeout expired. Sql Number: -2"),
    "0x80044171": (500, "The plug-in execution failed because the operation has timed-out at the Sandbox Host."),
    "0x80044331": (400, "The length of the 'jobtitle' attribute exceeded the maximum allowed length of '100'."),
    "0x80044352": (400, "The version stamp is not valid any more."),
    "0x80048d19": (400, "Error identified in Payload provided by the user"),
    "0x8004418A": (413, "The length of the request is too large."),
    "0x8004F507": (403, "Caller does not have full permissions to update the jobtitle column"),
    "0x80060882": (412, "The version of the existing record doesn't match the RowVersion property provided."),
    "0x80060888": (400, "Could not find a property named 'jobtitle' on type 'Microsoft.Dynamics.CRM.lead'."),
    "0x80072560": (403, "The user is not a member of the organization."),
    "0x80071154": (500, "A concurrent operation is in progress on this record. Try again later."),
}
_SESSION = frozenset({"token_expired", "token_invalid"})

# The token endpoint is another service; a fault that is not here does not reach it.
SIGN_IN: Mapping[str, Answer] = {
    "server_error": Answer(500, "", content_type="text/html"),
    "unavailable": PLAIN["unavailable"],
    "timeout_before": PLAIN["timeout_after"],
    "timeout_after": PLAIN["timeout_after"],
    "rate_limit": Answer(429, "", {"Retry-After": "2"}, "text/html"),
    "sign_in_refused": Answer(
        401,
        {
            "error": "invalid_client",
            "error_description": "AADSTS7000215: Invalid client secret provided. Trace ID: 1f2e",
            "error_codes": [7000215],
        },
        content_type="application/json; charset=utf-8",
    ),
}


def worded(name: str, host: str, limits: Limits) -> Callable[[], Answer | ODataError] | None:
    """What answers instead of the organisation; None for a fault that it does not know."""
    if name in _SESSION:
        return lambda: challenge(host)
    if name in _THROTTLED:
        return lambda: limits.throttled(_THROTTLED[name])
    found = ERRORS.get(name) or PLAIN.get(name)
    return None if found is None else lambda: found


def coded(code: str) -> ODataError:
    """The error with this code."""
    status, message = _CODED.get(code, (400, f"Error {code}"))
    return ODataError(status, code, message)
