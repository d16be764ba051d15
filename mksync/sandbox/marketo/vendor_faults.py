"""Scripted faults in Marketo's own words (Marketo developer guide, Error Codes and Authentication)."""

import json
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from werkzeug import Request, Response

from mksync.sandbox.marketo.envelope import Refused

# Every fault by its code; other codes strike with the words that are known of them.
NAMED: Mapping[str, str] = {
    "token_expired": "602",
    "token_invalid": "601",
    "rate_limit": "606",
    "concurrency": "615",
    "quota": "607",
    "unavailable": "608",
    "timeout_before": "604",
    "timeout_after": "604",
    "row_lock": "719",
}
SESSION = frozenset({"601", "602"})
_WORDS: Mapping[str, str] = {
    "500": "Internal error",
    "502": "Bad gateway",
    "601": "Access token invalid",
    "602": "Access token expired",
    "603": "Access denied",
    "604": "Request timed out",
    "606": "Max rate limit '100' exceeded with in '20' secs",
    "607": "Daily quota reached",
    "608": "API service temporarily unavailable",
    "609": "Invalid JSON",
    "610": "Requested resource not found",
    "611": "System error",
    "612": "Invalid Content Type",
    "614": "Invalid subscription",
    "615": "Concurrent access limit '10' reached",
    "713": "Transient error",
    "719": "Lock wait timeout exceeded",
    "1001": "Invalid value 'x'. Required of type 'integer'",
    "1003": "Invalid value for field 'title' and value 'x'",
    "1004": "Lead not found",
    "1006": "Field 'title' not found",
    "1007": "Multiple lead match lookup criteria",
    "1013": "Record not found",
    "1014": "Failed to create object",
    "1018": "CRM Enabled",
    "1022": "Object in use",
}
# The sign-in is another service: it knows no envelope (Authentication). A fault that is not here does not reach it.
_SIGN_IN: Mapping[str, Callable[[], Response]] = {
    "sign_in_refused": lambda: _oauth(401, "invalid_client", "Bad client credentials"),
    "rate_limit": lambda: Response("Too Many Requests", 429, content_type="text/plain"),
    "server_error": lambda: _page(500),
    "unavailable": lambda: _page(503),
    "timeout_before": lambda: _page(504),
    "timeout_after": lambda: _page(504),
}


def words(code: str) -> str:
    return _WORDS.get(code, f"Error {code}")


def at_sign_in(name: str) -> Response | None:
    worded = _SIGN_IN.get(name)
    return worded() if worded else None


def first_refused(request: Request, code: str, handle: Callable[[Request], Response]) -> Response:
    """A writing call whose first record is skipped for this reason; the others are written."""
    body = json.loads(request.get_data())
    rest = body["input"][1:]
    place: dict[str, Any] = {} if request.path.endswith("/leads.json") else {"seq": 0}
    skipped = {**place, **Refused(code, words(code)).item()}
    if not rest:
        return _json({"requestId": "a1b2#19a4c0d3", "success": True, "result": [skipped]})
    answer = handle(_asking(request, {**body, "input": rest}))
    told = json.loads(answer.get_data())
    if told.get("success") is True:
        told["result"] = [skipped, *map(_moved, told["result"])]
    return _json(told)


def _moved(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "seq": item["seq"] + 1} if "seq" in item else item


def _asking(request: Request, body: object) -> Request:
    """The same call with another body; the answer is not zipped."""
    content = json.dumps(body).encode()
    environ = {
        name: value
        for name, value in request.environ.items()
        if not name.startswith("werkzeug") and name != "HTTP_ACCEPT_ENCODING"
    }
    return Request({**environ, "wsgi.input": BytesIO(content), "CONTENT_LENGTH": str(len(content))})


def _oauth(status: int, error: str, description: str) -> Response:
    text = json.dumps({"error": error, "error_description": description})
    return Response(text, status, content_type="application/json;charset=UTF-8")


def _page(status: int) -> Response:
    return Response(f"<html><body>{status}</body></html>", status, content_type="text/html")


def _json(value: object) -> Response:
    return Response(json.dumps(value), 200, content_type="application/json;charset=UTF-8")
