"""Salesforce's endpoints, one short method each. Knows paths and envelopes, no fields and no rules.

Sources: REST API Developer Guide; SOAP API Developer Guide for what REST has not.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mksync.core.frozen import dataclass
from mksync.ports import Clock
from mksync.vendors.budget import Budget
from mksync.vendors.salesforce import soap
from mksync.vendors.salesforce.errors import Problem, problem, raised
from mksync.vendors.salesforce.jobs import Jobs
from mksync.vendors.salesforce.rates import RATES
from mksync.vendors.salesforce.soql import Query
from mksync.wire.meter import Meter
from mksync.wire.patience import http_date
from mksync.wire.reply import Reply, UnexpectedReply
from mksync.wire.session import Repeat, Session
from mksync.wire.shape import Shape, listing, object_with

READ_TIMEOUT = 180.0  # a query may work for two minutes before its first byte
WRITE_TIMEOUT = 600.0  # Salesforce's own bound for a call; giving up earlier would only make its outcome unknown
READ_IDS = 2_000  # sObject Collections, retrieve with POST
COMPOSITE_PARTS = 25
COMPOSITE_QUERIES = 5  # of these, queries and collections

_PAGE = object_with("records", "done")
_USAGE = re.compile(r"\bapi-usage=(\d+)/(\d+)")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One subrequest of a composite call. `path` begins with /services."""

    name: str
    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] | None = None

    @property
    def json(self) -> dict[str, Any]:
        wire = {"method": self.method, "url": self.path, "referenceId": self.name}
        extras = {"body": self.body, "httpHeaders": self.headers}
        return wire | {key: value for key, value in extras.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one part."""

    status: int
    body: Any

    @property
    def problem(self) -> Problem | None:
        return problem(self.status, self.body) if self.status >= 300 else None

    def checked(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body. Raises what the part's problem amounts to."""
        if self.problem:
            raise raised(self.problem)
        return self.body


@dataclass(frozen=True, slots=True)
class Answers:
    """A composite call's answers by name. `began`: server time of its beginning in seconds, or a little earlier."""

    parts: Mapping[str, Answer]
    began: float

    def __getitem__(self, name: str) -> Answer:
        return self.parts[name]


class Client:
    """One signed-in organisation."""

    def __init__(self, session: Session, meter: Meter, base: str, clock: Clock) -> None:
        self._session = session
        self._base = base
        self._clock = clock
        self._ahead = 0.0
        self.jobs = Jobs(self._call, base)
        self.budget = Budget(meter, RATES)
        self.usage: tuple[int, int] | None = None  # calls of the last 24 hours and the most there may be

    @property
    def calls(self) -> int:
        return self._session.calls

    @property
    def organisation(self) -> str | None:
        """As the sign-in told it; signs in if need be."""
        return self._session.token().organisation

    def sign_in_anew(self) -> None:
        self._session.sign_in_anew()

    @property
    def server_now(self) -> float:
        """The server's time. Stamps are its own, so its clock counts; the local one only measures what has passed."""
        return self._clock.now() + self._ahead

    def versions(self) -> list[str]:
        return [one["version"] for one in self._get("/services/data", listing)]

    def userinfo(self) -> Row:
        """`user_id`, `organization_id`, …"""
        found: Row = self._get("/services/oauth2/userinfo", object_with("user_id", "organization_id"))
        return found

    def describe(self, sobject: str) -> Row:
        found: Row = self._get(self.describe_path(sobject), object_with("name", "label", "fields"))
        return found

    def limits(self) -> Mapping[str, Row]:
        found: Mapping[str, Row] = self._get(f"{self._base}/limits", object_with("DailyApiRequests"))
        return found

    def query(self, query: Query, *, deleted_too: bool = False) -> Row:
        """The first page: `records`, `done`, `nextRecordsUrl`."""
        found: Row = self._get(self.query_path(query, deleted_too=deleted_too), _PAGE)
        return found

    def next_page(self, path: str) -> Row:
        found: Row = self._get(path, _PAGE)
        return found

    def rows(self, query: Query, *, deleted_too: bool = False) -> list[Row]:
        """All pages. Only `done` tells the end: pages may be shorter than asked for."""
        page = self.query(query, deleted_too=deleted_too)
        found = list(page["records"])
        while not page["done"]:
            page = self.next_page(page["nextRecordsUrl"])
            found += page["records"]
        return found

    def read(self, sobject: str, ids: Sequence[str], fields: Sequence[str]) -> list[Row | None]:
        """Up to 2,000 records by id; None in the place of one that is not there or not visible."""
        body = {"ids": list(ids), "fields": list(fields)}
        options = {"repeat": Repeat.READ, "timeout": READ_TIMEOUT, "shape": listing}
        reply = self._call("POST", self.read_path(sobject), json=body, **options)
        rows: list[Row | None] = reply.json()
        return rows

    def convert_lead(self, arguments: Mapping[str, soap.Argument], *, save_duplicates: bool) -> bytes:
        """The body of the SOAP answer; a fault is raised as what it amounts to."""
        reply = self._call(
            "POST",
            self._soap,
            signed=lambda session: soap.convert_lead(session, arguments, save_duplicates=save_duplicates),
            headers=soap.HEADERS,
            repeat=Repeat.ONCE,
            timeout=WRITE_TIMEOUT,
        )
        return reply.body

    def composite(self, parts: Sequence[Part], *, repeat: Repeat) -> Answers:
        """Up to 25 parts in order, for the price of one call."""
        started = self._clock.now()
        reply = self._call(
            "POST",
            f"{self._base}/composite",
            json={"allOrNone": False, "compositeRequest": [part.json for part in parts]},
            repeat=repeat,
            timeout=READ_TIMEOUT if repeat is Repeat.READ else WRITE_TIMEOUT,
            shape=object_with("compositeResponse"),
        )
        answers = {one["referenceId"]: Answer(one["httpStatusCode"], one["body"]) for one in _responses(reply)}
        if any(part.name not in answers for part in parts):
            raise UnexpectedReply("Salesforce left parts of a composite call unanswered")
        return Answers(answers, self.server_now - max(0.0, self._clock.now() - started))

    @property
    def _soap(self) -> str:
        """The partner endpoint of the same version."""
        return f"/services/Soap/u/{self._base.rpartition('/v')[2]}"

    def query_path(self, query: Query, *, deleted_too: bool) -> str:
        return f"{self._base}/{'queryAll' if deleted_too else 'query'}?q={query.encoded}"

    def describe_path(self, sobject: str) -> str:
        return f"{self._base}/sobjects/{sobject}/describe"

    def read_path(self, sobject: str) -> str:
        return f"{self._base}/composite/sobjects/{sobject}"

    def create_path(self, sobject: str) -> str:
        return f"{self._base}/sobjects/{sobject}"

    def record_path(self, sobject: str, id: str) -> str:
        return f"{self._base}/sobjects/{sobject}/{id}"

    def _get(self, path: str, shape: Shape) -> Any:  # noqa: ANN401 - any JSON value
        return self._call("GET", path, repeat=Repeat.READ, timeout=READ_TIMEOUT, shape=shape).json()

    def _call(self, method: str, path: str, **options: Any) -> Reply:  # noqa: ANN401 - handed on to Session.call
        reply = self._session.call(method, path, **options)
        self._observe(reply)
        return reply

    def _observe(self, reply: Reply) -> None:
        usage = _USAGE.search(reply.headers.get("Sforce-Limit-Info", ""))
        if usage:
            self.usage = int(usage[1]), int(usage[2])
            self.budget.meter.tell(*self.usage)
        date = http_date(reply.headers.get("Date", ""))
        if date is not None:
            self._ahead = date - self._clock.now()


def _responses(reply: Reply) -> Sequence[Row]:
    body = reply.json()
    found = body.get("compositeResponse") if isinstance(body, Mapping) else None
    if not isinstance(found, list):
        raise UnexpectedReply("Salesforce's answer to a composite call has no parts")
    return found
