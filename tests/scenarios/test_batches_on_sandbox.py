"""More updates than one call to Salesforce takes: several calls are under way when something goes wrong."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mksync.config import FILE
from mksync.errors import Temporary
from tests.scenarios.crms import SALESFORCE
from tests.scenarios.plug import PlugPulled, plugged
from tests.scenarios.sandbox_world import World, world

PEOPLE = 60  # three calls
COMPOSITE = "/composite$"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """Everybody's title was edited in Marketo."""
    with world(tmp_path, SALESFORCE) as made:
        file = made.folder / FILE
        file.write_text(file.read_text() + "\n[brakes]\nchanged_share = 1\n")
        made.init()
        for number in range(PEOPLE):
            made.crm.named("lead", lastName=f"Roe {number}", email=f"roe{number}@example.com")
        made.cycle()
        for person in made.marketo.people():
            made.marketo.edit(person, title="CEO")
        yield made


def titles(here: World) -> Counter[str | None]:
    return Counter(row["title"] for row in here.crm.everything("lead").values())


def in_step(here: World) -> None:
    """Everybody has the new title, and nothing is left to write."""
    assert titles(here) == {"CEO": PEOPLE}
    with plugged(here) as plug:
        assert here.cycle().exit_code == 0
    assert plug.written == []


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "truncated", "http_503", "REQUEST_LIMIT_EXCEEDED"])
@pytest.mark.parametrize("after", [1, 2, 3])
def test_one_call_of_a_batch_that_goes_wrong_costs_no_other_its_outcome(here: World, fault: str, after: int) -> None:
    here.fails(fault, "crm", COMPOSITE, after=after)  # the first one reads what changed
    with plugged(here) as plug:
        try:
            here.cycle()
        except Temporary:
            assert fault == "REQUEST_LIMIT_EXCEEDED"
        calls = [call for call in plug.written if call.startswith("crm")]
        here.cycle()
        again = [call for call in plug.written if call.startswith("crm")][len(calls) :]
    assert (len(calls), len(again)) == (3, 0 if fault in ("reset_after", "truncated") else 1)
    in_step(here)


@pytest.mark.parametrize("step", ["crm before 3", "crm after 3", "crm before 4", "crm after 4"])
def test_a_run_that_dies_while_calls_are_under_way_leaves_what_the_next_one_settles(here: World, step: str) -> None:
    with plugged(here, step), pytest.raises(PlugPulled):
        here.cycle()
    here.cycle()
    in_step(here)
