"""Converting leads of the sandbox's Salesforce, which was written from the same documents by somebody else."""

from collections.abc import Iterator

import pytest

from mksync.core.convert import Conversion, Converted, Convertible
from mksync.core.records import Gone, Ref, Refusal
from mksync.errors import AccessError, OutcomeUnknown
from tests.vendors.salesforce.sandbox_org import World, world

SOAP = "/services/Soap/"
STATUS = "Closed - Converted"


@pytest.fixture
def here() -> Iterator[World]:
    with world(people=0) as found:
        yield found


def lead(here: World, **values: str) -> str:
    return here.others.creates("Lead", **{"LastName": "Roe", "Company": "Acme", "Email": "roe@example.com", **values})


def order(lead: str, **more: object) -> Conversion:
    return Conversion(lead, STATUS, new_account=True, opportunity=True, **more)  # type: ignore[arg-type]


def convert(here: World, order: Conversion) -> Converted:
    answer = here.port.converter.convert(order)
    assert isinstance(answer, Converted), answer
    return answer


def test_a_lead_becomes_a_contact_of_a_new_account_with_an_opportunity(here: World) -> None:
    id = lead(here)
    made = convert(here, order(id, opportunity_name="Roe's <deal> & more"))
    contact = here.holds("Contact", made.contact)
    assert (contact["Email"], contact["AccountId"]) == ("roe@example.com", made.account)
    assert here.holds("Account", str(made.account))["Name"] == "Acme"
    assert here.holds("Opportunity", str(made.opportunity))["Name"] == "Roe's <deal> & more"
    assert here.port.converter.convertible(id) == Gone("lead", id, "converted", Ref("contact", made.contact))


def test_what_exists_is_offered_and_taken(here: World) -> None:
    account, id = here.others.creates("Account", Name="ACME"), lead(here)
    found = here.port.converter.convertible(id)
    assert isinstance(found, Convertible)
    assert ([one.id for one in found.accounts], [one.id for one in found.statuses]) == ([account], [STATUS])
    assert here.port.converter.account(account[:15]) == found.accounts[0]
    made = convert(here, Conversion(id, STATUS, account=account))
    assert (made.account, made.opportunity) == (account, None)


def test_an_existing_contact_takes_the_lead_in(here: World) -> None:
    account = here.others.creates("Account", Name="Acme")
    contact = here.others.creates("Contact", LastName="Roe", AccountId=account)
    assert convert(here, Conversion(lead(here), STATUS, account=account, contact=contact)).contact == contact


def test_a_status_that_no_converted_lead_has_is_refused(here: World) -> None:
    answer = here.port.converter.convert(Conversion(lead(here), "Open - Not Contacted", new_account=True))
    assert isinstance(answer, Refusal)
    assert answer.code == "INVALID_STATUS"


def test_a_queue_says_that_somebody_has_to_own_what_is_made(here: World) -> None:
    queue = here.others.creates("Group", Name="Inbox", Type="Queue")
    found = here.port.converter.convertible(lead(here, OwnerId=queue))
    assert isinstance(found, Convertible)
    assert found.queue


@pytest.mark.parametrize("fault", ["reset_after", "truncated"])
def test_a_conversion_whose_answer_was_lost_is_found_in_the_lead(here: World, fault: str) -> None:
    id = lead(here)
    here.fails(fault, SOAP)
    with pytest.raises(OutcomeUnknown):
        here.port.converter.convert(order(id))
    made = here.port.converter.settle(order(id))
    assert made is not None
    assert here.holds("Contact", made.contact)["AccountId"] == made.account
    assert made.opportunity is not None


def test_a_conversion_that_never_arrived_is_not_found(here: World) -> None:
    id = lead(here)
    here.fails("reset_before", SOAP)
    with pytest.raises(OutcomeUnknown):
        here.port.converter.convert(order(id))
    assert here.port.converter.settle(order(id)) is None


def test_a_session_that_ends_just_then_is_renewed(here: World) -> None:
    id = lead(here)
    here.port.organisation()
    here.fails("token_expired", SOAP)
    assert convert(here, order(id)).contact


def test_without_the_right_to_make_accounts_nothing_is_done(here: World) -> None:
    here.others.controls("access", object="Account", field=None, access="read")
    id = lead(here)
    with pytest.raises(AccessError, match="Salesforce"):
        here.port.converter.convert(order(id))
    assert isinstance(here.port.converter.convertible(id), Convertible)


def test_a_locked_row_is_waited_for(here: World) -> None:
    here.fails("row_lock", SOAP)
    assert convert(here, order(lead(here))).contact
