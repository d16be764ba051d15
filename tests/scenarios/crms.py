"""What differs between the CRMs, as far as stories about both systems need to know: a row a CRM."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from requests import PreparedRequest

from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox
from tests.scenarios.dynamics_user import LABELS, DynamicsUser
from tests.scenarios.outsiders import CrmUser, Row, SalesforceUser

Names = Mapping[str, Mapping[str, str]]  # object -> Marketo's name of a field -> the CRM's


@dataclass(frozen=True)
class Refusal:
    """What is said when a phone number of two digits is refused."""

    code: str
    message: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        """As an admin reads it."""
        said = f"    {self.code}: {self.message}\n"
        return f"{said}    cause:  {self.cause}\n    remedy: {self.remedy}\n"


@dataclass(frozen=True)
class Crm:
    """One CRM. Fields go by Marketo's names wherever nothing else is said.

    - `settings`: of [crm] in mksync.toml, beside system and url
    - `needed`: what a new record cannot be without
    - `quirks`: switches of its emulator that no difference may come from
    - `writes`: whether a call writes records
    - `tables`: where the emulator keeps leads, contacts and accounts
    - `quota`: what is said when its calls are used up
    - `short`: how reports and addresses of the CRM may spell an id
    - `custom`: what it calls a custom field of this name
    - `read_call`, `write_call`: a fault that meets a cycle's first call that reads, and its first call that writes
    - `no_edits`: what `init` says, and advises, where the sync user may not edit contacts
    - `kept`: what of a text the CRM keeps
    - `numbers`: of choices by label, in lower case, by the CRM's field, where its API has numbers for them
    - `organisation`: the emulator's id
    - `checks`: how many `init` makes of both systems
    - `tokens`: the SQL that finds every token the emulator gave out
    """

    system: str
    title: str
    settings: Mapping[str, str]
    fields: Names
    needed: Mapping[str, Mapping[str, str]]
    quirks: tuple[str, ...]
    user: Callable[[Sandbox], CrmUser]
    writes: Callable[[PreparedRequest], bool]
    refusal: Refusal
    tables: tuple[str, ...]
    quota: tuple[str, str]
    short: Callable[[str], str]
    custom: Callable[[str], str]
    read_call: Fault
    write_call: Fault
    no_edits: tuple[str, str]
    kept: Callable[[str], str]
    numbers: Mapping[str, Mapping[str, int]]
    organisation: str
    checks: int
    tokens: str

    def wired(self, field: str, value: Any) -> Any:
        """A value as the CRM's API takes it: the number of a choice, where the API has numbers."""
        numbers = self.numbers.get(self.fields["lead"][field], {})
        return numbers.get(str(value).lower(), value)

    def read(self, field: str, value: Any) -> Any:
        """A value that the CRM's API gave, as people read it."""
        labels = {number: label.title() for label, number in self.numbers.get(self.fields["lead"][field], {}).items()}
        return labels.get(value, value) if labels else value

    def table(self, url: str) -> str:
        """The table [crm] of mksync.toml."""
        values = {"system": self.system, "url": url, **self.settings}
        return "[crm]\n" + "".join(f'{key} = "{value}"\n' for key, value in values.items())

    def url(self, sandbox: Sandbox) -> str:
        return sandbox.urls[self.system]


class InCrm:
    """Somebody who works in the CRM, with the fields called as Marketo calls them."""

    def __init__(self, facts: Crm, sandbox: Sandbox) -> None:
        self._facts = facts
        self.user = facts.user(sandbox)

    def create(self, object: str, **values: Any) -> str:
        return self.user.create(object, **self._its(object, values))

    def named(self, object: str, **values: Any) -> str:
        """Create a record with what it needs beside these values."""
        return self.create(object, **{**self._facts.needed[object], **values})

    def edit(self, object: str, id: str, **values: Any) -> bool:
        """Whether the CRM took it."""
        return self.user.edit(object, id, **self._its(object, values))

    def delete(self, object: str, id: str) -> None:
        self.user.delete(object, id)

    def undelete(self, object: str, id: str) -> None:
        self.user.undelete(object, id)

    def hide(self, object: str, field: str) -> None:
        """The sync user sees this field no more."""
        self.user.hide(object, self._facts.fields[object][field])

    def show(self, object: str, field: str) -> None:
        """The sync user sees and edits this field again."""
        self.user.show(object, self._facts.fields[object][field])

    def records(self, object: str, *fields: str) -> dict[str, Row]:
        """Every record that is not deleted, by id."""
        names = self._facts.fields[object]
        found = self.user.records(object, *(names[field] for field in fields))
        return {id: {field: row[names[field]] for field in fields} for id, row in found.items()}

    def everything(self, object: str) -> dict[str, Row]:
        """The same, with every field there is a name for."""
        return self.records(object, *self._facts.fields[object])

    def _its(self, object: str, values: Row) -> Row:
        names = self._facts.fields[object]
        return {names[name]: value for name, value in values.items()}


def _written_to_salesforce(request: PreparedRequest) -> bool:
    return '"method":"PATCH"' in _text(request) or str(request.url).endswith("/composite/sobjects")


def _text(request: PreparedRequest) -> str:
    body = request.body or b""
    return body.decode() if isinstance(body, bytes) else str(body)


_SALESFORCE_PERSON = {
    "firstName": "FirstName",
    "lastName": "LastName",
    "email": "Email",
    "title": "Title",
    "phone": "Phone",
    "mktoPersonNotes": "Description",
    "unsubscribed": "HasOptedOutOfEmail",
    "customerTier": "Customer_Tier__c",
    "interests": "Interests__c",
    "lastDemoAt": "Last_Demo__c",
    "fitScore": "Fit_Score__c",
}

SALESFORCE = Crm(
    system="salesforce",
    title="Salesforce",
    settings={"client_id": "sandbox", "client_secret": "sandbox"},
    fields={
        "lead": {**_SALESFORCE_PERSON, "company": "Company", "numberOfEmployees": "NumberOfEmployees"},
        "contact": {**_SALESFORCE_PERSON, "dateOfBirth": "Birthdate"},
    },
    needed={"lead": {"lastName": "Roe", "company": "Acme"}, "contact": {"lastName": "Roe"}},
    quirks=(
        "keep_email_case", "keep_choice_order", "crlf", "short_pages", "empty_412", "exact_choices", "strip_nbsp",
        "reject_control_characters", "deleted_is_400", "delete_keeps_stamp",
    ),
    user=SalesforceUser,
    writes=_written_to_salesforce,
    refusal=Refusal(
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "Phone must contain at least 7 digits",
        "A validation rule of this organisation refused the record; the message is the rule's own.",
        "Correct the value, or exempt the sync user in the rule.",
    ),
    tables=("salesforce_Lead", "salesforce_Contact", "salesforce_Account"),
    short=lambda id: id[:15],
    custom=lambda name: f"{name}__c",
    read_call=Fault("slow", "salesforce", "/composite", "POST"),
    write_call=Fault("slow", "salesforce", "/composite", "POST", after=1),
    organisation="00D5g0000000001EAA",
    checks=13,
    tokens="SELECT token FROM salesforce_session",
    no_edits=(
        "Salesforce Contact: the sync user cannot edit it",
        "Grant the sync user Read and Edit on Contact in its profile or a permission set.",
    ),
    numbers={},
    kept=lambda text: re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text),
    quota=(
        "Salesforce: TotalRequests Limit exceeded. (REQUEST_LIMIT_EXCEEDED)",
        "Run again later, or see Setup, Company Information, API Requests.",
    ),
)  # fmt: skip


def _written_to_dynamics(request: PreparedRequest) -> bool:
    """A batch with a write in it; single calls only read."""
    return re.search(r"^(PATCH|POST|DELETE) ", _text(request), re.MULTILINE) is not None


_DAILY_LIMIT = "Dynamics: The daily request limit of this tenant is exceeded. (0x8005F103)"
_DYNAMICS_PERSON = {
    "firstName": "firstname",
    "lastName": "lastname",
    "email": "emailaddress1",
    "title": "jobtitle",
    "phone": "telephone1",
    "mktoPersonNotes": "description",
    "unsubscribed": "donotbulkemail",
    "customerTier": "new_tier",
    "interests": "new_interests",
    "lastDemoAt": "new_lastdemo",
    "fitScore": "new_fitscore",
}

DYNAMICS = Crm(
    system="dynamics",
    title="Dynamics",
    settings={"tenant": "sandbox", "client_id": "sandbox", "client_secret": "sandbox"},
    fields={
        "lead": {**_DYNAMICS_PERSON, "company": "companyname", "numberOfEmployees": "numberofemployees"},
        "contact": {**_DYNAMICS_PERSON, "dateOfBirth": "birthdate"},
    },
    needed={"lead": {"lastName": "Roe", "company": "Acme"}, "contact": {"lastName": "Roe"}},
    quirks=(
        "secret_400", "disabled_user_401", "row_denied_as_privilege", "keep_empty_text", "trim_text",
        "etag_on_missing_412", "key_clash_is_duplicate_record", "expired_token_reads_all", "tracking_refused_500",
        "ne_skips_null", "eq_wildcards", "trailing_blanks_count",
    ),
    user=DynamicsUser,
    writes=_written_to_dynamics,
    refusal=Refusal(
        "0x80040265",
        "Phone must contain at least 7 digits",
        "A plug-in, workflow or business rule of this environment refused the record; the message is its own.",
        "Correct the value, or show the message to whoever looks after that rule.",
    ),
    tables=("dynamics_lead", "dynamics_contact", "dynamics_account"),
    short=str.upper,
    custom=lambda name: f"new_{name.lower()}",
    read_call=Fault("slow", "dynamics", "/api/", "GET"),
    write_call=Fault("slow", "dynamics", r"/\$batch", "POST"),
    organisation="000003fb-0000-4000-8000-000000000001",
    checks=19,
    tokens="SELECT token FROM dynamics_token",
    no_edits=(
        "Dynamics contact: the sync user lacks prvWriteContact",
        "Give the sync user a security role with prvWriteContact on the table contact.",
    ),
    kept=str,
    numbers=LABELS,
    quota=(
        f"Dynamics did not answer GET /api/data/v9.2/WhoAmI in 5 attempts: {_DAILY_LIMIT}",
        "run again in 60 seconds or later",
    ),
)  # fmt: skip

CRMS = (SALESFORCE, DYNAMICS)
