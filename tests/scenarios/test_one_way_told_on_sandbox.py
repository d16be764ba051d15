"""One-way objects as an admin meets them: turned on and off, told by run-once and log; and what they cost."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.one_way import ALL, Deals, OneWay
from tests.scenarios.sandbox_world import World, world


@pytest.fixture(params=ALL, ids=lambda facts: facts.facts.system)
def deals(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Deals]:
    facts: OneWay = request.param
    with world(tmp_path, facts.facts) as made:
        made.init()
        yield Deals(made, facts)


def acme(deals: Deals) -> dict[str, str]:
    """One of everything but a user, in the CRM."""
    account = deals.create("account", company="Acme")
    contact = deals.create("contact", lastName="Roe", email="roe@example.com", account=account)
    opportunity = deals.create("opportunity", name="Acme 2027", account=account)
    role = deals.create("role", opportunity=opportunity, contact=contact, role="Evaluator")
    return {"account": account, "contact": contact, "opportunity": opportunity, "role": role}


def calls(here: World) -> int:
    """Of Marketo's, made by a cycle that finds nothing to do."""
    report = here.cycle()
    assert report.quiet, report
    return report.calls["Marketo"]


def test_an_idle_cycle_costs_one_more_call_of_marketos_for_each_object(deals: Deals) -> None:
    acme(deals)
    deals.world.cycle()
    before = calls(deals.world)
    deals.select()
    deals.world.cycle()
    assert calls(deals.world) <= before + len(deals.facts.objects)


def test_three_hundred_companies_are_looked_for_written_and_read_back_in_a_call_each(deals: Deals) -> None:
    deals.select("account")
    deals.world.cycle()
    before = calls(deals.world)
    for number in range(300):
        deals.create("account", company=f"Acme {number}")
    assert deals.world.cycle().calls["Marketo"] <= before + 3
    assert len(deals.in_marketo("account")) == 300
    window = calls(deals.world) - before  # what it looks at in every cycle
    for id in deals.records("account"):
        deals.edit("account", id, company=f"{id} Inc")
    deals.world.clock.sleep(300)
    ended = deals.world.command("run-once", "--confirm", "300", "--json")  # the brake asks about so many
    assert json.loads(ended.out)["calls"]["Marketo"] <= before + window + 2
    assert {row["company"] for row in deals.in_marketo("account")} == {f"{id} Inc" for id in deals.records("account")}


def test_a_deselected_object_is_left_in_marketo_as_it_is(deals: Deals) -> None:
    deals.select()
    made = acme(deals)
    deals.world.cycle()
    ended = deals.world.command("fields", "select", "--object", "account", "--none")
    assert ended.code == 0, ended
    deals.edit_in_marketo("account", made["account"], company="Edited since")
    deals.edit("account", made["account"], company="Acme Corp")
    before = deals.in_marketo("account")
    for _ in range(2):
        assert deals.world.cycle().exit_code == 0
    assert deals.in_marketo("account") == before
    deals.select("account")
    assert deals.world.cycle().exit_code == 0
    assert deals.kept("account", made["account"])["company"] == "Acme Corp"
    assert deals.world.cycle().quiet


def test_the_log_of_a_person_tells_nothing_of_a_company_with_the_same_id(deals: Deals) -> None:
    deals.select()
    made = acme(deals)
    deals.world.cycle()
    person = deals.world.person_of(made["contact"])
    assert str(deals.kept("account", made["account"])["id"]) == person, "the test rests on this"
    deals.edit_in_marketo("account", made["account"], company="ACME!")
    deals.world.cycle()
    told = deals.world.command("log", "--person", person, "--json")
    assert "ACME!" not in told.out
    assert "Roe" in told.out
    assert "ACME!" in deals.world.command("log", "--collisions").out
    assert "ACME!" in deals.world.command("log", "--person", made["account"]).out, "by the CRM's id it is found"
