"""Records of custom objects (developer guide, Custom Objects)."""

from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.customdefinitions import CustomDefinitions
from mksync.sandbox.marketo.envelope import Failure, Payload, Refused
from mksync.sandbox.marketo.family import Family
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Leads, Row
from mksync.sandbox.marketo.objecttable import ObjectTable
from mksync.sandbox.marketo.objecttypes import ObjectType, Relation
from mksync.sandbox.marketo.values import Stored


class CustomRecords(Family):
    """The records of one approved custom object."""

    def __init__(self, instance: Instance, type: ObjectType, leads: Leads, parents: dict[str, ObjectTable]) -> None:
        super().__init__(instance, type)
        self._leads = leads
        self._parents = parents

    def check(self, values: Row, held: Row | None) -> None:  # noqa: ARG002 - as in every family
        for relation in self.type.relations or ():
            link = values.get(relation.field)
            if link is not None:
                self._refuse_unknown(relation, link)

    def orphaned(self, object: str, key: str, value: Stored) -> None:
        """A record that links may point to is gone."""
        for relation in self.type.relations or ():
            if (relation.object, relation.key) == (object, key):
                for row in self.table.find((relation.field,), [(value,)]):
                    self.delete(row)

    def _refuse_unknown(self, relation: Relation, link: Stored) -> None:
        if relation.object == "Lead":
            if not self._leads.rows(relation.key, [link], ["id"]):
                raise Refused("1004", "Lead not found")
        elif not self._parents[relation.object].holds(relation.key, link):
            raise Refused("1013", "Object not found")


class CustomObjects:
    """The approved custom objects of the instance."""

    def __init__(
        self, instance: Instance, definitions: CustomDefinitions, leads: Leads, companies: ObjectTable
    ) -> None:
        self._instance = instance
        self._definitions = definitions
        self._leads = leads
        self._companies = companies

    def listing(self, call: Call) -> Payload:
        """`GET customobjects.json?names=`."""
        names = {name.lower() for name in call.listed("names")}
        types = self._definitions.approved()
        return {"result": [type.listed() for type in types if not names or type.name.lower() in names]}

    def records(self, name: str) -> CustomRecords:
        """The records of this object; fails with 1013 unless it exists and is approved."""
        found = next((found for found in self.all() if found.type.name.lower() == name.lower()), None)
        if found is None:
            raise Failure("1013", f"Object '{name}' not found")
        return found

    def all(self) -> list[CustomRecords]:
        types = self._definitions.approved()
        tables = {type.name: ObjectTable(self._instance.store, type, self._instance.quirks) for type in types}
        parents = {**tables, "Company": self._companies}
        return [CustomRecords(self._instance, type, self._leads, parents) for type in types]

    def forget_lead(self, lead_id: int) -> None:
        """By switch, what was linked to a deleted lead goes with it."""
        if "orphans_deleted" in self._instance.quirks:
            for records in self.all():
                records.orphaned("Lead", "id", lead_id)
