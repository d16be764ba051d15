"""Changing one lead together with what the change leaves behind: stamps and activities."""

from collections.abc import Mapping

from mksync.sandbox.marketo.catalogue import LeadField
from mksync.sandbox.marketo.identity import API_USER
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Leads
from mksync.sandbox.marketo.log import (
    CHANGE_DATA_VALUE,
    CHANGE_PARTITION,
    CHANGE_SCORE,
    DELETE_LEAD,
    MERGE_LEADS,
    NEW_LEAD,
    SOURCE,
    Entry,
)
from mksync.sandbox.marketo.times import central_day, instant
from mksync.sandbox.marketo.values import Stored, log_text, same

Attributes = list[dict[str, object]]


class Changes:
    """Every write of a lead goes through here."""

    def __init__(self, instance: Instance, leads: Leads) -> None:
        self._instance = instance
        self._leads = leads

    def create(self, values: Mapping[str, Stored]) -> int:
        """A new lead and its New Lead activity; its id."""
        now = self._now()
        early = 1 if "early_updated_at" in self._instance.quirks else 0
        source = {"originalSourceType": SOURCE, "registrationSourceType": SOURCE}
        stamps = {"createdAt": instant(now), "updatedAt": instant(now - early)}
        lead_id = self._leads.insert({**source, **values, **stamps})
        attributes = attributes_of({"Created Date": central_day(now).isoformat(), "Source Type": SOURCE})
        self._instance.log.write(
            [Entry(lead_id, NEW_LEAD, now, attributes + self._witness("syncLead"), lead_id, full_name(values))]
        )
        return lead_id

    def update(self, lead_id: int, values: Mapping[str, Stored]) -> None:
        """Write what differs. Each change is an activity; only standard fields move `updatedAt`.

        Nothing that differs, nothing written (developer guide, Bulk Lead Extract, on `updatedAt`).
        """
        changed = self._differing(lead_id, values)
        if not changed:
            return
        now = self._now()
        stored = {field.name: new for field, _, new in changed}
        if not all(field.custom for field, _, _ in changed):
            stored["updatedAt"] = instant(now)
        self._leads.update(lead_id, stored)
        self._instance.log.write([self._change(lead_id, now, *change) for change in changed])

    def delete(self, lead_id: int) -> None:
        """The lead goes at once; a Delete Lead activity tells of it for 14 days."""
        name = self._name_of(lead_id)
        self._leads.delete(lead_id)
        self._instance.log.write([Entry(lead_id, DELETE_LEAD, self._now(), (), lead_id, name)])

    def merge(self, winner: int, losers: list[int], filled: Mapping[str, Stored]) -> None:
        """Losers go without a Delete Lead activity; only the winner's Merge Leads names them."""
        now = self._now()
        for loser in losers:
            self._leads.delete(loser)
        if filled:
            standard = any(not self._instance.fields.one(name).custom for name in filled)
            self._leads.update(winner, {**filled, **({"updatedAt": instant(now)} if standard else {})})
        attributes = attributes_of({"Merge IDs": ",".join(map(str, losers)), "Merge Fields": ",".join(filled)})
        self._instance.log.write([Entry(winner, MERGE_LEADS, now, attributes, winner, self._name_of(winner))])

    def move(self, lead_id: int, old: int, new: int) -> None:
        """Put a lead into another partition."""
        now = self._now()
        self._leads.update(lead_id, {"leadPartitionId": str(new), "updatedAt": instant(now)})
        attributes = attributes_of({"New Partition ID": new, "Old Partition ID": old, "Reason": SOURCE})
        self._instance.log.write([Entry(lead_id, CHANGE_PARTITION, now, attributes, new)])

    def _differing(self, lead_id: int, values: Mapping[str, Stored]) -> list[tuple[LeadField, Stored, Stored]]:
        if not values:
            return []
        held = self._leads.rows("id", [lead_id], list(values))[0]
        fields = ((self._instance.fields.one(name), held[name], new) for name, new in values.items())
        return [(field, old, new) for field, old, new in fields if not same(field, old, new)]

    def _change(self, lead_id: int, now: int, field: LeadField, old: Stored, new: Stored) -> Entry:
        was, becomes = log_text(field, old), log_text(field, new)
        kind = CHANGE_SCORE if field.type == "score" else CHANGE_DATA_VALUE
        told: dict[str, object] = {"New Value": becomes, "Old Value": was, "Reason": SOURCE}
        if kind == CHANGE_SCORE:
            told["Change Value"] = f"{int(new or 0) - int(old or 0):+d}"
        told["Source"] = SOURCE
        attributes = attributes_of(told) + self._witness("syncLead")
        return Entry(lead_id, kind, now, attributes, field.id, field.display, field.name, was, becomes)

    def _witness(self, method: str) -> Attributes:
        if "modifying_user" not in self._instance.quirks:
            return []
        return attributes_of({"API Method Name": method, "Modifying User": API_USER, "Request Id": f"{method}#sandbox"})

    def _name_of(self, lead_id: int) -> str:
        rows = self._leads.rows("id", [lead_id], ["firstName", "lastName"])
        return full_name(rows[0])

    def _now(self) -> int:
        return int(self._instance.clock.now())


def full_name(values: Mapping[str, Stored]) -> str:
    """ "First Last", as activities about a lead as a whole name it."""
    return " ".join(str(values[name]) for name in ("firstName", "lastName") if values.get(name))


def attributes_of(told: Mapping[str, object]) -> Attributes:
    """The attribute list of an activity; empty ones are left out."""
    return [{"name": name, "value": value} for name, value in told.items() if value != ""]
