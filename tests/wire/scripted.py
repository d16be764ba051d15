"""A loopback HTTP server that says what a test tells it to, over real sockets: also half an answer, or none."""

import gzip
import json
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


class FakeClock:
    """Meets `ports.Clock`: time stands still but for sleeps, which are written down."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.time = now
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.time += seconds


@dataclass(frozen=True)
class Heard:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> Mapping[str, list[str]]:
        return parse_qs(self.body.decode(), keep_blank_values=True)

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Say:
    """One answer. `cut`: only so many bytes of the body are sent; `reset`: hang up instead; `silent`: say nothing."""

    status: int = 200
    body: object = field(default_factory=dict)  # bytes as they are, anything else as JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    chunked: bool = False
    zipped: bool = False
    reset: bool = False
    silent: bool = False
    no_length: bool = False


Script = Callable[[Heard], Say]


class Scripted:
    """Answers with `script(request)`; a list of answers is given in turn, and running out of it fails the test."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.heard: list[Heard] = []
        self.script: Script = lambda heard: Say(500, {"unexpected": heard.path})
        self._lock = Lock()
        self._over = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def says(self, *answers: Say) -> Self:
        left = list(answers)

        def take(heard: Heard) -> Say:
            assert left, f"the script has no answer left for {heard.method} {heard.path}"
            return left.pop(0)

        self.script = take
        return self

    def paths(self) -> Sequence[str]:
        return [heard.path for heard in self.heard]

    def answer(self, heard: Heard) -> Say:
        with self._lock:
            self.heard.append(heard)
            return self.script(heard)

    def hold(self) -> None:
        self._over.wait(10)

    @contextmanager
    def running(self) -> Iterator[Self]:
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join(5)


def _handler(scripted: Scripted) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"scripted": scripted})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every answer takes 40 ms: head and body are two writes
    scripted: Scripted

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = parse_qs(parts.query, keep_blank_values=True)
        self._say(self.scripted.answer(Heard(self.command, parts.path, query, headers, body)))

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _say(self, say: Say) -> None:
        if say.silent:
            self.scripted.hold()
        if say.reset or say.silent:
            self._hang_up()
            return
        body = say.body if isinstance(say.body, bytes) else json.dumps(say.body).encode()
        body = gzip.compress(body) if say.zipped else body
        self.send_response_only(say.status)
        for name, value in _head(say, len(body)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(_sent(say, body))
        self.close_connection = say.cut is not None or say.no_length

    def _hang_up(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def finish(self) -> None:
        if self.connection.fileno() != -1:
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        pass


def _head(say: Say, length: int) -> dict[str, str]:
    head = {"Content-Type": "text/plain" if isinstance(say.body, bytes) else "application/json;charset=UTF-8"}
    if say.chunked:
        head["Transfer-Encoding"] = "chunked"
    elif not say.no_length:
        head["Content-Length"] = str(length)
    if say.zipped:
        head["Content-Encoding"] = "gzip"
    return {**head, **say.headers}


def _sent(say: Say, body: bytes) -> bytes:
    part = body[: say.cut]
    if not say.chunked:
        return part
    return f"{len(body):x}\r\n".encode() + part + (b"\r\n0\r\n\r\n" if say.cut is None else b"")
