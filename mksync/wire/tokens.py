"""One token in memory, shared by all threads of a session and renewed once when it ends."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from mksync.errors import MksyncError
from mksync.ports import Clock
from mksync.wire.origin import checked
from mksync.wire.redact import Redactor
from mksync.wire.reply import Reply

_EARLY = 60.0  # seconds before its end that a token is renewed


@dataclass(frozen=True)
class Token:
    """What signing in gave. `expires_at`: seconds since the epoch; `origin`: where it is to be used. None: not told."""

    value: str = field(repr=False)
    expires_at: float | None = None
    origin: str | None = None
    subject: str | None = None  # who signed in, in the vendor's own spelling


class Auth(Protocol):
    """How to sign in to a vendor."""

    def sign_in(self, send: Callable[..., Reply]) -> Token:
        """`send(method, path_or_url, **content)` calls without a token, uncounted. Raises AccessError if refused."""
        ...


class Tokens:
    """The token in use. `sign_in` asks the vendor for one."""

    def __init__(self, sign_in: Callable[[], Token], *, system: str, clock: Clock, redactor: Redactor) -> None:
        self._sign_in = sign_in
        self._system = system
        self._clock = clock
        self._redactor = redactor
        self._token: Token | None = None
        self._renew_at: float | None = None
        self._lock = Lock()

    def current(self) -> Token:
        """Signs in if there is no token, or its end is near. Raises AccessError, Temporary."""
        with self._lock:
            if self._token is None or (self._renew_at is not None and self._clock.now() >= self._renew_at):
                self._token = self._renewed(self._token)
            return self._token

    def spent(self, token: Token) -> None:
        """The vendor refused this token: the next call signs in again, unless another thread already has."""
        with self._lock:
            if self._token is token:
                self._token = None

    def _renewed(self, old: Token | None) -> Token:
        try:
            token = self._sign_in()
        except MksyncError as error:
            raise self._redactor.error(error) from None
        self._redactor.add(token.value)
        if token.origin is not None:
            checked(token.origin, self._system)
        if token.expires_at is not None:
            # Marketo gives the same token until it has ended: asking again before every call would gain nothing.
            same = old is not None and old.value == token.value
            self._renew_at = token.expires_at if same else token.expires_at - _EARLY
        else:
            self._renew_at = None
        return token
