"""The envelope, the limits of a request, and every spelling that clients use."""

import json
from typing import Any

import pytest
import requests

from tests.sandbox.marketo.api import Api, code
from tests.sandbox.marketo.conftest import NOW, Start


def test_every_reply_has_a_request_id_that_tells_the_time(api: Api) -> None:
    ids = [api.get("leads/partitions")["requestId"] for _ in range(2)]
    assert ids[0] != ids[1]
    assert int(ids[0].partition("#")[2], 16) == NOW * 1000


def test_success_carries_no_errors_and_failure_no_result(api: Api) -> None:
    assert set(api.get("leads/partitions")) == {"requestId", "success", "result"}
    assert set(api.get("leads/nothing")) == {"requestId", "success", "errors"}


@pytest.mark.parametrize(("quirks", "status"), [((), 200), (("reject_unknown_http_404",), 404)])
def test_an_unknown_address_is_610(start: Start, quirks: tuple[str, ...], status: int) -> None:
    api = start(*quirks)
    reply = api.session.get(api.url("nothing"))
    assert (code(reply.json()), reply.status_code) == ("610", status)


def test_a_method_that_an_address_does_not_have_is_605(api: Api) -> None:
    reply = api.session.put(api.url("leads")).json()
    assert reply["errors"] == [{"code": "605", "message": "Request method 'PUT' not supported"}]


@pytest.mark.parametrize(
    ("body", "type", "expected"),
    [
        ("{", "application/json", "609"),
        ("[]", "application/json", "609"),
        ('{"input": [1]}', "application/json", "609"),
        ('{"input": [{"leadScore": NaN}]}', "application/json", "609"),
        ('{"input": [{}]}', "text/plain", "612"),
        ("a=b", "application/x-www-form-urlencoded", "612"),
        ("{}", "application/json", "1002"),
        ("", "application/json", "1002"),
    ],
)
def test_a_body_that_cannot_be_used_fails_the_call(api: Api, body: str, type: str, expected: str) -> None:
    reply = api.session.post(api.url("leads"), data=body, headers={"Content-Type": type})
    assert code(reply.json()) == expected


def test_an_address_above_eight_kilobytes_is_http_414(api: Api) -> None:
    room = 8 * 1024 - len("/rest/v1/leads/describe.json?x=")
    assert api.session.get(api.url("leads/describe"), params={"x": "y" * room}).status_code == 200
    assert api.session.get(api.url("leads/describe"), params={"x": "y" * (room + 1)}).status_code == 414


def test_a_body_above_a_megabyte_is_http_413(api: Api) -> None:
    reply = api.session.post(api.url("leads"), data=b" " * (1024 * 1024 + 1))
    assert reply.status_code == 413


def test_long_answers_are_zipped_for_those_who_ask(api: Api) -> None:
    def sent(address: str, wish: str) -> str | None:
        reply = api.session.get(api.url(address), headers={"Accept-Encoding": wish})
        assert reply.json()["success"]
        return reply.headers.get("Content-Encoding")

    assert sent("leads/describe", "gzip") == "gzip"
    assert sent("leads/describe", "identity") is None
    assert sent("leads/partitions", "gzip") is None


def spelled(api: Api, spelling: str) -> requests.Response:
    """One and the same query in the spellings of Marketo's documents and of the clients."""
    url, session = api.url("leads"), api.session
    form = {"filterType": "email", "filterValues": "ana@example.com,bo@example.com"}
    as_json = {"Content-Type": "application/json"}
    match spelling:
        case "GET":
            return session.get(url, params=form)
        case "method in the URL":
            return session.post(url, params={"_method": "GET"}, data=form)
        case "method in the body":
            return session.post(url, data={"_method": "GET", **form})
        case "repeated values":
            values = ["ana@example.com", "bo@example.com"]
            return session.get(url, params={"filterType": "email", "filterValues": values})
        case "JSON query in a GET":
            return session.get(url, data=json.dumps({"query": form}), headers=as_json)
        case "JSON query with a list":
            query = {"filterType": "email", "filterValues": ["ana@example.com", "bo@example.com"]}
            return session.get(url, data=json.dumps({"query": query}), headers=as_json)
        case _:
            url = f"{api.sandbox.marketo_url}/rest/../bulk/../rest/v1/leads.json"
            prepared = session.prepare_request(requests.Request("GET", url, params=form))
            prepared.url = f"{url}?{(prepared.url or '').partition('?')[2]}"
            return session.send(prepared)


@pytest.mark.parametrize(
    "spelling",
    [
        "GET",
        "method in the URL",
        "method in the body",
        "repeated values",
        "JSON query in a GET",
        "JSON query with a list",
        "dot segments",
    ],
)
def test_a_query_is_understood_however_it_is_spelled(api: Api, spelling: str) -> None:
    api.sync({"email": "ana@example.com"}, {"email": "bo@example.com"}, {"email": "cy@example.com"})
    reply = spelled(api, spelling).json()
    assert [lead["email"] for lead in reply["result"]] == ["ana@example.com", "bo@example.com"]


@pytest.mark.parametrize(
    "spelling", ["delete.json with a body", "delete.json with ids", "DELETE with a body", "_method=DELETE"]
)
def test_a_delete_is_understood_however_it_is_spelled(api: Api, spelling: str) -> None:
    ids = [api.create(email=f"{name}@example.com") for name in "ab"]
    body = {"input": [{"id": id} for id in ids]}
    replies: dict[str, Any] = {
        "delete.json with a body": lambda: api.post("leads/delete", body),
        "delete.json with ids": lambda: api.post("leads/delete", id=",".join(map(str, ids))),
        "DELETE with a body": lambda: api.delete("leads", body),
        "_method=DELETE": lambda: api.post("leads", body, _method="DELETE"),
    }
    assert replies[spelling]()["result"] == [{"id": id, "status": "deleted"} for id in ids]
    assert api.ids("id", *ids) == []


def test_a_key_with_a_trailing_blank_is_no_key(api: Api) -> None:
    reply = api.post("leads", {"input": [{"email": "ana@example.com"}], "asyncProcessing ": True})
    assert reply["result"][0]["status"] == "created"


def test_an_asynchronous_call_says_nothing_of_its_records(api: Api) -> None:
    reply = api.post("leads", {"input": [{"email": "ana@example.com"}], "asyncProcessing": True})
    assert reply["success"]
    assert "result" not in reply
    assert len(api.ids("email", "ana@example.com")) == 1


def test_double_slashes_are_refused(api: Api) -> None:
    reply = api.session.get(f"{api.sandbox.marketo_url}/rest//v1/leads/describe.json")
    assert code(reply.json()) == "610"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("rate_limit", "606"),
        ("concurrency", "615"),
        ("quota", "607"),
        ("unavailable", "608"),
        ("row_lock", "719"),
        ("timeout_before", "604"),
    ],
)
def test_scripted_faults_are_worded_as_marketo_words_them(api: Api, fault: str, expected: str) -> None:
    wish = {"name": fault, "vendor": "marketo"}
    api.session.post(f"{api.sandbox.marketo_url}/__sandbox__/faults", json=wish)
    reply = api.session.get(api.url("leads/describe"))
    assert (reply.status_code, code(reply.json())) == (200, expected)
    assert api.get("leads/describe")["success"]


def test_a_scripted_server_error_is_no_envelope(api: Api) -> None:
    wish = {"name": "server_error", "vendor": "marketo"}
    api.session.post(f"{api.sandbox.marketo_url}/__sandbox__/faults", json=wish)
    reply = api.session.get(api.url("leads/describe"))
    assert (reply.status_code, reply.headers["Content-Type"].split(";")[0]) == (500, "text/html")
