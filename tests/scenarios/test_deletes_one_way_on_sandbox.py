"""What flows to Marketo only is deleted in the CRM: Marketo keeps what it has of it, roles go, and run-once says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.lives import run, said
from tests.scenarios.one_way import ALL, Deals, OneWay
from tests.scenarios.sandbox_world import world


@pytest.fixture(params=ALL, ids=lambda facts: facts.facts.system)
def deals(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Deals]:
    facts: OneWay = request.param
    with world(tmp_path, facts.facts) as made:
        made.init()
        yield Deals(made, facts)


def test_a_deleted_account_stays_in_marketo_and_is_told(deals: Deals) -> None:
    deals.select("account")
    account = deals.create("account", company="Acme")
    deals.world.cycle()
    deals.delete("account", account)
    out, crm = run(deals.world), deals.facts.facts.title
    title, line = said(out, "deleted in")
    assert title == f"Account: 1 deleted in {crm}: what Marketo has of it stays, and is left alone"
    assert line.startswith(f"  Acme ({account}, Marketo ")
    assert f": 1 deleted in {crm} · API calls" in out.splitlines()[-1]
    assert [row["company"] for row in deals.in_marketo("account")] == ["Acme"]
    assert deals.world.cycle().quiet


def test_a_deleted_opportunity_stays_and_its_deleted_role_goes(deals: Deals) -> None:
    deals.select()
    account = deals.create("account", company="Acme")
    contact = deals.create("contact", lastName="Roe", email="roe@example.com", account=account)
    opportunity = deals.create("opportunity", name="Acme 2027", account=account)
    role = deals.create("role", opportunity=opportunity, contact=contact, role="Evaluator")
    deals.world.cycle()
    assert deals.roles() == [(opportunity, contact, "Evaluator")]
    deals.delete("role", role)
    out, crm, label = run(deals.world), deals.facts.facts.title, deals.facts.labels["role"]
    title, line = said(out, "deleted in Marketo too")
    assert title == f"{label}: 1 deleted in {crm}: it is deleted in Marketo too"
    assert role in line
    assert deals.roles() == []
    deals.delete("opportunity", opportunity)
    title, line = said(run(deals.world), "left alone")
    assert title == f"Opportunity: 1 deleted in {crm}: what Marketo has of it stays, and is left alone"
    assert line.startswith(f"  Acme 2027 ({opportunity}, Marketo ")
    assert [row["name"] for row in deals.in_marketo("opportunity")] == ["Acme 2027"]
    assert deals.world.cycle().quiet
