"""Somebody who works in both systems while mksync does not look: a marketer in Marketo, a sales rep in Salesforce."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from werkzeug import Request
from werkzeug.test import Client

from mksync.sandbox.emulator import Emulator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from mksync.sandbox.server import Sandbox

MARKETO_TOKEN = "/identity/oauth/token"  # noqa: S105 - a path
SALESFORCE_TOKEN = "/services/oauth2/token"  # noqa: S105 - a path


class Editor:
    """Edits people in Marketo through its API, and records in Salesforce as another user of the organisation."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._salesforce = sandbox.salesforce
        self._marketo = Client(_Served(sandbox.marketo))
        self._reader = Client(_Served(sandbox.salesforce))

    def edit_person(self, email: str, **fields: object) -> None:
        """Change a person in Marketo, found by e-mail. Raises ValueError if Marketo refuses."""
        body = {"action": "updateOnly", "lookupField": "email", "input": [{"email": email, **fields}]}
        answer = self._post("/rest/v1/leads.json", body)
        if answer["result"][0]["status"] != "updated":
            raise ValueError(f"Marketo refused the edit of {email}: {answer['result'][0]}")

    def edit_record(self, sobject: str, id: str, **fields: object) -> None:
        """Change a lead or contact in Salesforce."""
        self._salesforce.edit("update", sobject, id, **fields)

    def records(self, sobject: str) -> Iterator[tuple[str, str]]:
        """(id, e-mail) of every record of an object that has one, oldest first."""
        query = f"SELECT Id, Email FROM {sobject} WHERE Email != null ORDER BY Id"
        answer = self._reader.get(
            "/services/data/v67.0/query",
            query_string={"q": query},
            headers=self._signed(self._reader, SALESFORCE_TOKEN),
        )
        yield from ((row["Id"], row["Email"]) for row in json.loads(answer.get_data())["records"])

    def in_marketo(self, email: str) -> bool:
        """Whether exactly one person has this e-mail."""
        answer = self._get("/rest/v1/leads.json", {"filterType": "email", "filterValues": email})
        return len(answer["result"]) == 1

    def _signed(self, client: Client, path: str) -> dict[str, str]:
        secrets = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
        answer = client.post(path, data=secrets)
        return {"Authorization": f"Bearer {json.loads(answer.get_data())['access_token']}"}

    def _get(self, path: str, query: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
        headers = self._signed(self._marketo, MARKETO_TOKEN)
        return json.loads(self._marketo.get(path, query_string=query, headers=headers).get_data())

    def _post(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - any JSON value
        headers = self._signed(self._marketo, MARKETO_TOKEN)
        return json.loads(self._marketo.post(path, json=body, headers=headers).get_data())


class _Served:
    """An emulator as a WSGI application, without a socket in between."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:  # noqa: ANN401 - WSGI
        return self._emulator.handle(Request(environ))(environ, start_response)
