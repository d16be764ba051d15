"""Batches as clients write them, and their answers taken apart by the standard library."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import Any

import requests

from tests.sandbox.dynamics.api import ROOT, Api

OPENING = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"


def request(method: str, path: str, body: object = None, **headers: str) -> str:
    """One request as text, with CRLF; `path` lies below the root."""
    lines = [f"{method} {ROOT}/{path} HTTP/1.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is None:
        return "\r\n".join([*lines, "", ""])
    return "\r\n".join([*lines, "Content-Type: application/json; type=entry", "", json.dumps(body)])


def change_set(*requests: str, ids: Sequence[str] | None = None) -> str:
    numbered = ids or [str(number) for number in range(1, len(requests) + 1)]
    parts = [
        f"--changeset_y\r\n{OPENING}Content-ID: {id}\r\n\r\n{one}\r\n"
        for id, one in zip(numbered, requests, strict=True)
    ]
    return f"Content-Type: multipart/mixed; boundary=changeset_y\r\n\r\n{''.join(parts)}--changeset_y--\r\n"


def text(*operations: str) -> str:
    parts = [one if one.startswith("Content-Type: multipart") else f"{OPENING}\r\n{one}" for one in operations]
    return "".join(f"--batch_x\r\n{part}\r\n" for part in parts) + "--batch_x--\r\n"


def send(api: Api, body: str, *, boundary: str = "batch_x", **headers: str) -> requests.Response:
    sent = {"Content-Type": f'multipart/mixed; boundary="{boundary}"', **headers}
    return api.call("POST", "$batch", data=body.encode(), headers=sent)


@dataclass(frozen=True)
class Part:
    """One answer; `set` is the number of the change set it came in."""

    status: int
    headers: Mapping[str, str]
    body: Any
    content_id: str | None = None
    set: int | None = None


def parts(answer: requests.Response) -> list[Part]:
    """The answers in a batch's answer, in order."""
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=policy.HTTP).parsebytes(head + answer.content)
    found: list[Part] = []
    for place, part in enumerate(_inside(message)):
        inner = _inside(part) if part.is_multipart() else [part]
        found += [_part(one, place if part.is_multipart() else None) for one in inner]
    return found


def _inside(message: Message) -> list[Message]:
    assert not message.defects
    payload = message.get_payload()
    assert isinstance(payload, list)
    return [part for part in payload if isinstance(part, Message)]


def _part(message: Message, set: int | None) -> Part:
    assert message.get_content_type() == "application/http"
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    line, _, rest = payload.partition(b"\r\n")
    head, _, content = rest.partition(b"\r\n\r\n")
    headers = dict(part.split(": ", 1) for part in head.decode().split("\r\n") if part)
    body = json.loads(content) if headers.get("Content-Type", "").startswith("application/json") else content.decode()
    return Part(int(line.split()[1]), headers, body, message["Content-ID"], set)
