"""All objects beside the lead: made once for an instance, and answered for by the same four calls."""

from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.catalogue import LeadField
from mksync.sandbox.marketo.changes import Changes
from mksync.sandbox.marketo.companies import Companies
from mksync.sandbox.marketo.customdefinitions import CustomDefinitions
from mksync.sandbox.marketo.customobjects import CustomObjects
from mksync.sandbox.marketo.customschema import CustomSchema
from mksync.sandbox.marketo.envelope import Failure, Payload
from mksync.sandbox.marketo.family import Family
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Leads
from mksync.sandbox.marketo.objectcatalogue import COMPANY, OPPORTUNITY, ROLE, SALES_PERSON, STANDARD, standard_type
from mksync.sandbox.marketo.objectfields import ObjectFields
from mksync.sandbox.marketo.objectquery import query
from mksync.sandbox.marketo.objectsync import ObjectSync
from mksync.sandbox.marketo.objecttable import ObjectTable
from mksync.sandbox.marketo.opportunities import Opportunities, Roles
from mksync.sandbox.marketo.salespersons import SalesPersons


class Objects:
    """The objects of the instance by name: `company`, `opportunity`, `opportunityRole`, `salesPerson`, custom ones."""

    def __init__(self, instance: Instance, leads: Leads, changes: Changes) -> None:
        self._instance = instance
        self._leads = leads
        self._changes = changes
        self._fields = ObjectFields(instance.store)
        self._definitions = CustomDefinitions(instance)
        self.schema = CustomSchema(instance, self._definitions)
        self._make()

    def add_field(self, object: str, field: LeadField) -> None:
        """An admin adds a field to one of the standard objects. Raises ValueError if that cannot be."""
        if object not in STANDARD or field.name.lower() in (name.lower() for name in self.family(object).type.known()):
            raise ValueError(f"no field {field.name} can be added to {object}")
        self._fields.add(object, field)
        self._make()

    def family(self, object: str) -> Family:
        """The object of this name; fails with 1013 if there is none."""
        return self._standard.get(object) or self.custom.records(object)

    def forget_lead(self, lead_id: int) -> None:
        """What a lead's deletion does to the records that were linked to it."""
        self._roles.orphaned("leadId", lead_id)
        self.custom.forget_lead(lead_id)

    def describe(self, object: str) -> Payload:
        """The description of a standard object."""
        native = "native_sync" in self._instance.quirks
        return {"result": [self._standard[object].type.described(crm_managed=native)]}

    def query(self, call: Call, found: Family) -> Payload:
        return query(call, found.type, found.table, self._instance.quirks)

    def sync(self, call: Call, found: Family) -> Payload:
        return ObjectSync(found, self._instance.quirks).sync(call)

    def delete(self, call: Call, found: Family) -> Payload:
        return ObjectSync(found, self._instance.quirks).delete(call)

    def guard(self, object: str, *, writes: bool) -> None:
        """Fails with 1018 for what a native CRM sync takes away: writing, and opportunity roles altogether."""
        if "native_sync" not in self._instance.quirks:
            return
        if writes or object == ROLE or "native_objects_disabled" in self._instance.quirks:
            raise Failure("1018", "CRM Enabled")

    def _make(self) -> None:
        types = {name: standard_type(name, self._fields.of(name)) for name in STANDARD}
        tables = {name: ObjectTable(self._instance.store, type, self._instance.quirks) for name, type in types.items()}
        for table in tables.values():
            table.prepare()
        people = tables[SALES_PERSON]
        self.companies = Companies(
            self._instance, types[COMPANY], self._leads, self._changes, people, [tables[OPPORTUNITY]]
        )
        self._roles = Roles(self._instance, types[ROLE], self._leads, tables[OPPORTUNITY])
        parents = {"externalCompanyId": tables[COMPANY], "externalSalesPersonId": people}
        self._standard: dict[str, Family] = {
            COMPANY: self.companies,
            OPPORTUNITY: Opportunities(self._instance, types[OPPORTUNITY], parents, self._roles),
            ROLE: self._roles,
            SALES_PERSON: SalesPersons(
                self._instance, types[SALES_PERSON], self._leads, [tables[COMPANY], tables[OPPORTUNITY]]
            ),
        }
        self.custom = CustomObjects(self._instance, self._definitions, self._leads, tables[COMPANY])
