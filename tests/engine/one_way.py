"""A world whose CRM has accounts, users, opportunities and roles beside its leads and contacts."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mksync.core.pairs import Direction, FieldPair, Policy
from mksync.core.records import Catalogue, DefaultPair, Field, FieldType, Schema, Side, Sides, Value
from mksync.core.report import ObjectReport, RunReport
from mksync.engine.fields import Schemas, own_pairs
from mksync.engine.project import PERSON, Project
from mksync.engine.run import Options, run_once
from mksync.ports import Port
from tests.memory import MemoryPort
from tests.world import CRM, KEY, PEOPLE, World

REFERENCE, TEXT = FieldType.REFERENCE, FieldType.TEXT
ID = Field("Id", "Id", REFERENCE, writable=False)


def _refers(name: str, *objects: str) -> Field:
    return Field(name, name, REFERENCE, references=objects)


def _schema(object: str, *fields: Field, dedupe: tuple[str, ...] = ()) -> Schema:
    """What Marketo tells a record by is set when it is created, and never changed."""
    told = {field.name: replace(field, writable=False) if field.name in dedupe else field for field in fields}
    return Schema(object, object.title(), told, dedupe=dedupe)


def _text(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, name, TEXT) for name in names)


COMPANY = _refers("externalCompanyId", "company")
OWNER = _refers("externalSalesPersonId", "salesperson")
DEAL = _refers("externalOpportunityId", "opportunity")

MARKETO = {
    PERSON: Schema(PERSON, "Person", {**PEOPLE.fields, COMPANY.name: COMPANY, OWNER.name: OWNER}),
    "company": _schema("company", *_text("externalCompanyId", "company"), dedupe=("externalCompanyId",)),
    "salesperson": _schema(
        "salesperson", *_text("externalSalesPersonId", "lastName", "email"), dedupe=("externalSalesPersonId",)
    ),
    "opportunity": _schema(
        "opportunity", *_text("externalOpportunityId", "name", "stage"), COMPANY, dedupe=("externalOpportunityId",)
    ),
    "role": _schema(
        "role", DEAL, _refers("leadId", PERSON), *_text("role"), dedupe=("externalOpportunityId", "leadId", "role")
    ),
}
RECORDS = {
    "user": _schema("user", ID, *_text("LastName", "Email")),
    "account": _schema("account", ID, *_text("Name")),
    "lead": Schema("lead", "Lead", {**CRM["lead"].fields, "OwnerId": _refers("OwnerId", "user")}),
    "contact": Schema(
        "contact",
        "Contact",
        {
            **CRM["contact"].fields,
            "OwnerId": _refers("OwnerId", "user"),
            "AccountId": _refers("AccountId", "account"),
        },
    ),
    "opportunity": _schema("opportunity", ID, *_text("Name", "Stage"), _refers("AccountId", "account")),
    "role": _schema(
        "role", ID, _refers("OpportunityId", "opportunity"), _refers("ContactId", "contact"), *_text("Role")
    ),
}
OWNED = DefaultPair("OwnerId", "externalSalesPersonId")
OF_ACCOUNT = DefaultPair("AccountId", "externalCompanyId")
CATALOGUE = {
    "user": Catalogue(
        "user", "User", pairs=(DefaultPair("Id", "externalSalesPersonId"),), counterpart="salesperson", one_way=True
    ),
    "account": Catalogue(
        "account", "Account", pairs=(DefaultPair("Id", "externalCompanyId"),), counterpart="company", one_way=True
    ),
    "lead": Catalogue("lead", "Lead", ties=(OWNED,)),
    "contact": Catalogue("contact", "Contact", ties=(OWNED, OF_ACCOUNT)),
    "opportunity": Catalogue(
        "opportunity",
        "Opportunity",
        pairs=(DefaultPair("Id", "externalOpportunityId"),),
        counterpart="opportunity",
        one_way=True,
        ties=(OF_ACCOUNT,),
    ),
    "role": Catalogue(
        "role",
        "Contact Role",
        pairs=(
            DefaultPair("OpportunityId", "externalOpportunityId"),
            DefaultPair("ContactId", "leadId"),
            DefaultPair("Role", "role"),
        ),
        counterpart="role",
        one_way=True,
    ),
}
SELECTED = {
    "user": {"lastName": "LastName", "email": "Email"},
    "account": {"company": "Name"},
    "opportunity": {"name": "Name", "stage": "Stage"},
    "role": {},
}
SCHEMAS: Schemas = {
    **{(Side.MARKETO, object): schema for object, schema in MARKETO.items()},
    **{(Side.CRM, object): schema for object, schema in RECORDS.items()},
}


class OneWayWorld(World):
    """Two systems with more than people in them."""

    catalogue: Mapping[str, Catalogue] = CATALOGUE
    schemas: Schemas = SCHEMAS
    selected: Mapping[str, Mapping[str, str]] = SELECTED

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.marketo.schemas, self.crm.schemas = (self.described(side) for side in Side)
        self.objects = tuple(self.catalogue)

    def described(self, side: Side) -> dict[str, Schema]:
        return {object: schema for (of, object), schema in self.schemas.items() if of is side}

    def project(self) -> Project:
        project = self._project()
        lookups = [
            (Side.MARKETO, project.counterpart(one), key) for one in self.objects if (key := project.key_of(one))
        ]
        lookups += [(Side.MARKETO, PERSON, "email")]
        self.mirror.shape(project.pairs, lookups, counterparts=project.counterparts)
        return project

    def _project(self) -> Project:
        pairs = {object: [*self._own(object), *self._chosen(object)] for object in self.objects}
        return Project(
            mirror=self.mirror,
            ports=self._ports(),
            clock=self.clock,
            titles=Sides("Marketo", "CRM"),
            catalogue=self.catalogue,
            pairs=pairs,
            key_field=KEY,
            limits=self.limits,
            dedupe={object: self._there(object).dedupe for object in self.objects},
        )

    def _ports(self) -> Sides[Port]:
        return Sides(MemoryPort(self.marketo), MemoryPort(self.crm))

    def _own(self, object: str) -> list[FieldPair]:
        own = own_pairs(self.schemas, self.catalogue, self.objects, object)
        return own if self.catalogue[object].one_way else [self._pairs(object)[0], *own]

    def _chosen(self, object: str) -> list[FieldPair]:
        if not self.catalogue[object].one_way:
            return self._pairs(object)[1:]
        people, records = self._there(object).fields, self.schemas[Side.CRM, object].fields
        return [
            FieldPair(object, Sides(people[marketo], records[crm]), Direction.TO_MARKETO, Policy.CRM)
            for marketo, crm in self.selected[object].items()
        ]

    def _there(self, object: str) -> Schema:
        """What Marketo keeps of an object."""
        return self.schemas[Side.MARKETO, self.catalogue[object].counterpart]

    def run(self, **options: object) -> RunReport:
        self.clock.sleep(300)
        return run_once(self.project(), Options(**options))  # type: ignore[arg-type]

    def deal(self) -> None:
        """An account with a contact, owned by a user, and an opportunity that it decides on; all are in Marketo."""
        self.crm.put("user", "U1", LastName="Salas", Email="salas@example.com")
        self.crm.put("account", "A1", Name="Acme")
        self.contact(1, LastName="Roe", Email="roe@example.com", OwnerId="U1", AccountId="A1")
        self.crm.put("opportunity", "O1", Name="Acme 2027", Stage="Open", AccountId="A1")
        self.crm.put("role", "R1", OpportunityId="O1", ContactId="C1", Role="Decision Maker")
        report = self.run()
        assert report.exit_code == 0, report

    def of(self, report: RunReport, object: str) -> ObjectReport:
        return next(one for one in report.objects if one.object == object)

    def kept(self, counterpart: str) -> list[dict[str, Value]]:
        """What Marketo has of an object, oldest first."""
        return [dict(values) for values in self.marketo.records.get(counterpart, {}).values()]
