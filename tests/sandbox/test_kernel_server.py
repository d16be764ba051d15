"""A running sandbox: control endpoints, faults on real calls, state across restarts, and enough speed."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.marketo.meter import UNLIMITED
from mksync.sandbox.server import VENDORS, Sandbox

TOKEN = "/identity/oauth/token?grant_type=client_credentials&client_id=sandbox&client_secret=sandbox"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start(vendors=("marketo",), clock=SandboxClock(frozen_at=1_790_000_000)) as sandbox:
        yield sandbox


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[requests.Session]:
    with requests.Session() as session:
        token = session.get(sandbox.marketo_url + TOKEN).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        yield session


def script(sandbox: Sandbox, session: requests.Session, name: str, **more: Any) -> None:
    reply = session.post(f"{sandbox.marketo_url}/__sandbox__/faults", json={"name": name, "vendor": "marketo", **more})
    assert reply.status_code == 200, reply.text


def create(sandbox: Sandbox, session: requests.Session) -> requests.Response:
    body = {"action": "createDuplicate", "input": [{"email": "ana@example.com"}]}
    return session.post(f"{sandbox.marketo_url}/rest/v1/leads.json", json=body)


def held(sandbox: Sandbox, session: requests.Session) -> int:
    url = f"{sandbox.marketo_url}/rest/v1/leads.json?filterType=email&filterValues=ana@example.com"
    return len(session.get(url).json()["result"])


def test_the_clock_is_advanced_over_http(sandbox: Sandbox, session: requests.Session) -> None:
    reply = session.post(f"{sandbox.marketo_url}/__sandbox__/clock", json={"advance": 60})
    assert reply.json() == {"now": 1_790_000_060.0}
    assert sandbox.clock.now() == 1_790_000_060.0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", "{}"),
        ("clock", '{"advance": -1}'),
        ("faults", '{"name": "earthquake", "vendor": "marketo"}'),
        ("faults", "no json"),
        ("faults", '{"name": "quota", "vendor": "marketo", "path": "("}'),
    ],
)
def test_a_wrong_control_call_says_so(sandbox: Sandbox, session: requests.Session, path: str, body: str) -> None:
    reply = session.post(f"{sandbox.marketo_url}/__sandbox__/{path}", data=body)
    assert reply.status_code == 400
    assert reply.json()["error"]


def test_calls_are_counted_by_path_until_they_are_forgotten(sandbox: Sandbox, session: requests.Session) -> None:
    session.delete(f"{sandbox.marketo_url}/__sandbox__/calls")
    create(sandbox, session)
    held(sandbox, session)
    session.get(f"{sandbox.marketo_url}/rest/v1/lead/1.json")
    counts = session.get(f"{sandbox.marketo_url}/__sandbox__/calls").json()
    assert counts == {"marketo": {"/rest/v1/leads.json": 2, "/rest/v1/lead/1.json": 1}}


@pytest.mark.parametrize(
    ("fault", "effect"),
    [("reset_before", 0), ("reset_after", 1), ("truncated", 1)],
)
def test_a_broken_answer_leaves_the_outcome_to_be_found_out(
    sandbox: Sandbox, session: requests.Session, fault: str, effect: int
) -> None:
    script(sandbox, session, fault, method="POST", path="leads")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        create(sandbox, session)
    assert held(sandbox, session) == effect


@pytest.mark.parametrize(("fault", "code", "effect"), [("timeout_before", "604", 0), ("timeout_after", "604", 1)])
def test_a_time_out_comes_without_or_with_the_effect(
    sandbox: Sandbox, session: requests.Session, fault: str, code: str, effect: int
) -> None:
    script(sandbox, session, fault, method="POST")
    assert create(sandbox, session).json()["errors"][0]["code"] == code
    assert held(sandbox, session) == effect


def test_a_gateway_answers_in_html(sandbox: Sandbox, session: requests.Session) -> None:
    script(sandbox, session, "gateway_html")
    reply = create(sandbox, session)
    assert (reply.status_code, reply.headers["Content-Type"].split(";")[0]) == (502, "text/html")
    assert held(sandbox, session) == 0


def test_a_slow_call_is_delayed_and_then_answered(sandbox: Sandbox, session: requests.Session) -> None:
    script(sandbox, session, "slow", seconds=0.15)
    reply = create(sandbox, session)
    assert reply.elapsed.total_seconds() >= 0.15
    assert reply.json()["success"]


def test_a_bug_of_the_sandbox_is_not_dressed_up_as_a_vendor_answer(
    sandbox: Sandbox, session: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.store.connection.execute("DROP TABLE marketo_activity")
    reply = create(sandbox, session)
    assert (reply.status_code, reply.text) == (500, "the sandbox itself failed; see its log")
    assert "marketo_activity" in caplog.text


def test_the_ports_follow_the_one_that_is_asked_for() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Sandbox.start(port=port, vendors=("marketo",)) as sandbox:
        assert sandbox.marketo_url == f"http://127.0.0.1:{port}"


def test_every_vendor_has_a_port_of_its_own_and_the_same_people() -> None:
    with Sandbox.start(people=100) as sandbox, requests.Session() as session:
        assert len(set(sandbox.urls.values())) == len(VENDORS)
        for url in sandbox.urls.values():
            assert session.get(f"{url}/__sandbox__/clock").status_code == 200
        count = "SELECT vendor, people FROM sandbox_seeded ORDER BY vendor"
        assert sandbox.store.connection.execute(count).fetchall() == [(vendor, 100) for vendor in sorted(VENDORS)]


def test_a_taken_port_is_an_error_and_leaves_nothing_running() -> None:
    before = set(threading.enumerate())
    with Sandbox.start(vendors=("marketo",)) as sandbox:
        during = set(threading.enumerate())
        port = int(sandbox.marketo_url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            Sandbox.start(port=port, vendors=("marketo",))
        assert set(threading.enumerate()) == during
    assert set(threading.enumerate()) == before


def test_a_vendor_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no vendor 'oracle'"):
        Sandbox.start(vendors=("oracle",))


def test_a_switch_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no switch typo"):
        Sandbox.start(vendors=("marketo",), quirks={"marketo": frozenset({"typo"})})


def test_a_state_file_keeps_people_edits_token_and_time_and_is_seeded_once(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    count = "SELECT count(*) FROM marketo_lead"
    with Sandbox.start(vendors=("marketo",), people=100, state=state) as sandbox, requests.Session() as session:
        token = session.get(sandbox.marketo_url + TOKEN).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        create(sandbox, session)
        leads = sandbox.store.connection.execute(count).fetchone()
        sandbox.clock.advance(600)
        stood = sandbox.clock.now()
    with Sandbox.start(vendors=("marketo",), people=100, state=state) as sandbox, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        assert sandbox.store.connection.execute(count).fetchone() == leads
        assert held(sandbox, session) == 1
        assert sandbox.clock.now() >= stood


def test_many_threads_are_served_at_once(sandbox: Sandbox, session: requests.Session) -> None:
    sandbox.marketo.limits = UNLIMITED
    failures: list[str] = []

    def work(number: int) -> None:
        with requests.Session() as own:
            own.headers.update(session.headers)
            for round in range(10):
                body = {"input": [{"email": f"{number}.{round}@example.com"}]}
                reply = own.post(f"{sandbox.marketo_url}/rest/v1/leads.json", json=body).json()
                if reply["result"][0]["status"] != "created":
                    failures.append(str(reply))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sandbox.store.connection.execute("SELECT count(*) FROM marketo_lead").fetchone() == (80,)
