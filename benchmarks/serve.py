"""The sandbox as a benchmark wants it: each vendor with its own number of people, no rate limits, one clock for all.

    python -m benchmarks.serve marketo=0 salesforce=50000 [--ready]

Prints `ready marketo=URL salesforce=URL`. With `--ready` what was asked once is answered from memory from then on, so
that the time of a pull is the time of the one who pulls.
"""

import json
import sys
import threading
import time
from contextlib import ExitStack

import requests
from werkzeug import Request, Response

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.http11 import Reply, Server
from mksync.sandbox.server import Sandbox

CONTROL = "/__sandbox__/"
OF_THE_CONNECTION = {"content-length", "connection", "date", "server", "keep-alive", "transfer-encoding"}


class Ready:
    """Stands before an emulator, and answers from memory what it was asked before, word for word."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._answers: dict[tuple[str, str, bytes], tuple[bytes, int, list[tuple[str, str]]]] = {}
        self._lock = threading.Lock()
        self._latency = 0.0  # seconds

    def __call__(self, request: Request) -> Reply:
        body = request.get_data()
        if request.path == f"{CONTROL}latency":
            self._latency = json.loads(body)["ms"] / 1_000  # no call that is answered from memory meets the emulator's
            return Reply(Response("{}"))
        if not request.path.startswith(CONTROL):
            time.sleep(self._latency)
        key = (request.method, request.full_path, body)
        with self._lock:
            if key not in self._answers or request.path.startswith(CONTROL):
                self._answers[key] = self._asked(request, body)
            content, status, headers = self._answers[key]
        return Reply(Response(content, status, headers))

    def _asked(self, request: Request, body: bytes) -> tuple[bytes, int, list[tuple[str, str]]]:
        headers = {**dict(request.headers), "Accept-Encoding": "identity"}
        answer = self._http.request(
            request.method, f"{self._url}{request.full_path}", data=body, headers=headers, allow_redirects=False
        )
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in OF_THE_CONNECTION]
        return answer.content, answer.status_code, kept


def main() -> None:
    words = [word for word in sys.argv[1:] if word != "--ready"]
    clock, urls = SandboxClock(), {}
    with ExitStack() as stack:
        for vendor, people in (word.split("=") for word in words):
            one = Sandbox.start(people=int(people), clock=clock, vendors=(vendor,), rate_limits=False)
            urls[vendor] = stack.enter_context(one).urls[vendor]
        if "--ready" in sys.argv:
            fronts = {vendor: Server(0, Ready(url), clock.now) for vendor, url in urls.items()}
            urls = {vendor: front.url for vendor, front in fronts.items()}
        print("ready", *(f"{vendor}={url}" for vendor, url in urls.items()), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
