"""Histories of custom objects: the CRM is never written to, and Marketo ends up with what it has, at its people."""

import pytest

from tests.chaos.customs import History, script
from tests.chaos.runner import live_through, seeds

HISTORIES, BLOCKS = 200, 4


@pytest.mark.parametrize("block", range(BLOCKS))
def test_whatever_happens_marketo_has_every_record_of_the_crm_once_and_with_its_person(block: int) -> None:
    live_through(seeds(HISTORIES, block, BLOCKS), script, lambda one: History(one).live(one))
