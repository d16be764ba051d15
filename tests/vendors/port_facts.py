"""What differs between the vendors, as far as the contract of their ports needs to know: a row a vendor and object."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from mksync.core.records import FieldType, Value
from mksync.sandbox.server import Sandbox
from tests.scenarios.outsiders import MarketoUser, Row, SalesforceUser
from tests.vendors.dynamics.sandbox_org import Others

KEY = "mksyncCrmId"


class Outsider(Protocol):
    """Somebody else at work in the same system."""

    def create(self, **values: Any) -> str: ...

    def edit(self, id: str, **values: Any) -> None: ...

    def delete(self, id: str) -> None: ...

    def rows(self, *fields: str) -> dict[str, Row]:
        """Every record there is, by id."""
        ...


@dataclass(frozen=True)
class Facts:
    """`named`: what a new record needs. `types`: some fields, by what they hold; `text` and `email` are two of them.

    `refused`: values that this vendor refuses. `nobody`: a well-formed id that no record has. `guarded`: it has
    conditional writes. `write_path` and `sign_in`: where writes and sign-ins go. `settings`: beside address and client.
    """

    vendor: str
    object: str
    text: str
    email: str
    types: Mapping[str, FieldType]
    named: Mapping[str, str]
    refused: Mapping[str, Value]
    nobody: str
    guarded: bool
    write_path: str
    sign_in: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.vendor} {self.object}"

    def url(self, sandbox: Sandbox) -> str:
        return str(getattr(sandbox, f"{self.vendor}_url"))

    def outsider(self, sandbox: Sandbox) -> Outsider:
        return OUTSIDERS[self.vendor](sandbox, self)


class InMarketo:
    """Knows one object only: people."""

    def __init__(self, sandbox: Sandbox, facts: Facts) -> None:
        self._user = MarketoUser(sandbox)

    def create(self, **values: Any) -> str:
        return self._user.create(**values)

    def edit(self, id: str, **values: Any) -> None:
        assert self._user.edit(id, **values)

    def delete(self, id: str) -> None:
        self._user.delete(id)

    def rows(self, *fields: str) -> dict[str, Row]:
        return self._user.people(*fields, most=900)


class InSalesforce:
    """Works on one object of the organisation."""

    def __init__(self, sandbox: Sandbox, facts: Facts) -> None:
        self._user = SalesforceUser(sandbox)
        self._object = facts.object

    def create(self, **values: Any) -> str:
        return self._user.create(self._object, **values)

    def edit(self, id: str, **values: Any) -> None:
        assert self._user.edit(self._object, id, **values)

    def delete(self, id: str) -> None:
        self._user.delete(self._object, id)

    def rows(self, *fields: str) -> dict[str, Row]:
        return self._user.records(self._object, *fields)


class InDynamics:
    """Works on one table of the environment."""

    def __init__(self, sandbox: Sandbox, facts: Facts) -> None:
        self._others = Others(sandbox)
        self._set = f"{facts.object}s"
        self._key = f"{facts.object}id"

    def create(self, **values: Any) -> str:
        return self._others.creates(self._set, **values)

    def edit(self, id: str, **values: Any) -> None:
        self._others.edits(self._set, id, **values)

    def delete(self, id: str) -> None:
        self._others.deletes(self._set, id)

    def rows(self, *fields: str) -> dict[str, Row]:
        columns = ",".join(dict.fromkeys([self._key, *fields]))
        return {row[self._key]: row for row in self._others.rows(f"{self._set}?$select={columns}")}


OUTSIDERS: Mapping[str, Callable[[Sandbox, Facts], Outsider]] = {
    "marketo": InMarketo,
    "salesforce": InSalesforce,
    "dynamics": InDynamics,
}

PERSON = Facts(
    vendor="marketo",
    object="person",
    text="title",
    email="email",
    types={
        "title": FieldType.TEXT,
        "email": FieldType.EMAIL,
        "mktoPersonNotes": FieldType.TEXTAREA,
        "unsubscribed": FieldType.BOOLEAN,
        "dateOfBirth": FieldType.DATE,
        "fitScore": FieldType.DECIMAL,
        "lastDemoAt": FieldType.DATETIME,
        KEY: FieldType.TEXT,
    },
    named={"lastName": "Roe"},
    refused={"email": "nobody@"},
    nobody="987654",
    guarded=False,
    write_path=r"/leads\.json$",
    sign_in="/identity/oauth/token",
)
LEAD = Facts(
    vendor="salesforce",
    object="lead",
    text="Title",
    email="Email",
    types={
        "Title": FieldType.TEXT,
        "Email": FieldType.EMAIL,
        "Description": FieldType.TEXTAREA,
        "HasOptedOutOfEmail": FieldType.BOOLEAN,
        "Interests__c": FieldType.MULTIPICKLIST,
        "Fit_Score__c": FieldType.DECIMAL,
        "NumberOfEmployees": FieldType.INTEGER,
        "Last_Demo__c": FieldType.DATETIME,
    },
    named={"LastName": "Roe", "Company": "Acme"},
    refused={"Email": "nobody@"},
    nobody="00Q5g0000000zzzEAA",
    guarded=True,
    write_path="/composite$",
    sign_in="/services/oauth2/token",
)
CONTACT = replace(
    LEAD,
    object="contact",
    types={"Title": FieldType.TEXT, "Email": FieldType.EMAIL, "Birthdate": FieldType.DATE},
    named={"LastName": "Roe"},
    nobody="0035g0000000zzzAAA",
)
DYNAMICS_LEAD = Facts(
    vendor="dynamics",
    object="lead",
    text="jobtitle",
    email="emailaddress1",
    types={
        "jobtitle": FieldType.TEXT,
        "emailaddress1": FieldType.EMAIL,
        "description": FieldType.TEXTAREA,
        "donotbulkemail": FieldType.BOOLEAN,
        "new_interests": FieldType.MULTIPICKLIST,
        "new_fitscore": FieldType.DECIMAL,
        "numberofemployees": FieldType.INTEGER,
        "new_lastdemo": FieldType.DATETIME,
    },
    named={"lastname": "Roe", "companyname": "Acme"},
    refused={"firstname": "x" * 51},
    nobody="1a1a0000-0000-4000-8000-0000000000ee",
    guarded=True,
    write_path=r"/\$batch$",
    sign_in="/sandbox/oauth2/v2.0/token",
    settings={"tenant": "sandbox"},
)
DYNAMICS_CONTACT = replace(
    DYNAMICS_LEAD,
    object="contact",
    types={"jobtitle": FieldType.TEXT, "emailaddress1": FieldType.EMAIL, "birthdate": FieldType.DATE},
    named={"lastname": "Roe"},
)
FACTS = (PERSON, LEAD, CONTACT, DYNAMICS_LEAD, DYNAMICS_CONTACT)
