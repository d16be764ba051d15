"""One-way objects where not all is well: parents that are missing, objects that cannot be had, one that is deselected;
and what they cost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.one_way import ALL, Deals, OneWay
from tests.scenarios.sandbox_world import world

PERMISSIONS = {"user": "Sales Person", "account": "Company", "opportunity": "Opportunity", "role": "Opportunity"}


@pytest.fixture(params=ALL, ids=lambda facts: facts.facts.system)
def facts(request: pytest.FixtureRequest) -> OneWay:
    found: OneWay = request.param
    return found


@pytest.fixture
def deals(tmp_path: Path, facts: OneWay) -> Iterator[Deals]:
    with world(tmp_path, facts.facts) as made:
        made.init()
        yield Deals(made, facts)


def test_a_role_waits_for_a_contact_that_the_sync_has_no_person_for(deals: Deals) -> None:
    """Without the contact's account, all is there but the person's company."""
    deals.select("opportunity", "role")
    contact = deals.create("contact", lastName="Twin", email="twin@example.com")
    deals.create("contact", lastName="Twin", email="twin@example.com")
    account = deals.create("account", company="Acme")
    opportunity = deals.create("opportunity", name="Acme 2027", account=account)
    deals.create("role", opportunity=opportunity, contact=contact, role="Evaluator")
    deals.world.marketo.create(email="twin@example.com")
    ended = deals.world.command("run-once")
    assert ended.code == 3
    assert f"waits: its contact {contact} has no person in Marketo" in ended.out
    assert deals.kept("opportunity", opportunity)["name"] == "Acme 2027"
    assert deals.in_marketo("role") == []


def test_an_object_that_is_hidden_in_the_crm_is_a_warning_and_the_rest_goes_on(deals: Deals) -> None:
    deals.select()
    account = deals.create("account", company="Acme")
    deals.create("opportunity", name="Acme 2027", account=account)
    deals.world.cycle()
    before = deals.in_marketo("opportunity")
    deals.world.crm.user.conceal("opportunity")
    deals.edit("account", account, company="Acme Corp")
    ended = deals.world.command("run-once")
    assert f"{deals.facts.labels['opportunity']} is not synced: " in ended.err, ended
    assert deals.kept("account", account)["company"] == "Acme Corp"
    assert deals.in_marketo("opportunity") == before


def test_a_role_written_before_its_contact_is_there_in_the_same_cycle(deals: Deals) -> None:
    deals.select()
    account = deals.create("account", company="Acme")
    contact = deals.create("contact", lastName="New", account=account)
    opportunity = deals.create("opportunity", name="Acme 2027", account=account)
    deals.create("role", opportunity=opportunity, contact=contact, role="Evaluator")
    assert deals.world.cycle().exit_code == 0
    assert deals.roles() == [(opportunity, contact, "Evaluator")]


@pytest.mark.parametrize("object", ["user", "account", "opportunity"])
@pytest.mark.parametrize("kinds", [("Read-Write",), ("Read-Only", "Read-Write")])
def test_an_object_that_the_role_may_not_use_is_a_warning_and_the_rest_goes_on(
    deals: Deals, object: str, kinds: tuple[str, ...]
) -> None:
    """Read-only: describe and read answer, and the first write is refused."""
    deals.select()
    denied = [f"{kind} {PERMISSIONS[object]}" for kind in kinds]
    deals.world.sandbox.marketo.permissions.revoke(*denied)
    user = deals.create("user", lastName="Salas", email="salas@example.com")
    account = deals.create("account", company="Acme", owner=user)
    contact = deals.create("contact", lastName="Roe", email="roe@example.com", account=account, owner=user)
    opportunity = deals.create("opportunity", name="Acme 2027", account=account, owner=user)
    deals.world.clock.sleep(7_200)  # until the fields are described again
    ended = deals.world.command("run-once")
    assert f"{deals.facts.labels[object]} is not synced: Marketo's " in ended.err, ended
    assert f'"Read-Write {PERMISSIONS[object]}"' in ended.err
    assert deals.person(contact)["lastName"] == "Roe"
    assert deals.in_marketo(object) == []
    assert object == "user" or deals.in_marketo("user")

    deals.world.sandbox.marketo.permissions.grant(*denied)
    deals.world.clock.sleep(7_200)
    assert deals.world.cycle().exit_code == 0
    for row in (deals.person(contact), deals.kept("opportunity", opportunity)):
        assert (row["externalCompanyId"], row["externalSalesPersonId"]) == (account, user)
    assert deals.world.cycle().quiet
