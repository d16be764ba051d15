"""A cycle that is killed at one step after the other, each time from the same beginning."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.scenarios.crash import End, Prepared, end
from tests.scenarios.plug import PlugPulled, plugged


def kill_at(steps: Sequence[str], prepared: Prepared, expected: End, folder: Path, *, sample: int) -> None:
    """The next cycle comes to the expected end, and the one after it is quiet. `sample`: steps in every build."""
    if not os.environ.get("MKSYNC_EXPLORE"):
        steps = steps[:: len(steps) // sample + 1]
    for step in steps:
        with prepared.copy(folder) as here:
            with plugged(here, step), pytest.raises(PlugPulled):
                here.cycle()
            here.cycle()
            assert end(here) == expected, f"killed at {step}"
            with plugged(here) as plug:
                here.cycle()
            assert plug.written == [], f"killed at {step}: not quiet afterwards"
