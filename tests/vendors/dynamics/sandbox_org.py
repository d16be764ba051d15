"""The sandbox's Dynamics, a port that is connected to it, and what other people do in it meanwhile."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox
from mksync.vendors.dynamics import VENDOR
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.feed_reader import FeedReader

SELECTION = {"lead": ["emailaddress1", "jobtitle", "lastname"], "contact": ["emailaddress1", "lastname"]}
EVERYTHING = {
    "user": ["lastname", "internalemailaddress"],
    "account": ["name", "ownerid"],
    "lead": ["lastname", "ownerid"],
    "contact": ["lastname", "ownerid", "parentcustomerid"],
    "opportunity": ["name", "customerid", "ownerid", "statecode"],
    "role": ["roleid", "opportunityid", "personid", "role", "isprimary", "createdon"],
    "team": ["name"],
    "new_event": ["new_name", "new_lead", "new_contact"],
}
START = 1_795_000_000.0
BASE = "/api/data/v9.2"
DAY = 86_400.0


@dataclass(frozen=True)
class SandboxTime:
    """Meets `ports.Clock` with the sandbox's clock; a sleep takes no time."""

    clock: SandboxClock

    def now(self) -> float:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)


@dataclass(frozen=True)
class Others:
    """Other people and programs in the same environment. They use HTTP of their own, not the client under test."""

    sandbox: Sandbox

    def creates(self, set: str, **values: Any) -> str:
        """The new record's id."""
        row = self._asks("POST", set, values, Prefer="return=representation")
        return str(row[f"{set.removesuffix('s')}id"])

    def edits(self, set: str, id: str, **values: Any) -> None:
        self._asks("PATCH", f"{set}({id})", values, **{"If-Match": "*"})

    def deletes(self, set: str, id: str) -> None:
        self._asks("DELETE", f"{set}({id})")

    def holds(self, set: str, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._asks("GET", f"{set}({id})")
        return found

    def rows(self, query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._asks("GET", quote(query, safe="?=&$,'()"))["value"]
        return found

    def merges(self, object: str, winner: str, loser: str) -> None:
        kind, key = f"Microsoft.Dynamics.CRM.{object}", f"{object}id"
        target, subordinate = ({"@odata.type": kind, key: id} for id in (winner, loser))
        wish = {"Target": target, "Subordinate": subordinate, "UpdateContent": None, "PerformParentingChecks": False}
        self._asks("POST", "Merge", wish)

    def qualifies(self, lead: str, *, contact: bool = True) -> str:
        """The contact's id, if one was made."""
        wish = {"CreateAccount": False, "CreateContact": contact, "CreateOpportunity": False, "Status": -1}
        made = self._asks("POST", f"leads({lead})/Microsoft.Dynamics.CRM.QualifyLead", wish)["value"]
        return next((str(row["contactid"]) for row in made if "contactid" in row), "")

    def controls(self, endpoint: str, **wish: Any) -> None:
        data = json.dumps(wish).encode()
        with urlopen(Request(f"{self.sandbox.dynamics_url}/__sandbox__/dynamics/{endpoint}", data)) as answer:
            answer.read()

    def _asks(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        given = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json", **headers}
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.sandbox.dynamics_url}{BASE}/{path}"
        try:
            with urlopen(Request(url, data, given, method=method)) as answer:
                text = answer.read()
        except HTTPError as error:
            raise AssertionError(error.read().decode()) from error
        return json.loads(text) if text else None

    def _token(self) -> str:
        url = self.sandbox.dynamics_url
        form = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
        data = urlencode({**form, "scope": f"{url}/.default"}).encode()
        with urlopen(Request(f"{url}/sandbox/oauth2/v2.0/token", data)) as answer:
            return str(json.load(answer)["access_token"])


@dataclass(frozen=True)
class World:
    """One sandbox and one port."""

    sandbox: Sandbox
    port: DynamicsPort
    others: Others

    def passes(self, seconds: float) -> None:
        self.sandbox.clock.advance(seconds)

    def fails(self, name: str, path: str = ".*", **more: Any) -> None:
        self.sandbox.faults.script(Fault(name, "dynamics", path, **more))

    def connected(self, **more: object) -> DynamicsPort:
        return connected(self.sandbox, **more)


class Mirror(FeedReader):
    """Reads what these tests select, unless they say otherwise."""

    def __init__(self, selection: Mapping[str, Sequence[str]] = SELECTION) -> None:
        super().__init__(selection)


def connected(sandbox: Sandbox, **more: object) -> DynamicsPort:
    table = {"url": sandbox.dynamics_url, "client_id": "sandbox", "client_secret": "sandbox", **more}
    given = {key: value for key, value in table.items() if value is not None}
    return cast("DynamicsPort", VENDOR.open(VENDOR.settings(given, "[crm]"), SandboxTime(sandbox.clock)))


@contextmanager
def world(people: int = 50, quirks: Iterable[str] = ()) -> Iterator[World]:
    """A frozen clock: time passes only where a test says so."""
    clock = SandboxClock(frozen_at=START)
    with Sandbox.start(
        vendors=("dynamics",), people=people, clock=clock, quirks={"dynamics": frozenset(quirks)}
    ) as sandbox:
        yield World(sandbox, connected(sandbox), Others(sandbox))
