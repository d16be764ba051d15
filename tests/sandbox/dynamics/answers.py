"""What tests of writing and signing in ask of answers, beside `api.py`."""

import re
from typing import Any

import requests

from tests.sandbox.dynamics.api import Api

TOKEN = "/contoso.example/oauth2/v2.0/token"
NOBODY = "99999999-0000-4000-8000-000000000000"
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def token(api: Api, **form: str) -> requests.Response:
    """A form post to the token endpoint; an empty value leaves its field out."""
    base = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
    whole = {**base, "scope": f"{api.url}/.default", **form}
    return requests.post(api.url + TOKEN, data={k: v for k, v in whole.items() if v}, timeout=5)


def body(answer: requests.Response) -> dict[str, Any]:
    """What a call that went well answers."""
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def done(answer: requests.Response) -> requests.Response:
    """The answer of a write that went well and has nothing to say."""
    assert (answer.status_code, answer.text) == (204, ""), answer.text
    return answer


def id_of(answer: requests.Response) -> str:
    """The GUID at the end of `OData-EntityId`."""
    return str(_GUID.findall(answer.headers["OData-EntityId"])[-1])


def message(answer: requests.Response) -> str:
    return str(answer.json()["error"]["message"])
