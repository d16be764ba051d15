"""A Salesforce organisation that says what a test tells it to; composite calls are taken apart into their parts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.wire.scripted import FakeClock, Heard, Say, Scripted

BASE = "/services/data/v67.0"
NOW = datetime(2026, 1, 31, 9, 40, 0, tzinfo=UTC)
TOKEN = "00D5g000000KkLl!AQ0AQexampleOnly.Abc_12"

LEAD = "00Q5g00000AbCdEEAV"
LEAD_B = "00Q5g00000AbCdFEAV"
LEAD_C = "00Q5g00000AbCdGEAV"
CONTACT = "0035g00000ZzYyXAAV"
USER = "0055g00000MmNnOAAV"
ORG = "00D5g000000KkLlEAK"


@dataclass(frozen=True)
class Asked:
    """One request, or one part of a composite call."""

    method: str
    path: str  # without the query
    query: Mapping[str, str]
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def soql(self) -> str:
        return self.query["q"]


Answer = tuple[int, Any]
Responder = Callable[[Asked], Answer | Say]  # Say: with headers of its own, which no part of a composite call has


class Org:
    """Routes are tried newest first. What nobody answers is a 404, as it would be there."""

    def __init__(self, server: Scripted, clock: FakeClock) -> None:
        self.server = server
        self.clock = clock
        self.asked: list[Asked] = []
        self.calls: list[str] = []  # calls as Salesforce counts them: "METHOD path"
        self.usage = "api-usage=1204/115000"
        self._routes: list[tuple[str, re.Pattern[str], Responder]] = []
        self._http: list[Say] = []
        server.script = self._script
        self.on("GET", "/sobjects/Lead/describe", described("Lead", LEAD_FIELDS))
        self.on("GET", "/sobjects/Contact/describe", described("Contact", CONTACT_FIELDS))
        for sobject, fields in OTHER_FIELDS.items():
            self.on("GET", f"/sobjects/{sobject}/describe", described(sobject, fields))

    def on(self, method: str, path: str, body: Any = None, status: int = 200) -> None:
        """Answer `path` (a pattern behind the version's base path) with a body, or with what a function makes of it."""
        respond: Responder = body if callable(body) else lambda asked: (status, body)
        self._routes.insert(0, (method, re.compile(re.escape(BASE) + path), respond))

    def then(self, *answers: Say) -> None:
        """Answer the next calls (not parts, not the sign-in) with these, whatever is asked."""
        self._http += answers

    def parts(self, method: str, path: str) -> list[Asked]:
        pattern = re.compile(re.escape(BASE) + path)
        return [one for one in self.asked if one.method == method and pattern.fullmatch(one.path)]

    def _script(self, heard: Heard) -> Say:
        headers = {
            "Date": format_datetime(datetime.fromtimestamp(self.clock.time, UTC), usegmt=True),
            "Sforce-Limit-Info": self.usage,
        }
        if heard.path == "/services/oauth2/token":
            return Say(200, {"access_token": TOKEN, "instance_url": self.server.url, "token_type": "Bearer"}, headers)
        self.calls.append(f"{heard.method} {heard.path}")
        if self._http:
            return self._http.pop(0)
        answer = self._answer(heard)
        if isinstance(answer, Say):
            return replace(answer, headers={**headers, **answer.headers})
        return Say(*answer, headers)

    def _answer(self, heard: Heard) -> Answer | Say:
        body: Any = heard.json() if heard.body else None
        if heard.path == f"{BASE}/composite":
            return 200, {"compositeResponse": [self._part(part) for part in body["compositeRequest"]]}
        query = {name: values[0] for name, values in heard.query.items()}
        return self._route(Asked(heard.method, heard.path, query, body, heard.headers))

    def _part(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        url = urlsplit(part["url"])
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        asked = Asked(part["method"], url.path, query, part.get("body"), part.get("httpHeaders", {}))
        answer = self._route(asked)
        assert not isinstance(answer, Say)
        status, body = answer
        return {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": part["referenceId"]}

    def _route(self, asked: Asked) -> Answer | Say:
        self.asked.append(asked)
        for method, path, respond in self._routes:
            if method == asked.method and path.fullmatch(asked.path):
                return respond(asked)
        return 404, error("NOT_FOUND", "The requested resource does not exist")


def error(code: str, message: str, *fields: str) -> list[dict[str, Any]]:
    return [{"message": message, "errorCode": code, "fields": list(fields)}]


def page(*rows: Mapping[str, Any], more: str | None = None) -> dict[str, Any]:
    body = {"totalSize": len(rows), "done": more is None, "records": list(rows)}
    return body if more is None else body | {"nextRecordsUrl": f"{BASE}/query/{more}"}


def lead(id: str = LEAD, stamp: str = "2026-01-31T09:15:00.000+0000", **values: Any) -> dict[str, Any]:
    """A row of Lead as a query gives it."""
    keys = {"Id": id, "SystemModstamp": stamp, "IsDeleted": False, "MasterRecordId": None}
    converted = {"IsConverted": False, "ConvertedContactId": None}
    return {"attributes": {"type": "Lead", "url": f"{BASE}/sobjects/Lead/{id}"}, **keys, **converted, **values}


def contact(id: str = CONTACT, stamp: str = "2026-01-31T09:15:00.000+0000", **values: Any) -> dict[str, Any]:
    keys = {"Id": id, "SystemModstamp": stamp, "IsDeleted": False, "MasterRecordId": None}
    return {"attributes": {"type": "Contact", "url": f"{BASE}/sobjects/Contact/{id}"}, **keys, **values}


def row(id: str, stamp: str = "2026-01-31T09:15:00.000+0000", **values: Any) -> dict[str, Any]:
    """A row of what is neither a lead nor a contact."""
    return {"attributes": {"type": "…"}, "Id": id, "SystemModstamp": stamp, **values}


def described(sobject: str, fields: list[dict[str, Any]], **flags: bool) -> dict[str, Any]:
    able = dict.fromkeys(("queryable", "replicateable", "retrieveable", "updateable"), True)
    return {"name": sobject, "label": sobject, **able, **flags, "fields": fields}


def wire_field(name: str, type: str = "string", flags: str = "ncu", **more: Any) -> dict[str, Any]:
    """A field of describe. `flags`: n nillable, c createable, u updateable, d defaultedOnCreate."""
    return {
        "name": name,
        "label": name,
        "type": type,
        "length": 255 if type in ("string", "email", "phone", "url", "picklist", "textarea") else 0,
        "scale": 0,
        "custom": name.endswith("__c"),
        "nillable": "n" in flags,
        "createable": "c" in flags,
        "updateable": "u" in flags,
        "defaultedOnCreate": "d" in flags,
        "calculated": False,
        "autoNumber": False,
        "encrypted": False,
        "externalId": False,
        "idLookup": False,
        "picklistValues": [],
        **more,
    }


_SYSTEM = [
    wire_field("Id", "id", "d", idLookup=True),
    wire_field("IsDeleted", "boolean", "d"),
    wire_field("MasterRecordId", "reference", "n"),
    wire_field("SystemModstamp", "datetime", "d"),
    wire_field("CreatedDate", "datetime", "d"),
    wire_field("OwnerId", "reference", "cud"),
    wire_field("Name", "string", ""),
    wire_field("FirstName"),
    wire_field("LastName", "string", "cu"),
    wire_field("Email", "email", idLookup=True),
]

LEAD_FIELDS = [
    *_SYSTEM,
    wire_field("Company", "string", "cu"),
    wire_field("Title"),
    wire_field("Status", "picklist", "cud"),
    wire_field("AnnualRevenue", "currency", scale=0),
    wire_field("NumberOfEmployees", "int"),
    wire_field("Address", "address", "n"),
    wire_field("IsConverted", "boolean", "cd"),
    wire_field("ConvertedDate", "date", "n"),
    wire_field("ConvertedAccountId", "reference", "n"),
    wire_field("ConvertedContactId", "reference", "n"),
    wire_field("ConvertedOpportunityId", "reference", "n"),
    wire_field("Key__c", "string", externalId=True),
]

CONTACT_FIELDS = [*_SYSTEM, wire_field("AccountId", "reference", referenceTo=["Account"])]

_RECORD = [one for one in _SYSTEM if one["name"] in ("Id", "IsDeleted", "SystemModstamp", "CreatedDate", "Name")]
_OWNED = [*_RECORD, wire_field("OwnerId", "reference", "cud", referenceTo=["User"])]
OTHER_FIELDS = {
    "Account": [*_OWNED, wire_field("MasterRecordId", "reference", "n", referenceTo=["Account"])],
    "User": [one for one in _SYSTEM if one["name"] not in ("IsDeleted", "MasterRecordId", "OwnerId")],
    "Opportunity": [
        *_OWNED,
        wire_field("AccountId", "reference", referenceTo=["Account"]),
        wire_field("Amount", "currency"),
    ],
    "OpportunityContactRole": [
        *_RECORD,
        wire_field("OpportunityId", "reference", "c", referenceTo=["Opportunity"]),
        wire_field("ContactId", "reference", "cu", referenceTo=["Contact"]),
    ],
    "Visit__c": [*_OWNED, wire_field("Lead__c", "reference", referenceTo=["Lead"])],
    "Stop__c": [*_RECORD, wire_field("Visit__c", "reference", "c", referenceTo=["Visit__c"])],
}
