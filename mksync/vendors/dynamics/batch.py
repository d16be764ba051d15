"""Multipart bodies of `$batch`, both ways. Pure.

Source: Power Apps developer documentation, "Execute batch operations using the Web API". Lines end in CRLF: with bare
line feeds Dataverse cannot read the body.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from mksync.core.frozen import dataclass
from mksync.vendors.dynamics.errors import Problem, problem, raised
from mksync.wire import jsontext
from mksync.wire.reply import Headers, UnexpectedReply

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})")
_BLANK = re.compile(rb"\r?\n\r?\n")
_ENDS = b"\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch. `path` begins with /api."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request: alone, or as a part of a batch."""

    status: int
    body: Any
    headers: Headers

    @property
    def problem(self) -> Problem | None:
        return problem(self.status, self.body) if self.status >= 400 else None

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body, whatever it is."""
        return self.body

    def checked(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body. Raises what the problem amounts to."""
        if self.problem:
            raise raised(self.problem)
        return self.body


def encoded(parts: Sequence[Part], boundary: str) -> bytes:
    sections = [b"--" + boundary.encode() + _ENDS + _section(part) for part in parts]
    return b"".join(sections) + b"--" + boundary.encode() + b"--" + _ENDS


def decoded(content_type: str, body: bytes, *, nested: bool = False) -> list[Answer]:
    """The answers in order; those inside a change set too. Raises UnexpectedReply for anything but a whole batch."""
    boundary = _BOUNDARY.search(content_type)
    if not boundary:
        raise UnexpectedReply("the answer to a batch is not multipart")
    mark = b"--" + boundary[1].strip().encode()
    _, *sections = (b"\r\n" + body).split(b"\n" + mark)
    if not sections or not sections[-1].startswith(b"--"):
        raise UnexpectedReply("the answer to a batch was cut")
    return [answer for section in sections[:-1] for answer in _answers(section, nested=nested)]


def _section(part: Part) -> bytes:
    body = b"" if part.body is None else jsontext.dumps(part.body)
    kind = {} if part.body is None else {"Content-Type": "application/json; type=entry"}
    head = [
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        f"{part.method} {part.path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in {"Accept": "application/json", **kind, **part.headers}.items()),
        "",
        "",
    ]
    return _ENDS.join(line.encode() for line in head) + body + _ENDS


def _answers(section: bytes, *, nested: bool) -> list[Answer]:
    head, content = _cut(section.partition(b"\n")[2])
    kind = head.get("content-type", "")
    if kind.lower().startswith("multipart/"):
        if nested:  # OData 4.0, Part 1: Protocol, Batch Requests: a change set holds no other
            raise UnexpectedReply("the answer to a batch has change sets in change sets")
        return decoded(kind, content, nested=True)
    found = _STATUS.match(content.lstrip())
    if not found:
        raise UnexpectedReply("a part of a batch has no status")
    inner, body = _cut(content.lstrip().partition(b"\n")[2])
    return [Answer(int(found[1]), _json(body), inner)]


def _cut(text: bytes) -> tuple[Headers, bytes]:
    """The header lines and what follows the blank line behind them."""
    head, content = b"", text.partition(b"\n")[2]
    if not text.startswith((b"\r\n", b"\n")):
        head, *rest = _BLANK.split(text, maxsplit=1)
        content = rest[0] if rest else b""
    lines = (line.partition(":") for line in head.decode("utf-8", "replace").splitlines())
    return Headers({name.strip(): value.strip() for name, colon, value in lines if colon}), content


def _json(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    if not body.strip():
        return None
    try:
        return jsontext.loads(body.strip())
    except (ValueError, RecursionError):
        raise UnexpectedReply("a part of a batch is not JSON, or was cut") from None
