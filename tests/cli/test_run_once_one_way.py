"""What run-once prints of one-way objects, word for word."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import agrees_with_golden, rehearsal, run_once, sandbox_with_people
from tests.scenarios.crms import Crm
from tests.scenarios.one_way import ALL, Deals
from tests.scenarios.sandbox_world import world


@pytest.fixture
def deals(tmp_path: Path, crm: Crm) -> Iterator[Deals]:
    with world(tmp_path, crm) as made:
        made.init()
        yield Deals(made, next(facts for facts in ALL if facts.facts == crm))


def test_init_says_how_one_way_objects_are_turned_on(tmp_path: Path, crm: Crm) -> None:
    with sandbox_with_people(crm) as sandbox:
        here = rehearsal(tmp_path / "new", sandbox, crm)
        ended = here.command("init", "--no-input")
        assert ended.code == 0, ended
        (line,) = (line for line in ended.err.splitlines() if "to Marketo only" in line)
        _, _, command = line.partition(": mksync ")
        assert here.command(*command.split()).code == 0
        assert "Account: " in here.command("run-once", "--dry-run").out


def test_edits_a_collision_a_new_orphan_and_what_waits(deals: Deals, crm: Crm) -> None:
    deals.select("account", "opportunity", "role")
    account = deals.create("account", company="Acme")
    contact = deals.create("contact", lastName="Roe", email="roe@example.com", account=account)
    opportunity = deals.create("opportunity", name="Acme 2027", account=account, amount=1500)
    role = deals.create("role", opportunity=opportunity, contact=contact, role="Evaluator")
    assert agrees_with_golden("one_way_first", run_once(deals.world).out, crm)
    deals.edit("account", account, company="Acme Corp")
    deals.edit("opportunity", opportunity, amount=2000)
    deals.edit_in_marketo("account", account, mainPhone="555 0100")
    deals.delete("role", role)
    ended = run_once(deals.world)
    assert (ended.code, ended.err) == (0, "")
    assert agrees_with_golden("one_way", ended.out, crm)
    quiet = run_once(deals.world, "--quiet")
    assert (quiet.code, quiet.out) == (0, "")
