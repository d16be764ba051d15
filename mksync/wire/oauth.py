"""What all sign-ins have in common: an OAuth 2.0 answer, or something that is none (RFC 6749, 5.1 and 5.2)."""

from collections.abc import Mapping
from typing import Any

from mksync.errors import AccessError, MksyncError, Temporary
from mksync.wire.reply import Reply, UnexpectedReply


def spoken(reply: Reply) -> bool:
    """A shape: a token, or why there is none."""
    body = reply.json()
    return isinstance(body, Mapping) and ("access_token" in body or "error" in body)


def answer(reply: Reply, system: str, remedy: str) -> Mapping[str, Any]:
    """The answer of a token endpoint, a refusal too. Raises AccessError, or Temporary, if it is none.

    `remedy`: what to check where something else answers at this address.
    """
    try:
        if spoken(reply):
            body: Mapping[str, Any] = reply.json()
            return body
    except UnexpectedReply:
        pass
    raise _stranger(reply.status, system, remedy)


def _stranger(status: int, system: str, remedy: str) -> MksyncError:
    if status in (404, 405, 410):
        return AccessError(f"what answers there is no {system}: it has no sign-in (HTTP {status})", hint=remedy)
    if status in (401, 403, 407):
        return AccessError(f"{system} refused to sign in (HTTP {status}, and no reason given)", hint=remedy)
    return Temporary(
        f"{system} answered the sign-in with HTTP {status} and no token", hint=f"run again later; if it stays: {remedy}"
    )
