"""Scripted faults in Salesforce's own words.

Source: REST API Developer Guide, "Status Codes and Error Responses"; Salesforce Developer Limits.
"""

from collections.abc import Mapping

from mksync.sandbox.salesforce.calls import Answer
from mksync.sandbox.salesforce.errors import ApiError, deny, refuse

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

# Codes of a call, with their statuses; every other one is about a record, or the data of one ("Status Codes").
_OF_CALLS: Mapping[str, tuple[int, str]] = {
    "INVALID_SESSION_ID": (401, "Session expired or invalid"),
    "INSUFFICIENT_ACCESS": (403, "insufficient access rights"),
    "API_DISABLED_FOR_ORG": (403, "The REST API is not enabled for this Organization."),
    "TXN_SECURITY_METERING_ERROR": (403, "Enabled transaction security policies took too long"),
    "INVALID_FIELD": (400, "No such column 'Title' on sobject of type Lead"),
    "INVALID_TYPE": (400, "sObject type 'Lead' is not supported."),
    "NOT_FOUND": (404, "The requested resource does not exist"),
    "MALFORMED_QUERY": (400, "unexpected token: ,"),
    "INVALID_QUERY_LOCATOR": (400, "invalid query locator"),
    "QUERY_TIMEOUT": (400, "Your query request was running for too long."),
    "ORG_IN_MAINTENANCE": (503, "This organization is undergoing maintenance"),
    "UNSUPPORTED_API_VERSION": (410, "The requested API version is retired"),
    "INVALIDENTITY": (400, "Entity 'Lead' is not supported by the Bulk API."),
    "INVALIDJOBSTATE": (400, "the job is in no state for this"),
    "API_ERROR": (400, "Implementation restriction: this user can not read all of it without View All Data"),
    "LIMIT_EXCEEDED": (400, "Exceeded the maximum number of query jobs in 24 hours"),
    "JSON_PARSER_ERROR": (400, "Unexpected character"),
}
_OF_ROWS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "UNABLE_TO_LOCK_ROW": ("unable to obtain exclusive access to this record", ()),
    "STRING_TOO_LONG": ("Title: data value too large: x (max length=128)", ("Title",)),
    "REQUIRED_FIELD_MISSING": ("Required fields are missing: [Company]", ("Company",)),
    "DUPLICATES_DETECTED": ("Use one of these records?", ()),
    "INVALID_FIELD_FOR_INSERT_UPDATE": ("Unable to create/update fields: Title.", ("Title",)),
    "INSUFFICIENT_ACCESS_OR_READONLY": ("insufficient access rights on object id", ()),
    "ENTITY_IS_DELETED": ("entity is deleted", ()),
    "CANNOT_UPDATE_CONVERTED_LEAD": ("cannot reference converted lead", ()),
    "UNKNOWN_EXCEPTION": ("An unexpected error occurred. ErrorId 1-2 (3)", ()),
}


def of_call(code: str) -> Answer:
    """What a call answers that fails as a whole."""
    status, message = _OF_CALLS.get(code, (400, code))
    return Answer(status, deny(code, message).body())


def of_row(code: str) -> ApiError:
    """Why a record is refused."""
    message, fields = _OF_ROWS.get(code, (code, ()))
    return refuse(code, message, *fields)


# The token endpoint speaks OAuth, and knows neither sessions nor the limits of the API (Salesforce Help, "OAuth 2.0 and
# OpenID Connect Error Codes"). A fault that is not here does not reach it.
SIGN_IN: Mapping[str, Answer] = {
    "rate_limit": Answer(400, {"error": "rate_limit_exceeded", "error_description": "login rate exceeded"}),
    "server_error": Answer(500),
    "unavailable": Answer(503),
    "timeout_before": Answer(503),
    "timeout_after": Answer(503),
    "sign_in_refused": Answer(400, {"error": "invalid_client", "error_description": "invalid client credentials"}),
}
