"""Qualifying leads of the sandbox's Dynamics, which was written from the same documentation by somebody else."""

from collections.abc import Iterator

import pytest

from mksync.core.convert import Conversion, Converted, Convertible, Status
from mksync.core.records import Gone, Ref, Refusal
from mksync.errors import AccessError, OutcomeUnknown
from tests.vendors.dynamics.sandbox_org import World, world

QUALIFY = "QualifyLead"
QUIRKS = [None, "qualify_answers_rows", "qualify_leaves_lead_bare"]


@pytest.fixture(params=QUIRKS)
def here(request: pytest.FixtureRequest) -> Iterator[World]:
    """The sync user may make accounts and opportunities, too."""
    with world(people=0, quirks=[request.param] if request.param else []) as found:
        for table in ("account", "opportunity"):
            rights = ["Create", "Read", "Write", "Append", "AppendTo"]
            found.others.controls("privileges", table=table, rights=rights, depth="Global")
        yield found


def lead(here: World, **values: str) -> str:
    return here.others.creates("leads", **{"lastname": "Roe", "companyname": "Acme", "subject": "Roe", **values})


def convert(here: World, order: Conversion) -> Converted:
    answer = here.port.converter.convert(order)
    assert isinstance(answer, Converted), answer
    return answer


def test_only_a_contact_is_made_unless_more_is_asked_for(here: World) -> None:
    id = lead(here)
    made = convert(here, Conversion(id, "-1"))
    assert (made.account, made.opportunity) == (None, None)
    assert here.others.holds("contacts", made.contact)["lastname"] == "Roe"
    assert here.others.rows("accounts?$select=name") == []
    assert here.port.converter.convertible(id) == Gone("lead", id, "converted", Ref("contact", made.contact))


def test_an_account_and_an_opportunity_are_made_if_they_are_asked_for(here: World) -> None:
    made = convert(here, Conversion(lead(here), "3", new_account=True, opportunity=True))
    assert here.others.holds("accounts", str(made.account))["name"] == "Acme"
    assert here.others.holds("opportunities", str(made.opportunity))["opportunityid"] == made.opportunity
    assert here.others.holds("contacts", made.contact)["_parentcustomerid_value"] == made.account


def test_what_exists_is_offered_and_taken(here: World) -> None:
    account, id = here.others.creates("accounts", name="ACME"), lead(here)
    found = here.port.converter.convertible(id)
    assert isinstance(found, Convertible)
    assert [one.id for one in found.accounts] == [account]
    assert found.statuses == (Status("-1", "default", default=True), Status("3", "Qualified"))
    assert here.port.converter.account(account.upper()) == found.accounts[0]
    made = convert(here, Conversion(id, "-1", account=account, opportunity=True))
    assert made.account == account
    assert here.others.holds("contacts", made.contact)["_parentcustomerid_value"] == account
    assert here.others.holds("opportunities", str(made.opportunity))["_customerid_value"] == account


def test_a_lead_goes_into_the_contact_that_it_names(here: World) -> None:
    contact = here.others.creates("contacts", lastname="Roe")
    id = lead(here, **{"parentcontactid@odata.bind": f"/contacts({contact})"})
    found = here.port.converter.convertible(id)
    assert isinstance(found, Convertible)
    assert found.contact == contact
    order = Conversion(id, "-1", contact=contact)
    assert convert(here, order) == Converted(contact, None, None)
    assert [row["contactid"] for row in here.others.rows("contacts?$select=contactid")] == [contact]
    assert here.port.converter.convertible(id) == Gone("lead", id, "converted", Ref("contact", contact))
    assert here.port.converter.settle(order) == Converted(contact, None, None)


def test_a_lead_that_was_disqualified_is_refused(here: World) -> None:
    id = lead(here)
    here.others.edits("leads", id, statecode=2, statuscode=4)
    answer = here.port.converter.convert(Conversion(id, "-1"))
    assert isinstance(answer, Refusal)
    assert "Reactivate" in answer.remedy


@pytest.mark.parametrize("fault", ["reset_after", "truncated"])
def test_an_action_whose_answer_was_lost_is_found_in_what_it_made(here: World, fault: str) -> None:
    account, id = here.others.creates("accounts", name="Acme"), lead(here)
    order = Conversion(id, "-1", account=account, opportunity=True)
    here.fails(fault, QUALIFY)
    with pytest.raises(OutcomeUnknown):
        here.port.converter.convert(order)
    made = here.port.converter.settle(order)
    assert made is not None
    assert made.opportunity is not None
    assert here.others.holds("contacts", made.contact)["_parentcustomerid_value"] == account


def test_an_action_that_never_arrived_is_not_found(here: World) -> None:
    id = lead(here)
    here.fails("reset_before", QUALIFY)
    with pytest.raises(OutcomeUnknown):
        here.port.converter.convert(Conversion(id, "-1"))
    assert here.port.converter.settle(Conversion(id, "-1")) is None


def test_without_the_right_to_make_accounts_nothing_is_done(here: World) -> None:
    here.others.controls("privileges", table="account", rights=["Create"], depth="None")
    id = lead(here)
    with pytest.raises(AccessError, match="Dynamics"):
        here.port.converter.convert(Conversion(id, "-1", new_account=True))
    assert convert(here, Conversion(id, "-1")).contact
