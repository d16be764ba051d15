"""The calls that all objects beside people have in common (Marketo developer guide, Lead Database)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from mksync.errors import OutcomeUnknown
from mksync.ports import Unavailable
from mksync.vendors.marketo.client import Client
from mksync.vendors.marketo.codes import CODES, UNKNOWN
from mksync.vendors.marketo.errors import Answered, RequestRefused
from mksync.vendors.marketo.object_codec import Place

# The whole object is not there, or not for this API user. Others than these are about one request.
ABSENT = frozenset({"603", "610", "616", "703", "1018", "1026"})
SLOWEST = 130.0  # seconds: Marketo gives custom objects 120 (Marketo developer guide, Custom Objects, "Timeouts")

Payload = Mapping[str, object]


class ObjectCalls:
    """One object's calls. All raise Unavailable, AccessError, Temporary, and RequestRefused."""

    def __init__(self, client: Client, place: Place) -> None:
        self._client = client
        self._place = place
        self._path = f"/rest/v1/{place.path}"

    def describe(self) -> dict[str, Any]:
        """Nothing but a name is asked for: whatever Marketo refuses about it, the object is not to be had."""
        try:
            found = self._client.ask(f"{self._path}/describe.json")
        except RequestRefused as error:
            raise unavailable(self._place, error.code, error.said) from None
        except Answered as error:
            raise (unavailable(self._place, error.code, error.said) if error.code in ABSENT else error) from None
        if not found:
            raise unavailable(self._place, "610", "describe answers with nothing")
        return found[0]

    def records(self, filter: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        with available(self._place):
            yield from self._client.records(f"{self._path}.json", filter, values, fields)

    def sync(self, action: str, by: str, records: Sequence[Payload]) -> list[dict[str, Any]]:
        """At most 300 records, below 1 MB; one result per record, in their order. `by`: dedupeFields or idField."""
        body = {"action": action, "dedupeBy": by, "input": list(records)}
        return self._write(f"{self._path}.json", body, len(records))

    def delete(self, by: str, records: Sequence[Payload]) -> list[dict[str, Any]]:
        """As `sync`; the records hold nothing but their keys."""
        return self._write(f"{self._path}/delete.json", {"deleteBy": by, "input": list(records)}, len(records))

    def _write(self, path: str, body: Payload, count: int) -> list[dict[str, Any]]:
        with available(self._place):
            results = _in_order(self._client.send(path, body, timeout=SLOWEST), count)
        if all(_blocked(result) for result in results):
            raise unavailable(self._place, "1018", "no record was taken")
        return results


@contextmanager
def available(place: Place) -> Iterator[None]:
    """Tells an object that is not to be had from trouble with one request."""
    try:
        yield
    except Answered as error:
        if error.code not in ABSENT:
            raise
        raise unavailable(place, error.code, error.said) from None


def unavailable(place: Place, code: str, said: str) -> Unavailable:
    known = CODES.get(code, UNKNOWN)
    cause, remedy = known.cause, known.remedy or "deselect the object"
    if code == "603":
        remedy = f'give the API user\'s role "Read-Write {place.permission}" (Marketo: Admin, Users & Roles)'
    elif code == "610" or code not in ABSENT:
        cause, remedy = "there is no such object in this instance", "check the object's name, or deselect it"
    return Unavailable(f"Marketo's {place.title} cannot be used: {cause}: {said} (code {code})", remedy)


def _in_order(results: Sequence[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """By `seq`, the place in what was sent; nothing is documented about the order of the results themselves."""
    placed = {result.get("seq"): result for result in results}
    if len(results) != count or placed.keys() != set(range(count)):
        raise OutcomeUnknown(f"Marketo's {len(results)} results cannot be told apart for {count} records")
    return [placed[place] for place in range(count)]


def _blocked(result: Mapping[str, Any]) -> bool:
    """Whether the built-in CRM sync keeps others from writing: it is on for an instance, not for a record."""
    return any(str(reason.get("code")) == "1018" for reason in result.get("reasons") or ())
