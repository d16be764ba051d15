"""Converting a lead, held against a scripted organisation: what is sent, and what each answer means."""

from typing import Any
from xml.etree import ElementTree

import pytest

from mksync.core.convert import Account, Answer, Conversion, Converted, Convertible, Status
from mksync.core.records import Gone, Ref, Refusal
from mksync.errors import AccessError, OutcomeUnknown, Temporary
from mksync.ports.abilities import Converts
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.salesforce.scripted_org import CONTACT, LEAD, TOKEN, Asked, Org, lead, page
from tests.wire.scripted import FakeClock, Say

ACCOUNT = "0015g00000QqRrSAAV"
OPPORTUNITY = "0065g00000MmNnOAAV"
SOAP = "/services/Soap/u/67.0"
XML = {"Content-Type": "text/xml; charset=UTF-8"}
ORDER = Conversion(LEAD, "Closed - Converted", new_account=True, opportunity=True)
NIL = 'xsi:nil="true"'


def envelope(body: str) -> bytes:
    """As the SOAP API Developer Guide prints it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope'
        ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header><LimitInfoHeader><limitInfo>'
        "<current>42</current><limit>100000</limit><type>API REQUESTS</type></limitInfo></LimitInfoHeader>"
        f"</soapenv:Header><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    ).encode()


def result(inner: str) -> Say:
    return Say(200, envelope(f"<convertLeadResponse><result>{inner}</result></convertLeadResponse>"), XML)


def done(opportunity: str = f"<opportunityId>{OPPORTUNITY}</opportunityId>") -> Say:
    ids = f"<accountId>{ACCOUNT}</accountId><contactId>{CONTACT}</contactId><leadId>{LEAD}</leadId>"
    return result(f"{ids}{opportunity}<success>true</success>")


def refused(code: str, message: str, *fields: str) -> Say:
    named = "".join(f"<fields>{field}</fields>" for field in fields)
    errors = f"<errors>{named}<message>{message}</message><statusCode>{code}</statusCode></errors>"
    nothing = f"<accountId {NIL}/><contactId {NIL}/>{errors}<leadId>{LEAD}</leadId><opportunityId {NIL}/>"
    return result(f"{nothing}<success>false</success>")


def fault(code: str, message: str) -> Say:
    inner = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring><detail>"
        '<sf:UnexpectedErrorFault xmlns:sf="urn:fault.partner.soap.sforce.com" xsi:type="sf:UnexpectedErrorFault">'
        f"<sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{code}: {message}</sf:exceptionMessage>"
        "</sf:UnexpectedErrorFault></detail></soapenv:Fault>"
    )
    return Say(500, envelope(inner), XML)


def sent(org: Org) -> dict[str, list[str]]:
    """What the last SOAP call carried, element by element."""
    found: dict[str, list[str]] = {}
    for element in ElementTree.fromstring(org.server.heard[-1].body).iter():
        if not len(element):
            found.setdefault(element.tag.rpartition("}")[2], []).append(element.text or "")
    return found


def convert(org: Org, port: SalesforcePort, answer: Say, order: Conversion = ORDER) -> Answer:
    org.then(answer)
    return port.converter.convert(order)


def has_lead(org: Org, row: dict[str, Any] | None, *statuses: tuple[str, str, bool]) -> None:
    """The organisation has this lead, and these statuses of converted leads."""

    def query(asked: Asked) -> tuple[int, Any]:
        if "FROM LeadStatus" in asked.soql:
            assert asked.soql.endswith("WHERE IsConverted = true")
            found = [{"ApiName": api, "MasterLabel": text, "IsDefault": default} for api, text, default in statuses]
            return 200, page(*found)
        if "FROM Account" in asked.soql:
            return 200, page({"Id": ACCOUNT, "Name": "ACME"}) if "'Acme'" in asked.soql else page()
        return 200, page(*filter(None, [row]))

    org.on("GET", "/query", query)
    org.on("GET", "/queryAll", query)
    org.on("POST", "/composite/sobjects/Lead", lambda asked: (200, [row]))


def test_the_port_converts(port: SalesforcePort) -> None:
    assert isinstance(port, Converts)


def test_one_soap_call_converts_and_names_what_was_made(org: Org, port: SalesforcePort) -> None:
    assert convert(org, port, done()) == Converted(CONTACT, ACCOUNT, OPPORTUNITY)
    assert org.calls == [f"POST {SOAP}"]
    assert sent(org) == {
        "sessionId": [TOKEN],
        "allowSave": ["false"],
        "includeRecordDetails": ["false"],
        "runAsCurrentUser": ["true"],
        "convertedStatus": ["Closed - Converted"],
        "doNotCreateOpportunity": ["false"],
        "leadId": [LEAD],
        "overwriteLeadSource": ["false"],
        "sendNotificationEmail": ["false"],
    }
    assert org.server.heard[-1].headers["soapaction"] == '""'
    assert org.server.heard[-1].headers["content-type"] == "text/xml; charset=UTF-8"


def test_everything_that_can_be_chosen_is_sent(org: Org, port: SalesforcePort) -> None:
    order = Conversion(
        LEAD, "Won <&> more", account=ACCOUNT, contact=CONTACT, opportunity=True, opportunity_name="A & B\x00",
        owner="0055g00000MmNnOAAV", notify=True, duplicates=True,
    )  # fmt: skip
    convert(org, port, done(), order)
    chosen = sent(org)
    assert (chosen["accountId"], chosen["contactId"]) == ([ACCOUNT], [CONTACT])
    assert (chosen["opportunityName"], chosen["convertedStatus"]) == (["A & B"], ["Won <&> more"])
    assert (chosen["ownerId"], chosen["sendNotificationEmail"], chosen["allowSave"]) == (
        ["0055g00000MmNnOAAV"], ["true"], ["true"],
    )  # fmt: skip


def test_without_an_opportunity_no_name_is_sent_for_it(org: Org, port: SalesforcePort) -> None:
    order = Conversion(LEAD, "Won", new_account=True, opportunity_name="never")
    assert convert(org, port, done(f"<opportunityId {NIL}/>"), order) == Converted(CONTACT, ACCOUNT, None)
    assert sent(org)["doNotCreateOpportunity"] == ["true"]
    assert "opportunityName" not in sent(org)


def test_a_session_that_ended_is_renewed_in_the_body_too(org: Org, port: SalesforcePort) -> None:
    org.then(fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session"))
    assert isinstance(convert(org, port, done()), Converted)
    assert org.server.paths().count("/services/oauth2/token") == 2
    assert sent(org)["sessionId"] == [TOKEN]


@pytest.mark.parametrize("lost", [Say(reset=True), Say(200, b"<soapenv:Envelope", XML), Say(502, b"<html/>"), Say(503)])
def test_a_call_whose_answer_is_lost_is_not_sent_again(org: Org, port: SalesforcePort, lost: Say) -> None:
    with pytest.raises(OutcomeUnknown):
        convert(org, port, lost)
    assert org.calls == [f"POST {SOAP}"]


def test_what_was_refused_comes_with_its_fields_and_a_remedy(org: Org, port: SalesforcePort) -> None:
    refusal = convert(org, port, refused("INVALID_STATUS", "invalid convertedStatus: Nope", "Status"))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.message, refusal.fields) == (
        "INVALID_STATUS", "invalid convertedStatus: Nope", ("Status",),
    )  # fmt: skip
    assert "--status" in refusal.remedy


def test_a_rule_of_the_customers_speaks_in_its_own_words(org: Org, port: SalesforcePort) -> None:
    said = refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Title &lt; 4 letters", "Title", "Name")
    refusal = convert(org, port, said)
    assert isinstance(refusal, Refusal)
    assert (refusal.message, refusal.fields) == ("Title < 4 letters", ("Title", "Name"))


@pytest.mark.parametrize("code", ["INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS"])
def test_without_the_permission_the_remedy_names_it(org: Org, port: SalesforcePort, code: str) -> None:
    with pytest.raises(AccessError) as raised:
        convert(org, port, refused(code, "insufficient access rights"))
    assert "Convert Leads" in raised.value.hint


def test_a_lock_is_waited_for(org: Org, port: SalesforcePort, clock: FakeClock) -> None:
    org.then(refused("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"))
    assert isinstance(convert(org, port, done()), Converted)
    assert len(clock.sleeps) == 1


def test_a_lock_that_stays_is_a_refusal_that_passes(org: Org, port: SalesforcePort) -> None:
    org.then(*[refused("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")] * 4)
    refusal = port.converter.convert(ORDER)
    assert isinstance(refusal, Refusal)
    assert refusal.passing


def test_a_fault_says_that_nothing_was_done(org: Org, port: SalesforcePort) -> None:
    with pytest.raises(Temporary) as raised:
        convert(org, port, fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    assert not isinstance(raised.value, OutcomeUnknown)


def test_a_lead_that_somebody_else_converted_meanwhile_leads_to_its_contact(org: Org, port: SalesforcePort) -> None:
    has_lead(org, lead(IsConverted=True, ConvertedContactId=CONTACT))
    answer = convert(org, port, refused("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"))
    assert answer == Gone("lead", LEAD, "converted", Ref("contact", CONTACT))


def test_what_there_is_to_choose_takes_two_calls(org: Org, port: SalesforcePort) -> None:
    row = lead(Company="Acme", OwnerId="0055g00000MmNnOAAV")
    has_lead(org, row, ("Won", "Closed - Won", False), ("Converted", "Closed - Converted", True))
    assert port.converter.convertible(LEAD) == Convertible(
        LEAD,
        "Acme",
        (Account(ACCOUNT, "ACME"),),
        (Status("Won", "Closed - Won"), Status("Converted", "Closed - Converted", default=True)),
    )
    assert len(org.calls) == 2


def test_a_lead_that_a_queue_owns_says_so(org: Org, port: SalesforcePort) -> None:
    has_lead(org, lead(Company=None, OwnerId="00G5g00000MmNnOAAV"))
    assert port.converter.convertible(LEAD) == Convertible(LEAD, None, (), (), queue=True)


def test_a_converted_lead_is_not_to_be_converted(org: Org, port: SalesforcePort) -> None:
    has_lead(org, lead(Company="Acme", IsConverted=True, ConvertedContactId=CONTACT))
    assert port.converter.convertible(LEAD) == Gone("lead", LEAD, "converted", Ref("contact", CONTACT))


def test_an_account_is_known_by_its_id(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/query", page({"Id": ACCOUNT, "Name": "Acme"}))
    assert port.converter.account(ACCOUNT) == Account(ACCOUNT, "Acme")
    assert port.converter.account(ACCOUNT[:15]) == Account(ACCOUNT, "Acme")
    org.on("GET", "/query", page())
    assert port.converter.account(ACCOUNT) is None


def test_what_is_no_id_is_never_asked_for(org: Org, port: SalesforcePort) -> None:
    assert port.converter.account("x' OR Name != '") is None
    assert org.calls == []


def test_an_order_of_unknown_outcome_is_settled_by_the_lead(org: Org, port: SalesforcePort) -> None:
    made: dict[str, Any] = {
        "ConvertedAccountId": ACCOUNT[:15],
        "ConvertedOpportunityId": None,
        "ConvertedContactId": CONTACT,
    }
    has_lead(org, lead(IsConverted=True, **made))
    assert port.converter.settle(ORDER) == Converted(CONTACT, ACCOUNT, None)
    unset: dict[str, Any] = dict.fromkeys(made)
    has_lead(org, lead(**unset))
    assert port.converter.settle(ORDER) is None
    has_lead(org, None)
    assert port.converter.settle(ORDER) is None
