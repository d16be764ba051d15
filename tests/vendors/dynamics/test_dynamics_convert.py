"""Qualifying a lead, held against a scripted environment: what is sent, and what each answer means."""

from typing import Any

import pytest

from mksync.core.convert import Account, Answer, Conversion, Converted, Convertible, Status
from mksync.core.records import Gone, Ref, Refusal
from mksync.errors import AccessError, OutcomeUnknown
from mksync.ports.abilities import Converts
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.scripted_org import ACCOUNT, CONTACT, LEAD, Asked, Org, error, label, lead, rows
from tests.wire.scripted import Say

CRM = "Microsoft.Dynamics.CRM"
QUALIFY = rf"/leads\({LEAD}\)/Microsoft\.Dynamics\.CRM\.QualifyLead"
OPPORTUNITY = "4d4d0000-0000-4000-8000-000000000001"
ORDER = Conversion(LEAD, "-1")
ORIGIN = "_originatingleadid_value"


def made(**ids: str) -> dict[str, Any]:
    """As the documentation's sample shows it."""
    return {"value": [{"@odata.type": f"#{CRM}.{name}", f"{name}id": id.upper()} for name, id in ids.items()]}


def convert(org: Org, port: DynamicsPort, order: Conversion = ORDER, **ids: str) -> Answer:
    org.on("POST", QUALIFY, made(**{"contact": CONTACT, **ids}))
    return port.converter.convert(order)


def refused(org: Org, port: DynamicsPort, code: str, message: str = "No.", status: int = 400) -> Answer:
    org.on("POST", QUALIFY, error(code, message), status)
    return port.converter.convert(ORDER)


def has_lead(org: Org, contact: str | None = None, **values: Any) -> None:
    """The environment has this lead, and the contact that was made of it."""
    org.on("GET", rf"/leads\({LEAD}\)", lead(**values))
    found = [{"contactid": contact, "merged": False, "_masterid_value": None, ORIGIN: LEAD}] if contact else []
    org.on("GET", "/contacts", rows(*found))


def test_the_port_converts(port: DynamicsPort) -> None:
    assert isinstance(port, Converts)


def test_only_a_contact_is_made_unless_more_is_asked_for(org: Org, port: DynamicsPort) -> None:
    assert convert(org, port) == Converted(CONTACT, None, None)
    (asked,) = org.parts("POST", QUALIFY)
    assert asked.body == {"CreateAccount": False, "CreateContact": True, "CreateOpportunity": False, "Status": -1}
    assert asked.headers["mscrm.suppressduplicatedetection"] == "false"
    assert len(org.calls) == 1


def test_an_account_and_an_opportunity_are_made_if_they_are_asked_for(org: Org, port: DynamicsPort) -> None:
    order = Conversion(LEAD, "3", new_account=True, opportunity=True, duplicates=True)
    assert convert(org, port, order, account=ACCOUNT, opportunity=OPPORTUNITY) == Converted(
        CONTACT, ACCOUNT, OPPORTUNITY
    )
    (asked,) = org.parts("POST", QUALIFY)
    assert asked.body == {"CreateAccount": True, "CreateContact": True, "CreateOpportunity": True, "Status": 3}
    assert "mscrm.suppressduplicatedetection" not in asked.headers


def test_the_contact_is_put_into_the_account_that_was_chosen(org: Org, port: DynamicsPort) -> None:
    org.on("PATCH", rf"/contacts\({CONTACT}\)", None, 204)
    order = Conversion(LEAD, "-1", account=ACCOUNT, opportunity=True)
    assert convert(org, port, order, opportunity=OPPORTUNITY) == Converted(CONTACT, ACCOUNT, OPPORTUNITY)
    assert org.parts("POST", QUALIFY)[0].body["OpportunityCustomerId"] == {
        "@odata.type": f"{CRM}.account", "accountid": ACCOUNT,
    }  # fmt: skip
    (patch,) = org.parts("PATCH", rf"/contacts\({CONTACT}\)")
    assert patch.body == {"parentcustomerid_account@odata.bind": f"/accounts({ACCOUNT})"}
    assert patch.headers["if-match"] == "*"


def test_a_lead_goes_into_the_contact_that_it_names(org: Org, port: DynamicsPort) -> None:
    org.on("POST", QUALIFY, made())
    order = Conversion(LEAD, "-1", contact=CONTACT, account=ACCOUNT)
    answer = port.converter.convert(order)
    assert isinstance(answer, Converted)
    assert (answer.contact, answer.account) == (CONTACT, None)
    assert "keeps the account" in answer.notes[0], "it is not taken out of the one it is in"
    assert org.parts("POST", QUALIFY)[0].body["CreateContact"] is False


def test_a_contact_that_cannot_be_put_into_its_account_is_there_all_the_same(org: Org, port: DynamicsPort) -> None:
    org.on("PATCH", rf"/contacts\({CONTACT}\)", error("0x80040220", "prvAppendToAccount is missing"), 403)
    answer = convert(org, port, Conversion(LEAD, "-1", account=ACCOUNT))
    assert isinstance(answer, Converted)
    assert (answer.contact, answer.account) == (CONTACT, None)
    assert "prvAppendToAccount is missing" in answer.notes[0]


@pytest.mark.parametrize("lost", [Say(reset=True), Say(503), Say(200, {"value": []})])
def test_an_action_whose_answer_is_lost_is_not_sent_again(org: Org, port: DynamicsPort, lost: Say) -> None:
    port.organisation()
    org.then(lost)
    before = len(org.calls)
    with pytest.raises(OutcomeUnknown):
        port.converter.convert(ORDER)
    assert len(org.calls) == before + 1


@pytest.mark.parametrize(("code", "status"), [("0x80081018", 403), ("0x80081018", 400), ("0x80040220", 403)])
def test_without_a_right_the_remedy_names_them(org: Org, port: DynamicsPort, code: str, status: int) -> None:
    with pytest.raises(AccessError) as raised:
        refused(org, port, code, "no right to create accounts", status)
    assert "no right to create accounts" in raised.value.message
    assert "contacts" in raised.value.hint


def test_a_duplicate_rule_refuses_in_its_own_words(org: Org, port: DynamicsPort) -> None:
    answer = refused(org, port, "0x80040333", "A duplicate of the current record already exists.", 412)
    assert isinstance(answer, Refusal)
    assert answer.code == "0x80040333"


def test_a_lead_that_was_qualified_meanwhile_leads_to_its_contact(org: Org, port: DynamicsPort) -> None:
    has_lead(org, CONTACT, statecode=1)
    answer = refused(org, port, "0x80040519", "The lead is already closed.")
    assert answer == Gone("lead", LEAD, "converted", Ref("contact", CONTACT))


def test_a_lead_that_was_closed_without_a_contact_is_refused(org: Org, port: DynamicsPort) -> None:
    has_lead(org, statecode=2)
    answer = refused(org, port, "0x80040519", "The lead is already closed.")
    assert isinstance(answer, Refusal)
    assert "Reactivate" in answer.remedy


def test_a_lead_that_is_not_there_is_gone(org: Org, port: DynamicsPort) -> None:
    assert refused(org, port, "0x80040217", "lead does not exist", 404) == Gone("lead", LEAD, "deleted")


def test_what_there_is_to_choose(org: Org, port: DynamicsPort) -> None:
    has_lead(org, companyname="50% Off")
    other = {"accountid": OPPORTUNITY, "name": "50 yards Off"}
    org.on("GET", "/accounts", rows({"accountid": ACCOUNT.upper(), "name": "50% off"}, other))
    states = [
        {"Value": 1, "State": 0, "Label": label("New")},
        {"Value": 3, "State": 1, "Label": label("Qualified")},
        {"Value": 4, "State": 2, "Label": label("Lost")},
    ]
    columns = rows({"LogicalName": "statuscode", "OptionSet": {"Options": states}})
    path = r"/EntityDefinitions\(LogicalName='lead'\)/Attributes/Microsoft\.Dynamics\.CRM\.StatusAttributeMetadata"
    org.on("GET", path, columns)
    assert port.converter.convertible(LEAD) == Convertible(
        LEAD,
        "50% Off",
        (Account(ACCOUNT, "50% off"),),
        (Status("-1", "default", default=True), Status("3", "Qualified")),
    )
    (asked,) = org.parts("GET", "/accounts")
    assert asked.query["$filter"].startswith("(name eq '50[%] Off' or name eq '50% Off') and statecode eq 0")


@pytest.mark.parametrize(
    ("values", "gone"),
    [
        ({"statecode": 1}, Gone("lead", LEAD, "converted", Ref("contact", CONTACT))),
        (
            {"statecode": 2, "merged": True, "_masterid_value": OPPORTUNITY},
            Gone("lead", LEAD, "merged", Ref("lead", OPPORTUNITY)),
        ),
    ],
)
def test_a_lead_that_went_elsewhere_says_where(
    org: Org, port: DynamicsPort, values: dict[str, Any], gone: Gone
) -> None:
    has_lead(org, CONTACT, companyname="Acme", **values)
    assert port.converter.convertible(LEAD) == gone


def test_an_account_is_known_by_its_id(org: Org, port: DynamicsPort) -> None:
    org.on("GET", rf"/accounts\({ACCOUNT}\)", {"accountid": ACCOUNT, "name": "Acme", "merged": False})
    assert port.converter.account(f"{{{ACCOUNT.upper()}}}") == Account(ACCOUNT, "Acme")
    org.on("GET", rf"/accounts\({ACCOUNT}\)", {"accountid": ACCOUNT, "name": "Acme", "merged": True})
    assert port.converter.account(ACCOUNT) is None, "nobody is to be put into an account that was merged away"
    assert port.converter.account(OPPORTUNITY) is None
    assert port.converter.account("Acme") is None


def test_an_order_of_unknown_outcome_is_settled_by_what_names_the_lead(org: Org, port: DynamicsPort) -> None:
    def of_lead(asked: Asked) -> tuple[int, Any]:
        assert LEAD in asked.query["$filter"]
        set = asked.path.rpartition("/")[2]
        return 200, rows({"accounts": {"accountid": ACCOUNT}, "opportunities": {"opportunityid": OPPORTUNITY}}[set])

    has_lead(org, CONTACT, statecode=1)
    org.on("GET", "/accounts", of_lead)
    org.on("GET", "/opportunities", of_lead)
    both = Conversion(LEAD, "-1", new_account=True, opportunity=True)
    assert port.converter.settle(both) == Converted(CONTACT, ACCOUNT, OPPORTUNITY)
    assert port.converter.settle(ORDER) == Converted(CONTACT, None, None)


def test_settling_puts_the_contact_into_its_account(org: Org, port: DynamicsPort) -> None:
    has_lead(org, CONTACT, statecode=1)
    org.on("PATCH", rf"/contacts\({CONTACT}\)", None, 204)
    assert port.converter.settle(Conversion(LEAD, "-1", account=ACCOUNT)) == Converted(CONTACT, ACCOUNT, None)
    assert len(org.parts("PATCH", rf"/contacts\({CONTACT}\)")) == 1


def test_an_open_lead_was_not_converted(org: Org, port: DynamicsPort) -> None:
    has_lead(org, CONTACT, statecode=0)
    assert port.converter.settle(ORDER) is None
    has_lead(org, None, statecode=1)
    assert port.converter.settle(ORDER) is None
