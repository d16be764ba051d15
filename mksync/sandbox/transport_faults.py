"""What stands between a client and a vendor, or breaks there: answers that no vendor's API gives."""

from collections.abc import Callable, Mapping

from werkzeug import Response

from mksync.sandbox.faults import Fault
from mksync.sandbox.http11 import Reply, phrase

_JSON = "application/json;charset=UTF-8"
_PORTAL = "<html><head><title>Sign in to the network</title></head><body><form></form></body></html>"
# RFC 2606 keeps this name free: nobody answers there.
_ELSEWHERE = "https://elsewhere.invalid/login"

_SPOILT: Mapping[str, Callable[[], Response]] = {
    "gateway_html": lambda: page(502),
    "portal": lambda: Response(_PORTAL, 200, mimetype="text/html"),
    "redirect": lambda: Response(status=302, headers={"Location": _ELSEWHERE}),
    "empty": lambda: Response(b"", 200, content_type=_JSON),
    "empty_after": lambda: Response(b"", 200, content_type=_JSON),
    "not_json": lambda: Response(b"{'result': [", 200, content_type=_JSON),
    "not_json_after": lambda: Response(b"{'result': [", 200, content_type=_JSON),
    "other_shape": lambda: Response(b'{"status":"ok"}', 200, content_type=_JSON),
    "other_shape_after": lambda: Response(b'{"status":"ok"}', 200, content_type=_JSON),
}


def reply(fault: Fault, effect: Response | None) -> Reply | None:
    """How a fault of the connection ends a call; None for a vendor's own. `effect`: the answer that is spoilt."""
    if fault.name in ("reset_before", "reset_after"):
        return Reply(None)
    if fault.name == "truncated":
        return Reply(effect, truncated=True)
    if fault.name == "truncated_before":
        return Reply(Response(b'{"result":[]}', 200, content_type=_JSON), truncated=True)
    if fault.status is not None:
        return Reply(page(fault.status))
    spoilt = _SPOILT.get(fault.name)
    return None if spoilt is None else Reply(spoilt())


def page(status: int) -> Response:
    """A gateway's page."""
    words = f"{status} {phrase(status)}"
    text = f"<html><head><title>{words}</title></head><body><h1>{words}</h1></body></html>"
    return Response(text, status, mimetype="text/html")
