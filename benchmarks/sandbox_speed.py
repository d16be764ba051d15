"""How quick the emulators answer, beside floors measured in the same run. The sandbox must not be the bottleneck.

The floor of a page is `json.dumps` of the same page and its way through a bare loopback server; of a small call, the
same server with an empty answer. Server and client are processes of their own, as they are for a user.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

RUNS = 7
BARE = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
pages = {}
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # one write an answer: two would wait for each other
    def do_POST(self):
        pages["/"] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(b"{}")
    def do_GET(self):
        import json
        page = pages.get("/", b"{}")
        self.answer(json.dumps(json.loads(page)).encode())
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): ...
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("ready", f"bare=http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
"""
SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
SALESFORCE = "Id, FirstName, LastName, Email, Phone, Title, Company, Street, City, State, PostalCode, Country, Status"
DYNAMICS = "firstname,lastname,emailaddress1,telephone1,jobtitle,companyname,address1_line1,address1_city,modifiedon"
MARKETO = "email,title,firstName,lastName,company,leadScore,phone,city,country"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=50_000)
    people: int = parser.parse_args().people
    began = time.perf_counter()
    with _served(sys.executable, "-m", "mksync", "sandbox", "start", "--port", "0", "--people", str(people)) as urls:
        print(f"ready with {people:,} people after {time.perf_counter() - began:.1f} s\n")
        print("| answer | records | ms | ms of the floor | ratio |\n| --- | ---: | ---: | ---: | ---: |")
        with _served(sys.executable, "-c", BARE) as bare, requests.Session() as http:
            for name, ask in _answers(urls, http):
                _row(name, ask, bare["bare"], http)


def _row(name: str, ask: Callable[[], Any], bare: str, http: requests.Session) -> None:
    page = ask()
    http.post(bare, data=json.dumps(page).encode())
    mine, floor = _best(ask), _best(lambda: http.get(bare).json())
    records = next((len(value) for value in page.values() if isinstance(value, list)), 0)
    print(f"| {name} | {records:,} | {mine:.1f} | {floor:.1f} | {mine / floor:.1f} |")


def _answers(urls: dict[str, str], http: requests.Session) -> Iterator[tuple[str, Callable[[], Any]]]:
    yield "small call", lambda: http.get(f"{urls['marketo']}/__sandbox__/calls").json()
    marketo = http.get(f"{urls['marketo']}/identity/oauth/token", params=SIGN_IN).json()["access_token"]
    form = {"_method": "GET", "filterType": "id", "filterValues": ",".join(map(str, range(1, 301))), "fields": MARKETO}
    leads, auth = f"{urls['marketo']}/rest/v1/leads.json", {"Authorization": f"Bearer {marketo}"}
    yield "Marketo, people by id", lambda: http.post(leads, data=form, headers=auth).json()
    token = http.post(f"{urls['salesforce']}/services/oauth2/token", data=SIGN_IN).json()["access_token"]
    query = {"q": f"SELECT {SALESFORCE} FROM Lead ORDER BY SystemModstamp, Id LIMIT 2000"}
    soql, bearer = f"{urls['salesforce']}/services/data/v67.0/query", {"Authorization": f"Bearer {token}"}
    yield "Salesforce, page of a query", lambda: http.get(soql, params=query, headers=bearer).json()
    scope = {**SIGN_IN, "scope": f"{urls['dynamics']}/.default"}
    entra = http.post(f"{urls['dynamics']}/sandbox/oauth2/v2.0/token", data=scope).json()["access_token"]
    rows, select = f"{urls['dynamics']}/api/data/v9.2/leads", {"$select": DYNAMICS}
    headers = {"Authorization": f"Bearer {entra}", "Prefer": "odata.maxpagesize=5000"}
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
def _served(*program: str) -> Iterator[dict[str, str]]:
    """The addresses that a server prints when it is ready."""
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield dict(word.split("=", 1) for word in server.stdout.readline().split()[1:])
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
