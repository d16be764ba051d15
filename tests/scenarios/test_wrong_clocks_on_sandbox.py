"""A computer whose clock is wrong syncs as any other: moments of different systems are never compared."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from mksync.sandbox.clock import SandboxClock
from tests.scenarios.crm import Crm
from tests.scenarios.crms import CRMS
from tests.scenarios.sandbox_world import SteeredClock, world

DAY = 86_400.0


@dataclass(frozen=True)
class Wrong(SteeredClock):
    """The time at this computer, so many seconds from what both systems say."""

    off: float = 0.0

    def now(self) -> float:
        return self.clock.now() + self.off


def wrong(clock: SandboxClock, off: float) -> Wrong:
    return Wrong(clock, off)


@pytest.mark.parametrize("facts", CRMS, ids=lambda facts: facts.system)
@pytest.mark.parametrize("off", [-10 * DAY, -3 * DAY, -3600.0, 3600.0, 3 * DAY, 400 * DAY])
def test_edits_of_both_sides_meet_whatever_this_computer_takes_for_the_time(
    tmp_path: Path, facts: Crm, off: float
) -> None:
    with world(tmp_path, facts) as here:
        here.clock = wrong(here.sandbox.clock, off)
        here.init()
        leads = [here.crm.named("lead", lastName=f"Roe {number}", title="CTO") for number in range(3)]
        assert here.cycle().exit_code == 0
        for _ in range(2):
            assert here.cycle().quiet
        here.crm.edit("lead", leads[0], title="of the CRM")
        here.marketo.edit(here.person_of(leads[1]), title="of Marketo")
        here.crm.edit("lead", leads[2], title="loses")
        here.marketo.edit(here.person_of(leads[2]), title="wins")
        here.crm.named("lead", lastName="New")
        report = here.cycle()
        assert (report.exit_code, report.objects[0].collisions_total, report.objects[0].created) == (0, 1, 1)
        expected = ["of the CRM", "of Marketo", "wins"]
        assert [here.crm.records("lead", "title")[id]["title"] for id in leads] == expected
        people = here.marketo.people("title")
        assert [people[here.person_of(id)]["title"] for id in leads] == expected
        assert here.cycle().quiet
