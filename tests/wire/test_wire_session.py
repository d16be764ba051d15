"""What one call does when the network or the vendor does not do its part."""

import logging
from collections.abc import Callable

import pytest

from mksync.errors import AccessError, ConfigError, MksyncError, OutcomeUnknown, Temporary
from mksync.wire.meter import Meter
from mksync.wire.patience import Patience
from mksync.wire.session import Repeat, Session
from mksync.wire.shape import object_with
from mksync.wire.verdict import Fail, Ok
from tests.wire.conftest import SECRET, KeyedAuth, Opens
from tests.wire.scripted import FakeClock, Say, Scripted

FINE = Say(body={"fine": True})
LOST = {
    "a reset connection": Say(reset=True),
    "a body shorter than its Content-Length": Say(body={"long": "x" * 100}, cut=20),
    "a chunked body that ends early": Say(body={"long": "x" * 100}, cut=20, chunked=True),
    "a gzip body that ends early": Say(body={"long": "x" * 100}, cut=20, zipped=True),
    "JSON cut without a length to tell by": Say(body={"long": "x" * 100}, cut=20, no_length=True),
    "NaN for JSON": Say(body=b'{"a": NaN}', headers={"Content-Type": "application/json"}),
    "an outage": Say(503, {}),
    "a bad gateway's page": Say(502, b"<html>"),
    "an error inside HTTP 200": Say(body={"error": "timeout"}),
}
lost = pytest.mark.parametrize("answer", LOST.values(), ids=LOST.keys())


@lost
def test_a_lost_answer_is_asked_for_again_where_repeating_is_safe(
    server: Scripted, session: Session, answer: Say
) -> None:
    server.says(answer, FINE)
    assert session.call("POST", "/x", json={"a": 1}, repeat=Repeat.SAFE).json() == {"fine": True}
    assert [heard.body for heard in server.heard] == [b'{"a":1}'] * 2


def test_a_cut_body_is_seen_also_where_the_vendor_judges_by_the_status(server: Scripted, open_session: Opens) -> None:
    server.says(LOST["JSON cut without a length to tell by"], FINE)
    assert open_session(classify=lambda reply: Ok()).call("GET", "/x").json() == {"fine": True}


@lost
def test_a_lost_answer_is_never_asked_for_twice_where_repeating_is_not_safe(
    server: Scripted, session: Session, answer: Say
) -> None:
    server.says(answer, FINE)
    with pytest.raises(OutcomeUnknown, match="may or may not have processed POST /x"):
        session.call("POST", "/x", json={"a": 1}, repeat=Repeat.ONCE)
    assert len(server.heard) == 1


def test_a_silent_server_is_a_lost_answer(server: Scripted, session: Session) -> None:
    server.says(Say(silent=True))
    with pytest.raises(OutcomeUnknown, match="no answer in time"):
        session.call("POST", "/x", repeat=Repeat.ONCE, timeout=0.05)


def test_a_throttled_call_was_not_processed_so_even_a_once_call_is_sent_again(
    server: Scripted, session: Session, clock: FakeClock
) -> None:
    server.says(Say(body={"error": "throttled"}), FINE)
    session.call("POST", "/x", repeat=Repeat.ONCE)
    assert clock.sleeps == [21.0]  # the vendor's 20 seconds and the first step of back-off


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:40 GMT", "Date": "Fri, 15 Jan 2027 08:00:10 GMT"}, 30),
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:40 GMT"}, 40),  # without a Date: by our own clock
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:00 GMT", "Date": "Fri, 15 Jan 2027 08:00:10 GMT"}, 0),
        ({"Retry-After": "soon"}, 0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(
    server: Scripted, open_session: Opens, clock: FakeClock, headers: dict[str, str], least: float, status: int
) -> None:
    clock.time = 1_800_000_000.0  # 2027-01-15T08:00:00Z
    server.says(Say(status, {}, headers), FINE)
    open_session(random=lambda: 0.0).call("GET", "/x")
    assert clock.sleeps == [least]


def test_back_off_doubles_up_to_a_cap_and_ends_after_six_attempts(
    server: Scripted, open_session: Opens, clock: FakeClock
) -> None:
    server.script = lambda heard: Say(500, {})
    session = open_session(patience=Patience(cap=6.0))
    with pytest.raises(Temporary, match=r"did not answer GET /x in 6 attempts: HTTP 500"):
        session.call("GET", "/x")
    assert clock.sleeps == [1, 2, 4, 6, 6]
    assert len(server.heard) == 6


def test_the_jitter_is_full(server: Scripted, open_session: Opens, clock: FakeClock) -> None:
    server.says(Say(500, {}), Say(500, {}), FINE)
    draws = iter([0.0, 0.25])
    open_session(random=lambda: next(draws)).call("GET", "/x")
    assert clock.sleeps == [0.0, 0.5]


def test_a_wait_longer_than_the_bound_is_not_begun(server: Scripted, session: Session, clock: FakeClock) -> None:
    server.says(Say(503, {}, {"Retry-After": "3600"}))
    with pytest.raises(Temporary) as caught:
        session.call("GET", "/x")
    assert caught.value.hint == "run again in 3600 seconds or later"
    assert clock.sleeps == []


@pytest.mark.parametrize(
    ("method", "repeat", "raised"),
    [
        ("GET", Repeat.SAFE, Temporary),
        ("POST", Repeat.READ, Temporary),
        ("POST", Repeat.SAFE, OutcomeUnknown),
        ("PATCH", Repeat.SAFE, OutcomeUnknown),
    ],
)
def test_when_attempts_run_out_a_write_that_may_have_been_processed_has_an_unknown_outcome(
    server: Scripted, session: Session, method: str, repeat: Repeat, raised: type[MksyncError]
) -> None:
    # Lost first, throttled afterwards: the last answer alone would look as if nothing had happened.
    server.says(Say(reset=True), *[Say(429, {})] * 5)
    with pytest.raises(Temporary) as caught:
        session.call(method, "/x", repeat=repeat)
    assert type(caught.value) is raised


def test_a_write_that_was_only_throttled_is_known_not_to_have_happened(server: Scripted, session: Session) -> None:
    server.script = lambda heard: Say(429, {})
    with pytest.raises(Temporary) as caught:
        session.call("POST", "/x")
    assert type(caught.value) is Temporary


def test_a_refused_connection_names_host_and_port_at_once(open_session: Opens, clock: FakeClock) -> None:
    with Scripted().running() as gone:
        url = gone.url
    with pytest.raises(Temporary, match=r"Vendor cannot be reached at 127\.0\.0\.1:\d+") as caught:
        open_session(origin=url).call("POST", "/x", repeat=Repeat.ONCE)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert "is it running there?" in caught.value.hint
    assert clock.sleeps == []


def test_a_host_that_answered_before_is_tried_again_when_it_refuses_connections(
    open_session: Opens, clock: FakeClock
) -> None:
    meter = Meter("Vendor")
    with Scripted().running() as server:
        session = open_session(origin=server.url, meter=meter)
        server.says(Say(headers={"Connection": "close"}))
        session.call("GET", "/x")
    with pytest.raises(Temporary, match="does not answer") as caught:
        session.call("POST", "/x", repeat=Repeat.ONCE)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert len(clock.sleeps) == 5
    assert meter.calls == 1  # what was never sent is not counted


def test_what_the_vendor_calls_final_is_raised_at_once(server: Scripted, open_session: Opens) -> None:
    server.says(Say(403, {}))
    session = open_session(classify=lambda reply: Fail(AccessError("no permission", hint="ask")))
    with pytest.raises(AccessError, match="no permission"):
        session.call("GET", "/x")
    assert len(server.heard) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: Scripted, session: Session, status: int) -> None:
    server.says(Say(status, {}, {"Location": f"{server.url}/elsewhere"}))
    with pytest.raises(ConfigError, match="redirects"):
        session.call("GET", "/x")
    assert server.paths() == ["/x"]


def test_a_redirect_of_an_address_that_answered_before_passes_by_itself(server: Scripted, session: Session) -> None:
    server.says(FINE, Say(302, {}, {"Location": "https://elsewhere.invalid/"}), FINE)
    session.call("GET", "/x")
    assert session.call("GET", "/x").json() == {"fine": True}
    assert server.paths() == ["/x"] * 3


def test_a_redirected_write_may_have_been_processed(server: Scripted, session: Session) -> None:
    server.says(FINE, Say(303, {}, {"Location": "https://elsewhere.invalid/"}))
    session.call("GET", "/x")
    with pytest.raises(OutcomeUnknown, match="redirects to another address, which was not followed"):
        session.call("POST", "/x", repeat=Repeat.ONCE)


@pytest.mark.parametrize("answer", [Say(200, b""), Say(200, b"<html>"), Say(200, {"status": "ok"}), Say(200, [1])])
def test_an_answer_to_something_else_is_taken_for_a_lost_one(server: Scripted, session: Session, answer: Say) -> None:
    shape = object_with("fine")
    server.says(answer, FINE)
    assert session.call("GET", "/x", shape=shape).json() == {"fine": True}
    server.says(answer)
    with pytest.raises(OutcomeUnknown):
        session.call("POST", "/x", repeat=Repeat.ONCE, shape=shape)


def test_a_refusal_is_not_held_against_the_shape_of_an_answer(server: Scripted, session: Session) -> None:
    server.says(Say(404, {"no": "such"}))
    assert session.call("GET", "/x", shape=object_with("fine")).status == 404


def test_a_reply_too_large_to_be_meant_is_not_read_to_its_end(server: Scripted, open_session: Opens) -> None:
    server.says(Say(body=b"x" * 3_000_000, zipped=True))  # 3 kB on the wire
    with pytest.raises(Temporary, match="larger than 1 MB"):
        open_session(max_bytes=2**20).call("GET", "/x")


def test_gzip_is_asked_for_and_undone(server: Scripted, session: Session) -> None:
    server.says(Say(body={"fine": True}, zipped=True))
    assert session.call("GET", "/x").json() == {"fine": True}
    assert server.heard[0].headers["accept-encoding"] == "gzip"


def test_cookies_are_not_kept(server: Scripted, session: Session) -> None:
    server.says(Say(headers={"Set-Cookie": "route=1; Path=/"}), FINE)
    session.call("GET", "/x")
    session.call("GET", "/x")
    assert "cookie" not in server.heard[1].headers


def test_the_environment_cannot_replace_the_token(
    server: Scripted, session: Session, tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))  # type: ignore[operator]
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other")  # type: ignore[operator]
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    server.says(FINE)
    session.call("GET", "/x")
    assert server.heard[0].headers["authorization"] == "Bearer fixed-token"


def test_secrets_and_bodies_stay_out_of_the_log(
    server: Scripted, open_session: Opens, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.says(Say(body={"token": "tok-12345"}), Say(body={"email": "ana@example.com"}))
    open_session(auth=KeyedAuth(clock)).call("GET", "/leads", query={"email": "ana@example.com"})
    ours = [record.getMessage() for record in caplog.records if record.name == "mksync.wire"]
    assert ours == ["Vendor POST /token 200 0 ms", "Vendor GET /leads 200 0 ms"]
    everything = caplog.text
    for secret in (SECRET, "tok-12345"):
        assert secret not in everything


def _quoting(text: str) -> Callable[..., Fail]:
    return lambda reply: Fail(MksyncError(f"the vendor says {text}", hint=f"is {text} right?"))


@pytest.mark.parametrize("spelled", [SECRET, "s3cret%2Fwith%2Bsigns", "s3cret/with%2Bsigns", "tok-12345"])
def test_secrets_are_cut_out_of_what_a_vendor_says(
    server: Scripted, open_session: Opens, clock: FakeClock, spelled: str
) -> None:
    server.says(Say(body={"token": "tok-12345"}), Say(400, {}))
    with pytest.raises(MksyncError) as caught:
        open_session(auth=KeyedAuth(clock), classify=_quoting(spelled)).call("GET", "/x")
    error = caught.value
    assert (str(error), error.message, error.hint) == ("the vendor says ***", "the vendor says ***", "is *** right?")
