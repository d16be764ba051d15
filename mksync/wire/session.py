"""One signed-in system over HTTP: signs in, keeps limits and budgets, repeats what is safe, hides secrets."""

import logging
import random as _random
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Unpack

from mksync.errors import AccessError, ConfigError, OutcomeUnknown, Temporary
from mksync.ports import Clock
from mksync.wire.limits import Limiter
from mksync.wire.meter import Meter
from mksync.wire.order import Content, Order, Repeat, order
from mksync.wire.origin import address, checked, joined, origin_of
from mksync.wire.patience import PATIENCE, Attempts, Patience, retry_after
from mksync.wire.redact import Redactor
from mksync.wire.reply import Reply, UnexpectedReply
from mksync.wire.request import Lost, Request, Unreached, Untrusted
from mksync.wire.shape import Shape, anything
from mksync.wire.tokens import Auth, Keep, Token, Tokens
from mksync.wire.verdict import Fail, Ok, RenewToken, Retry, Verdict, Wait, by_status

if TYPE_CHECKING:
    from mksync.wire.transport import Transport

__all__ = ["Auth", "Content", "Patience", "Repeat", "Reply", "Session", "Token", "UnexpectedReply"]

log = logging.getLogger("mksync.wire")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_Exchange = Callable[[Order], tuple[Verdict, Reply | None]]


class Session:
    """Safe to use from several threads."""

    def __init__(
        self,
        *,
        system: str,
        origin: str,
        auth: Auth,
        classify: Callable[[Reply], Verdict],
        limiter: Limiter,
        meter: Meter,
        clock: Clock,
        redactor: Redactor,
        patience: Patience = PATIENCE,
        random: Callable[[], float] = _random.random,
        ca_bundle: str | None = None,
        max_bytes: int = 64 * 2**20,
        keep: Keep | None = None,
        organisation: Callable[[Callable[..., Reply]], str] | None = None,
    ) -> None:
        """`system`: its name in messages. `origin`: base address, https (http to loopback only, else ConfigError).

        `classify` judges each reply. `random`: 0 to 1, for the jitter. `ca_bundle`: path of trusted certificates.
        `keep`: where tokens are kept between runs. `organisation`: asks the system for its own by `call`, where a
        sign-in does not tell it; asked with every token that takes the place of another, before that is used.
        """
        self._system = system
        self._base = checked(origin, system)
        self._classify = classify
        self._limiter = limiter
        self._meter = meter
        self._clock = clock
        self._redactor = redactor
        self._patience = patience
        self._random = random
        self._transport = _transport(clock, ca_bundle, max_bytes)
        ask = (lambda token: organisation(partial(self._call, token))) if organisation else None
        sign_in = partial(auth.sign_in, self._ask)
        self._tokens = Tokens(sign_in, system=system, clock=clock, redactor=redactor, keep=keep, ask=ask)
        self._reached: set[tuple[str, str, int]] = set()  # origins that have answered

    @property
    def calls(self) -> int:
        """Calls so far, as the vendor counts them."""
        return self._meter.calls

    def token(self) -> Token:
        """The token in use; signs in first if there is none. Raises AccessError, Temporary."""
        return self._tokens.current()

    def sign_in_anew(self) -> Token:
        """Sign in now, whatever was kept; an organisation that was told before is forgotten."""
        return self._tokens.anew()

    @property
    def organisation(self) -> str | None:
        """As a sign-in told it, or `belongs`, in this run or an earlier one; None: not told yet."""
        return self._tokens.organisation

    @property
    def hearsay(self) -> bool:
        """Whether the organisation was told to an earlier run only."""
        return self._tokens.hearsay

    def belongs(self, organisation: str) -> None:
        """The system has just told its organisation. Raises MirrorError if it is another than before."""
        self._tokens.belongs(organisation)

    def close(self) -> None:
        self._transport.close()

    def call(
        self,
        method: str,
        path_or_url: str,
        *,
        repeat: Repeat = Repeat.SAFE,
        timeout: float = 100.0,
        shape: Shape = anything,
        **content: Unpack[Content],
    ) -> Reply:
        """One call, signed, repeated as `repeat` allows; the reply that the vendor's classify found Ok.

        A path is resolved against the token's origin, else the session's; a whole URL (a next-page link) has to lie
        in one of the two. `timeout`: seconds the server may be silent. A successful answer of another `shape` is taken
        for a lost one. Raises what `Fail` says, Temporary, OutcomeUnknown, AccessError, ConfigError, MirrorError.
        """
        return self._call(None, method, path_or_url, repeat=repeat, timeout=timeout, shape=shape, **content)

    def _call(
        self,
        token: Token | None,
        method: str,
        path_or_url: str,
        *,
        repeat: Repeat = Repeat.SAFE,
        timeout: float = 100.0,
        shape: Shape = anything,
        **content: Unpack[Content],
    ) -> Reply:
        """With this token, else with the one in use."""
        made = order(method, path_or_url, content, repeat, timeout, shape)
        return self._settle(made, lambda order: self._signed(order, token or self._tokens.current()))

    def _ask(
        self,
        method: str,
        path_or_url: str,
        *,
        timeout: float = 100.0,
        shape: Shape = anything,
        **content: Unpack[Content],
    ) -> Reply:
        return self._settle(order(method, path_or_url, content, Repeat.READ, timeout, shape), self._unsigned)

    def _settle(self, order: Order, exchange: _Exchange) -> Reply:
        attempts = Attempts(self._patience, self._clock, self._random)
        renewed = False
        while True:
            verdict, reply = exchange(order)
            match verdict:
                case Ok() if reply is not None:
                    return reply
                case Fail():
                    raise self._redactor.error(verdict.error) from None
                case RenewToken() if renewed:
                    raise AccessError(
                        f"{self._system} refuses a token it has just given",
                        hint="run mksync init again: its checks say what is wrong",
                    )
                case RenewToken():
                    renewed = True
                case Wait() | Retry():
                    self._pause(order, verdict, reply, attempts)

    def _pause(self, order: Order, verdict: Wait | Retry, reply: Reply | None, attempts: Attempts) -> None:
        lost = isinstance(verdict, Retry)
        attempts.lost |= lost
        if lost and order.repeat is Repeat.ONCE:
            raise self._redactor.error(self._unknown(order, verdict))
        floor = (verdict.seconds or 0.0) if isinstance(verdict, Wait) else 0.0
        if reply is not None:
            floor = max(floor, retry_after(reply, self._clock.now()))
        if attempts.pause(floor):
            return
        if attempts.lost and order.changes:
            raise self._redactor.error(self._unknown(order, verdict))
        raise self._redactor.error(
            Temporary(
                f"{self._system} did not answer {order.method} {order.path} in {attempts.made} attempts: "
                f"{verdict.reason or 'no reason given'}",
                hint=f"run again in {floor:.0f} seconds or later" if floor > 1 else "run again later",
            )
        )

    def _unknown(self, order: Order, verdict: Wait | Retry) -> OutcomeUnknown:
        return OutcomeUnknown(
            f"{self._system} may or may not have processed {order.method} {order.path}: {verdict.reason}",
            hint="run again: what became of it is read and settled first",
        )

    def _unsigned(self, order: Order) -> tuple[Verdict, Reply | None]:
        url = order.target if "://" in order.target else joined(self._base, order.target)
        checked(url.partition("?")[0], self._system)
        return self._exchange(order, url, order.headers, order.bytes_for(""), by_status)

    def _signed(self, order: Order, token: Token) -> tuple[Verdict, Reply | None]:
        url = self._resolved(order, token)
        headers = {**order.headers, "Authorization": f"Bearer {token.value}"}
        self._meter.take()
        with self._limiter.slot():
            verdict, reply = self._exchange(order, url, headers, order.bytes_for(token.value), self._classify)
        if not verdict.counted:
            self._meter.give_back()
        if isinstance(verdict, RenewToken):
            self._tokens.spent(token)
        return verdict, reply

    def _exchange(
        self,
        order: Order,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        judge: Callable[[Reply], Verdict],
    ) -> tuple[Verdict, Reply | None]:
        started = self._clock.now()
        try:
            reply = self._transport.exchange(Request(order.method, url, dict(headers), body, order.timeout))
        except Unreached as error:
            return self._unreached(url, str(error)), None
        except Lost as error:
            log.debug("%s %s %s: %s", self._system, order.method, order.path, error)
            return Retry(str(error)), None
        except Untrusted:
            raise ConfigError(
                f"the certificate of {self._system} at {address(url)} cannot be verified; nothing was sent",
                hint="a proxy that opens TLS? Its certificate has to be trusted by this computer",
            ) from None
        elapsed = 1000 * (self._clock.now() - started)
        log.debug("%s %s %s %d %.0f ms", self._system, order.method, order.path, reply.status, elapsed)
        verdict = self._judged(order, reply, url, judge)
        self._reached.add(origin_of(url))
        return verdict, reply

    def _judged(self, order: Order, reply: Reply, url: str, judge: Callable[[Reply], Verdict]) -> Verdict:
        if reply.status in _REDIRECTS:
            return self._redirected(url)
        try:
            if reply.says_json and reply.body and reply.status < 400:
                reply.json()  # a cut body shows here, whatever classify looks at
            verdict = judge(reply)
            if isinstance(verdict, Ok) and reply.status < 300 and not order.shape(reply):
                return Retry(f"the reply (HTTP {reply.status}, {len(reply.body)} bytes) does not answer the question")
        except UnexpectedReply as error:
            return Retry(error.message)
        return verdict

    def _redirected(self, url: str) -> Verdict:
        """Never followed: it could take the token to another host. An address that answered before is not wrong."""
        if origin_of(url) in self._reached:
            return Retry(f"{address(url)} redirects to another address, which was not followed")
        return Fail(
            ConfigError(
                f"{self._system} at {address(url)} redirects to another address; it was not followed",
                hint=f"check the url of {self._system} in mksync.toml",
            )
        )

    def _unreached(self, url: str, reason: str) -> Verdict:
        log.debug("%s %s: %s", self._system, address(url), reason)
        if origin_of(url) in self._reached:  # an outage, not a wrong address
            return Wait(reason=f"{address(url)} does not answer ({reason})", counted=False)
        return Fail(
            Temporary(
                f"{self._system} cannot be reached at {address(url)}: {reason}",
                hint=f"is it running there? Else check the url of {self._system} in mksync.toml and the network",
            ),
            counted=False,
        )

    def _resolved(self, order: Order, token: Token) -> str:
        base = token.origin or self._base
        if "://" not in order.target:
            return joined(base, order.target)
        if origin_of(order.target) not in (origin_of(base), origin_of(self._base)):
            raise Temporary(
                f"{self._system} gave a link to another host, {address(order.target)}; it was not followed",
                hint=f"check the url of {self._system} in mksync.toml",
            )
        return order.target


def _transport(clock: Clock, ca_bundle: str | None, max_bytes: int) -> "Transport":
    from mksync.wire.transport import Transport  # requests takes 60 ms to load: only once something is to be sent

    return Transport(clock, ca_bundle=ca_bundle, pool=10, max_bytes=max_bytes)
