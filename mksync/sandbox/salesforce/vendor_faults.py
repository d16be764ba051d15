"""Scripted faults in Salesforce's own words.

Source: REST API Developer Guide, "Status Codes and Error Responses"; Salesforce Developer Limits.
"""

from collections.abc import Mapping

from mksync.sandbox.salesforce.calls import Answer

_SESSION = Answer(401, [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}])
_BUSY = Answer(403, [{"message": "ConcurrentPerOrgLongTxn Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}])

# `row_lock` is not here: it lets the call run and fails its first row.
ANSWERS: Mapping[str, Answer] = {
    "token_expired": _SESSION,
    "token_invalid": _SESSION,
    "rate_limit": _BUSY,
    "concurrency": _BUSY,
    "quota": Answer(403, [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]),
    "server_error": Answer(
        500,
        [
            {
                "message": "An unexpected error occurred. Please include this ErrorId if you contact support: 1-2 (3)",
                "errorCode": "UNKNOWN_EXCEPTION",
            }
        ],
    ),
    "unavailable": Answer(503, [{"message": "Server is unavailable", "errorCode": "SERVER_UNAVAILABLE"}]),
    "timeout_before": Answer(
        400,
        [
            {
                "message": "Your request was running for too long, and has been stopped.",
                "errorCode": "REQUEST_RUNNING_TOO_LONG",
            }
        ],
    ),
    # The edge gave up waiting for an answer: it speaks no JSON, and the call may have taken effect.
    "timeout_after": Answer(503),
}

# The token endpoint speaks OAuth, and knows neither sessions nor the limits of the API (Salesforce Help, "OAuth 2.0 and
# OpenID Connect Error Codes"). A fault that is not here does not reach it.
SIGN_IN: Mapping[str, Answer] = {
    "rate_limit": Answer(400, {"error": "rate_limit_exceeded", "error_description": "login rate exceeded"}),
    "server_error": Answer(500),
    "unavailable": Answer(503),
    "timeout_before": Answer(503),
    "timeout_after": Answer(503),
}
