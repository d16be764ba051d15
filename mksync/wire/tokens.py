"""One token, shared by all threads of a session, kept from run to run where that is wanted, renewed when it ends."""

from collections.abc import Callable
from dataclasses import field, replace
from threading import RLock
from typing import Protocol

from mksync.core.frozen import dataclass
from mksync.errors import MksyncError, another_organisation
from mksync.ports import Clock
from mksync.wire.origin import checked
from mksync.wire.redact import Redactor
from mksync.wire.reply import Reply

_EARLY = 60.0  # seconds before its end that a token is renewed


@dataclass(frozen=True, slots=True)
class Token:
    """What signing in gave. `expires_at`: seconds since the epoch; `origin`: where it is to be used. None: not told."""

    value: str = field(repr=False)
    expires_at: float | None = None
    origin: str | None = None
    subject: str | None = None  # who signed in, in the vendor's own spelling
    organisation: str | None = None  # that it is good for


class Auth(Protocol):
    """How to sign in to a vendor."""

    def sign_in(self, send: Callable[..., Reply]) -> Token:
        """`send(method, path_or_url, **content)` calls without a token, uncounted. Raises AccessError if refused."""
        ...


class Keep(Protocol):
    """Where a token is kept between runs. None of this raises."""

    def load(self) -> Token | None: ...

    def save(self, token: Token) -> None: ...

    def drop(self, token: Token) -> None: ...


class Tokens:
    """The token in use. `sign_in` asks the vendor for one.

    `ask`: what organisation a token is good for, by a call with it. Whenever a token takes the place of another, the
    organisation has to be the same before it is used.
    """

    def __init__(
        self,
        sign_in: Callable[[], Token],
        *,
        system: str,
        clock: Clock,
        redactor: Redactor,
        keep: Keep | None = None,
        ask: Callable[[Token], str] | None = None,
    ) -> None:
        self._sign_in = sign_in
        self._system = system
        self._clock = clock
        self._redactor = redactor
        self._keep = keep
        self._ask = ask
        self._token: Token | None = None
        self._renew_at: float | None = None
        self._organisation: str | None = None  # that this session began with
        self._hearsay = False
        self._looked = keep is None
        self._lock = RLock()  # `ask` comes back here

    def current(self) -> Token:
        """Signs in if there is no token, or its end is near. Raises AccessError, Temporary, MirrorError."""
        with self._lock:
            self._look()
            if self._token is None or self._ends():
                self._token = self._renewed(self._token)
            return self._token

    def anew(self) -> Token:
        """Signs in, whatever was known before. Raises AccessError, Temporary."""
        with self._lock:
            self._looked, self._organisation, self._hearsay = True, None, False
            self._token = None
            self._token = self._renewed(None)
            return self._token

    @property
    def organisation(self) -> str | None:
        """That this session works with, as far as the tokens have told."""
        with self._lock:
            self._look()
            return self._organisation

    @property
    def hearsay(self) -> bool:
        """Whether only an earlier run has heard from the system itself what its organisation is."""
        with self._lock:
            self._look()
            return self._hearsay

    def belongs(self, organisation: str) -> None:
        """The system says so of the token in use. Raises MirrorError if that is another than before."""
        with self._lock:
            self._same(organisation)
            self._organisation, self._hearsay = organisation, False
            if self._token is not None and self._token.organisation != organisation:
                self._save(replace(self._token, organisation=organisation))

    def spent(self, token: Token) -> None:
        """The vendor refused this token: the next call signs in again, unless another thread already has."""
        with self._lock:
            if self._keep:
                self._keep.drop(token)
            if self._token is token:
                self._token = None

    def _look(self) -> None:
        """What an earlier run has kept. One that has ended is told from the next only by its value."""
        if self._looked or self._keep is None:
            return
        self._looked = True
        self._token = token = self._keep.load()
        if token is None:
            return
        self._redactor.add(token.value)
        self._renew_at = None if token.expires_at is None else token.expires_at - _EARLY
        if not self._ends():
            self._organisation, self._hearsay = token.organisation, token.organisation is not None

    def _ends(self) -> bool:
        return self._renew_at is not None and self._clock.now() >= self._renew_at

    def _renewed(self, old: Token | None) -> Token:
        try:
            token = self._sign_in()
        except MksyncError as error:
            raise self._redactor.error(error) from None
        self._redactor.add(token.value)
        if token.origin is not None:
            checked(token.origin, self._system)
        if self._organisation is not None and token.organisation is None and self._ask:
            token = replace(token, organisation=self._ask(token))
        if token.organisation is not None:
            self._same(token.organisation)
            self._organisation, self._hearsay = token.organisation, False
        if token.expires_at is not None:
            # Marketo gives the same token until it has ended: asking again before every call would gain nothing.
            same = old is not None and old.value == token.value
            self._renew_at = token.expires_at if same else token.expires_at - _EARLY
        else:
            self._renew_at = None
        self._save(token)
        return token

    def _same(self, organisation: str) -> None:
        if self._organisation not in (None, organisation):
            raise another_organisation(self._system, self._organisation, organisation)

    def _save(self, token: Token) -> None:
        if self._keep:
            self._keep.save(token)
