"""A small threaded HTTP/1.1 server for loopback: keep-alive, one write per answer, and answers that break off.

Werkzeug's own development server closes the connection after every answer, and cannot reset one.
"""

import logging
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from io import BufferedIOBase, BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from werkzeug import Request, Response

_LONGEST_LINE = 1 << 17
_LARGEST_BODY = 1 << 28


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over the connection. Without a response the connection is reset; a truncated one breaks off."""

    response: Response | None
    truncated: bool = False


Application = Callable[[Request], Reply]


class _BadRequestError(Exception):
    """The client sent something that is not HTTP."""


class Server(socketserver.ThreadingTCPServer):
    """Serves `application` on 127.0.0.1 from threads of this process until `stop`."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, application: Application, now: Callable[[], float]) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.application = application
        self.now = now
        self._open: dict[socket.socket, threading.Thread] = {}
        self._open_lock = threading.Lock()
        self._acceptor = threading.Thread(target=self.serve_forever, args=(0.1,), name="sandbox", daemon=True)
        self._acceptor.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        """Close every connection and wait for every thread."""
        stopper = threading.Thread(target=self.shutdown)
        stopper.start()
        with suppress(OSError):  # wakes the acceptor, which else looks up only now and then
            socket.create_connection(("127.0.0.1", self.server_address[1]), timeout=1).close()
        stopper.join()
        self._acceptor.join()
        with self._open_lock:
            connections = list(self._open.items())
        for connection, _ in connections:
            _hang_up(connection)
        for _, thread in connections:
            thread.join(timeout=10)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's signature
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), name="sandbox-call", daemon=True
        )
        with self._open_lock:
            self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        # Only a close without a shutdown resets a connection whose linger time is zero.
        self.close_request(request)
        with self._open_lock:
            self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002
        """A client that went away is no news; anything else is a bug of the sandbox."""
        if not isinstance(sys.exception(), OSError):
            logging.getLogger(__name__).exception("a connection was dropped")


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    rbufsize = 1 << 16
    server: Server

    def handle(self) -> None:
        try:
            while self._serve_one():
                pass
        except (ConnectionError, TimeoutError):
            return
        except _BadRequestError:
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def _serve_one(self) -> bool:
        line = self.rfile.readline(_LONGEST_LINE)
        if not line.strip():
            return False
        environ = self._environ(line)
        keep = _keeps_alive(environ)
        reply = self.server.application(Request(environ))
        if reply.response is None:
            self._reset()
            return False
        message = _message(reply.response, environ["REQUEST_METHOD"], self.server.now(), keep)
        if reply.truncated:
            self._break_off(message)
            return False
        self.wfile.write(message[0] + message[1])
        return keep

    def _break_off(self, message: tuple[bytes, bytes]) -> None:
        head, body = message
        self.wfile.write(head + body[: len(body) // 2])

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _environ(self, line: bytes) -> dict[str, Any]:
        try:
            method, target, protocol = line.decode("latin-1").split()
        except ValueError:
            raise _BadRequestError from None
        path, _, query = target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "RAW_URI": target,
            "REQUEST_URI": target,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_PROTOCOL": protocol,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_address[1]),
            "REMOTE_ADDR": "127.0.0.1",
            "REMOTE_PORT": str(self.client_address[1]),
            "wsgi.url_scheme": "http",
        }
        environ.update(_headers(self.rfile))
        environ["wsgi.input"] = BytesIO(self._body(environ))
        environ["wsgi.input_terminated"] = True
        return environ

    def _body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            body = _chunks(self.rfile)
            environ["CONTENT_LENGTH"] = str(len(body))
            return body
        return _exactly(self.rfile, _number(environ.get("CONTENT_LENGTH") or "0", 10))


def _headers(stream: BufferedIOBase) -> dict[str, str]:
    found: dict[str, str] = {}
    while (line := stream.readline(_LONGEST_LINE)) not in (b"\r\n", b"\n", b""):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise _BadRequestError
        key = name.strip().upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        value = value.strip()
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


def _chunks(stream: BufferedIOBase) -> bytes:
    parts: list[bytes] = []
    while size := _number(stream.readline(_LONGEST_LINE).split(b";")[0].decode("latin-1").strip(), 16):
        parts.append(_exactly(stream, size))
        stream.readline(_LONGEST_LINE)
    while stream.readline(_LONGEST_LINE) not in (b"\r\n", b"\n", b""):
        pass
    return b"".join(parts)


def _exactly(stream: BufferedIOBase, size: int) -> bytes:
    if not size:
        return b""
    body = stream.read(size)
    if len(body) < size:
        raise ConnectionError("the client stopped in the middle of a body")
    return body


def _number(text: str, base: int) -> int:
    try:
        number = int(text, base)
    except ValueError:
        raise _BadRequestError from None
    if not 0 <= number <= _LARGEST_BODY:
        raise _BadRequestError
    return number


def _keeps_alive(environ: dict[str, Any]) -> bool:
    wish = str(environ.get("HTTP_CONNECTION", "")).lower()
    return "keep-alive" in wish if environ["SERVER_PROTOCOL"] == "HTTP/1.0" else "close" not in wish


def _message(response: Response, method: str, now: float, keep: bool) -> tuple[bytes, bytes]:
    body = b"" if method == "HEAD" or response.status_code in (204, 304) else response.get_data()
    lines = [f"HTTP/1.1 {response.status_code} {phrase(response.status_code)}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items() if name != "Content-Length"]
    lines.append(f"Date: {formatdate(now, usegmt=True)}")
    lines.append("Connection: keep-alive" if keep else "Connection: close")
    if response.status_code != HTTPStatus.NO_CONTENT:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), body


def phrase(status: int) -> str:
    """The words of a status; Salesforce's edge has some of its own."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
