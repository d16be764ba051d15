"""People's Activity Logs: mksync's own type of custom activity, and the entries of that type.

An entry is written for good, and nothing keeps a second sending from making a second one; so every entry has a
reference, by which it is looked for where an answer was lost.

Source: Marketo developer guide, Activities, "Custom Activities" and "Add Custom Activities".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mksync.core.activity import Entry
from mksync.core.records import Refusal
from mksync.errors import ConfigError, MksyncError, OutcomeUnknown
from mksync.ports import Unavailable
from mksync.vendors.marketo.client import Client
from mksync.vendors.marketo.errors import refusal
from mksync.vendors.marketo.object_calls import available
from mksync.vendors.marketo.object_codec import Place
from mksync.vendors.marketo.writes import LARGEST_BODY, reasons
from mksync.wire import jsontext
from mksync.wire.session import Repeat

NAME = "mksyncRefusal"  # no other program's; the names below are what people read
_TYPES = "/rest/v1/activities/external/type"
_METADATA = Place("activities/external/types", "Activity Metadata", "types of activities")
_LOGS = Place("activities/external", "Activity", "Activity Logs")
_PRIMARY = {"apiName": "fields", "name": "Fields", "dataType": "string", "description": "What was not written"}
_ATTRIBUTES: Mapping[str, tuple[str, str, str]] = {  # API name -> name, type, description
    "system": ("System", "string", "The CRM that refused it"),
    "operation": ("Operation", "string", "What was tried"),
    "record": ("CRM Record", "string", "The id of the record in the CRM"),
    "code": ("Code", "string", "The CRM's code, or mksync's own"),
    "cause": ("Cause", "string", "Why, in plain words"),
    "message": ("Message", "text", "The CRM's own words"),
    "remedy": ("Remedy", "string", "What to do about it"),
    "reference": ("Reference", "string", "Tells one refusal from another"),
}
_TYPE = {
    "apiName": NAME,
    "name": "Refused by the CRM",
    "triggerName": "Is Refused by the CRM",
    "filterName": "Was Refused by the CRM",
    "description": "mksync: a change that the CRM did not take, and why",
    "primaryAttribute": _PRIMARY,
}
_NOBODY = "0"  # ids begin at 1
_LEADS = 30  # whose activities one call tells


class ActivityLog:
    """Both ends: the definition of the type, and the entries."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def type(self) -> str | None:
        """The type's number, if it is approved. Raises Unavailable."""
        found = self._found()
        return None if found is None or _state(found) == "draft" else str(found["id"])

    def create(self) -> str:
        """Each step only where it is needed, so that what was begun and interrupted is finished."""
        found = self._found() or self._posted(".json", _TYPE)
        state, name = _state(found), str(found.get("apiName") or NAME)
        # Beside an approved type there may be somebody's draft; then that is what attributes are added to.
        drafted = self._described(name, draft=state != "approved")
        _refuse_other(drafted)
        lacking = [_attribute(one) for one in _ATTRIBUTES if one not in _names(drafted)]
        if lacking and state == "approvedwithdraft":
            raise ConfigError(
                f"Marketo's activity type {NAME} has changes that wait to be approved",
                hint="approve or discard its draft in Marketo first (Admin, Marketo Custom Activities)",
            )
        if lacking:
            self._posted(f"/{name}/attributes/create.json", {"attributes": lacking})
        if lacking or state == "draft":
            self._posted(f"/{name}/approve.json", {})
        return str(found["id"])

    def check(self, type: str) -> None:
        """An entry for nobody is refused by itself if entries may be written, and else with the whole call."""
        nobody = Entry(_NOBODY, "2026-01-01T00:00:00Z", "none", "", "", "", "", "", "", "")
        self._add([_wire(type, nobody)])

    def write(self, type: str, entries: Sequence[Entry]) -> list[Refusal | None]:
        """One answer per entry, in their order. Raises OutcomeUnknown; whatever else is raised, none was written."""
        answers: list[Refusal | None] = []
        for batch in _batches([_wire(type, entry) for entry in entries]):
            try:
                answers += self._add(batch)
            except (MksyncError, Unavailable) as error:
                if not answers:
                    raise
                raise OutcomeUnknown(f"Marketo took some of the entries, and then no more: {error}") from error
        return answers

    def references(self, type: str, people: Sequence[str], since: str) -> set[str]:
        """Of everything of this type that these people's logs hold since then."""
        distinct = list(dict.fromkeys(people))
        found: set[str] = set()
        for start in range(0, len(distinct), _LEADS):
            with available(_LOGS):
                page = self._client.paging_token(since)
                while True:
                    page = self._client.activities(page.token, (int(type),), distinct[start : start + _LEADS])
                    found.update(_references(page.items))
                    if not page.more:
                        break
        return found

    def _add(self, records: Sequence[Mapping[str, object]]) -> list[Refusal | None]:
        with available(_LOGS):
            results = self._client.send("/rest/v1/activities/external.json", {"input": records}, repeat=Repeat.ONCE)
        if len(results) != len(records):
            raise OutcomeUnknown(f"Marketo gave {len(results)} results for {len(records)} activities")
        return [None if one.get("status") == "added" else refusal(reasons(one)) for one in results]

    def _found(self) -> dict[str, Any] | None:
        """As listed. Marketo's user interface ends the names of what is custom in "_c"; the guide's examples do not."""
        with available(_METADATA):
            listed = list(self._client.pages("/rest/v1/activities/external/types.json"))
        there = {str(one.get("apiName")).casefold(): one for one in listed if _state(one) != "deleted"}
        return there.get(NAME.casefold()) or there.get(f"{NAME}_c".casefold())

    def _described(self, name: str, *, draft: bool) -> dict[str, Any]:
        query = {"draft": "true"} if draft else {}
        with available(_METADATA):
            return self._client.ask(f"{_TYPES}/{name}/describe.json", **query)[0]

    def _posted(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        # Not sent again when the answer is lost, as it would be refused then. Being called again finishes it.
        with available(_METADATA):
            return self._client.send(f"{_TYPES}{path}", body, repeat=Repeat.ONCE)[0]


def _state(found: Mapping[str, Any]) -> str:
    """draft, approved, approvedwithdraft or deleted: the guide writes the third one with spaces."""
    return str(found.get("status") or "").casefold().replace(" ", "")


def _names(found: Mapping[str, Any]) -> set[str]:
    return {str(one.get("apiName")) for one in found.get("attributes") or ()}


def _refuse_other(found: Mapping[str, Any]) -> None:
    """Raises ConfigError for a type that is not ours: its primary attribute is another one."""
    primary = (found.get("primaryAttribute") or {}).get("apiName")
    if primary not in (None, _PRIMARY["apiName"]):
        raise ConfigError(
            f"Marketo has another activity type {NAME}, whose primary attribute is {primary}",
            hint="delete it in Marketo (Admin, Marketo Custom Activities), or do without entries in Activity Logs",
        )


def _attribute(name: str) -> dict[str, str]:
    title, type, description = _ATTRIBUTES[name]
    return {"apiName": name, "name": title, "dataType": type, "description": description}


def _wire(type: str, entry: Entry) -> dict[str, object]:
    fitted = entry.fitted()
    values = {name: getattr(fitted, name) for name in _ATTRIBUTES}
    return {
        "leadId": int(entry.person_id),
        "activityDate": entry.at,
        "activityTypeId": int(type),
        "primaryAttributeValue": fitted.fields,
        "attributes": [{"apiName": name, "value": value} for name, value in values.items() if value],
    }


def _batches(records: Sequence[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    batch: list[dict[str, object]] = []
    room = LARGEST_BODY
    for record in records:
        size = len(jsontext.dumps(record)) + 1
        if batch and size > room:
            yield batch
            batch, room = [], LARGEST_BODY
        batch.append(record)
        room -= size
    if batch:
        yield batch


def _references(items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for item in items:
        for one in item.get("attributes") or ():
            if one.get("apiName") == "reference" or one.get("name") == _ATTRIBUTES["reference"][0]:
                yield str(one.get("value"))
