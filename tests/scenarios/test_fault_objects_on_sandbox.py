"""Every class of error at what is written beside people, at pages behind the first, and at bulk query jobs.

Each ends in one of the outcomes of docs/faults.md, makes nothing twice, and mends with the next cycle.
"""

from pathlib import Path

import pytest

from tests.scenarios.fault_matrix import hold
from tests.scenarios.fault_objects import Trials, cells


@pytest.mark.parametrize("vendor", ["marketo", "salesforce", "dynamics"])
def test_a_fault_beside_people_does_what_the_matrix_says_and_leaves_nothing_behind(tmp_path: Path, vendor: str) -> None:
    hold(tmp_path, vendor, "objects", cells(vendor), Trials)
