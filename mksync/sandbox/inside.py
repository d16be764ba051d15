"""An emulator asked without a socket in between, for people who work in it while nobody listens."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from werkzeug import Request
from werkzeug.test import Client

from mksync.sandbox.emulator import Emulator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SANDBOX = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}


class Inside:
    """Signed-in calls to one emulator. `token_path`: where it signs in; `form`: what that takes beside the client."""

    def __init__(self, emulator: Emulator, token_path: str, **form: str) -> None:
        self._client = Client(_Served(emulator))
        self._token_path = token_path
        self._form = {**SANDBOX, **form}

    def get(self, path: str, query: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
        return json.loads(self._client.get(path, query_string=query, headers=self._signed()).get_data())

    def post(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - any JSON value
        return json.loads(self._client.post(path, json=body, headers=self._signed()).get_data())

    def _signed(self) -> dict[str, str]:
        answer = self._client.post(self._token_path, data=self._form)
        return {"Authorization": f"Bearer {json.loads(answer.get_data())['access_token']}"}


class _Served:
    """An emulator as a WSGI application."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:  # noqa: ANN401 - WSGI
        return self._emulator.handle(Request(environ))(environ, start_response)
