"""Marketo's calls about people and their activities, one short method each (Marketo developer guide, Lead Database)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from mksync.core.frozen import dataclass
from mksync.errors import OutcomeUnknown
from mksync.ports import Clock
from mksync.vendors.budget import Budget
from mksync.vendors.marketo.rates import RATES
from mksync.wire.meter import Meter
from mksync.wire.patience import http_date
from mksync.wire.session import Repeat, Reply, Session, UnexpectedReply

BATCH = 300  # records, values or ids per call
LONGEST_QUERY = 6000  # bytes; Marketo takes addresses of 8 KB (Marketo developer guide, REST API)


@dataclass(frozen=True, slots=True)
class Activities:
    """One page of a log. Times are the server's, in seconds since the epoch.

    `at`: when it answered. `asked`: when it was asked, or before; whatever it had by then is in the answer.
    """

    items: Sequence[Mapping[str, Any]]
    token: str
    more: bool
    at: float
    asked: float


class Client:
    """All methods raise AccessError, Temporary, and RequestRefused for what Marketo refuses as a whole."""

    def __init__(self, session: Session, meter: Meter, clock: Clock) -> None:
        self._session = session
        self.budget = Budget(meter, RATES)
        self._clock = clock

    @property
    def calls(self) -> int:
        return self._session.calls

    @property
    def user(self) -> str:
        """The e-mail address of the API user; signs in if need be."""
        return self._session.token().subject or ""

    def sign_in_anew(self) -> None:
        self._session.sign_in_anew()

    def describe(self) -> list[dict[str, Any]]:
        return self.ask("/rest/v1/leads/describe.json")

    def describe2(self) -> dict[str, Any]:
        """Writability, lengths, and the fields that leads can be looked up by."""
        found = self.ask("/rest/v1/leads/describe2.json")
        return found[0] if found else {}

    def schema_fields(self) -> list[dict[str, Any]]:
        """Some custom and standard fields; asked for only to see whether the API user may manage fields."""
        return self.ask("/rest/v1/leads/schema/fields.json", batchSize=1)

    def create_field(self, field: Mapping[str, object]) -> dict[str, Any]:
        found = self.send("/rest/v1/leads/schema/fields.json", {"input": [field]}, repeat=Repeat.ONCE)
        return found[0] if found else {}

    def leads(self, filter: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The leads whose `filter` field is one of at most 300 values, in no order, without saying which matched."""
        return self.records("/rest/v1/leads.json", filter, values, fields)

    def records(self, path: str, filter: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        """As `leads`, for any object of the Lead Database."""
        query = {"filterType": filter, "filterValues": ",".join(values), "fields": ",".join(fields)}
        return self.pages(path, **query, batchSize=BATCH)

    def pages(self, path: str, **query: str | int) -> Iterator[dict[str, Any]]:
        """Everything that a read lists, page after page."""
        while True:
            body = self._call(path, query).json()
            found = _result(body)
            yield from found
            if not body.get("nextPageToken") or not found:
                return
            query["nextPageToken"] = body["nextPageToken"]

    def ask(self, path: str, **query: str | int) -> list[dict[str, Any]]:
        """What a read answers, where that is never more than a page."""
        return _result(self._call(path, query).json())

    def send(
        self, path: str, body: Mapping[str, object], *, repeat: Repeat = Repeat.SAFE, timeout: float = 100.0
    ) -> list[dict[str, Any]]:
        """What a write answers. Raises OutcomeUnknown. `timeout`: seconds, above Marketo's own for this call."""
        return _result(self._session.call("POST", path, json=body, repeat=repeat, timeout=timeout).json())

    def sync_leads(
        self,
        action: str,
        lookup: str,
        records: Sequence[Mapping[str, object]],
        *,
        partition: str | None = None,
        repeat: Repeat = Repeat.SAFE,
    ) -> list[dict[str, Any]]:
        """At most 300 records, below 1 MB; one result per record, in their order. Raises OutcomeUnknown."""
        body: dict[str, object] = {"action": action, "lookupField": lookup, "input": list(records)}
        if partition is not None:
            body["partitionName"] = partition
        results = self.send("/rest/v1/leads.json", body, repeat=repeat)
        if len(results) != len(records):
            raise OutcomeUnknown(f"Marketo gave {len(results)} results for {len(records)} records")
        return results

    def paging_token(self, since: str) -> Activities:
        """An empty page whose token begins at `since` (ISO 8601, UTC)."""
        return self._log("/rest/v1/activities/pagingtoken.json", {"sinceDatetime": since}, timeout=310.0)

    def activities(self, token: str, types: Sequence[int], leads: Sequence[str] = ()) -> Activities:
        """`leads`: of these at most 30 only."""
        ids = ",".join(map(str, types))
        query: dict[str, str | int] = {"nextPageToken": token, "activityTypeIds": ids, "batchSize": BATCH}
        if leads:
            query["leadIds"] = ",".join(leads)
        return self._log("/rest/v1/activities.json", query)

    def deleted_leads(self, token: str) -> Activities:
        return self._log("/rest/v1/activities/deletedleads.json", {"nextPageToken": token, "batchSize": BATCH})

    def learn_usage(self, *, of_all: bool) -> None:
        """Take over Marketo's own count of today's calls, by this API user or all; days end at midnight, US Central."""
        user = self.user
        days = self.ask("/rest/v1/stats/usage.json")
        counts = [
            int(one["count"]) for day in days for one in day.get("users") or () if of_all or one.get("userId") == user
        ]
        self.budget.meter.rebase(1 + sum(counts))  # this call may not be among them yet

    def _log(self, path: str, query: Mapping[str, str | int], timeout: float = 100.0) -> Activities:
        before = self._clock.now()
        reply = self._call(path, query, timeout)
        now = self._clock.now()
        body = reply.json()
        token, more = str(body.get("nextPageToken") or ""), bool(body.get("moreResult"))
        if not token or (more and token == query.get("nextPageToken")):
            raise UnexpectedReply("Marketo gave no token to go on from")
        told = http_date(reply.headers.get("date", ""))
        at = now if told is None else told
        return Activities(body.get("result") or [], token, more, at, at - max(0.0, now - before))

    def _call(self, path: str, query: Mapping[str, str | int], timeout: float = 100.0) -> Reply:
        if len(urlencode(query)) <= LONGEST_QUERY:
            return self._session.call("GET", path, query=query, repeat=Repeat.READ, timeout=timeout)
        override = {"_method": "GET"}
        return self._session.call("POST", path, query=override, form=query, repeat=Repeat.READ, timeout=timeout)


def _result(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(body.get("result") or ())
