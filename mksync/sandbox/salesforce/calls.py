"""One call and its answer, free of HTTP: what composite requests and the connection have in common."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from mksync.sandbox.salesforce.errors import ApiError, deny, malformed
from mksync.sandbox.salesforce.org import Actor
from mksync.sandbox.salesforce.writes import Save

RowFault = Callable[[str | None], ApiError]


@dataclass(frozen=True)
class Answer:
    """A status, a JSON body (None: no body at all; bytes: no JSON but as it is) and headers of its own."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One call below `/services/data/vXX.X`. `parts` are the decoded path segments after the version.

    `headers` have lower-case names. `row_fault` makes the first row that this call would write fail: it takes the
    row's id, if there is one.
    """

    method: str
    version: str
    parts: tuple[str, ...]
    args: Mapping[str, str]
    headers: Mapping[str, str]
    content: "bytes | object"
    actor: Actor
    row_fault: RowFault | None = None
    as_text: bool = False  # whoever asked takes JSON as text: it goes straight to the connection

    @property
    def path(self) -> str:
        """What record urls of this call's version begin with."""
        return f"/services/data/v{self.version}/sobjects/"

    def json(self) -> Any:  # noqa: ANN401 - JSON from outside
        """The body. Raises JSON_PARSER_ERROR."""
        if not isinstance(self.content, bytes):
            return self.content
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise malformed("Unexpected character: the request body is not JSON") from None

    def object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        body = self.json()
        if not isinstance(body, dict):
            raise malformed("The request body must be a JSON object")
        return body

    def flag(self, name: str) -> bool:
        return self.args.get(name, "").lower() == "true"

    def save(self) -> Save:
        """What the headers say about saving."""
        duplicates = _options(self.headers.get("sforce-duplicate-rule-header", ""))
        return Save(
            actor=self.actor,
            allow_duplicates=duplicates.get("allowsave") == "true",
            show_duplicates=duplicates.get("includerecorddetails") == "true",
            assign=self.headers.get("sforce-auto-assign", "true").lower() != "false",
            path=self.path,
        )

    def batch(self) -> int:
        """The page size a query asks for."""
        wished = _options(self.headers.get("sforce-query-options", "")).get("batchsize", "")
        return int(wished) if wished.isdigit() else 2_000


def _options(header: str) -> dict[str, str]:
    """`allowSave=true; includeRecordDetails=true` (or with commas), lower-cased."""
    pairs = (part.partition("=") for part in header.replace(",", ";").lower().split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def split(path: str) -> tuple[str, ...]:
    """The decoded segments of a path as it stood on the request line; empty ones are dropped."""
    return tuple(unquote(part) for part in path.split("/") if part)


def not_allowed(method: str, *allowed: str) -> Exception:
    listed = ",".join(allowed)
    message = f"HTTP Method '{method}' not allowed. Allowed are {listed}"
    return deny("METHOD_NOT_ALLOWED", message, 405)
