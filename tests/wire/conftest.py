"""A scripted server, a clock that records sleeps, and sessions between the two."""

from collections.abc import Callable, Iterator
from typing import Protocol

import pytest

from mksync.wire.limits import Limiter
from mksync.wire.meter import Meter
from mksync.wire.patience import Patience
from mksync.wire.redact import Redactor
from mksync.wire.session import Reply, Session, Token
from mksync.wire.verdict import Ok, RenewToken, Retry, Verdict, Wait, by_status
from tests.wire.scripted import FakeClock, Scripted

SECRET = "s3cret/with+signs"


class KeyedAuth:
    """Signs in at /token with a client secret; the reply names token, seconds to live and origin."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock

    def sign_in(self, send: Callable[..., Reply]) -> Token:
        reply = send("POST", "/token", form={"client_secret": SECRET})
        given = reply.json()
        lives = float(given.get("lives", 0))
        return Token(given["token"], self.clock.now() + lives if lives else None, given.get("origin"))


class FixedAuth:
    def sign_in(self, send: Callable[..., Reply]) -> Token:
        return Token("fixed-token")


def judge(reply: Reply) -> Verdict:
    """A vendor that answers 200 with `{"error": …}` inside, as Marketo does."""
    if reply.status == 401:
        return RenewToken(counted=False)
    if reply.status != 200:
        return by_status(reply)
    match reply.json() if reply.says_json else {}:
        case {"error": "throttled"}:
            return Wait(20.0)
        case {"error": "timeout"}:
            return Retry("time-out", counted=False)
        case _:
            return Ok()


class Opens(Protocol):
    def __call__(self, **changes: object) -> Session: ...


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted().running() as server:
        yield server


@pytest.fixture
def open_session(server: Scripted, clock: FakeClock) -> Iterator[Opens]:
    opened: list[Session] = []

    def opens(**changes: object) -> Session:
        parts: dict[str, object] = {
            "system": "Vendor",
            "origin": server.url,
            "auth": FixedAuth(),
            "classify": judge,
            "limiter": Limiter(clock, calls=1000),
            "meter": Meter("Vendor"),
            "clock": clock,
            "redactor": Redactor(SECRET),
            "patience": Patience(),
            "random": lambda: 1.0,
        }
        session = Session(**{**parts, **changes})  # type: ignore[arg-type]
        opened.append(session)
        return session

    yield opens
    for session in opened:
        session.close()


@pytest.fixture
def session(open_session: Opens) -> Session:
    return open_session()
