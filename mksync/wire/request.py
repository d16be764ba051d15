"""What goes over the wire, and the three ways it can go without an answer."""

from dataclasses import field

from mksync.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """`timeout`: seconds the server may be silent, and the most that a body may take."""

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    timeout: float


class Unreached(Exception):  # noqa: N818 - what happened
    """No connection: the call was certainly not sent."""


class Lost(Exception):  # noqa: N818
    """The call may have been sent, and there is no whole answer."""


class Untrusted(Exception):  # noqa: N818
    """The host's certificate cannot be verified."""
