"""A real process is killed with SIGKILL in the middle of a write; the next run heals, and nobody is doubled."""

from pathlib import Path

import pytest

from mksync.sandbox.server import Sandbox
from tests.scenarios.crms import CRMS, Crm
from tests.scenarios.processes import Trap, killed_in, ran
from tests.scenarios.sandbox_world import KEY, World


@pytest.mark.parametrize("crm", CRMS, ids=lambda crm: crm.system)
@pytest.mark.parametrize("after_effect", [False, True])
def test_a_killed_process_is_healed_by_the_next_run(tmp_path: Path, after_effect: bool, crm: Crm) -> None:
    with Sandbox.start(vendors=("marketo", crm.system)) as sandbox:
        here = World(tmp_path, sandbox, crm)
        here.prepare()
        ran(tmp_path, "init")
        lead = here.crm.named("lead", title="CTO")
        killed_in(Trap(sandbox, after_effect=after_effect), sandbox, tmp_path, "run-once")
        ran(tmp_path, "run-once")
        assert [row["title"] for row in here.marketo.people("title", KEY).values() if row[KEY] == lead] == ["CTO"]
        here.crm.edit("lead", lead, title="CEO")
        ran(tmp_path, "run-once")
        assert [row["title"] for row in here.marketo.people("title").values()] == ["CEO"]
