"""What stories about custom objects need to know of a CRM, a row a CRM; and somebody who works with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.scenarios.filters import filter_user
from tests.scenarios.one_way import DYNAMICS_DEALS, SALESFORCE_DEALS, OneWay
from tests.scenarios.outsiders import Caller, Row
from tests.scenarios.sandbox_world import Ended, World

ID = "crmRecordId"


@dataclass(frozen=True)
class Customs:
    """One CRM.

    - `object`: a custom object with lookups to a lead and to a contact; `kept`: what Marketo calls it
    - `fields`: Marketo's names of some of its fields, by the CRM's; the first is what the record is called
    - `lookups`: the fields that name its lead and its contact
    - `stamp`: the field that moves with every write
    """

    deals: OneWay
    object: str
    kept: str
    label: str
    fields: Mapping[str, str]
    lookups: Mapping[str, str]
    stamp: str


SALESFORCE_CUSTOMS = Customs(
    deals=SALESFORCE_DEALS,
    object="Event_Registration__c",
    kept="eventRegistration",
    label="Event Registration",
    fields={"Event_Name__c": "eventName", "Guests__c": "guests"},
    lookups={"lead": "Lead__c", "contact": "Contact__c"},
    stamp="SystemModstamp",
)

DYNAMICS_CUSTOMS = Customs(
    deals=DYNAMICS_DEALS,
    object="new_event",
    kept="event",
    label="Event",
    fields={"new_name": "name", "new_attendees": "attendees"},
    lookups={"lead": "new_lead", "contact": "new_contact"},
    stamp="modifiedon",
)

ALL = (SALESFORCE_CUSTOMS, DYNAMICS_CUSTOMS)


class Desk:
    """Somebody who keeps records of a custom object in the CRM, and looks what Marketo has of them."""

    def __init__(self, world: World, facts: Customs) -> None:
        self.world = world
        self.facts = facts
        self._user = world.crm.user

    def select(self, object: str = "", *fields: str) -> Ended:
        """Have it sync; its type is made in Marketo, if there is none yet."""
        names = fields or tuple(self.facts.fields)
        wanted = ("--object", object or self.facts.object, *names, "--create-in-marketo")
        ended = self.world.command("fields", "select", *wanted)
        assert ended.code == 0, ended
        return ended

    def person(self, object: str, name: str) -> str:
        """A new lead or contact."""
        return self.world.crm.named(object, lastName=name, email=f"{name}@example.com")

    def create(self, name: str, **values: Any) -> str:
        return self._user.create(self.facts.object, **self._its({"name": name, **values}))

    def edit(self, id: str, **values: Any) -> None:
        assert self._user.edit(self.facts.object, id, **self._its(values))

    def converts(self, lead: str) -> str:
        """Make a contact of a lead."""
        return filter_user(self.facts.deals.facts.system, self.world.sandbox).convert(lead)

    def delete(self, id: str) -> None:
        self._user.delete(self.facts.object, id)

    def _its(self, values: Row) -> Row:
        name, number = self.facts.fields
        names = {"name": name, "number": number, **self.facts.lookups}
        return {names[key]: value for key, value in values.items()}

    def kept(self, id: str, object: str = "") -> Row:
        """What Marketo has of a record: its name, its number, and the CRM's id of its person."""
        (row,) = (row for row in self.rows(object) if row[ID] == id)
        return row

    def rows(self, object: str = "") -> list[Row]:
        return self.world.sandbox.marketo.rows(object or self.facts.kept)

    def belongs(self, id: str, object: str = "") -> str | None:
        """The id of the person that Marketo shows a record with."""
        person = self.kept(id, object)["person"]
        return None if person is None else str(person)

    def stamps(self) -> dict[str, Any]:
        """When anybody last wrote to the records of the CRM."""
        found = self._user.records(self.facts.object, self.facts.stamp)
        return {id: row[self.facts.stamp] for id, row in found.items()}

    def marketo(self, path: str, body: object = None) -> Any:
        """What an admin of Marketo does by its API."""
        api = Caller(self.world.sandbox, self.world.sandbox.marketo_url, "/identity/oauth/token")
        answer = api.call("GET" if body is None else "POST", f"/rest/v1/{path}", body)
        assert answer["success"], answer
        return answer
