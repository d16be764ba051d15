"""Kill a conversion at its HTTP calls and at the commits of its mirror; after the next cycle nothing is half done."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.converting import WAYS, Sales, Way
from tests.scenarios.plug import PlugPulled, plugged
from tests.scenarios.sandbox_world import World, world

SAMPLE = 3  # steps of a kind in every build; all of them with MKSYNC_EXPLORE=1
KINDS = ("marketo before", "marketo after", "crm before", "crm after", "commit before", "commit after")


def prepared(folder: Path, way: Way) -> Iterator[tuple[World, Sales]]:
    with world(folder, way.crm) as here:
        here.init()
        sales = Sales(here, way)
        sales.lead(title="CTO")
        yield here, sales


def steps(folder: Path, way: Way) -> list[str]:
    """Every step of a conversion that nobody kills."""
    for here, sales in prepared(folder, way):
        with plugged(here) as plug:
            assert sales.whole("pat@example.com").code == 0
        return plug.steps
    raise AssertionError


def sampled(found: list[str]) -> Iterator[str]:
    for kind in KINDS:
        some = [step for step in found if step.rpartition(" ")[0] == kind]
        every = 1 if os.environ.get("MKSYNC_EXPLORE") else max(1, len(some) // SAMPLE)
        yield from some[::every]
        yield from some[-1:]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.crm.system)
def test_whatever_a_kill_leaves_is_whole_after_the_next_cycle(tmp_path: Path, way: Way) -> None:
    (tmp_path / "whole").mkdir()
    ends = set()
    for number, fatal in enumerate(dict.fromkeys(sampled(steps(tmp_path / "whole", way)))):
        folder = tmp_path / str(number)
        folder.mkdir()
        for here, sales in prepared(folder, way):
            ends.add(_killed(here, sales, fatal))
    assert ends == {"converted", "not converted"}


def _killed(here: World, sales: Sales, fatal: str) -> str:
    (lead,) = sales.records_of_people().values()
    with plugged(here, fatal), pytest.raises(PlugPulled):
        sales.whole("pat@example.com")
    assert here.cycle().exit_code == 0, fatal
    report = here.cycle()
    assert (report.exit_code, report.quiet) == (0, True), fatal
    contacts = sales.all("contact")
    if not contacts:
        assert sales.links() == set(), fatal
        assert list(sales.records_of_people().values()) == [lead], fatal
        assert sales.whole("pat@example.com").code == 0, f"{fatal}: the order may be given again"
    _is_whole(sales, fatal)
    return "converted" if contacts else "not converted"


def _is_whole(sales: Sales, fatal: str) -> None:
    """One contact, one account, one opportunity, one person, and the link between."""
    contact, account, _ = (sales.only(object) for object in ("contact", "account", "opportunity"))
    assert sales.all("contact") == {contact: account}, fatal
    (person,) = sales.records_of_people()
    assert sales.records_of_people() == {person: contact}, fatal
    assert sales.links() == {(person, contact)}, fatal
