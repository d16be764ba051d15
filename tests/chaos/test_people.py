"""Thousands of histories of people: nothing is lost or invented, both sides come to agree, and then is silence."""

import pytest

from tests.chaos.people import History, script
from tests.chaos.runner import live_through, seeds

HISTORIES, BLOCKS = 2_000, 10


@pytest.mark.parametrize("block", range(BLOCKS))
def test_whatever_happens_nothing_is_lost_and_both_sides_come_to_agree(block: int) -> None:
    live_through(seeds(HISTORIES, block, BLOCKS), script, lambda one: History(one).live())
