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
_SESSION = frozenset({"token_expired", "token_invalid"})

# The token endpoint is another service; a fault that is not here does not reach it.
SIGN_IN: Mapping[str, Answer] = {
    "server_error": Answer(500, "", content_type="text/html"),
    "unavailable": PLAIN["unavailable"],
    "timeout_before": PLAIN["timeout_after"],
    "timeout_after": PLAIN["timeout_after"],
    "rate_limit": Answer(429, "", {"Retry-After": "2"}, "text/html"),
}


def worded(name: str, host: str, limits: Limits) -> Callable[[], Answer | ODataError] | None:
    """What answers instead of the organisation; None for a fault that it does not know."""
    if name in _SESSION:
        return lambda: challenge(host)
    if name in _THROTTLED:
        return lambda: limits.throttled(_THROTTLED[name])
    found = ERRORS.get(name) or PLAIN.get(name)
    return None if found is None else lambda: found
