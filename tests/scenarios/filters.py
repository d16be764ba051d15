"""A sync filter in a CRM, and people who set it, convert leads and merge records: a row a CRM."""

import re
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from typing import Protocol

from mksync.sandbox.server import Sandbox
from tests.scenarios.outsiders import PACE, Caller, SalesforceUser

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

    def convert(self, lead: str) -> str:
        """The contact's id. It has the values of the lead, the flag too."""
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
        self._soap = _Soap(sandbox, sandbox.salesforce_url, "/services/oauth2/token")

    def make_filter(self) -> None:
        for object in ("Lead", "Contact"):
            self._user.control("fields", object=object, name=self.column, type="boolean", access="read")

    def hide_filter(self, object: str) -> None:
        self._user.control("access", object=object.title(), field=self.column, access="none")

    def show_filter(self, object: str) -> None:
        self._user.control("access", object=object.title(), field=self.column, access="read")

    def flag(self, object: str, id: str, value: Flag) -> None:
        assert self._user.edit(object, id, **{self.column: value})

    def convert(self, lead: str) -> str:
        wish = {"leadId": lead, "convertedStatus": "Closed - Converted", "doNotCreateOpportunity": "true"}
        inner = "".join(f"<urn:{name}>{value}</urn:{name}>" for name, value in wish.items())
        answer = self._soap.send(f"<urn:convertLead><urn:leadConverts>{inner}</urn:leadConverts></urn:convertLead>")
        return _only(r"<contactId>(\w+)</contactId>", answer)

    def merge(self, object: str, loser: str, winner: str) -> None:
        master = f'<urn:masterRecord xsi:type="urn:sObject"><urn:type>{object.title()}</urn:type>'
        master += f"<urn:Id>{winner}</urn:Id></urn:masterRecord>"
        request = f"<urn:request>{master}<urn:recordToMergeIds>{loser}</urn:recordToMergeIds></urn:request>"
        answer = self._soap.send(f"<urn:merge>{request}</urn:merge>")
        assert _only(r"<success>(\w+)</success>", answer) == "true", answer


class _Soap(Caller):
    """Conversion and merge, for which Salesforce has no REST: the session stands in a header of the envelope."""

    def send(self, operation: str) -> str:
        self._clock.advance(PACE)
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:urn="urn:partner.soap.sforce.com">'
            f"<soapenv:Header><urn:SessionHeader><urn:sessionId>{self._token()}</urn:sessionId>"
            f"</urn:SessionHeader></soapenv:Header><soapenv:Body>{operation}</soapenv:Body></soapenv:Envelope>"
        )
        connection = HTTPConnection(self._address, timeout=30)
        try:
            headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
            connection.request("POST", "/services/Soap/u/67.0", body.encode(), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        assert answer.status == 200, text
        return text


def _only(pattern: str, text: str) -> str:
    (found,) = re.findall(pattern, text)
    return str(found)


SYSTEMS: Mapping[str, Callable[[Sandbox], FilterUser]] = {SalesforceFilter.system: SalesforceFilter}


def filter_user(system: str, sandbox: Sandbox) -> FilterUser:
    return SYSTEMS[system](sandbox)
