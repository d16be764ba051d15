"""Service protection, scripted faults, sizes."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.sandbox.dynamics.answers import body, done, message, token
from tests.sandbox.dynamics.api import Api, error

WINDOW = 300


def wait_of(answer: requests.Response) -> int:
    return int(answer.headers["Retry-After"])


def test_too_many_requests_in_five_minutes_are_refused_until_the_window_moves_on(api: Api) -> None:
    api.control("settings", requests_limit=3)
    for _ in range(3):
        assert api.get("WhoAmI").status_code == 200
        api.sandbox.clock.advance(10)
    refusal = api.get("leads")
    assert error(refusal) == (429, "0x80072322")
    assert message(refusal) == "Number of requests exceeded the limit of 3 over time window of 300 seconds."
    assert wait_of(refusal) == WINDOW - 30
    api.sandbox.clock.advance(wait_of(refusal))
    assert api.get("WhoAmI").status_code == 200


def test_calling_on_while_refused_makes_the_wait_longer(api: Api) -> None:
    api.control("settings", requests_limit=1)
    assert api.get("WhoAmI").status_code == 200
    waits = [wait_of(api.get("WhoAmI")) for _ in range(3)]
    assert waits == sorted(set(waits))


def test_execution_time_is_limited_too(api: Api) -> None:
    api.control("settings", request_seconds=500)
    assert [api.get("WhoAmI").status_code for _ in range(2)] == [200, 200]
    refusal = api.get("WhoAmI")
    assert error(refusal) == (429, "0x80072321")
    assert "exceeded limit of 1,200,000 milliseconds over time window of 300 seconds." in message(refusal)


def test_calls_at_the_same_time_are_limited(api: Api) -> None:
    api.control("settings", concurrency_limit=1)
    api.fault("slow", path="WhoAmI", seconds=1)
    headers = dict(api.http.headers)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(requests.get, f"{api.root}/WhoAmI", headers=headers, timeout=5)
        while not api.sandbox.calls.counts()["dynamics"].get("/api/data/v9.2/WhoAmI"):
            pass
        refusal = requests.get(f"{api.root}/leads", headers=headers, timeout=5)
        assert slow.result().status_code == 200
    assert error(refusal) == (429, "0x80072326")
    assert message(refusal) == "Number of concurrent requests exceeded the limit of 1."
    assert wait_of(refusal) >= 1


def test_what_is_left_is_told_in_headers(api: Api) -> None:
    def left() -> tuple[float, float]:
        headers = api.get("WhoAmI").headers
        names = ("burst-remaining", "time-remaining")
        requests, seconds = (headers[f"x-ms-ratelimit-{name}-xrm-requests"].replace(",", "") for name in names)
        return float(requests), float(seconds)

    first, second = left(), left()
    assert second[0] == first[0] - 1
    assert second[1] < first[1]


def test_users_are_limited_each_by_themselves(api: Api) -> None:
    api.control("settings", requests_limit=1)
    assert api.get("WhoAmI").status_code == 200
    assert api.get("WhoAmI").status_code == 429
    application = "a9900000-0000-4000-8000-00000000ffff"
    api.control("consumers", client_id="other", secret="s", application=application)
    api.org.edit("update", "systemuser", api.org.users["manager_user"], applicationid=application)
    granted = token(api, client_id="other", client_secret="s").json()
    api.http.headers["Authorization"] = f"Bearer {granted['access_token']}"
    assert api.get("WhoAmI").status_code == 200


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("rate_limit", 429, "0x80072322"),
        ("throttled_requests", 429, "0x80072322"),
        ("throttled_time", 429, "0x80072321"),
        ("concurrency", 429, "0x80072326"),
        ("throttled_concurrency", 429, "0x80072326"),
        ("quota", 429, "0x8005F103"),
        ("row_lock", 500, "0x80044150"),
        ("deadlock", 500, "0x80044150"),
        ("concurrent_operation", 500, "0x80071154"),
        ("timeout_before", 500, "0x80044151"),
        ("server_error", 500, "0x80040216"),
        ("plugin", 400, "0x80040265"),
        ("plugin_timeout", 500, "0x80044171"),
    ],
)
def test_a_scripted_fault_is_told_in_dataverses_words_and_nothing_happens(
    api: Api, name: str, status: int, code: str
) -> None:
    api.fault(name, method="POST")
    answer = api.post("leads", {"lastname": "Roe"})
    assert error(answer) == (status, code)
    assert ("Retry-After" in answer.headers) == (status == 429)
    assert api.rows("leads") == []
    done(api.post("leads", {"lastname": "Roe"}))


@pytest.mark.parametrize("name", ["rate_limit", "deadlock"])
def test_a_fault_meets_a_batch_as_a_whole_and_in_plain_json(api: Api, name: str) -> None:
    api.fault(name, path="batch")
    answer = api.call("POST", "$batch", data="", headers={"Content-Type": "multipart/mixed; boundary=b"})
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()["error"]["code"]


def test_a_deadlock_names_the_number_of_sql_server(api: Api) -> None:
    api.fault("deadlock")
    assert "Sql Number: 1205" in message(api.get("leads"))


@pytest.mark.parametrize("name", ["token_expired", "token_invalid"])
def test_a_session_that_ends_is_challenged(api: Api, name: str) -> None:
    api.fault(name)
    answer = api.get("leads")
    assert (answer.status_code, answer.text) == (401, "")
    assert "authorization_uri=" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("name", "status", "made"), [("unavailable", 503, 0), ("gateway_html", 502, 0), ("timeout_after", 504, 1)]
)
def test_the_edge_speaks_no_json_and_may_hide_an_effect(api: Api, name: str, status: int, made: int) -> None:
    api.fault(name, method="POST")
    answer = api.post("leads", {"lastname": "Roe"})
    assert answer.status_code == status
    assert "json" not in answer.headers["Content-Type"]
    assert len(api.rows("leads")) == made


def test_a_connection_that_breaks_after_the_commit_leaves_the_row(api: Api) -> None:
    id = "1a1a0000-0000-4000-8000-000000000001"
    api.fault("reset_after", method="POST")
    with pytest.raises(requests.ConnectionError):
        api.post("leads", {"leadid": id, "lastname": "Roe"})
    assert error(api.post("leads", {"leadid": id, "lastname": "Roe"})) == (412, "0x80040237")


def test_a_fault_of_the_organisation_does_not_reach_the_directory(api: Api) -> None:
    api.fault("deadlock", path="token")
    assert token(api).status_code == 200
    api.fault("unavailable", path="token")
    assert token(api).status_code == 503


def test_an_address_may_be_32768_characters_long(api: Api) -> None:
    def ask(length: int) -> int:
        start = "leads?$filter=firstname eq '"
        return api.get(f"{start}{'x' * length}'").status_code

    assert ask(30_000) == 200
    assert ask(33_000) == 414


def test_errors_carry_annotations_where_they_are_asked_for(api: Api) -> None:
    plain = api.get("nonsense").json()["error"]
    told: dict[str, Any] = api.get("nonsense", 'odata.include-annotations="*"').json()["error"]
    assert set(plain) == {"code", "message"}
    assert told["@Microsoft.PowerApps.CDS.HelpLink"].startswith("http://go.microsoft.com/fwlink/?LinkID=398563&error=")
    assert told["message"] == plain["message"]


def test_a_gzipped_body_is_read(api: Api) -> None:
    content = gzip.compress(b'{"lastname": "Roe"}')
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    done(api.call("POST", "leads", data=content, headers=headers))
    assert [row["lastname"] for row in body(api.get("leads?$select=lastname"))["value"]] == ["Roe"]
