"""Bulk query jobs: their endpoints and envelopes. Knows no rules.

Source: Bulk API 2.0 Developer Guide, "Query Jobs". Jobs are asked about in JSON and answer in CSV.
"""

from collections.abc import Callable
from typing import Final

from mksync.core.frozen import dataclass
from mksync.vendors.salesforce.soql import Query
from mksync.wire.reply import Reply
from mksync.wire.session import Repeat
from mksync.wire.shape import object_with

READ_TIMEOUT = 180.0
DOWNLOAD_TIMEOUT = 600.0  # half of what a download may take (Developer Limits, "Bulk API 2.0 Limits and Allocations")

QUEUED: Final = "UploadComplete"
COMPLETE: Final = "JobComplete"
ENDED_BADLY: Final = frozenset({"Failed", "Aborted"})

_JOB = object_with("id", "state")
_LAST = "null"  # the locator of the last page, literally


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. `message`: why it failed, where Salesforce says so, which it often does not."""

    id: str
    state: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """One page of a job's records as CSV with a header row. `locator`: of the page behind it; empty: it is the last."""

    body: bytes
    records: int
    locator: str


class Jobs:
    """`call`: makes one call of the client's. `base`: the path that every call of this version begins with."""

    def __init__(self, call: Callable[..., Reply], base: str) -> None:
        self._call = call
        self._path = f"{base}/jobs/query"

    def create(self, query: Query, *, deleted_too: bool) -> Job:
        """A job changes nothing, and one whose answer was lost vanishes by itself: creating it may be repeated."""
        body = {
            "operation": "queryAll" if deleted_too else "query",
            "query": query.text,
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        return _job(self._call("POST", self._path, json=body, repeat=Repeat.READ, timeout=READ_TIMEOUT, shape=_JOB))

    def look(self, id: str) -> Job:
        return _job(self._call("GET", self._at(id), repeat=Repeat.READ, timeout=READ_TIMEOUT, shape=_JOB))

    def results(self, id: str, locator: str, most: int) -> Results:
        """At most so many records, from `locator` on (empty: from the first). Raises UnexpectedReply for too many
        bytes."""
        reply = self._call(
            "GET",
            f"{self._at(id)}/results",
            query={"maxRecords": most, **({"locator": locator} if locator else {})},
            headers={"Accept": "text/csv"},
            repeat=Repeat.READ,
            timeout=DOWNLOAD_TIMEOUT,
            shape=_is_page,
        )
        behind = reply.headers["Sforce-Locator"].strip()
        return Results(reply.body, int(reply.headers["Sforce-NumberOfRecords"]), "" if behind == _LAST else behind)

    def abort(self, id: str) -> None:
        self._call("PATCH", self._at(id), json={"state": "Aborted"}, repeat=Repeat.ONCE, timeout=READ_TIMEOUT)

    def delete(self, id: str) -> None:
        self._call("DELETE", self._at(id), repeat=Repeat.ONCE, timeout=READ_TIMEOUT)

    def _at(self, id: str) -> str:
        return f"{self._path}/{id}"


def _job(reply: Reply) -> Job:
    body = reply.json()
    return Job(str(body["id"]), str(body["state"]), str(body.get("errorMessage") or ""))


def _is_page(reply: Reply) -> bool:
    """A page of results says how many records it holds and what follows; nothing in between would say so."""
    count, locator = (reply.headers.get(name, "").strip() for name in ("Sforce-NumberOfRecords", "Sforce-Locator"))
    return count.isdecimal() and bool(locator) and (bool(reply.body) or int(count) == 0)
