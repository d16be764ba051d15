"""References of a change set: `$1` stands for the row that the request with Content-ID 1 made or changed.

Source: "Execute batch operations using the Web API: reference URIs in an operation".
"""

import json
import re
from typing import Any

from mksync.sandbox.dynamics.call import Answer, Call
from mksync.sandbox.dynamics.errors import ODataError, bad_request
from mksync.sandbox.dynamics.org import Org

_REFERENCE = re.compile(r"/?\$([^/?()]+)(.*)", re.DOTALL)
_SYSTEM = frozenset({"metadata", "batch"})


class References:
    """What the Content-IDs of one change set stand for so far."""

    def __init__(self, org: Org, root: str) -> None:
        self._org = org
        self._root = root
        self._urls: dict[str, str] = {}

    def add(self, content_id: str, call: Call, answer: Answer) -> None:
        url = answer.headers.get("OData-EntityId") or self._of_body(call, answer)
        if url is not None:
            self._urls[content_id] = url

    def in_url(self, url: str) -> str:
        """The URL with the reference it may begin with replaced. Raises 400 for one that stands for nothing."""
        rest = url.removeprefix(f"{self._root}/")
        found = _REFERENCE.fullmatch(rest)
        return url if found is None or found[1] in _SYSTEM else self._url(found[1]) + found[2]

    def in_body(self, content: bytes) -> bytes:
        """The JSON with every reference in `@odata.bind` and `@odata.id` replaced; other content as it is."""
        if b"$" not in content:
            return content
        try:
            body = json.loads(content)
        except (ValueError, RecursionError):
            return content
        return json.dumps(self._replaced(body)).encode()

    def _replaced(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            return [self._replaced(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {
            name: self._bound(inner) if name.endswith(("@odata.bind", "@odata.id")) else self._replaced(inner)
            for name, inner in value.items()
        }

    def _bound(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, list):
            return [self._bound(one) for one in value]
        return self.in_url(value) if isinstance(value, str) else value

    def _url(self, content_id: str) -> str:
        url = self._urls.get(content_id)
        if url is None:
            raise _unknown(content_id)
        return url

    def _of_body(self, call: Call, answer: Answer) -> str | None:
        """Where the answer is the row itself, which names no address."""
        set_name = call.path.partition("(")[0]
        table = next((table for table in self._org.catalogue if table.set_name == set_name), None)
        id = answer.body.get(table.primary_id) if table is not None and isinstance(answer.body, dict) else None
        return f"{self._root}/{set_name}({id})" if id else None


def _unknown(content_id: str) -> ODataError:
    return bad_request(f"Content-ID Reference: '${content_id}' does not exist in the batch context.", "0x80048d19")
