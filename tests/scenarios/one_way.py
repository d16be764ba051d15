"""What stories about one-way objects need to know of a CRM, a row a CRM; and somebody who makes deals in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.server import Sandbox
from tests.scenarios.crms import DYNAMICS, SALESFORCE, Crm, Names
from tests.scenarios.outsiders import Row
from tests.scenarios.sandbox_world import KEY, World

# Marketo's objects as its own marketers call them: table, the id Marketo gives, the field with the CRM's id
TABLES: Mapping[str, tuple[str, str, str]] = {
    "user": ("salesPerson", "id", "externalSalesPersonId"),
    "account": ("company", "id", "externalCompanyId"),
    "opportunity": ("opportunity", "marketoGUID", "externalOpportunityId"),
    "role": ("opportunityRole", "marketoGUID", ""),
}


@dataclass(frozen=True)
class OneWay:
    """One CRM. The rest is in `crms`.

    - `fields`: the names of fields, by Marketo's; and those that lead to a parent, by the parent
    - `needed`: what a new record cannot be without, by the CRM's names
    - `objects`: of Marketo's order, those that sync beside people
    - `labels`: what its reports call them
    - `queue`: the id of an owner that is no user
    - `leaves`: how a user leaves
    - `cascades`: whether an account takes its contacts and opportunities with it
    """

    facts: Crm
    fields: Names
    needed: Mapping[str, Mapping[str, Any]]
    labels: Mapping[str, str]
    queue: Callable[[Sandbox], str]
    leaves: Mapping[str, Any]
    cascades: bool
    objects: tuple[str, ...] = ("user", "account", "opportunity", "role")


_OWNED = {"owner": "OwnerId"}

SALESFORCE_DEALS = OneWay(
    facts=SALESFORCE,
    fields={
        "user": {"lastName": "LastName", "email": "Email", "title": "Title"},
        "account": {"company": "Name", "industry": "Industry", **_OWNED},
        "lead": {"lastName": "LastName", "email": "Email", "company": "Company", **_OWNED},
        "contact": {"lastName": "LastName", "email": "Email", "account": "AccountId", **_OWNED},
        "opportunity": {"name": "Name", "stage": "StageName", "amount": "Amount", "account": "AccountId", **_OWNED},
        "role": {"role": "Role", "isPrimary": "IsPrimary", "opportunity": "OpportunityId", "contact": "ContactId"},
    },
    needed={
        "user": {
            "Alias": "new", "Username": "new@sandbox.example", "TimeZoneSidKey": "Europe/London",
            "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US", "IsActive": True,
        },
        "lead": {"LastName": "Roe", "Company": "Acme"},
        "contact": {"LastName": "Roe"},
        "opportunity": {"StageName": "Prospecting", "CloseDate": "2027-01-31"},
    },
    labels={"user": "User", "account": "Account", "opportunity": "Opportunity", "role": "Opportunity Contact Role"},
    queue=lambda sandbox: sandbox.salesforce.users["queue"],
    leaves={"IsActive": False},
    cascades=True,
)  # fmt: skip

_OF_DYNAMICS = {"owner": "ownerid"}

# A role is a connection from an opportunity to a contact; none of them is the primary one.
DYNAMICS_DEALS = OneWay(
    facts=DYNAMICS,
    fields={
        "user": {"lastName": "lastname", "email": "internalemailaddress", "title": "title"},
        "account": {"company": "name", "industry": "industrycode", **_OF_DYNAMICS},
        "lead": {"lastName": "lastname", "email": "emailaddress1", "company": "companyname", **_OF_DYNAMICS},
        "contact": {
            "lastName": "lastname", "email": "emailaddress1", "account": "parentcustomerid", **_OF_DYNAMICS,
        },
        "opportunity": {
            "name": "name", "stage": "statecode", "amount": "estimatedvalue", "account": "customerid", **_OF_DYNAMICS,
        },
        "role": {"role": "record2roleid", "opportunity": "record1id", "contact": "record2id"},
    },
    needed={
        "user": {"firstname": "New", "domainname": "new@sandbox.example"},
        "lead": {"lastname": "Roe", "companyname": "Acme"},
        "contact": {"lastname": "Roe"},
    },
    labels={"user": "User", "account": "Account", "opportunity": "Opportunity", "role": "Opportunity Role"},
    queue=lambda sandbox: sandbox.dynamics.users["team"],
    leaves={"isdisabled": True},
    cascades=True,
)  # fmt: skip

ALL = (SALESFORCE_DEALS, DYNAMICS_DEALS)


class Deals:
    """Somebody who makes deals in the CRM, and looks what Marketo has of them."""

    def __init__(self, world: World, facts: OneWay) -> None:
        self.world = world
        self.facts = facts
        self._user = world.crm.user

    def select(self, *objects: str) -> None:
        """Have these sync, or all."""
        for object in objects or self.facts.objects:
            ended = self.world.command("fields", "select", "--object", object, "--defaults")
            assert ended.code == 0, ended

    def create(self, object: str, **values: Any) -> str:
        needed = self.facts.needed.get(object, {})
        return self._user.create(object, **{**needed, **self._its(object, values)})

    def edit(self, object: str, id: str, **values: Any) -> None:
        assert self._user.edit(object, id, **self._its(object, values))

    def delete(self, object: str, id: str) -> None:
        self._user.delete(object, id)

    def leaves(self, user: str) -> None:
        assert self._user.edit("user", user, **self.facts.leaves)

    def records(self, object: str) -> dict[str, Row]:
        """What the CRM has, with every field there is a name for."""
        return self._user.records(object, *self.facts.fields[object].values())

    def _its(self, object: str, values: Row) -> Row:
        names = self.facts.fields[object]
        return {names[name]: value for name, value in values.items()}

    def in_marketo(self, object: str) -> list[Row]:
        """What Marketo has of an object, oldest first."""
        return self.world.sandbox.marketo.rows(TABLES[object][0])

    def kept(self, object: str, id: str) -> Row:
        """What Marketo has of a record."""
        (row,) = (row for row in self.in_marketo(object) if row[TABLES[object][2]] == id)
        return row

    def edit_in_marketo(self, object: str, id: str, **values: Any) -> None:
        """Somebody edits in Marketo what it has of a record."""
        table, key, _ = TABLES[object]
        self.world.sandbox.marketo.edit("update", table, self.kept(object, id)[key], **values)

    def delete_in_marketo(self, object: str, id: str) -> None:
        table, key, _ = TABLES[object]
        self.world.sandbox.marketo.edit("delete", table, self.kept(object, id)[key])

    def person(self, record: str) -> Row:
        """What Marketo has of a lead or contact, with what ties it to others."""
        names = (KEY, "email", "lastName", "company", "externalCompanyId", "externalSalesPersonId")
        (found,) = (row for row in self.world.marketo.people(*names).values() if row[KEY] == record)
        return found

    def roles(self) -> list[tuple[str, str, str]]:
        """(opportunity, contact, role) of what Marketo has, by the CRM's ids."""
        of = {id: row[KEY] for id, row in self.world.marketo.people(KEY).items()}
        rows = self.in_marketo("role")
        return sorted((row["externalOpportunityId"], of[str(row["leadId"])], row["role"]) for row in rows)
