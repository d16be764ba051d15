"""A call as it is asked for, before it has an address and a token."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import Enum
from typing import TypedDict
from urllib.parse import quote, urlencode, urlsplit

from mksync.core.frozen import dataclass
from mksync.wire import jsontext
from mksync.wire.shape import Shape, anything

Query = Mapping[str, str | int | Sequence[str]]
Signed = Callable[[str], bytes]


class Repeat(Enum):
    """Whether a call may be sent again when its answer was lost.

    READ changes nothing. SAFE writes the same absolute values again, so repeating is harmless; when the attempts run
    out its outcome is still unknown. ONCE is never sent twice unless the vendor says that it did not process it.
    """

    READ = "read"
    SAFE = "safe"
    ONCE = "once"


class Content(TypedDict, total=False):
    """What a call carries: at most one of `json`, `form`, `data` and `signed`.

    Lists in `query` and `form` repeat their name. `signed` makes the body of the token's value, where it has to stand
    there too (SOAP).
    """

    query: Query | None
    json: object
    form: Query | None
    data: bytes | None
    signed: Signed | None
    headers: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Order:
    """One call. `timeout`: seconds the server may be silent."""

    method: str
    target: str  # path with query, or a whole URL
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | Signed | None = field(repr=False)
    repeat: Repeat
    timeout: float
    shape: Shape = anything  # of a successful answer

    def bytes_for(self, token: str) -> bytes | None:
        """The body, for a sign-in with this token."""
        return self.body(token) if callable(self.body) else self.body

    @property
    def path(self) -> str:
        """For log lines and messages: never the query, which may hold personal data."""
        return urlsplit(self.target).path

    @property
    def changes(self) -> bool:
        return self.method not in ("GET", "HEAD") and self.repeat is not Repeat.READ


def order(method: str, target: str, content: Content, repeat: Repeat, timeout: float, shape: Shape = anything) -> Order:
    body, kind = _body(content)
    headers = {"Accept": "application/json", **kind, **(content.get("headers") or {})}
    return Order(method.upper(), _with_query(target, content.get("query")), headers, body, repeat, timeout, shape)


def _body(content: Content) -> tuple[bytes | Signed | None, dict[str, str]]:
    if content.get("json") is not None:
        return jsontext.dumps(content["json"]), {"Content-Type": "application/json"}
    if (form := content.get("form")) is not None:
        return _encoded(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    return content.get("signed") or content.get("data"), {}


def _with_query(target: str, query: Query | None) -> str:
    if not query:
        return target
    return f"{target}{'&' if '?' in target else '?'}{_encoded(query)}"


def _encoded(fields: Query) -> str:
    return urlencode(fields, doseq=True, quote_via=quote)
