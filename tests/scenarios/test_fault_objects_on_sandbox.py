"""Every class of error at what is written beside people, at pages behind the first, and at bulk query jobs.

Each ends in one of the outcomes of docs/faults.md, makes nothing twice, and mends with the next cycle.
"""

import os
from collections import defaultdict
from pathlib import Path

import pytest

from tests.scenarios import fault_docs
from tests.scenarios.crms import CRMS
from tests.scenarios.fault_commands import crm_of
from tests.scenarios.fault_objects import Trials, cells
from tests.scenarios.sandbox_world import world

SAMPLE = 16  # trials of a vendor in every build
EVERY = bool(os.environ.get("MKSYNC_EXPLORE"))
WRITE = os.environ.get("MKSYNC_FAULTS") == "write"


@pytest.mark.parametrize("vendor", ["marketo", "salesforce", "dynamics"])
def test_a_fault_beside_people_does_what_the_matrix_says_and_leaves_nothing_behind(tmp_path: Path, vendor: str) -> None:
    every = list(cells(vendor))
    chosen = every if EVERY or WRITE else every[:: len(every) // SAMPLE + 1]
    seen: dict[fault_docs.Key, set[str]] = defaultdict(set)
    wrong: list[str] = []
    with world(tmp_path, crm_of(vendor, CRMS)) as here:
        here.init()
        trials = Trials(here)
        for cell in chosen:
            try:
                seen[cell.trouble.key, cell.column].add(trials.tried(cell))
            except AssertionError as error:
                wrong.append(str(error)[:600])
                here.sandbox.faults.clear()
        assert not wrong, f"{len(wrong)} of {len(chosen)}:\n" + "\n\n".join(wrong)
        trials.come_to_rest()
    if WRITE:
        fault_docs.write(f"{vendor} objects", seen, len(chosen))
    told = fault_docs.read(f"{vendor} objects")
    assert {key: found for key, found in seen.items() if not found <= told[key]} == {}, "docs/faults.md tells another"
