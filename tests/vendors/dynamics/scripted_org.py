"""A Dataverse environment that says what a test tells it to; batches are taken apart into their parts."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.wire.scripted import FakeClock, Heard, Say, Scripted

BASE = "/api/data/v9.2"
NOW = datetime(2026, 3, 4, 10, 30, 0, tzinfo=UTC)
TENANT = "contoso.example"

LEAD = "1a1a0000-0000-4000-8000-000000000001"
LEAD_B = "1a1a0000-0000-4000-8000-000000000002"
LEAD_C = "1a1a0000-0000-4000-8000-000000000003"
CONTACT = "3c3c0000-0000-4000-8000-000000000001"
USER = "7a10f6f0-0000-4000-8000-0000000000c2"
TEAM = "5b5b0000-0000-4000-8000-000000000009"
ACCOUNT = "2b2b0000-0000-4000-8000-000000000001"
ORG = "7a10f6f0-0000-4000-8000-0000000000d3"


@dataclass(frozen=True)
class Asked:
    """One request, or one part of a batch."""

    method: str
    path: str  # without the query
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def prefer(self) -> list[str]:
        return [one.strip() for one in self.headers.get("prefer", "").split(",") if one.strip()]

    @property
    def columns(self) -> list[str]:
        return self.query["$select"].split(",")


@dataclass(frozen=True)
class Part:
    """An answer of a batch with headers of its own."""

    status: int
    body: Any = None


Answer = tuple[int, Any]
Responder = Callable[[Asked], Answer]


class Org:
    """Routes are tried newest first. What nobody answers is a 404, as it would be there."""

    def __init__(self, server: Scripted, clock: FakeClock) -> None:
        self.server = server
        self.clock = clock
        self.asked: list[Asked] = []
        self.calls: list[str] = []  # HTTP requests, signing in aside: "METHOD path"
        self.forms: list[Mapping[str, list[str]]] = []
        self._routes: list[tuple[str, re.Pattern[str], Responder]] = []
        self._http: list[Say] = []
        server.script = self._script
        self.on("GET", "/WhoAmI", {"UserId": USER.upper(), "OrganizationId": ORG, "BusinessUnitId": TEAM})
        for table, columns in (("lead", LEAD_COLUMNS), ("contact", CONTACT_COLUMNS)):
            self.table(table, columns)

    def table(self, name: str, columns: list[dict[str, Any]], **more: Any) -> None:
        """Describe a table: whole, and by a cast to each type of column."""
        whole = {"LogicalName": name, "DisplayName": label(name.title()), "ChangeTrackingEnabled": True, **more}
        path = f"/EntityDefinitions(LogicalName='{name}')"
        self.on("GET", re.escape(path), {**whole, "Attributes": columns})
        for kind in CASTS:
            of = [column for column in columns if column["AttributeTypeName"]["Value"] == f"{kind}Type"]
            self.on("GET", re.escape(f"{path}/Attributes/Microsoft.Dynamics.CRM.{kind}AttributeMetadata"), rows(*of))
        secured = [column for column in columns if column["IsSecured"]]
        self.on("GET", re.escape(f"{path}/Attributes"), rows(*secured))

    def on(self, method: str, path: str, body: Any = None, status: int = 200) -> None:
        """Answer `path` (a pattern behind the base path) with a body, or with what a function makes of it."""
        respond: Responder = body if callable(body) else lambda asked: (status, body)
        self._routes.insert(0, (method, re.compile(re.escape(BASE) + path), respond))

    def then(self, *answers: Say) -> None:
        """Answer the next calls (not parts, not the sign-in) with these, whatever is asked."""
        self._http += answers

    def parts(self, method: str, path: str) -> list[Asked]:
        pattern = re.compile(re.escape(BASE) + path)
        return [one for one in self.asked if one.method == method and pattern.fullmatch(one.path)]

    def _script(self, heard: Heard) -> Say:
        headers = {"Date": format_datetime(datetime.fromtimestamp(self.clock.time, UTC), usegmt=True)}
        if heard.path.endswith("/oauth2/v2.0/token"):
            self.forms.append(heard.form)
            return Say(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": "eyJ0-the-token"}, headers)
        if "authorization" not in heard.headers:
            where = (
                f"Bearer authorization_uri=https://login.microsoftonline.com/{TENANT}/oauth2/authorize, resource_id=x/"
            )
            return Say(401, b"", {**headers, "WWW-Authenticate": where})
        self.calls.append(f"{heard.method} {heard.path}")
        if self._http:
            return self._http.pop(0)
        if heard.path == f"{BASE}/$batch":
            return self._batch(heard, headers)
        body = heard.json() if heard.body else None
        query = {name: values[0] for name, values in heard.query.items()}
        status, answer = self._route(Asked(heard.method, heard.path, query, body, heard.headers))
        return Say(status, answer, headers)

    def _batch(self, heard: Heard, headers: Mapping[str, str]) -> Say:
        found = re.search(r'boundary="?([^";]+)', heard.headers["content-type"])
        assert found
        assert heard.headers["prefer"] == "odata.continue-on-error"
        assert heard.body.count(b"\n") == heard.body.count(b"\r\n"), "a bare line feed cannot be read"
        sections = heard.body.decode().split(f"--{found[1]}")
        assert sections[0] == ""
        assert sections[-1] == "--\r\n"
        answers = [self._route(_asked(section)) for section in sections[1:-1]]
        kind = "multipart/mixed; boundary=batchresponse_1"
        return Say(200, batch(*(Part(status, body) for status, body in answers)), {**headers, "Content-Type": kind})

    def _route(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        for method, path, respond in self._routes:
            if method == asked.method and path.fullmatch(asked.path):
                return respond(asked)
        return 404, error("0x8006088a", f"Resource not found for the segment '{asked.path}'.")


def _asked(section: str) -> Asked:
    outer, request, rest = section.strip("\r\n").partition("\r\n\r\n")[0], *_request(section)
    assert "Content-Type: application/http" in outer
    assert "Content-Transfer-Encoding: binary" in outer
    method, address, version = request.split(" ")
    assert version == "HTTP/1.1"
    head, _, body = rest.partition("\r\n\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.splitlines())}
    url = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    return Asked(method, url.path, query, json.loads(body) if body.strip() else None, headers)


def _request(section: str) -> tuple[str, str]:
    """The request line and what follows it."""
    line, _, rest = section.strip("\r\n").partition("\r\n\r\n")[2].partition("\r\n")
    return line, rest + "\r\n\r\n" if "\r\n\r\n" not in rest else rest


def batch(*parts: Part) -> bytes:
    """The answer to a batch, as the documentation prints it."""
    lines = []
    for part in parts:
        body = "" if part.body is None else json.dumps(part.body)
        lines += ["--batchresponse_1", "Content-Type: application/http", "Content-Transfer-Encoding: binary", ""]
        lines += [f"HTTP/1.1 {part.status} Whatever", "Content-Type: application/json; odata.metadata=minimal"]
        lines += ["OData-Version: 4.0", "", body]
    return "\r\n".join([*lines, "--batchresponse_1--", ""]).encode()


def error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def rows(*found: Mapping[str, Any], next: str | None = None, delta: str | None = None) -> dict[str, Any]:
    """A page. Links come with the host of some other node, and are to be followed here."""
    links = {"nextLink": next, "deltaLink": delta}
    host = "https://contoso.crm.dynamics.com"
    return {"value": list(found)} | {f"@odata.{name}": f"{host}{BASE}/{link}" for name, link in links.items() if link}


def lead(id: str = LEAD, version: int = 1, **values: Any) -> dict[str, Any]:
    """A row of lead as a query gives it."""
    keys = {"leadid": id, "merged": False, "_masterid_value": None, "statecode": 0}
    return {"@odata.etag": f'W/"{version}"', **keys, **values}


def contact(id: str = CONTACT, version: int = 1, **values: Any) -> dict[str, Any]:
    keys = {"contactid": id, "merged": False, "_masterid_value": None}
    return {"@odata.etag": f'W/"{version}"', **keys, **values}


def tombstone(id: str, set: str = "leads") -> dict[str, Any]:
    return {"@odata.context": f"https://x/api/data/v9.2/$metadata#{set}/$deletedEntity", "id": id, "reason": "deleted"}


def label(text: str) -> dict[str, Any]:
    spoken = {"Label": text, "LanguageCode": 1033}
    return {"LocalizedLabels": [spoken], "UserLocalizedLabel": spoken}


def options(**labels: str) -> dict[str, Any]:
    """`_1="Web"`: an option set with the integer in the name."""
    return {"Options": [{"Value": int(name.lstrip("_")), "Label": label(text)} for name, text in labels.items()]}


CASTS = ("String", "Memo", "DateTime", "Decimal", "Double", "Picklist", "MultiSelectPicklist", "State", "Status")


def column(name: str, kind: str = "String", flags: str = "rcu", **more: Any) -> dict[str, Any]:
    """A column's definition. `flags`: r read, c create, u update, s secured, x custom."""
    required = more.pop("required", "None")
    return {
        "LogicalName": name,
        "AttributeType": kind if kind not in ("MultiSelectPicklist", "Image", "File") else "Virtual",
        "AttributeTypeName": {"Value": f"{kind}Type"},
        "AttributeOf": None,
        "IsValidForRead": "r" in flags,
        "IsValidForCreate": "c" in flags,
        "IsValidForUpdate": "u" in flags,
        "IsValidODataAttribute": True,
        "IsCustomAttribute": "x" in flags,
        "IsPrimaryId": False,
        "IsSecured": "s" in flags,
        "SourceType": 0,
        "RequiredLevel": {"Value": required, "CanBeChanged": False},
        "DisplayName": label(name.title()),
        "MaxLength": 100,
        **more,
    }


_SYSTEM = [
    column("merged", "Boolean", "r"),
    column("masterid", "Lookup", "r"),
    column("statecode", "State", "ru", OptionSet=options(_0="Open", _1="Qualified", _2="Disqualified")),
    column("statuscode", "Status", "rcu", OptionSet=options(_1="New", _3="Qualified")),
    column("ownerid", "Owner", required="SystemRequired"),
    column("owneridname", "String", "r", AttributeOf="ownerid"),
    column("owneridtype", "EntityName", "r"),
    column("firstname", FormatName={"Value": "Text"}, MaxLength=50),
    column("lastname", FormatName={"Value": "Text"}, MaxLength=50, required="ApplicationRequired"),
    column("fullname", "String", "r"),
    column("emailaddress1", FormatName={"Value": "Email"}),
    column("telephone1", FormatName={"Value": "Phone"}, MaxLength=50),
    column("description", "Memo", MaxLength=2000),
    column("donotbulkemail", "Boolean"),
    column("modifiedon", "DateTime", "r", Format="DateAndTime", DateTimeBehavior={"Value": "UserLocal"}),
]

LEAD_COLUMNS = [
    column("leadid", "Uniqueidentifier", "rc", IsPrimaryId=True, required="SystemRequired"),
    *_SYSTEM,
    column("jobtitle"),
    column("leadsourcecode", "Picklist", OptionSet=options(_1="Advertisement", _8="Web")),
    column(
        "new_interests",
        "MultiSelectPicklist",
        "rcux",
        GlobalOptionSet=options(_1="Events", _9="Product", _10="Events; more"),
    ),
    column("revenue", "Money"),
    column("revenue_base", "Money", "r"),
    column("estimatedvalue", "Double", Precision=2),
    column("numberofemployees", "Integer"),
    column("new_score", "Decimal", "rcx", Precision=1, SourceType=1),
    column("estimatedclosedate", "DateTime", Format="DateOnly", DateTimeBehavior={"Value": "DateOnly"}),
    column("new_anniversary", "DateTime", "rcux", Format="DateOnly", DateTimeBehavior={"Value": "UserLocal"}),
    column("new_opening", "DateTime", "rcux", Format="DateAndTime", DateTimeBehavior={"Value": "TimeZoneIndependent"}),
    column("new_holiday", "DateTime", "rcux", Format="DateOnly", DateTimeBehavior={"Value": "TimeZoneIndependent"}),
    column("new_secret", "String", "rcuxs"),
    column("new_photo", "Image", "rcux"),
    column("parentaccountid", "Lookup"),
    column("new_writeonly", "String", "cux"),
]

CONTACT_COLUMNS = [
    column("contactid", "Uniqueidentifier", "rc", IsPrimaryId=True, required="SystemRequired"),
    *_SYSTEM,
    column("jobtitle"),
    column("parentcustomerid", "Customer"),
    column("originatingleadid", "Lookup"),
    column("birthdate", "DateTime", Format="DateOnly", DateTimeBehavior={"Value": "DateOnly"}),
]
