"""The text of `$batch`: multipart bodies taken apart and put together. No calls are made here.

Sources: "Execute batch operations using the Web API"; OData Version 4.0 Part 1: Protocol, "Batch Requests"; RFC 2046.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

CRLF = b"\r\n"
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]+)"|([^\s;,]+))', re.IGNORECASE)
# Microsoft's own client leaves the blanks of a query as they are.
_REQUEST_LINE = re.compile(r"([A-Za-z]+) +(\S.*\S|\S) +HTTP/1\.\d")


class MalformedError(Exception):
    """A body that is no multipart message, or a part that is no request; the text says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: header names in lower case, and all that follows them."""

    headers: Mapping[str, str]
    content: bytes

    @property
    def boundary(self) -> str | None:
        """The boundary of the parts inside, if this is a multipart itself: a change set."""
        type = self.headers.get("content-type", "")
        return boundary_of(type) if type.lower().startswith("multipart/mixed") else None


@dataclass(frozen=True, slots=True)
class Request:
    """A request inside a part; `url` as it stands there, header names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to one request; `content` ends up as it is."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    content_id: str | None = None


def boundary_of(content_type: str) -> str | None:
    """The boundary of a Content-Type; None if it is not multipart/mixed with one."""
    found = _BOUNDARY.search(content_type)
    return (found.group(1) or found.group(2)) if found else None


def parts(content: bytes, boundary: str) -> list[Part]:
    """The parts of a multipart body, in order. Raises MalformedError where it has no end or no headers."""
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("latin-1")) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    places = list(delimiter.finditer(content))
    if not places:
        raise MalformedError(f"The boundary '{boundary}' was not found in the body.")
    if places[-1].group(1) is None:
        raise MalformedError("Unexpected end of MIME multipart stream. MIME multipart message is not complete.")
    end = next(place for place, found in enumerate(places) if found.group(1))
    return [
        _part(content[places[index].end() : places[index + 1].start()].removeprefix(b"\r").removeprefix(b"\n"))
        for index in range(end)
    ]


def request(part: Part) -> Request:
    """The request in a part. Raises MalformedError."""
    if not part.headers.get("content-type", "").lower().startswith("application/http"):
        raise MalformedError("A part of the batch has no Content-Type application/http.")
    line, _, rest = part.content.lstrip(b"\r\n").partition(b"\n")
    found = _REQUEST_LINE.fullmatch(line.decode("utf-8", "replace").rstrip())
    if found is None:
        raise MalformedError(f"The request line '{line.decode('utf-8', 'replace').strip()}' is not valid.")
    headers, content = _head(rest)
    return Request(found[1].upper(), found[2], headers, content, part.headers.get("content-id"))


def write(responses: Iterable[bytes], boundary: str) -> bytes:
    """Parts, already with their headers, as the body of a multipart message."""
    delimiter = b"--" + boundary.encode()
    lines = [delimiter + CRLF + one + CRLF for one in responses]
    return b"".join([*lines, delimiter + b"--" + CRLF])


def part_of(response: Response) -> bytes:
    """One answer as a part."""
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if response.content_id is not None:
        head.append(f"Content-ID: {response.content_id}")
    head += ["", f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    head += [f"{name}: {value}" for name, value in response.headers.items()]
    return "\r\n".join([*head, "", ""]).encode() + response.content


def set_of(responses: Iterable[Response], boundary: str) -> bytes:
    """The answers of a change set as one part."""
    head = f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n"
    return head.encode() + write([part_of(response) for response in responses], boundary)


def _part(content: bytes) -> Part:
    headers, rest = _head(content)
    if not headers:
        raise MalformedError("A part of the batch has no headers.")
    return Part(headers, rest)


def _head(content: bytes) -> tuple[dict[str, str], bytes]:
    """Header lines up to an empty line, and what follows it."""
    headers: dict[str, str] = {}
    rest = content
    while rest:
        line, _, rest = rest.partition(b"\n")
        text = line.decode("utf-8", "replace").strip()
        if not text:
            break
        name, colon, value = text.partition(":")
        if not colon:
            raise MalformedError(f"The header '{text}' is not valid.")
        headers[name.strip().lower()] = value.strip()
    return headers, rest
