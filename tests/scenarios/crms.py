"""What differs between the CRMs, as far as stories about both systems need to know: a row a CRM."""

import re

from requests import PreparedRequest

from mksync.sandbox.faults import Fault
from tests.scenarios.crm import Crm, InCrm, Names, Refusal
from tests.scenarios.dynamics_user import LABELS, DynamicsUser
from tests.scenarios.outsiders import SalesforceUser

__all__ = ["CRMS", "DYNAMICS", "SALESFORCE", "Crm", "InCrm", "Names"]


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
    checks=14,
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
_WHERE = "Run again later, or see Power Platform admin center, Licensing, Capacity."
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
    write_call=Fault("slow", "dynamics", r"/\$batch", "POST", after=1),
    organisation="000003fb-0000-4000-8000-000000000001",
    checks=20,
    tokens="SELECT token FROM dynamics_token",
    no_edits=(
        "Dynamics contact: the sync user lacks prvWriteContact",
        "Give the sync user a security role with prvWriteContact on the table contact.",
    ),
    kept=str,
    numbers=LABELS,
    quota=(
        _DAILY_LIMIT,
        f"Dynamics asks to wait 60 seconds; the entitlement is counted over 24 hours. {_WHERE}",
    ),
)  # fmt: skip

CRMS = (SALESFORCE, DYNAMICS)
