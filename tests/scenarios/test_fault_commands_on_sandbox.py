"""Every class of error at what the commands write: a record made, a lead converted, an id kept, a refusal logged.

Each ends in one of the outcomes of docs/faults.md, makes nothing twice, and mends with the same command.
"""

from pathlib import Path

import pytest

from tests.scenarios.fault_commands import Trials, cells
from tests.scenarios.fault_matrix import hold


@pytest.mark.parametrize("vendor", ["marketo", "salesforce", "dynamics"])
def test_a_fault_at_what_a_command_writes_does_what_the_matrix_says_and_leaves_nothing_behind(
    tmp_path: Path, vendor: str
) -> None:
    hold(tmp_path, vendor, "commands", cells(vendor), Trials)
