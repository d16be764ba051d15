"""How quick the sandbox answers among many people, beside a bare loopback server that answers the same page."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

from benchmarks.measure import ROOT
from benchmarks.scale import Scale
from benchmarks.server import Server, serving
from benchmarks.table import NONE, Row, Table

FLOOR = ROOT / "benchmarks" / "floors" / "json_server.py"
RUNS = 7
SALESFORCE = "Id, FirstName, LastName, Email, Phone, Title, Company, Street, City, State, PostalCode, Country, Status"
DYNAMICS = "firstname,lastname,emailaddress1,telephone1,jobtitle,companyname,address1_line1,address1_city,modifiedon"
MARKETO = "email,title,firstName,lastName,company,leadScore,phone,city,country"


def measured(scale: Scale) -> list[Table]:
    people = scale.served
    table = Table(
        f"The sandbox with {people:,} people",
        ("answer", "records", "ms", "answers a second", "ms of the floor", "ratio"),
    )
    began = time.perf_counter()
    for crm in scale.crms:
        with serving(people, crm) as server, requests.Session() as http, _bare() as floor:
            table.notes.append(f"{crm.title()} and Marketo: ready after {time.perf_counter() - began:.0f} s.")
            for name, ask in _answers(server, http):
                if not any(row.cells[0] == name for row in table.rows):
                    table.rows.append(_row(name, ask, floor, http))
        began = time.perf_counter()
    table.notes.append(
        "The floor is `json.dumps` of the same page and its way through a bare server. That the sandbox is not what is"
        " measured elsewhere shows in the column “server's share” of the other tables."
    )
    return [table]


def _row(name: str, ask: Callable[[], Any], bare: str, http: requests.Session) -> Row:
    page = ask()
    http.post(bare, data=json.dumps(page).encode())
    mine, floor = _best(ask), _best(lambda: http.get(bare).json())
    records = next((len(value) for value in page.values() if isinstance(value, list)), 0)
    cells = (name, f"{records:,}", f"{mine:.1f}", f"{1_000 / mine:,.0f}", f"{floor:.1f}", f"{mine / floor:.1f}")
    return Row(cells, NONE)


def _answers(server: Server, http: requests.Session) -> Iterator[tuple[str, Callable[[], Any]]]:
    urls = server.urls
    yield "small call", lambda: http.get(f"{urls['marketo']}/__sandbox__/calls").json()
    form = {"_method": "GET", "filterType": "id", "filterValues": ",".join(map(str, range(1, 301))), "fields": MARKETO}
    leads, auth = f"{urls['marketo']}/rest/v1/leads.json", {"Authorization": f"Bearer {server.token('marketo')}"}
    yield "Marketo, people by id", lambda: http.post(leads, data=form, headers=auth).json()
    bearer = {"Authorization": f"Bearer {server.token(server.crm)}"}
    if server.crm == "salesforce":
        query = {"q": f"SELECT {SALESFORCE} FROM Lead ORDER BY SystemModstamp, Id LIMIT 2000"}
        soql = f"{urls['salesforce']}/services/data/v67.0/query"
        yield "Salesforce, page of a query", lambda: http.get(soql, params=query, headers=bearer).json()
        return
    rows, select = f"{urls['dynamics']}/api/data/v9.2/leads", {"$select": DYNAMICS}
    headers = {**bearer, "Prefer": "odata.maxpagesize=5000"}
    yield "Dynamics, page of a query", lambda: http.get(rows, params=select, headers=headers).json()


def _best(action: Callable[[], object]) -> float:
    """Milliseconds of the fastest run: what the code costs without the machine's noise."""
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return min(times) * 1_000


@contextmanager
def _bare() -> Iterator[str]:
    with subprocess.Popen([sys.executable, FLOOR], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
