"""A sync filter in a CRM, and people who set it, convert leads and merge records: a row a CRM."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from mksync.sandbox.server import Sandbox
from tests.scenarios.outsiders import PACE, SalesforceUser
from tests.vendors.dynamics.sandbox_org import Others

Flag = bool | None


class FilterUser(Protocol):
    """Somebody in the CRM. `column`: the filter; `flags`: what it can hold; `other`: a field that cannot filter."""

    system: str
    column: str
    flags: tuple[Flag, ...]
    other: str

    def make_filter(self) -> None:
        """Give leads and contacts the column; the sync user may read it and no more."""
        ...

    def hide_filter(self, object: str) -> None: ...

    def show_filter(self, object: str) -> None: ...

    def flag(self, object: str, id: str, value: Flag) -> None: ...

    def convert(self, lead: str, *, contact: str = "", account: str = "") -> str:
        """The contact's id. A new one has the values of the lead, the flag too; one of an account has to name it."""
        ...

    def merge(self, object: str, loser: str, winner: str) -> None: ...


class SalesforceFilter:
    """A checkbox, which is never empty."""

    system = "salesforce"
    column = "Sync_to_Marketo__c"
    flags: tuple[Flag, ...] = (True, False)
    other = "Title"

    def __init__(self, sandbox: Sandbox) -> None:
        self._user = SalesforceUser(sandbox)
        self._soap = _Soap(sandbox)

    def make_filter(self) -> None:
        for object in ("Lead", "Contact"):
            self._user.control("fields", object=object, name=self.column, type="boolean", access="read")

    def hide_filter(self, object: str) -> None:
        self._user.control("access", object=object.title(), field=self.column, access="none")

    def show_filter(self, object: str) -> None:
        self._user.control("access", object=object.title(), field=self.column, access="read")

    def flag(self, object: str, id: str, value: Flag) -> None:
        assert self._user.edit(object, id, **{self.column: value})

    def convert(self, lead: str, *, contact: str = "", account: str = "") -> str:
        wish = {"leadId": lead, "convertedStatus": "Closed - Converted", "doNotCreateOpportunity": "true"}
        wish |= {name: id for name, id in (("accountId", account), ("contactId", contact)) if id}
        inner = "".join(f"<urn:{name}>{value}</urn:{name}>" for name, value in wish.items())
        answer = self._soap.send(f"<urn:convertLead><urn:leadConverts>{inner}</urn:leadConverts></urn:convertLead>")
        return _only(r"<contactId>(\w+)</contactId>", answer)

    def merge(self, object: str, loser: str, winner: str) -> None:
        master = f'<urn:masterRecord xsi:type="urn:sObject"><urn:type>{object.title()}</urn:type>'
        master += f"<urn:Id>{winner}</urn:Id></urn:masterRecord>"
        request = f"<urn:request>{master}<urn:recordToMergeIds>{loser}</urn:recordToMergeIds></urn:request>"
        answer = self._soap.send(f"<urn:merge>{request}</urn:merge>")
        assert _only(r"<success>(\w+)</success>", answer) == "true", answer


class _Soap:
    """Conversion and merge, for which Salesforce has no REST: the session stands in a header of the envelope."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def send(self, operation: str) -> str:
        self._sandbox.clock.advance(PACE)
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:urn="urn:partner.soap.sforce.com">'
            f"<soapenv:Header><urn:SessionHeader><urn:sessionId>{self._session()}</urn:sessionId>"
            f"</urn:SessionHeader></soapenv:Header><soapenv:Body>{operation}</soapenv:Body></soapenv:Envelope>"
        )
        return self._post("Soap/u/67.0", body, {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'})

    def _session(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
        return str(json.loads(self._post("oauth2/token", urlencode(form), {}))["access_token"])

    def _post(self, path: str, body: str, headers: dict[str, str]) -> str:
        url = f"{self._sandbox.salesforce_url}/services/{path}"
        with urlopen(Request(url, body.encode(), headers)) as answer:
            return str(answer.read().decode())


def _only(pattern: str, text: str) -> str:
    (found,) = re.findall(pattern, text)
    return str(found)


class DynamicsFilter:
    """A column of Two Options, empty where nobody set it. Column security answers with nothing where it is hidden."""

    system = "dynamics"
    column = "new_synctomkto"
    flags: tuple[Flag, ...] = (None, True, False)
    other = "jobtitle"

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._others = Others(sandbox)

    def make_filter(self) -> None:
        for table in ("lead", "contact"):
            self._others.controls("columns", table=table, name=self.column, kind="BooleanType")

    def hide_filter(self, object: str) -> None:
        self._others.controls("security", table=object, column=self.column)

    def show_filter(self, object: str) -> None:
        self._others.controls("security", table=object, column=self.column, secured=False)

    def flag(self, object: str, id: str, value: Flag) -> None:
        self._sandbox.clock.advance(PACE)
        self._sandbox.dynamics.edit("update", object, id, **{self.column: value})

    def convert(self, lead: str, *, contact: str = "", account: str = "") -> str:
        """Who qualifies it has named the account or the contact in the lead before."""
        self._sandbox.clock.advance(PACE)
        for kind, id in (("account", account), ("contact", contact)):
            if id:
                self._others.edits("leads", lead, **{f"parent{kind}id@odata.bind": f"/{kind}s({id})"})
        return self._others.qualifies(lead, contact=not contact) or contact

    def merge(self, object: str, loser: str, winner: str) -> None:
        self._sandbox.clock.advance(PACE)
        self._others.merges(object, winner, loser)


SYSTEMS: Mapping[str, Callable[[Sandbox], FilterUser]] = {
    SalesforceFilter.system: SalesforceFilter,
    DynamicsFilter.system: DynamicsFilter,
}


def filter_user(system: str, sandbox: Sandbox) -> FilterUser:
    return SYSTEMS[system](sandbox)
