"""The sandbox's Salesforce, a port that is connected to it, and what other people do in it meanwhile."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from mksync.core.records import Selection
from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.faults import Fault
from mksync.sandbox.salesforce.founding import CLIENT_ID, CLIENT_SECRET
from mksync.sandbox.server import Sandbox
from mksync.vendors.salesforce import VENDOR
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.feed_reader import FeedReader

SELECTION = {"lead": ["Email", "Title", "LastName"], "contact": ["Email", "LastName"]}
EVERYTHING = {
    **SELECTION,
    "user": ["Email", "LastName", "IsActive"],
    "account": ["Name", "OwnerId"],
    "opportunity": ["Name", "Amount", "AccountId", "OwnerId"],
    "role": ["OpportunityId", "ContactId", "Role", "IsPrimary"],
    "Event_Registration__c": ["Name", "Lead__c", "Contact__c", "OwnerId"],
    "Session_Booking__c": ["Name", "Registration__c"],
}
START = 1_795_000_000.0
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


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
    """Other people and programs in the same organisation. They use HTTP of their own, not the client under test."""

    sandbox: Sandbox

    def edits(self, object: str, id: str, **values: Any) -> None:
        self.sandbox.salesforce.edit("update", object, id, **values)

    def creates(self, object: str, **values: Any) -> str:
        return self.sandbox.salesforce.edit("create", object, None, **values)

    def deletes(self, object: str, id: str) -> None:
        self.sandbox.salesforce.edit("delete", object, id)

    def undeletes(self, object: str, id: str) -> None:
        self.sandbox.salesforce.edit("undelete", object, id)

    def merges(self, object: str, master: str, *losers: str) -> None:
        ids = "".join(f"<urn:recordToMergeIds>{id}</urn:recordToMergeIds>" for id in losers)
        master_record = f"<urn:masterRecord><urn:type>{object}</urn:type><urn:Id>{master}</urn:Id></urn:masterRecord>"
        self._soap(f"<urn:merge><urn:request>{master_record}{ids}</urn:request></urn:merge>")

    def converts(self, lead: str) -> str:
        """The contact's id."""
        status = "<urn:convertedStatus>Closed - Converted</urn:convertedStatus>"
        wish = f"<urn:leadConverts><urn:leadId>{lead}</urn:leadId>{status}</urn:leadConverts>"
        answer = self._soap(f"<urn:convertLead>{wish}</urn:convertLead>")
        found = re.search(r"<contactId>(\w{18})</contactId>", answer)
        assert found, answer
        return found[1]

    def controls(self, endpoint: str, **wish: Any) -> None:
        data = json.dumps(wish).encode()
        with urlopen(Request(f"{self.sandbox.salesforce_url}/__sandbox__/salesforce/{endpoint}", data)) as answer:
            answer.read()

    def _soap(self, body: str) -> str:
        session = f"<urn:SessionHeader><urn:sessionId>{self._token()}</urn:sessionId></urn:SessionHeader>"
        envelope = (
            f'<e:Envelope xmlns:e="{_SOAP}" xmlns:urn="urn:partner.soap.sforce.com">'
            f"<e:Header>{session}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
        )
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
        url = f"{self.sandbox.salesforce_url}/services/Soap/u/67.0"
        with urlopen(Request(url, envelope.encode(), headers)) as answer:
            text: str = answer.read().decode()
        assert "<success>true</success>" in text, text
        return text

    def _token(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        url = f"{self.sandbox.salesforce_url}/services/oauth2/token"
        with urlopen(Request(url, urlencode(form).encode())) as answer:
            return str(json.load(answer)["access_token"])


@dataclass(frozen=True)
class World:
    """One sandbox and one port."""

    sandbox: Sandbox
    port: SalesforcePort
    others: Others

    def connected(self, **settings: Any) -> SalesforcePort:
        """Another port, with settings of its own."""
        return _connected(self.sandbox, **settings)

    def passes(self, seconds: float) -> None:
        self.sandbox.clock.advance(seconds)

    def fails(self, name: str, path: str, **more: Any) -> None:
        self.sandbox.faults.script(Fault(name, "salesforce", path, **more))

    def holds(self, object: str, id: str) -> Mapping[str, Any]:
        row = self.sandbox.salesforce.row(object, id)
        assert row is not None
        return row


class Mirror(FeedReader):
    """Reads what these tests select, unless they say otherwise."""

    def __init__(self, selection: Selection = SELECTION) -> None:
        super().__init__(selection)


@contextmanager
def world(people: int = 50, quirks: Iterable[str] = (), **settings: Any) -> Iterator[World]:
    """A frozen clock: time passes only where a test says so."""
    clock = SandboxClock(frozen_at=START)
    with Sandbox.start(
        vendors=("salesforce",), people=people, clock=clock, quirks={"salesforce": frozenset(quirks)}
    ) as sandbox:
        others = Others(sandbox)
        if settings:
            others.controls("settings", **settings)
        port = _connected(sandbox)
        clock.advance(86_400)  # what was there before is not news
        yield World(sandbox, port, others)


def _connected(sandbox: Sandbox, **settings: Any) -> SalesforcePort:
    table = {"url": sandbox.salesforce_url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **settings}
    return cast("SalesforcePort", VENDOR.open(VENDOR.settings(table, "[crm]"), SandboxTime(sandbox.clock)))
