"""Envelopes of the SOAP API's partner endpoint, both ways. Pure.

Converting a lead is the one thing mksync does there: REST has no way to it. Source: SOAP API Developer Guide,
"convertLead()", "LeadConvertResult", "API Fault Element".
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mksync.core.frozen import dataclass
from mksync.wire.reply import UnexpectedReply

if TYPE_CHECKING:  # most commands call nothing here, and to load it takes 4 ms
    from xml.etree.ElementTree import Element

HEADERS = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""', "Accept": "text/xml"}
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_PARTNER = "urn:partner.soap.sforce.com"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_UNSENDABLE = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # what XML 1.0 cannot hold

DEEPEST = 32  # levels below a result; the partner WSDL knows four
Argument = str | bool | None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a call was refused as a whole; nothing of it was done."""

    code: str
    message: str


def convert_lead(session: str, arguments: Mapping[str, Argument], *, save_duplicates: bool) -> bytes:
    """One lead's conversion. `save_duplicates`: rules that only warn of duplicates do not stop it.

    Arguments that are None are left out; the others are sent in alphabetical order, as the WSDL has them.
    """
    given = {name: value for name, value in sorted(arguments.items()) if value is not None}
    wishes = "".join(f"<urn:{name}>{_text(value)}</urn:{name}>" for name, value in given.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" xmlns:urn="{_PARTNER}"><soapenv:Header>'
        f"<urn:SessionHeader><urn:sessionId>{_text(session)}</urn:sessionId></urn:SessionHeader>"
        f"<urn:DuplicateRuleHeader><urn:allowSave>{_text(save_duplicates)}</urn:allowSave>"
        "<urn:includeRecordDetails>false</urn:includeRecordDetails>"
        "<urn:runAsCurrentUser>true</urn:runAsCurrentUser></urn:DuplicateRuleHeader></soapenv:Header>"
        f"<soapenv:Body><urn:convertLead><urn:leadConverts>{wishes}</urn:leadConverts></urn:convertLead>"
        "</soapenv:Body></soapenv:Envelope>"
    ).encode()


def results(body: bytes) -> list[Mapping[str, Any]]:
    """The results of a call, in order. An element that occurs several times is a list; one that is nil is None.

    Raises UnexpectedReply for anything but a whole answer.
    """
    found: list[Mapping[str, Any]] = [
        _fields(element) for element in _parsed(body).iter() if _local(element) == "result"
    ]
    if not found:
        raise UnexpectedReply("Salesforce's SOAP answer has no result")
    return found


def fault(body: bytes) -> Fault | None:
    """The fault that an answer consists of; None if it is no fault."""
    try:
        root = _parsed(body)
    except UnexpectedReply:
        return None
    told = {_local(element): (element.text or "").strip() for element in root.iter()}
    code = told.get("faultcode", "").rpartition(":")[2]
    if not code:
        return None
    message = told.get("faultstring", "").removeprefix(f"{code}: ")
    return Fault(told.get("exceptionCode") or code, message)


def listed(value: Any) -> Sequence[Any]:  # noqa: ANN401 - what `results` makes of elements
    """An element that may occur several times, or not at all."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _parsed(body: bytes) -> "Element":
    from xml.etree import ElementTree

    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:  # SOAP 1.1, section 3: a message has none
        raise UnexpectedReply("Salesforce's SOAP answer declares entities, which SOAP forbids")
    try:
        return ElementTree.fromstring(body)  # noqa: S314 - what is left of it is bounded by Expat; nothing is fetched
    except ElementTree.ParseError:
        raise UnexpectedReply("Salesforce's SOAP answer is not XML, or was cut") from None


def _fields(element: "Element", depth: int = 0) -> dict[str, Any]:
    if depth > DEEPEST:
        raise UnexpectedReply("Salesforce's SOAP answer is nested too deep")
    found: dict[str, Any] = {}
    for child in element:
        name, value = _local(child), _value(child, depth)
        found[name] = [*listed(found[name]), value] if name in found else value
    return found


def _value(element: "Element", depth: int) -> Any:  # noqa: ANN401 - text, None or fields
    if element.get(_NIL) == "true":
        return None
    return _fields(element, depth + 1) if len(element) else (element.text or "")


def _local(element: "Element") -> str:
    return element.tag.rpartition("}")[2]


def _text(value: str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    from xml.sax.saxutils import escape

    return escape(re.sub(_UNSENDABLE, "", value))
