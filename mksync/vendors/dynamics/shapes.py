"""What a successful answer of the Web API has to hold, by what was asked: anything else is not Dataverse's.

Source: OData JSON Format Version 4.0: a collection is in `value`, a row holds every selected column.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from mksync.wire.reply import Reply
from mksync.wire.shape import Json, JsonShape, object_with

_SELECT = re.compile(r"[?&]\$select=([^&]+)")
_FUNCTIONS = {"WhoAmI": ("UserId", "OrganizationId"), "RetrieveUserPrivileges": ("RolePrivileges",)}


def shape(path: str) -> JsonShape:
    """Of the answer to a GET of this path, with its query."""
    address, _, _ = path.partition("?")
    last = address.rstrip("/").rpartition("/")[2]
    for name, keys in _FUNCTIONS.items():
        if name in last:
            return object_with(*keys)
    if last.endswith(")"):
        return _row(path)
    return _collection


def multipart(reply: Reply) -> bool:
    """Of the answer to a batch."""
    return "multipart" in reply.headers.get("content-type", "").lower()


def link_of(page: Any, name: str) -> str | None:  # noqa: ANN401 - any JSON value
    """Path and query of a link in a page, which are followed unmodified; None without one.

    The host is left out: a link is followed at the address that the admin set, and nowhere else.
    """
    url = page.get(f"@odata.{name}")
    if not url:
        return None
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _collection(reply: Json) -> bool:
    body = reply.json()
    return isinstance(body, Mapping) and isinstance(body.get("value"), list)


def _row(path: str) -> JsonShape:
    selected = _SELECT.search(path)
    names = selected[1].split(",") if selected else []

    def row(reply: Json) -> bool:
        body = reply.json()
        return isinstance(body, Mapping) and (not names or any(name in body for name in names))

    return row
