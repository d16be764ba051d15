"""What a successful answer of the Web API has to hold, by what was asked: anything else is not Dataverse's.

Source: OData JSON Format Version 4.0: a collection is in `value`, a row holds every selected column.
"""

import re
from collections.abc import Mapping

from mksync.wire.reply import Reply
from mksync.wire.shape import Shape, object_with

_SELECT = re.compile(r"[?&]\$select=([^&]+)")
_FUNCTIONS = {"WhoAmI": ("UserId", "OrganizationId"), "RetrieveUserPrivileges": ("RolePrivileges",)}


def shape(path: str) -> Shape:
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


def _collection(reply: Reply) -> bool:
    body = reply.json()
    return isinstance(body, Mapping) and isinstance(body.get("value"), list)


def _row(path: str) -> Shape:
    selected = _SELECT.search(path)
    names = selected[1].split(",") if selected else []

    def row(reply: Reply) -> bool:
        body = reply.json()
        return isinstance(body, Mapping) and (not names or any(name in body for name in names))

    return row
