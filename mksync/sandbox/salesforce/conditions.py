"""Conditional requests: If-Modified-Since and If-Unmodified-Since on rows, entity tags on accounts.

HTTP dates have whole seconds and are compared with LastModifiedDate, so edits of the platform alone slip through.
Source: REST API Developer Guide, "Conditional Request Headers".
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from mksync.sandbox.salesforce import times
from mksync.sandbox.salesforce.errors import ApiError, deny
from mksync.sandbox.salesforce.tables import Row

_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Version:
    """What a resource's version is told by: when it changed, and its entity tag if it has one."""

    changed: int
    tag: str | None = None

    def headers(self) -> dict[str, str]:
        tag = {"ETag": self.tag} if self.tag else {}
        return {"Last-Modified": times.http_date(self.changed), **tag}


class NotModified(Exception):  # noqa: N818 - HTTP 304 is not an error
    """The reader's copy is current: answered with 304 and no body."""


def version_of(object: str, row: Row) -> Version:
    tag = None
    if object == "Account":
        tag = f'"{zlib.crc32(repr(sorted(row.items(), key=lambda item: item[0])).encode()):08x}"'
    return Version(times.epoch(str(row["LastModifiedDate"])), tag)


def check(method: str, headers: Mapping[str, str], version: Version, *, empty_412: bool = False) -> None:
    """Raises NotModified (304) or ApiError 412 as the request's conditions demand; `headers` in lower case."""
    if _fails(method, headers, version):
        raise ApiError(412, []) if empty_412 else _moved()
    if _is_current(method, headers, version):
        raise NotModified


def _fails(method: str, headers: Mapping[str, str], version: Version) -> bool:
    since = _date(method, headers.get("if-unmodified-since"))
    if since is not None and version.changed > since:
        return True
    wanted, refused = headers.get("if-match"), headers.get("if-none-match")
    if version.tag is None:
        return False
    if wanted is not None and not _names(wanted, version.tag):
        return True
    return refused is not None and method not in _READS and _names(refused, version.tag)


def _is_current(method: str, headers: Mapping[str, str], version: Version) -> bool:
    if method not in _READS:
        return False
    refused = headers.get("if-none-match")
    if version.tag is not None and refused is not None:
        return _names(refused, version.tag)
    since = _date(method, headers.get("if-modified-since"))
    return since is not None and version.changed <= since


def _date(method: str, text: str | None) -> float | None:
    """The date of a header. Raises 400 for a malformed one on a write; on a read it is ignored."""
    if text is None:
        return None
    moment = times.from_http_date(text)
    if moment is None and method not in _READS:
        raise deny("MALFORMED_HEADER", f"not an HTTP date: {text}")
    return moment


def _names(header: str, tag: str) -> bool:
    return header.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in header.split(","))


def _moved() -> ApiError:
    message = "The resource has been modified since the time given"
    return deny("ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE", message, 412)
