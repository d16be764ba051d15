"""From what an admin asked for to an order: what is not said follows from the CRM's terms, and nothing is guessed."""

from dataclasses import dataclass, replace

import pytest

from mksync.core.convert import Account, Answer, Conversion, Converted, Convertible, Status, Terms, Wish
from mksync.core.records import Gone
from mksync.engine.order import Ordered, ordered
from mksync.errors import ConfigError

WON, DONE = Status("won", "Closed - Won"), Status("done", "Closed - Done")
ACME = Account("A1", "Acme")
LEAD = Convertible("L1", "Acme", (), (WON,))
NOTHING_SAID = Wish()
GENEROUS = Terms(True, True, False, True, True, True, True)
SPARING = Terms(False, False, True, False, False, False, False)


@dataclass
class Known:
    """Meets `ports.Converter`, and knows one account; nothing is ever converted."""

    terms: Terms

    def convertible(self, lead: str) -> Convertible | Gone:
        raise AssertionError

    def account(self, id: str) -> Account | None:
        return ACME if id == ACME.id else None

    def convert(self, order: Conversion) -> Answer:
        raise AssertionError

    def settle(self, order: Conversion) -> Converted | None:
        raise AssertionError


def order(wish: Wish = NOTHING_SAID, terms: Terms = GENEROUS, lead: Convertible = LEAD) -> Ordered:
    return ordered("The CRM", Known(terms), lead, wish)


def made(found: Ordered) -> tuple[str | None, bool, bool]:
    """(existing account, new account, opportunity)"""
    return found.order.account, found.order.new_account, found.order.opportunity


@pytest.mark.parametrize(
    ("terms", "wish", "expected"),
    [
        (GENEROUS, Wish(), (None, True, True)),
        (GENEROUS, Wish(opportunity=False), (None, True, False)),
        (GENEROUS, Wish(account="A1"), ("A1", False, True)),
        (GENEROUS, Wish(account="match"), (None, True, True)),
        (SPARING, Wish(), (None, False, False)),
        (SPARING, Wish(no_account=True), (None, False, False)),
        (SPARING, Wish(new_account=True, opportunity=True), (None, True, True)),
        (SPARING, Wish(account="A1"), ("A1", False, False)),
        (SPARING, Wish(account="match"), (None, True, False)),
        (replace(SPARING, opportunity_name=True), Wish(opportunity_name="Deal"), (None, False, True)),
    ],
)
def test_what_is_not_said_follows_from_the_terms(
    terms: Terms, wish: Wish, expected: tuple[str | None, bool, bool]
) -> None:
    assert made(order(wish, terms)) == expected


def test_accounts_of_the_name_matter_only_where_a_new_one_is_made() -> None:
    there = replace(LEAD, accounts=(ACME,))
    assert order(lead=there).like_it == (ACME,)
    assert order(Wish(account="A1"), lead=there).like_it == ()
    assert order(Wish(account="match"), lead=there).account == ACME
    assert order(terms=SPARING, lead=there).like_it == ()


def test_duplicates_are_wanted_only_on_the_admins_word() -> None:
    assert not order().order.duplicates
    assert order(Wish(new_account=True)).order.duplicates


@pytest.mark.parametrize(
    ("statuses", "asked", "expected"),
    [
        ((WON,), "", WON),
        ((WON, replace(DONE, default=True)), "", replace(DONE, default=True)),
        ((WON, DONE), "CLOSED - done", DONE),
        ((WON, DONE), "won", WON),
    ],
)
def test_the_status_is_the_only_one_the_default_or_the_named_one(
    statuses: tuple[Status, ...], asked: str, expected: Status
) -> None:
    found = order(Wish(status=asked), lead=replace(LEAD, statuses=statuses))
    assert (found.status, found.order.status) == (expected, expected.id)


@pytest.mark.parametrize(
    ("statuses", "asked", "message", "hint"),
    [
        ((), "", "The CRM has no status for converted leads, or shows the sync user none", "mark a lead status"),
        ((WON, DONE), "", "The CRM has several statuses for converted leads", "one of: Closed - Won, Closed - Done"),
        ((WON, DONE), "Open", "The CRM has no status 'Open' for converted leads", "Closed - Won, Closed - Done"),
    ],
)
def test_a_status_is_never_guessed(statuses: tuple[Status, ...], asked: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as raised:
        order(Wish(status=asked), lead=replace(LEAD, statuses=statuses))
    assert raised.value.message == message
    assert hint in raised.value.hint


def test_a_lead_without_a_company_matches_no_account() -> None:
    with pytest.raises(ConfigError, match="names no company"):
        order(Wish(account="match"), lead=replace(LEAD, company=None))


def test_a_queue_needs_an_owner_only_where_one_can_be_chosen() -> None:
    owned = replace(LEAD, queue=True)
    with pytest.raises(ConfigError, match="a queue of The CRM owns this lead"):
        order(lead=owned)
    assert order(Wish(owner="U1"), lead=owned).order.owner == "U1"
    assert order(terms=SPARING, lead=owned).order.owner is None
