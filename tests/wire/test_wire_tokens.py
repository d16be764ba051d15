"""When a session signs in, and with whom its token is shared."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from mksync.errors import AccessError, ConfigError, Temporary
from mksync.wire.redact import Redactor
from mksync.wire.session import Reply, Token
from mksync.wire.tokens import Tokens
from tests.wire.conftest import KeyedAuth, Opens
from tests.wire.scripted import FakeClock, Heard, Say, Scripted


class Gate:
    """Gives a new token at each sign-in, good for `lives` seconds; refuses all but the last one."""

    def __init__(self, lives: float = 3600.0, takes: int = 10**6) -> None:
        self.lives = lives
        self.given = 0
        self.takes = takes

    def __call__(self, heard: Heard) -> Say:
        if heard.path == "/token":
            self.given += 1
            return Say(body={"token": f"token-{self.given}", "lives": self.lives})
        if heard.headers["authorization"] != f"Bearer token-{self.given}" or self.given > self.takes:
            return Say(401, {})
        return Say(body={"by": f"token-{self.given}"})


@pytest.fixture
def gate(server: Scripted) -> Gate:
    server.script = gate = Gate()
    return gate


def test_one_sign_in_serves_many_calls(server: Scripted, gate: Gate, open_session: Opens, clock: FakeClock) -> None:
    session = open_session(auth=KeyedAuth(clock))
    for _ in range(3):
        session.call("GET", "/x")
    assert server.paths() == ["/token", "/x", "/x", "/x"]
    assert session.calls == 3  # signing in is not a counted call


@pytest.mark.parametrize(("left", "signs_in"), [(61, 1), (60, 2), (0, 2)])
def test_a_token_is_renewed_when_a_minute_is_left(
    gate: Gate, open_session: Opens, clock: FakeClock, left: float, signs_in: int
) -> None:
    session = open_session(auth=KeyedAuth(clock))
    session.call("GET", "/x")
    clock.time += 3600 - left
    session.call("GET", "/x")
    assert gate.given == signs_in


def test_a_vendor_that_gives_the_same_token_until_its_end_is_not_asked_before_every_call(
    server: Scripted, open_session: Opens, clock: FakeClock
) -> None:
    end = clock.now() + 3600
    server.script = lambda heard: Say(body={"token": "the same", "lives": end - clock.now()})
    session = open_session(auth=KeyedAuth(clock))
    session.call("GET", "/x")
    clock.time = end - 30
    for _ in range(3):
        session.call("GET", "/x")
    assert server.paths() == ["/token", "/x", "/token", "/x", "/x", "/x"]


def test_a_refused_token_is_renewed_once_and_the_call_repeated(
    server: Scripted, gate: Gate, open_session: Opens, clock: FakeClock
) -> None:
    session = open_session(auth=KeyedAuth(clock))
    session.call("GET", "/x")
    gate.given += 1  # somebody else signed in: ours is no longer good
    assert session.call("GET", "/x").json() == {"by": "token-3"}
    assert server.paths() == ["/token", "/x", "/x", "/token", "/x"]
    assert session.calls == 2  # the refused call is not counted


def test_a_new_token_that_is_refused_too_is_an_access_error(
    server: Scripted, gate: Gate, open_session: Opens, clock: FakeClock
) -> None:
    gate.takes = 0
    with pytest.raises(AccessError, match="refuses a token it has just given"):
        open_session(auth=KeyedAuth(clock)).call("GET", "/x")
    assert server.paths() == ["/token", "/x", "/token", "/x"]


def test_threads_share_one_sign_in_also_when_the_token_ends(gate: Gate, open_session: Opens, clock: FakeClock) -> None:
    session = open_session(auth=KeyedAuth(clock))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: session.call("GET", "/x"), range(24)))
        assert gate.given == 1
        clock.time += 3600
        list(threads.map(lambda _: session.call("GET", "/x"), range(24)))
    assert gate.given == 2


def test_a_token_refused_twice_is_renewed_once(clock: FakeClock) -> None:
    given = iter([Token("first"), Token("second"), Token("third")])
    tokens = Tokens(lambda: next(given), system="Vendor", clock=clock, redactor=Redactor())
    first = tokens.current()
    tokens.spent(first)
    assert tokens.current().value == "second"
    tokens.spent(first)  # a slower thread was refused with the old one
    assert tokens.current().value == "second"


def test_signing_in_survives_a_passing_outage(server: Scripted, open_session: Opens, clock: FakeClock) -> None:
    server.says(Say(503, {}), Say(reset=True), Say(body={"token": "t-12345"}), Say())
    open_session(auth=KeyedAuth(clock)).call("GET", "/x")
    assert len(clock.sleeps) == 2


def test_a_path_is_asked_of_the_origin_that_came_with_the_token(
    server: Scripted, open_session: Opens, clock: FakeClock
) -> None:
    with Scripted().running() as instance:
        server.says(Say(body={"token": "t-12345", "origin": instance.url}))
        instance.says(Say(), Say())
        session = open_session(auth=KeyedAuth(clock))
        session.call("GET", "/x")
        session.call("GET", f"{instance.url}/next?page=2")
        assert instance.paths() == ["/x", "/next"]
        assert server.paths() == ["/token"]


@pytest.mark.parametrize(
    "link", ["http://127.0.0.1:1/next", "https://evil.example/next", "https://127.0.0.1@evil.example/"]
)
def test_a_link_to_another_origin_is_not_followed(server: Scripted, open_session: Opens, link: str) -> None:
    with pytest.raises(Temporary, match="not followed"):
        open_session().call("GET", link)
    assert server.heard == []


@pytest.mark.parametrize(
    "url",
    [
        "http://instance.example",
        "http://10.0.0.1:8080",
        "http://localhost.example",
        "ftp://127.0.0.1",
        "instance.example",
        "https://user:word@instance.example",
        "https://instance.example?x=1",
        "https://[::1",
        "",
    ],
)
def test_an_origin_that_would_send_secrets_in_the_clear_is_a_configuration_error(open_session: Opens, url: str) -> None:
    with pytest.raises(ConfigError):
        open_session(origin=url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8001", "http://localhost:1", "http://[::1]:2", "https://a.example/base/"]
)
def test_https_and_loopback_are_accepted(open_session: Opens, url: str) -> None:
    open_session(origin=url)


def test_a_token_for_an_origin_in_the_clear_is_refused(server: Scripted, open_session: Opens, clock: FakeClock) -> None:
    server.says(Say(body={"token": "t-12345", "origin": "http://instance.example"}))
    with pytest.raises(ConfigError):
        open_session(auth=KeyedAuth(clock)).call("GET", "/x")


def test_a_base_address_with_a_path_is_kept_and_slashes_are_single(server: Scripted, open_session: Opens) -> None:
    server.says(Say())
    open_session(origin=f"{server.url}/base/").call("GET", "//x/y.json")
    assert server.paths() == ["/base/x/y.json"]


def test_what_sign_in_raises_holds_no_secret(open_session: Opens, clock: FakeClock) -> None:
    class Telltale:
        def sign_in(self, send: Callable[..., Reply]) -> Token:
            raise AccessError("client_secret s3cret/with+signs is wrong")

    with pytest.raises(AccessError, match=r"client_secret \*\*\* is wrong"):
        open_session(auth=Telltale()).call("GET", "/x")
