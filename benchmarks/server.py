"""A server in a process of its own, and somebody who looks at it and edits its records, and is not mksync."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from benchmarks.measure import ROOT

SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
SALESFORCE = "/services/data/v67.0"
DYNAMICS = "/api/data/v9.2"
PAUSE = 720.0  # seconds between two steps: change feeds are read with ten minutes of overlap
SIGNING_IN = ("/identity/oauth/token", "/services/oauth2/token", "/oauth2/v2.0/token")


class Server:
    """The addresses of the vendors, and what may be asked there."""

    def __init__(self, pid: int, urls: Mapping[str, str]) -> None:
        self.pid = pid
        self.urls = urls

    @property
    def crm(self) -> str:
        """The name of the CRM that is served."""
        (found,) = (name for name in self.urls if name != "marketo")
        return found

    @property
    def ahead(self) -> float:
        """Seconds that its clock is ahead of this machine's."""
        return float(ask(f"{self.urls[self.crm]}/__sandbox__/clock", method="GET")["now"]) - time.time()

    def pause(self) -> None:
        """Let time pass between two steps."""
        ask(f"{self.urls[self.crm]}/__sandbox__/clock", body={"advance": PAUSE})

    def delay(self, milliseconds: float) -> None:
        """Let every call take so much longer."""
        for url in self.urls.values():
            ask(f"{url}/__sandbox__/latency", body={"ms": milliseconds})

    def calls(self, *, sign_ins: bool = False) -> dict[str, int]:
        """Vendor -> how often it was called since the last time."""
        found = {}
        for vendor, url in self.urls.items():
            paths = ask(f"{url}/__sandbox__/calls", method="GET").get(vendor, {})
            found[vendor] = sum(number for path, number in paths.items() if sign_ins or not path.endswith(SIGNING_IN))
            ask(f"{url}/__sandbox__/calls", method="DELETE")
        return found

    def token(self, vendor: str) -> str:
        url = self.urls[vendor]
        if vendor == "marketo":
            answer = ask(f"{url}/identity/oauth/token", form=SIGN_IN)
        elif vendor == "salesforce":
            answer = ask(f"{url}/services/oauth2/token", form=SIGN_IN)
        else:
            answer = ask(f"{url}/sandbox/oauth2/v2.0/token", form={**SIGN_IN, "scope": f"{url}/.default"})
        return str(answer["access_token"])

    def paging_token(self, since: str) -> str:
        """Where Marketo's log of changes goes on at this time."""
        url = f"{self.urls['marketo']}/rest/v1/activities/pagingtoken.json?sinceDatetime={since}"
        return str(ask(url, self.token("marketo"), method="GET")["nextPageToken"])

    def add_key_field(self) -> None:
        """The field in which mksync keeps the CRM record's id, for projects that no `init` makes it for."""
        field = {"name": "mksyncCrmId", "displayName": "CRM record id", "dataType": "string"}
        url = f"{self.urls['marketo']}/rest/v1/leads/schema/fields.json"
        ask(url, self.token("marketo"), body={"input": [field]})

    def edit_marketo(self, people: Sequence[str], title: str) -> None:
        """Another job title for these people, in Marketo."""
        token, url = self.token("marketo"), f"{self.urls['marketo']}/rest/v1/leads.json"
        for some in parts(people, 300):
            rows = [{"id": int(person), "title": title} for person in some]
            told = ask(url, token, body={"action": "updateOnly", "lookupField": "id", "input": rows})
            assert all(one["status"] == "updated" for one in told["result"]), told["result"][:1]

    def edit_crm(self, leads: Sequence[str], title: str) -> None:
        """Another job title for these leads, in the CRM."""
        token, url = self.token(self.crm), self.urls[self.crm]
        for some in parts(leads, 200):
            if self.crm == "salesforce":
                rows = [{"attributes": {"type": "Lead"}, "id": lead, "Title": title} for lead in some]
                told = ask(f"{url}{SALESFORCE}/composite/sobjects", token, body={"records": rows}, method="PATCH")
                assert all(one["success"] for one in told), told[:1]
                continue
            kind = "Microsoft.Dynamics.CRM"
            targets = [{"@odata.type": f"{kind}.lead", "leadid": lead, "jobtitle": title} for lead in some]
            ask(f"{url}{DYNAMICS}/leads/{kind}.UpdateMultiple", token, body={"Targets": targets})


def parts(many: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    yield from (many[at : at + size] for at in range(0, len(many), size))


def ask(
    url: str, token: str = "", *, form: Mapping[str, str] | None = None, body: object = None, method: str = "POST"
) -> Any:
    """One call. Raises OSError if it is refused."""
    data = urlencode(form) if form else json.dumps(body) if method != "GET" else ""
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
    with urlopen(Request(url, data.encode(), headers, method=method), timeout=600) as answer:
        return json.loads(answer.read() or b"{}")


@contextmanager
def serving(
    people: int, crm: str = "salesforce", *, marketo: int | None = None, ready: bool = False
) -> Iterator[Server]:
    """Serve so many people. `marketo`: another number there; `ready`: see `serve`."""
    words = [f"marketo={people if marketo is None else marketo}", f"{crm}={people}", *(["--ready"] if ready else [])]
    command = [sys.executable, "-m", "benchmarks.serve", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            first, *urls = process.stdout.readline().split()
            assert first == "ready", "the server did not start"
            yield Server(process.pid, dict(url.split("=", 1) for url in urls))
        finally:
            process.terminate()
