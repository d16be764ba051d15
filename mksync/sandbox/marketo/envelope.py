"""The envelope around every reply, and the errors that travel in it (Marketo developer guide, Error Codes)."""

import gzip
import itertools
import json
from collections.abc import Mapping
from typing import Any

from werkzeug import Request, Response

from mksync.sandbox.clock import SandboxClock

Payload = Mapping[str, Any]  # what a call adds to the envelope: result, nextPageToken, moreResult …
Item = dict[str, Any]  # one element of `result`

# Replies that count against neither the rate limit nor the daily quota (Error Codes, the asterisked ones).
FREE = frozenset({"601", "602", "604", "605", "608", "611"})
_GZIP_FROM = 1024  # bytes


class Failure(Exception):  # noqa: N818 - Marketo's "success": false
    """The whole call fails with this code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Refused(Exception):  # noqa: N818 - Marketo's "skipped"
    """One record is skipped for this reason; the others go on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def item(self, key: str = "reasons", **more: object) -> Item:
        """The record's place in the result; `key` is `errors` for custom activities, `reasons` elsewhere."""
        return {**more, "status": "skipped", key: [{"code": self.code, "message": self.message}]}


class Envelopes:
    """Makes replies; request ids run on, their second part is the time in hexadecimal milliseconds."""

    def __init__(self, clock: SandboxClock, quirks: frozenset[str]) -> None:
        self._clock = clock
        self._quirks = quirks
        self._numbers = itertools.count(1)

    def success(self, payload: Payload) -> Response:
        return _json({"requestId": self._request_id(), **payload, "success": True}, 200)

    def failure(self, code: str, message: str) -> Response:
        status = 404 if code == "610" and "reject_unknown_http_404" in self._quirks else 200
        errors = [{"code": code, "message": message}]
        return _json({"requestId": self._request_id(), "success": False, "errors": errors}, status)

    def _request_id(self) -> str:
        scattered = next(self._numbers) * 40503 % 65536
        return f"{scattered:x}#{int(self._clock.now() * 1000):x}"


def compress(response: Response, request: Request) -> Response:
    """Zip what is long enough, if the client asked for it (developer guide, REST API, Performance)."""
    body = response.get_data()
    if "gzip" not in request.headers.get("Accept-Encoding", "") or len(body) < _GZIP_FROM:
        return response
    response.set_data(gzip.compress(body, 1, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _json(value: object, status: int) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A refusal may quote half a surrogate pair.
    return Response(text.encode("utf-8", "replace"), status, content_type="application/json;charset=UTF-8")
