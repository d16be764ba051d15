"""Histories of accounts, users, opportunities and roles: the CRM is never written to, and Marketo ends up with them."""

import pytest

from tests.chaos.deals import History, script
from tests.chaos.runner import live_through, seeds

HISTORIES, BLOCKS = 200, 4


@pytest.mark.parametrize("block", range(BLOCKS))
def test_whatever_happens_marketo_has_every_deal_of_the_crm_with_its_account_and_its_people(block: int) -> None:
    live_through(seeds(HISTORIES, block, BLOCKS), script, lambda one: History(one).live(one))
