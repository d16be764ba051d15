"""Accounts, users, opportunities and roles between both emulators, over real HTTP: what happens in the CRM shows in
Marketo one cycle later, and nothing ever goes the other way."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mksync.core.report import ObjectReport, RunReport
from tests.scenarios.one_way import ALL, Deals, OneWay
from tests.scenarios.sandbox_world import World, world


@pytest.fixture(params=ALL, ids=lambda facts: facts.facts.system)
def facts(request: pytest.FixtureRequest) -> OneWay:
    found: OneWay = request.param
    return found


@pytest.fixture
def here(tmp_path: Path, facts: OneWay) -> Iterator[World]:
    with world(tmp_path, facts.facts) as made:
        made.init()
        yield made


@dataclass(frozen=True)
class Deal:
    """One of everything, by the CRM's ids."""

    user: str
    account: str
    contact: str
    opportunity: str
    role: str


@pytest.fixture
def deals(here: World, facts: OneWay) -> Deals:
    deals = Deals(here, facts)
    deals.select()
    return deals


@pytest.fixture
def deal(deals: Deals) -> Deal:
    """A user's account with a contact who decides on an opportunity; all in Marketo."""
    made = _made(deals)
    assert deals.world.cycle().exit_code == 0
    return made


def _made(deals: Deals, name: str = "Salas") -> Deal:
    user = deals.create("user", lastName=name, email=f"{name}@example.com")
    account = deals.create("account", company="Acme", owner=user)
    contact = deals.create("contact", lastName="Roe", email=f"roe.{name}@example.com", account=account, owner=user)
    opportunity = deals.create("opportunity", name="Acme 2027", account=account, owner=user, amount=1500)
    role = deals.create("role", opportunity=opportunity, contact=contact, role="Decision Maker")
    return Deal(user, account, contact, opportunity, role)


def of(report: RunReport, object: str) -> ObjectReport:
    return next(one for one in report.objects if one.object == object)


def quiet(here: World) -> bool:
    """Whether there is nothing left to do, and no call that writes is made."""
    return here.cycle().quiet


def test_everything_is_created_in_one_cycle_and_hangs_together(deals: Deals, deal: Deal) -> None:
    assert deals.kept("user", deal.user)["lastName"] == "Salas"
    company = deals.kept("account", deal.account)
    assert (company["company"], company["externalSalesPersonId"]) == ("Acme", deal.user)
    person = deals.person(deal.contact)
    assert (person["externalCompanyId"], person["externalSalesPersonId"]) == (deal.account, deal.user)
    assert person["company"] == "Acme", "a person shows its company's name"
    opportunity = deals.kept("opportunity", deal.opportunity)
    assert (opportunity["name"], opportunity["amount"]) == ("Acme 2027", 1500)
    assert (opportunity["externalCompanyId"], opportunity["externalSalesPersonId"]) == (deal.account, deal.user)
    assert deals.roles() == [(deal.opportunity, deal.contact, "Decision Maker")]
    assert quiet(deals.world)


@pytest.mark.parametrize(
    ("object", "field", "value"),
    [
        ("user", "title", "Sales manager"), ("account", "industry", "Technology"), ("opportunity", "amount", 99.5),
        ("role", "isPrimary", True),
    ],
)  # fmt: skip
def test_an_update_in_the_crm_shows_in_marketo_one_cycle_later(
    deals: Deals, deal: Deal, object: str, field: str, value: object
) -> None:
    if field not in deals.facts.fields[object]:
        pytest.skip("this CRM has no such field")
    deals.edit(object, getattr(deal, object), **{field: value})
    report = deals.world.cycle()
    row = deals.in_marketo("role")[0] if object == "role" else deals.kept(object, getattr(deal, object))
    assert row[field] == value
    assert (getattr(deal, object), field) in [(row.record.id, row.field) for row in of(report, object).changes]
    assert quiet(deals.world)


def test_a_new_parent_shows_in_marketo_one_cycle_later(deals: Deals, deal: Deal) -> None:
    other = _made(deals, "Tan")
    deals.edit("account", deal.account, owner=other.user)
    deals.edit("contact", deal.contact, account=other.account, owner=other.user)
    deals.edit("opportunity", deal.opportunity, account=other.account, owner=other.user)
    assert deals.world.cycle().exit_code == 0
    assert deals.kept("account", deal.account)["externalSalesPersonId"] == other.user
    for row in (deals.person(deal.contact), deals.kept("opportunity", deal.opportunity)):
        assert (row["externalCompanyId"], row["externalSalesPersonId"]) == (other.account, other.user)
    assert quiet(deals.world)


def test_a_role_of_somebody_else_is_another_role(deals: Deals, deal: Deal) -> None:
    poe = deals.create("contact", lastName="Poe", account=deal.account)
    deals.edit("role", deal.role, contact=poe, role="Evaluator")
    assert deals.world.cycle().exit_code == 0
    assert deals.roles() == [(deal.opportunity, poe, "Evaluator")]
    assert quiet(deals.world)


def test_a_role_that_is_empty_in_the_crm_ties_the_person_all_the_same(deals: Deals, deal: Deal) -> None:
    deals.edit("role", deal.role, role=None)
    assert deals.world.cycle().exit_code == 0
    assert deals.roles() == [(deal.opportunity, deal.contact, "None")]
    assert quiet(deals.world)


def test_a_role_that_is_deleted_goes_from_marketo_too(deals: Deals, deal: Deal) -> None:
    deals.delete("role", deal.role)
    deals.world.cycle()
    assert deals.roles() == []
    assert deals.kept("opportunity", deal.opportunity)
    assert quiet(deals.world)


def test_a_deleted_opportunity_stays_in_marketo_without_its_roles(deals: Deals, deal: Deal) -> None:
    deals.delete("opportunity", deal.opportunity)
    deals.world.cycle()
    assert deals.kept("opportunity", deal.opportunity)["name"] == "Acme 2027"
    assert deals.roles() == []
    assert _state(deals, "opportunity") == ["crm deleted"]
    assert quiet(deals.world)


def test_a_deleted_account_stays_in_marketo_and_rests(deals: Deals, deal: Deal) -> None:
    deals.delete("account", deal.account)
    deals.world.cycle()
    assert deals.kept("account", deal.account)["company"] == "Acme"
    assert "crm deleted" in _state(deals, "account")
    if deals.facts.cascades:
        assert _state(deals, "opportunity") == _state(deals, "contact") == ["crm deleted"]
    assert quiet(deals.world)


def test_a_user_who_leaves_stays_a_sales_person(deals: Deals, deal: Deal) -> None:
    deals.leaves(deal.user)
    assert deals.world.cycle().exit_code == 0
    assert deals.kept("user", deal.user)["lastName"] == "Salas"
    assert deals.person(deal.contact)["externalSalesPersonId"] == deal.user
    assert quiet(deals.world)


def _state(deals: Deals, object: str) -> list[str]:
    """How the links of an object stand, each once."""
    with deals.world.mirror() as mirror:
        rows = mirror.db.execute("SELECT DISTINCT state FROM link WHERE object = ? ORDER BY 1", (object,)).fetchall()
    return [state for (state,) in rows]


@pytest.mark.parametrize(
    ("object", "field", "value"),
    [("user", "lastName", "Sales"), ("account", "company", "ACME!"), ("opportunity", "stage", "Lost")],
)
def test_an_edit_made_in_marketo_is_a_collision_that_the_crm_won(
    deals: Deals, deal: Deal, object: str, field: str, value: str
) -> None:
    before, held = deals.records(object), deals.kept(object, getattr(deal, object))[field]
    deals.edit_in_marketo(object, getattr(deal, object), **{field: value})
    report = deals.world.cycle()
    (row,) = of(report, object).collisions
    assert (row.field, row.marketo, row.crm, row.winner) == (field, value, held, "crm")
    assert deals.kept(object, getattr(deal, object))[field] == held
    assert deals.records(object) == before
    assert quiet(deals.world)
    told = deals.world.command("log", "--collisions")
    assert value in told.out, told


@pytest.mark.parametrize("object", ["account", "opportunity"])
def test_what_somebody_deletes_in_marketo_is_made_again(deals: Deals, deal: Deal, object: str) -> None:
    deals.delete_in_marketo(object, getattr(deal, object))
    deals.world.cycle()
    deals.world.cycle()
    assert deals.kept(object, getattr(deal, object))
    assert quiet(deals.world)


def test_a_lead_that_a_queue_owns_has_no_sales_person(deals: Deals, deal: Deal, here: World) -> None:
    lead = deals.create("lead", lastName="Queued", email="queued@example.com", owner=deal.user)
    here.cycle()
    assert deals.person(lead)["externalSalesPersonId"] == deal.user
    deals.edit("lead", lead, owner=deals.facts.queue(here.sandbox))
    assert here.cycle().exit_code == 0
    assert deals.person(lead)["externalSalesPersonId"] is None
    assert quiet(here)
