"""Clients that other people wrote, unmodified, as the ones who edit both systems: nothing here knows the program.

Fields are called as the system calls them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import requests
from azure.core.credentials import AccessToken
from marketorestpython.client import MarketoClient
from PowerPlatform.Dataverse.client import DataverseClient
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

from mksync.sandbox.server import Sandbox
from tests.scenarios.outsiders import Caller

Row = Mapping[str, Any]


class Client(Protocol):
    """One system, worked in by somebody else's client."""

    def create(self, object: str, values: Row) -> str: ...

    def update(self, object: str, id: str, values: Row) -> None: ...

    def read(self, object: str, id: str, fields: list[str]) -> Row: ...


class ByMarketoRestPython:
    """The community's client of Marketo. `object` is always a person."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._client = MarketoClient("123-ABC-456", "sandbox", "sandbox")
        self._client.host = sandbox.marketo_url

    def find(self, email: str) -> str:
        (person,) = self._client.get_multiple_leads_by_filter_type("email", [email], fields="id")
        return str(person["id"])

    def update(self, id: str, values: Row) -> None:
        changed = self._client.create_update_leads([{"id": int(id), **values}], action="updateOnly", lookupField="id")
        assert [row["status"] for row in changed] == ["updated"]

    def read(self, id: str, fields: list[str]) -> Row:
        (person,) = self._client.get_lead_by_id(int(id), fields=fields)
        return dict(person)


class Plain(HTTPAdapter):
    """simple_salesforce always speaks https; here that becomes http for the loopback address."""

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *args, **more)


class BySimpleSalesforce:
    def __init__(self, http: requests.Session, sandbox: Sandbox) -> None:
        http.mount("https://", Plain())
        token = Caller(sandbox, sandbox.salesforce_url, "/services/oauth2/token").token()
        self._client: Any = Salesforce(instance_url=sandbox.salesforce_url, session_id=token, session=http)

    def create(self, object: str, values: Row) -> str:
        return str(getattr(self._client, object.title()).create(dict(values))["id"])

    def update(self, object: str, id: str, values: Row) -> None:
        assert getattr(self._client, object.title()).update(id, dict(values)) == 204

    def read(self, object: str, id: str, fields: list[str]) -> Row:
        found = self._client.query(f"SELECT {', '.join(fields)} FROM {object.title()} WHERE Id = '{id}'")
        (row,) = found["records"]
        return dict(row)


class ByDataverseClient:
    """Microsoft's own. It insists on https when it is made; the address is replaced before the first call."""

    def __init__(self, client: Any, url: str) -> None:
        client._base_url = url
        self._records: Any = client.records

    def create(self, object: str, values: Row) -> str:
        return str(self._records.create(object, dict(values)))

    def update(self, object: str, id: str, values: Row) -> None:
        self._records.update(object, id, dict(values))

    def read(self, object: str, id: str, fields: list[str]) -> Row:
        return dict(self._records.retrieve(object, id, select=fields))


class Credential:
    """What azure-identity would be: its tokens come from the sandbox's directory."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def get_token(self, *scopes: str, **more: Any) -> AccessToken:
        (scope,) = scopes
        directory = Caller(self._sandbox, self._sandbox.dynamics_url, "/sandbox/oauth2/v2.0/token", scope=scope)
        return AccessToken(directory.token(), 2**31)


@contextmanager
def _salesforce(sandbox: Sandbox) -> Iterator[Client]:
    with requests.Session() as http:
        yield BySimpleSalesforce(http, sandbox)


@contextmanager
def _dynamics(sandbox: Sandbox) -> Iterator[Client]:
    with DataverseClient("https://contoso.crm.dynamics.com", Credential(sandbox)) as client:
        yield ByDataverseClient(client, sandbox.dynamics_url)


CLIENTS: Mapping[str, Callable[[Sandbox], Any]] = {"salesforce": _salesforce, "dynamics": _dynamics}
