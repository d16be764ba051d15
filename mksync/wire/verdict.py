"""What a reply means for the call it answers. Vendors answer HTTP 200 with errors inside, so the vendor judges."""

from mksync.core.frozen import dataclass
from mksync.errors import MksyncError
from mksync.wire.reply import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`counted`: whether the vendor counts this call against its quota."""

    counted: bool = True


@dataclass(frozen=True, slots=True)
class Ok(Judged):
    """The caller gets the reply."""


@dataclass(frozen=True, slots=True)
class RenewToken(Judged):
    """The token is spent; nothing was processed. The session signs in again and repeats the call, once."""


@dataclass(frozen=True, slots=True)
class Wait(Judged):
    """A throttle: the vendor did not process the call. `seconds`: at least so long; None: back-off decides."""

    seconds: float | None = None
    reason: str = "the rate limit is reached"


@dataclass(frozen=True, slots=True)
class Retry(Judged):
    """Passing trouble on the vendor's side; whether the call was processed is not known."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fail(Judged):
    """Repeating will not help; `error` is raised."""

    error: MksyncError


Verdict = Ok | RenewToken | Wait | Retry | Fail


def by_status(reply: Reply) -> Verdict:
    """HTTP's own meaning, for replies that carry no vendor envelope (sign-in)."""
    if reply.status == 429:
        return Wait()
    if reply.status >= 500:
        return Retry(f"HTTP {reply.status}")
    return Ok()
