"""The daily allocation, and scripted faults in the vendor's words."""

import pytest

from tests.sandbox.salesforce.api import Api, error, row_errors
from tests.sandbox.salesforce.conftest import Start

ROW = {"attributes": {"type": "Lead"}, "LastName": "Roe", "Company": "Acme"}


def test_every_call_is_counted_and_told_in_a_header(api: Api) -> None:
    told = [api.get("sobjects").headers["Sforce-Limit-Info"] for _ in range(3)]
    assert told == [f"api-usage={number}/115000" for number in (1, 2, 3)]
    assert api.get("limits").json()["DailyApiRequests"] == {"Max": 115_000, "Remaining": 114_996}


def test_the_long_form_of_the_header_is_a_switch(start: Start) -> None:
    told = start("per_app_usage").get("limits").headers["Sforce-Limit-Info"]
    assert told == "api-usage=1/115000; per-app-api-usage=1/115000(appName=sandbox)"


def test_sign_in_and_versions_are_free(api: Api) -> None:
    api.sign_in()
    api.get("/services/data")
    assert api.get("limits").headers["Sforce-Limit-Info"] == "api-usage=1/115000"


def test_at_the_cap_calls_are_refused_until_the_day_has_passed(api: Api) -> None:
    api.control("settings", daily_requests=3)
    assert [api.get("limits").status_code for _ in range(4)] == [200, 200, 200, 403]
    assert api.get("limits").json() == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]
    assert "REQUEST_LIMIT_EXCEEDED" in api.soap("<urn:getUserInfo/>").text
    api.sandbox.clock.advance(86_400)
    api.sign_in()
    assert api.get("limits").status_code == 200


def test_record_counts(api: Api) -> None:
    api.lead()
    answer = api.get("limits/recordCount", params={"sObjects": "Lead,contact,Nothing"}).json()
    assert answer == {"sObjects": [{"count": 1, "name": "Lead"}, {"count": 0, "name": "Contact"}]}


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("token_expired", 401, "INVALID_SESSION_ID"),
        ("token_invalid", 401, "INVALID_SESSION_ID"),
        ("rate_limit", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("concurrency", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("quota", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("server_error", 500, "UNKNOWN_EXCEPTION"),
        ("unavailable", 503, "SERVER_UNAVAILABLE"),
        ("timeout_before", 400, "REQUEST_RUNNING_TOO_LONG"),
    ],
)
def test_faults_strike_once_and_nothing_is_written(api: Api, fault: str, status: int, code: str) -> None:
    api.fault(fault, path="sobjects/Lead")
    body = {"LastName": "Roe", "Company": "Acme"}
    assert error(api.post("sobjects/Lead", body)) == (status, code)
    assert api.post("sobjects/Lead", body).status_code == 201
    assert len(api.records("SELECT Id FROM Lead")) == 1


def test_a_timeout_after_the_effect_hides_an_answer(api: Api) -> None:
    api.fault("timeout_after", path="sobjects/Lead")
    assert api.post("sobjects/Lead", {"LastName": "Roe", "Company": "Acme"}).status_code == 503
    assert len(api.records("SELECT Id FROM Lead")) == 1


class TestRowLock:
    def test_fails_a_single_write_as_a_whole(self, api: Api) -> None:
        id = api.lead()
        api.fault("row_lock", method="PATCH")
        answer = api.patch(f"sobjects/Lead/{id}", {"Title": "x"})
        assert error(answer) == (400, "UNABLE_TO_LOCK_ROW")
        assert answer.json()[0]["message"] == (f"unable to obtain exclusive access to this record or 1 records: {id}")
        assert api.patch(f"sobjects/Lead/{id}", {"Title": "x"}).status_code == 204

    def test_fails_only_the_first_row_of_a_collection(self, api: Api) -> None:
        api.fault("row_lock")
        results = api.post("composite/sobjects", {"records": [ROW] * 3}).json()
        assert row_errors(results) == ["UNABLE_TO_LOCK_ROW", None, None]

    def test_fails_only_the_first_write_of_a_composite(self, api: Api) -> None:
        id = api.lead()
        requests = [
            {"method": method, "url": f"/services/data/v67.0/sobjects/Lead/{id}", "referenceId": f"r{n}", "body": body}
            for n, (method, body) in enumerate([("GET", None), ("PATCH", {"Title": "a"}), ("PATCH", {"City": "b"})])
        ]
        api.fault("row_lock")
        parts = api.post("composite", {"compositeRequest": requests}).json()["compositeResponse"]
        assert [part["httpStatusCode"] for part in parts] == [200, 400, 204]
        assert parts[1]["body"][0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
        assert (api.read("Lead", id)["Title"], api.read("Lead", id)["City"]) == (None, "b")

    def test_leaves_reads_alone(self, api: Api) -> None:
        api.fault("row_lock")
        assert api.query("SELECT Id FROM Lead").status_code == 200


def test_a_sign_in_is_throttled_in_the_words_of_oauth(api: Api) -> None:
    form = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
    api.fault("rate_limit")
    reply = api.http.post(f"{api.url}/services/oauth2/token", data=form)
    assert (reply.status_code, reply.json()["error"]) == (400, "rate_limit_exceeded")


@pytest.mark.parametrize("fault", ["quota", "concurrency", "token_expired", "token_invalid", "row_lock"])
def test_a_sign_in_knows_no_limits_of_the_api(api: Api, fault: str) -> None:
    api.fault(fault)
    assert api.sign_in()
