"""A vendor's own error codes, ordered by name: of a whole call, or of the first record that it would write."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox

FORM = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
SIGN_IN = {
    "marketo": "/identity/oauth/token",
    "salesforce": "/services/oauth2/token",
    "dynamics": "/sandbox/oauth2/v2.0/token",
}
READ = {
    "marketo": "/rest/v1/leads/describe.json",
    "salesforce": "/services/data/v67.0/sobjects",
    "dynamics": "/api/data/v9.2/WhoAmI",
}
BATCH = "\r\n".join(
    [
        *(
            f"--b\r\nContent-Type: application/http\r\n\r\nPOST /api/data/v9.2/contacts HTTP/1.1\r\n"
            f'Content-Type: application/json\r\n\r\n{{"lastname":"{name}"}}'
            for name in ("Roe", "Poe")
        ),
        "--b--\r\n",
    ]
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[requests.Session]:
    sandbox.faults.clear()
    with requests.Session() as http:
        yield http


def signed(sandbox: Sandbox, http: requests.Session, vendor: str) -> None:
    form = {**FORM, "scope": f"{sandbox.urls['dynamics']}/.default"}
    token = http.post(sandbox.urls[vendor] + SIGN_IN[vendor], data=form).json()["access_token"]
    http.headers["Authorization"] = f"Bearer {token}"


@pytest.mark.parametrize(
    ("vendor", "code", "status", "said"),
    [
        ("marketo", "611", 200, '"code": "611"'),
        ("marketo", "4711", 200, '"code": "4711"'),
        ("salesforce", "QUERY_TIMEOUT", 400, "QUERY_TIMEOUT"),
        ("salesforce", "NEWS_OF_TODAY", 400, "NEWS_OF_TODAY"),
        ("dynamics", "0x80044352", 400, "0x80044352"),
        ("dynamics", "0x8004abcd", 400, "0x8004abcd"),
        ("salesforce", "http_420", 420, "<h1>420"),
        ("marketo", "http_503", 503, "<h1>503"),
        ("dynamics", "portal", 200, "Sign in to the network"),
        ("dynamics", "empty", 200, ""),
        ("marketo", "other_shape", 200, "status"),
    ],
)
def test_a_call_answers_as_ordered_and_the_next_one_as_ever(
    sandbox: Sandbox, http: requests.Session, vendor: str, code: str, status: int, said: str
) -> None:
    signed(sandbox, http, vendor)
    sandbox.faults.script(Fault(code, vendor))
    struck = http.get(sandbox.urls[vendor] + READ[vendor])
    assert struck.status_code == status
    assert said.replace(" ", "") in struck.text.replace(" ", "") if said else struck.text == ""
    assert http.get(sandbox.urls[vendor] + READ[vendor]).status_code == 200


def test_a_redirect_names_another_host(sandbox: Sandbox, http: requests.Session) -> None:
    sandbox.faults.script(Fault("redirect", "marketo"))
    answer = http.get(sandbox.urls["marketo"] + READ["marketo"], allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://elsewhere.invalid/login")


@pytest.mark.parametrize(
    ("vendor", "status"), [("marketo", 401), ("salesforce", 400), ("dynamics", 401)], ids=lambda value: str(value)
)
def test_a_sign_in_is_refused_in_the_vendors_words(
    sandbox: Sandbox, http: requests.Session, vendor: str, status: int
) -> None:
    sandbox.faults.script(Fault("sign_in_refused", vendor))
    answer = http.post(sandbox.urls[vendor] + SIGN_IN[vendor], data=FORM)
    assert (answer.status_code, answer.json()["error"]) == (status, "invalid_client")


def marketo_writes(sandbox: Sandbox, http: requests.Session) -> list[tuple[bool, str]]:
    records = [{"email": f"{name}@example.com"} for name in ("roe", "poe")]
    answer = http.post(sandbox.urls["marketo"] + "/rest/v1/leads.json", json={"input": records}).json()
    return [(one["status"] == "created", one.get("reasons", [{}])[0].get("code", "")) for one in answer["result"]]


def salesforce_writes(sandbox: Sandbox, http: requests.Session) -> list[tuple[bool, str]]:
    records = [{"attributes": {"type": "Contact"}, "LastName": name} for name in ("Roe", "Poe")]
    body = {"allOrNone": False, "records": records}
    answer = http.post(sandbox.urls["salesforce"] + "/services/data/v67.0/composite/sobjects", json=body).json()
    return [(one["success"], "".join(error["statusCode"] for error in one["errors"])) for one in answer]


def dynamics_writes(sandbox: Sandbox, http: requests.Session) -> list[tuple[bool, str]]:
    headers = {"Content-Type": "multipart/mixed; boundary=b", "Prefer": "odata.continue-on-error"}
    url = sandbox.urls["dynamics"] + "/api/data/v9.2/$batch"
    parts = http.post(url, data=BATCH.encode(), headers=headers).text.split("HTTP/1.1 ")[1:]
    return [(part.startswith("204"), "0x80040265" if "0x80040265" in part else "") for part in parts]


@pytest.mark.parametrize(
    ("vendor", "code", "writes"),
    [
        ("marketo", "1007", marketo_writes),
        ("salesforce", "STRING_TOO_LONG", salesforce_writes),
        ("dynamics", "0x80040265", dynamics_writes),
    ],
)
def test_the_first_record_is_refused_and_the_others_are_written(
    sandbox: Sandbox, http: requests.Session, vendor: str, code: str, writes: Any
) -> None:
    signed(sandbox, http, vendor)
    sandbox.faults.script(Fault(code, vendor, row=True))
    assert writes(sandbox, http) == [(False, code), (True, "")]
    assert writes(sandbox, http)[0][0], "it struck once"
