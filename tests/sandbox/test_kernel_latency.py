"""Calls that are under way for a while, and limits that are lifted for measurements."""

import threading
from collections.abc import Iterator

import pytest
import requests

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox

SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start(clock=SandboxClock(frozen_at=1_790_000_000), latency=250) as sandbox:
        yield sandbox


def test_every_call_of_every_vendor_waits_and_control_calls_do_not(sandbox: Sandbox) -> None:
    waited: list[float] = []
    sandbox.latency.sleep = waited.append
    for number, url in enumerate(sandbox.urls.values()):
        requests.get(f"{url}/__sandbox__/clock", timeout=5)
        assert len(waited) == number
        requests.get(f"{url}/services/data", timeout=5)
    assert waited == [0.25] * 3


def test_calls_wait_side_by_side(sandbox: Sandbox) -> None:
    # Nobody passes before all five wait: one after another they would never meet.
    together = threading.Barrier(5, timeout=10)
    sandbox.latency.sleep = lambda _: together.wait()
    found: list[int] = []

    def ask() -> None:
        found.append(requests.get(f"{sandbox.salesforce_url}/services/data", timeout=20).status_code)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 5


def test_the_latency_is_told_and_set_over_http_of_all_vendors_or_one(sandbox: Sandbox) -> None:
    control = f"{sandbox.marketo_url}/__sandbox__/latency"
    assert requests.get(control, timeout=5).json() == {"marketo": 250, "salesforce": 250, "dynamics": 250}
    wish = {"ms": 20, "vendor": "salesforce"}
    assert requests.post(control, json=wish, timeout=5).json() == {"marketo": 250, "salesforce": 20, "dynamics": 250}
    assert set(requests.post(control, json={"ms": 0}, timeout=5).json().values()) == {0}


@pytest.mark.parametrize("wish", [{}, {"ms": -1}, {"ms": 60_001}, {"ms": "soon"}, {"ms": 1, "vendor": "oracle"}])
def test_a_latency_that_makes_no_sense_is_refused_and_changes_nothing(
    sandbox: Sandbox, wish: dict[str, object]
) -> None:
    answer = requests.post(f"{sandbox.dynamics_url}/__sandbox__/latency", json=wish, timeout=5)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert set(sandbox.latency.all().values()) == {250}


def test_without_rate_limits_any_number_of_calls_passes_but_not_any_number_at_once() -> None:
    clock = SandboxClock(frozen_at=1_790_000_000)
    with Sandbox.start(clock=clock, rate_limits=False) as sandbox, requests.Session() as http:
        token = http.get(f"{sandbox.marketo_url}/identity/oauth/token", params=SIGN_IN).json()["access_token"]
        leads = f"{sandbox.marketo_url}/rest/v1/leads.json?filterType=id&filterValues=1"
        auth = {"Authorization": f"Bearer {token}"}
        assert all(http.get(leads, headers=auth).json()["success"] for _ in range(110))
        _most_at_once(sandbox, leads, auth)
        url = sandbox.dynamics_url
        form = {**SIGN_IN, "scope": f"{url}/.default"}
        token = http.post(f"{url}/sandbox/oauth2/v2.0/token", data=form).json()["access_token"]
        settings = {"requests_limit": 3}
        assert http.post(f"{url}/__sandbox__/dynamics/settings", json=settings).status_code == 200
        auth = {"Authorization": f"Bearer {token}"}
        assert {http.get(f"{url}/api/data/v9.2/WhoAmI", headers=auth).status_code for _ in range(6)} == {200}
        form = {**SIGN_IN}
        token = http.post(f"{sandbox.salesforce_url}/services/oauth2/token", data=form).json()["access_token"]
        url = sandbox.salesforce_url
        http.post(f"{url}/__sandbox__/salesforce/settings", json={"daily_requests": 3})
        auth = {"Authorization": f"Bearer {token}"}
        used = [http.get(f"{url}/services/data/v67.0/limits", headers=auth) for _ in range(6)]
        assert [answer.status_code for answer in used] == [200] * 6
        assert used[-1].headers["Sforce-Limit-Info"] == "api-usage=6/3"


def _most_at_once(sandbox: Sandbox, url: str, auth: dict[str, str]) -> None:
    """Eleven calls are under way together: Marketo serves ten."""
    sandbox.latency.set(1, "marketo")
    together = threading.Barrier(11, timeout=10)
    sandbox.latency.sleep = lambda _: together.wait()
    codes: list[str | None] = []

    def ask() -> None:
        answer = requests.get(url, headers=auth, timeout=20).json()
        codes.append(None if answer["success"] else answer["errors"][0]["code"])

    threads = [threading.Thread(target=ask) for _ in range(11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sandbox.latency.set(0)
    assert sorted(map(str, codes)) == ["615", *["None"] * 10]
