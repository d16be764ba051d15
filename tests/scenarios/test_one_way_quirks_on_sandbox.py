"""The same story of a deal wherever Marketo's documents leave open what it does."""

from pathlib import Path

import pytest

from tests.scenarios.one_way import SALESFORCE_DEALS, Deals
from tests.scenarios.sandbox_world import world

QUIRKS = (
    "unknown_links_kept", "unknown_parent_per_record", "orphans_deleted", "company_changes_logged", "omits_nulls",
    "in_use_stays", "leads_write_companies", "exact_case", "empty_string_kept", "frozen_ignored",
)  # fmt: skip


@pytest.mark.parametrize("quirk", QUIRKS)
def test_a_deal_ends_the_same(tmp_path: Path, quirk: str) -> None:
    with world(tmp_path, SALESFORCE_DEALS.facts, quirks={"marketo": frozenset({quirk})}) as here:
        here.init()
        deals = Deals(here, SALESFORCE_DEALS)
        deals.select()
        user = deals.create("user", lastName="Salas", email="salas@example.com")
        accounts = [deals.create("account", company=name, owner=user) for name in ("Acme", "Beta")]
        people = [deals.create("contact", lastName=name, account=accounts[0], owner=user) for name in ("Roe", "Poe")]
        opportunity = deals.create("opportunity", name="Acme 2027", account=accounts[0], owner=user)
        role = deals.create("role", opportunity=opportunity, contact=people[0])
        assert here.cycle().exit_code == 0
        assert here.cycle().quiet

        deals.edit("account", accounts[0], company="Acme Corp")
        deals.edit("contact", people[0], account=accounts[1])
        deals.edit("opportunity", opportunity, account=accounts[1], name="Beta 2027")
        deals.edit("role", role, contact=people[1], role="Evaluator")
        deals.edit_in_marketo("account", accounts[1], company="BETA!")
        assert here.cycle().exit_code == 0
        assert [deals.kept("account", id)["company"] for id in accounts] == ["Acme Corp", "Beta"]
        named = [deals.person(id)["externalCompanyId"] for id in people]
        assert named == [accounts[1], accounts[0]]
        assert deals.kept("opportunity", opportunity)["externalCompanyId"] == accounts[1]
        assert deals.roles() == [(opportunity, people[1], "Evaluator")]
        assert here.cycle().quiet

        deals.delete("opportunity", opportunity)
        assert here.cycle().exit_code == 0
        assert deals.roles() == []
        assert here.cycle().quiet
