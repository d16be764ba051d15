"""One call of the Web API and its answer, without HTTP around them: so that `$batch` can make calls of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from mksync.sandbox.dynamics.errors import ODataError, bad_payload

JSON = "application/json; odata.metadata=minimal"


@dataclass(frozen=True, slots=True)
class User:
    """Who acts. `system` is the sandbox itself or an administrator: no privilege or column security holds it back."""

    id: str
    system: bool = False
    on_behalf_of: str | None = None  # the real caller, where `id` is impersonated


@dataclass(frozen=True, slots=True)
class Call:
    """`path` lies below the root and is still percent-encoded, `query` too; header names are in lower case."""

    method: str
    path: str  # "leads(1a1a…)/firstname": no leading slash
    query: str
    headers: Mapping[str, str]
    content: bytes
    user: User
    root: str  # "http://127.0.0.1:1234/api/data/v9.2"
    in_batch: bool = False
    row_fault: ODataError | None = None  # how the first record that it would write is refused

    @property
    def segments(self) -> tuple[str, ...]:
        """The decoded parts of the path between slashes that stand outside quotes."""
        return tuple(unquote(part) for part in split(self.path))

    def header(self, name: str) -> str | None:
        return self.headers.get(name.lower())

    @property
    def preferences(self) -> Mapping[str, str]:
        """The `Prefer` header: lower-case name to value without quotes; several may stand in one header."""
        return preferences(self.headers.get("prefer", ""))

    @property
    def annotated(self) -> bool:
        """Whether errors carry annotations too."""
        return "*" in self.preferences.get("odata.include-annotations", "")

    def json(self, name: str) -> dict[str, Any]:
        """The body, which must be an object. Raises 0x80048d19 naming the entity set `name`."""
        try:
            body = json.loads(self.content)
            if b"\\u" in self.content:
                json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text
        except (ValueError, RecursionError):
            raise bad_payload(name, "Invalid JSON. A token was not recognized in the JSON content.") from None
        if not isinstance(body, dict):
            raise bad_payload(name, "An unexpected node of type was found when reading from the JSON reader.")
        return body


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON unless `content_type` says otherwise; then it is text or bytes. None: no body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


def preferences(header: str) -> dict[str, str]:
    """`a=1,b="x,y",c` as a mapping; commas inside quotes do not part."""
    found: dict[str, str] = {}
    for part in _outside_quotes(header, ",", '"'):
        name, _, value = part.strip().partition("=")
        if name:
            found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def split(path: str) -> list[str]:
    """A path's parts; a slash inside a quoted key value does not part."""
    return [part for part in _outside_quotes(path, "/", "'") if part]


def _outside_quotes(text: str, separator: str, quote: str) -> list[str]:
    parts, start, quoted = [], 0, False
    for place, character in enumerate(text):
        if character == quote:
            quoted = not quoted
        elif character == separator and not quoted:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]
