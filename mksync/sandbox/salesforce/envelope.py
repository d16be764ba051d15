"""SOAP envelopes: reading requests and writing answers and faults of the partner endpoint.

The documents that come in are small and hostile at worst: a document type declaration is refused unread.
Source: SOAP API Developer Guide, "API Fault Element"; partner WSDL.
"""

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
_OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)
Element = ElementTree.Element
Content = Sequence[tuple[str, Any]]


class Fault(Exception):  # noqa: N818 - SOAP's word
    """The call as a whole is refused: HTTP 500 with a fault."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read(body: bytes) -> tuple[Element | None, Element]:
    """The header and the operation of a request. Raises Fault."""
    try:
        text = body.decode("utf-8")
        if "<!doctype" in text.lower() or "<!entity" in text.lower():
            raise Fault("INVALID_OPERATION", "a document type declaration is not allowed")
        root = ElementTree.fromstring(text)  # noqa: S314 - no declarations, so nothing to expand or fetch
    except (UnicodeDecodeError, ElementTree.ParseError) as bad:
        raise Fault("UNKNOWN_EXCEPTION", f"the request is not XML: {bad}") from None
    operation = root.find(f"{_SOAP}Body/*")
    if operation is None:
        raise Fault("INVALID_OPERATION", "the envelope has no body")
    return root.find(f"{_SOAP}Header"), operation


def name_of(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def child(element: Element | None, name: str) -> Element | None:
    """The first child of this local name: clients differ in which namespace they put on it."""
    return next((found for found in element if name_of(found) == name), None) if element is not None else None


def text(element: Element | None, name: str) -> str | None:
    """The text of a child; None if it is absent or empty."""
    found = child(element, name)
    return (found.text or "").strip() or None if found is not None else None


def flag(element: Element | None, name: str) -> bool:
    return (text(element, name) or "").lower() in ("true", "1")


def answer(operation: str, results: Sequence[Content], used: int, most: int) -> str:
    """A response with one `result` per input."""
    body = "".join(f"<result>{_content(result)}</result>" for result in results)
    header = (
        "<soapenv:Header><LimitInfoHeader><limitInfo>"
        f"<current>{used}</current><limit>{most}</limit><type>API REQUESTS</type>"
        "</limitInfo></LimitInfoHeader></soapenv:Header>"
    )
    inner = f"<{operation}Response>{body}</{operation}Response>"
    return f"{_OPEN}{header}<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"


def fault(problem: Fault) -> str:
    code, message = escape(problem.code), escape(problem.message)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body><soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring>"
        '<detail><sf:UnexpectedErrorFault xsi:type="sf:UnexpectedErrorFault">'
        f"<sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{message}</sf:exceptionMessage>"
        "</sf:UnexpectedErrorFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )


def _content(content: Content) -> str:
    return "".join(_element(name, value) for name, value in content)


def _element(name: str, value: Any) -> str:  # noqa: ANN401 - text, boolean, None, or more content
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(value, list):
        return f"<{name}>{_content(value)}</{name}>"
    shown = str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f"<{name}>{shown}</{name}>"
