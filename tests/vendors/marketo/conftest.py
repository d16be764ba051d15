"""A Marketo instance made of fixtures: each path answers what a test lays down, in the words of Marketo's guide."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mksync.ports import Port
from mksync.vendors.marketo import VENDOR
from mksync.vendors.marketo.port import MarketoPort
from tests.wire.scripted import FakeClock, Heard, Say, Scripted

SECRET = "sssh-client-secret"
NOW = 1_772_445_600.0  # 2026-03-02T10:00:00Z
TOKEN = {
    "access_token": "1f0a77c2-6a0e-4c1b-9a55-0d9b3f2a7e10:ab",
    "token_type": "bearer",
    "expires_in": 3599,
    "scope": "mksync@api.example.com",
}
DESCRIBE = [
    {"id": 44, "displayName": "Id", "dataType": "integer", "rest": {"name": "id", "readOnly": False}},
    {
        "id": 56,
        "displayName": "Email Address",
        "dataType": "email",
        "length": 255,
        "rest": {"name": "email", "readOnly": False},
        "soap": {"name": "Email", "readOnly": False},
    },
    {"id": 60, "displayName": "Job Title", "dataType": "string", "length": 255, "rest": {"name": "title"}},
    {"id": 79, "displayName": "Unsubscribed", "dataType": "boolean", "rest": {"name": "unsubscribed"}},
    {"id": 130, "displayName": "Created At", "dataType": "datetime", "rest": {"name": "createdAt", "readOnly": True}},
    {"id": 146, "displayName": "Person Score", "dataType": "integer", "rest": {"name": "leadScore"}},
    {"id": 150, "displayName": "Notes", "dataType": "text", "rest": {"name": "mktoPersonNotes"}},
    {"id": 160, "displayName": "Partition", "dataType": "reference", "rest": {"name": "leadPartitionId"}},
    {"id": 170, "displayName": "Full", "dataType": "formula", "rest": {"name": "fullName"}},
    {"id": 180, "displayName": "Only SOAP", "dataType": "string", "soap": {"name": "OnlySoap"}},
    {"id": 795, "displayName": "CRM id", "dataType": "string", "length": 255, "rest": {"name": "mksyncCrmId"}},
    {"id": 796, "displayName": "Budget", "dataType": "currency", "rest": {"name": "budget"}},
]
DESCRIBE2 = {
    "name": "API Lead",
    "searchableFields": [["id"], ["email"], ["mksyncCrmId"]],
    "fields": [
        {"name": "email", "displayName": "Email Address", "dataType": "email", "length": 255, "updateable": True},
        {"name": "unsubscribed", "displayName": "Unsubscribed", "dataType": "boolean", "updateable": False},
        {"name": "newer", "displayName": "Newer", "dataType": "score", "updateable": True, "crmManaged": False},
    ],
}


def ok(result: object = None, **more: object) -> Say:
    body: dict[str, object] = {"requestId": "9c1e#19a4c07f2d3", "success": True, **more}
    return Say(body=body if result is None else {**body, "result": result})


def failed(code: str, message: str) -> Say:
    return Say(body={"requestId": "e42b#19a4c0d3", "success": False, "errors": [{"code": code, "message": message}]})


def http_date(seconds: float) -> str:
    from email.utils import formatdate

    return formatdate(seconds, usegmt=True)


class Instance:
    """Answers per path: what was queued, in turn, else the standing answer. Leads are read from `people`."""

    def __init__(self, server: Scripted, clock: FakeClock) -> None:
        self.server = server
        self.clock = clock
        self.people: dict[str, dict[str, Any]] = {}
        self.queued: dict[str, list[Say]] = {}
        self.standing = {
            "/identity/oauth/token": Say(body=TOKEN),
            "/rest/v1/leads/describe.json": ok(DESCRIBE),
            "/rest/v1/leads/describe2.json": ok([DESCRIBE2]),
        }
        server.script = self.answer

    def says(self, path: str, *answers: Say) -> None:
        self.queued.setdefault(path, []).extend(answers)

    def calls(self, path: str) -> list[Heard]:
        return [heard for heard in self.server.heard if heard.path == path]

    def api_calls(self) -> list[str]:
        """Paths of what was asked, sign-in and metadata left out."""
        return [path for path in self.server.paths() if path not in self.standing]

    def answer(self, heard: Heard) -> Say:
        say = self._answer(heard)
        return Say(say.status, say.body, {"Date": http_date(self.clock.now()), **say.headers}, say.cut, reset=say.reset)

    def _answer(self, heard: Heard) -> Say:
        if self.queued.get(heard.path):
            return self.queued[heard.path].pop(0)
        if heard.path == "/rest/v1/leads.json" and asked(heard).get("filterType") == "id":
            return self._by_id(asked(heard))
        return self.standing.get(heard.path) or failed("610", f"no answer laid down for {heard.path}")

    def _by_id(self, query: Mapping[str, str]) -> Say:
        fields = query["fields"].split(",")
        found = [self.people[id] for id in query["filterValues"].split(",") if id in self.people]
        return ok([{field: person.get(field) for field in fields} for person in found])


def asked(heard: Heard) -> dict[str, str]:
    """The parameters of a read, from the address or, with the method override, from the form."""
    pairs = dict(heard.query)
    if pairs.get("_method") == ["GET"]:
        pairs |= dict(heard.form)
    return {name: values[0] for name, values in pairs.items()}


def settings(url: str, **more: object) -> object:
    table = {"url": url, "client_id": "service", "client_secret": SECRET, **more}
    return VENDOR.settings(table, "mksync.toml, [marketo]")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def instance(clock: FakeClock) -> Iterator[Instance]:
    with Scripted().running() as server:
        yield Instance(server, clock)


@pytest.fixture
def port(instance: Instance, clock: FakeClock) -> Port:
    return VENDOR.open(settings(instance.server.url), clock)


@pytest.fixture
def marketo(port: Port) -> MarketoPort:
    """The same port, with what only Marketo's can do."""
    assert isinstance(port, MarketoPort)
    return port
