"""Whom Dynamics ties to an opportunity, and which company it belongs to, between both emulators over real HTTP.

The rules are those of Marketo product documentation, "Microsoft Dynamics Sync: Opportunity Sync".
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.dynamics_user import DynamicsUser
from tests.scenarios.one_way import DYNAMICS_DEALS, Deals
from tests.scenarios.sandbox_world import world


@pytest.fixture
def deals(tmp_path: Path) -> Iterator[Deals]:
    with world(tmp_path, DYNAMICS_DEALS.facts) as made:
        made.init()
        found = Deals(made, DYNAMICS_DEALS)
        found.select()
        yield found


def company(deals: Deals, opportunity: str) -> object:
    return deals.kept("opportunity", opportunity)["externalCompanyId"]


def test_a_contact_that_is_the_customer_takes_part_and_brings_its_account(deals: Deals) -> None:
    account = deals.create("account", company="Acme")
    contact = deals.create("contact", lastName="Roe", account=account)
    opportunity = deals.create("opportunity", name="Acme 2027", account=contact)
    assert deals.world.cycle().exit_code == 0
    assert deals.roles() == [(opportunity, contact, "Customer")]
    assert deals.in_marketo("role")[0]["isPrimary"]
    assert company(deals, opportunity) == account
    assert deals.world.cycle().quiet


def test_once_an_account_is_the_customer_the_contact_takes_no_part(deals: Deals) -> None:
    contact = deals.create("contact", lastName="Roe")
    opportunity = deals.create("opportunity", name="Acme 2027", account=contact)
    deals.world.cycle()
    assert deals.roles() == [(opportunity, contact, "Customer")]
    account = deals.create("account", company="Acme")
    deals.edit("opportunity", opportunity, account=account)
    assert deals.world.cycle().exit_code == 0
    assert (deals.roles(), company(deals, opportunity)) == ([], account)
    assert deals.world.cycle().quiet


def test_the_company_follows_the_contact(deals: Deals) -> None:
    first, second = (deals.create("account", company=name) for name in ("Acme", "Initech"))
    contact = deals.create("contact", lastName="Roe", account=first)
    opportunity = deals.create("opportunity", name="Acme 2027", account=contact)
    deals.world.cycle()
    assert company(deals, opportunity) == first
    deals.edit("contact", contact, account=second)
    assert deals.world.cycle().exit_code == 0
    assert company(deals, opportunity) == second
    assert deals.person(contact)["externalCompanyId"] == second
    assert deals.world.cycle().quiet


def test_a_lead_that_is_connected_takes_part_like_a_contact(deals: Deals) -> None:
    lead = deals.create("lead", lastName="Roe", email="roe@example.com")
    opportunity = deals.create("opportunity", name="Acme 2027")
    deals.create("role", opportunity=opportunity, contact=lead, role="Influencer")
    assert deals.world.cycle().exit_code == 0
    assert deals.roles() == [(opportunity, lead, "Influencer")]
    assert deals.world.cycle().quiet


def test_a_lead_that_is_qualified_keeps_its_part(deals: Deals) -> None:
    lead = deals.create("lead", lastName="Roe", email="roe@example.com")
    opportunity = deals.create("opportunity", name="Acme 2027")
    deals.create("role", opportunity=opportunity, contact=lead, role="Influencer")
    deals.world.cycle()
    user = deals.world.crm.user
    assert isinstance(user, DynamicsUser)
    contact = user.qualify(lead)
    assert deals.world.cycle().exit_code == 0
    assert deals.roles() == [(opportunity, contact, "Influencer")]
    assert deals.world.cycle().quiet


def test_two_connections_that_say_the_same_are_one_role_in_marketo_and_the_other_is_listed(deals: Deals) -> None:
    contact = deals.create("contact", lastName="Roe")
    opportunity = deals.create("opportunity", name="Acme 2027")
    first, second = (
        deals.create("role", opportunity=opportunity, contact=contact, role="Influencer") for _ in range(2)
    )
    assert deals.world.cycle().exit_code == 3
    assert deals.roles() == [(opportunity, contact, "Influencer")]
    assert second in deals.world.command("run-once").out
    assert first not in deals.world.command("run-once").out
    deals.delete("role", first)
    deals.world.cycle()
    assert deals.world.cycle().exit_code == 0
    assert deals.roles() == [(opportunity, contact, "Influencer")]
    deals.delete("role", second)
    deals.world.cycle()
    assert deals.roles() == []


@pytest.mark.parametrize("object", ["account", "opportunity"])
def test_a_record_that_the_sync_filter_says_no_to_stays_out_and_what_refers_to_it_waits(
    deals: Deals, object: str
) -> None:
    user = deals.world.crm.user
    user.control("columns", table=object, name="new_synctomkto", kind="BooleanType")
    deals.world.clock.sleep(7_200)  # until the fields are described again
    account = deals.create("account", company="Acme")
    contact = deals.create("contact", lastName="Roe", account=account)
    opportunity = deals.create("opportunity", name="Acme 2027", account=contact)
    filtered = account if object == "account" else opportunity
    user.edit(object, filtered, new_synctomkto=False)
    ended = deals.world.command("run-once")
    assert ended.code == 3
    assert f"waits: its {object} {filtered} is not in Marketo" in ended.out
    assert deals.in_marketo(object) == []
    user.edit(object, filtered, new_synctomkto=True)
    assert deals.world.cycle().exit_code == 0
    assert deals.roles() == [(opportunity, contact, "Customer")]
    assert (company(deals, opportunity), deals.person(contact)["externalCompanyId"]) == (account, account)
    assert deals.world.cycle().quiet
