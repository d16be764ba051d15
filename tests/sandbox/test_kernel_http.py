"""The loopback server speaks HTTP/1.1 to any client, and breaks off answers as a scripted fault wants."""

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from werkzeug import Request, Response

from mksync.sandbox.http11 import Reply, Server


def echo(request: Request) -> Reply:
    if request.path == "/reset":
        return Reply(None)
    told = {
        "method": request.method,
        "path": request.path,
        "raw": request.environ["RAW_URI"],
        "args": request.args.to_dict(flat=False),
        "size": len(request.get_data()),
        "port": request.environ["REMOTE_PORT"],
    }
    return Reply(Response(json.dumps(told), mimetype="application/json"), truncated=request.path == "/truncated")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(0, echo, lambda: 0.0)
    yield server
    server.stop()


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def talk(server: Server, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.server_address[1])) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_it_listens_on_loopback_only(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"


def test_a_connection_is_kept_for_many_calls(server: Server, session: requests.Session) -> None:
    assert len({session.get(f"{server.url}/x").json()["port"] for _ in range(5)}) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE"])
def test_every_method_may_carry_a_body(server: Server, session: requests.Session, method: str) -> None:
    told = session.request(method, f"{server.url}/x", data=b"y" * 100_000).json()
    assert (told["method"], told["size"]) == (method, 100_000)


def test_a_chunked_body_arrives_whole(server: Server, session: requests.Session) -> None:
    told = session.post(f"{server.url}/x", data=(b"ab" * 1000 for _ in range(7))).json()
    assert told["size"] == 14_000


def test_addresses_and_parameters_are_decoded_and_kept_raw(server: Server, session: requests.Session) -> None:
    told: dict[str, Any] = session.get(f"{server.url}/ä b", params={"q": ["é", "a+b"]}).json()
    assert told["path"] == "/ä b"
    assert told["args"] == {"q": ["é", "a+b"]}
    assert told["raw"] == "/%C3%A4%20b?q=%C3%A9&q=a%2Bb"


def test_head_has_no_body(server: Server, session: requests.Session) -> None:
    assert session.head(f"{server.url}/x").content == b""


def test_two_calls_may_be_sent_at_once(server: Server) -> None:
    one = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = talk(server, one % 1 + one % 2)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.index(b'"/1"') < answer.index(b'"/2"')


def test_an_old_client_gets_its_answer_and_a_closed_connection(server: Server) -> None:
    answer = talk(server, b"GET /x HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"Connection: close" in answer


@pytest.mark.parametrize(
    "nonsense",
    [b"nonsense\r\n\r\n", b"GET /x HTTP/1.1\r\nbad header\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"],
)
def test_what_is_no_http_is_a_bad_request(server: Server, nonsense: bytes) -> None:
    assert talk(server, nonsense).startswith(b"HTTP/1.1 400 ")


def test_a_reset_answer_is_a_reset_connection(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.server_address[1])) as connection:
        connection.sendall(b"GET /reset HTTP/1.1\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(100)


def test_a_truncated_answer_promises_more_than_it_sends(server: Server) -> None:
    head, _, body = talk(server, b"GET /truncated HTTP/1.1\r\n\r\n").partition(b"\r\n\r\n")
    promised = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    assert 0 < len(body) == promised // 2


def test_stopping_closes_idle_connections_and_ends_every_thread() -> None:
    before = set(threading.enumerate())
    server = Server(0, echo, lambda: 0.0)
    with requests.Session() as session:
        session.get(f"{server.url}/x")
        assert set(threading.enumerate()) - before
        server.stop()
        assert set(threading.enumerate()) == before
        with pytest.raises(requests.ConnectionError):
            session.get(f"{server.url}/x")
