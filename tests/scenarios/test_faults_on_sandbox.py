"""Every class of error at every kind of call: healed, that record rejected, ended as temporary, or left to a human; and
once it is over, both systems are where they would have been without it. The matrix is docs/faults.md."""

import os
from collections import defaultdict
from pathlib import Path

import pytest

from tests.scenarios import fault_docs
from tests.scenarios.crash import Prepared
from tests.scenarios.crms import DYNAMICS, SALESFORCE, Crm
from tests.scenarios.fault_docs import STAYS, Key
from tests.scenarios.fault_trial import Undisturbed, prepare_all, tried

SAMPLE = 16  # trials of a vendor in every build
EVERY = bool(os.environ.get("MKSYNC_EXPLORE"))
WRITE = os.environ.get("MKSYNC_FAULTS") == "write"
VENDORS = (("marketo", "marketo", SALESFORCE), ("salesforce", "crm", SALESFORCE), ("dynamics", "crm", DYNAMICS))

_prepared: dict[str, tuple[Prepared, Undisturbed]] = {}


def prepared(factory: pytest.TempPathFactory, crm: Crm) -> tuple[Prepared, Undisturbed]:
    """Made once for all tests of this file."""
    if crm.system not in _prepared:
        made = prepare_all(factory.mktemp("prepared"), crm)
        _prepared[crm.system] = made, Undisturbed.of(made, factory.mktemp("undisturbed") / "copy")
    return _prepared[crm.system]


@pytest.mark.parametrize(("vendor", "side", "crm"), VENDORS, ids=[vendor for vendor, *_ in VENDORS])
def test_a_fault_does_what_the_matrix_says_and_leaves_nothing_behind(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, vendor: str, side: str, crm: Crm
) -> None:
    made, undisturbed = prepared(tmp_path_factory, crm)
    cells = list(undisturbed.cells(vendor, side))
    if not (EVERY or WRITE):
        cells = cells[:: len(cells) // SAMPLE + 1]
    seen: dict[Key, set[str]] = defaultdict(set)
    wrong: list[str] = []
    for number, cell in enumerate(cells):
        try:
            outcome = tried(made, tmp_path / f"trial{number}", undisturbed, cell)
        except AssertionError as error:
            wrong.append(str(error))
        else:
            seen[cell.trouble.key, STAYS if cell.lasting else cell.call.kind].add(outcome)
    assert not wrong, f"{len(wrong)} of {len(cells)}:\n" + "\n\n".join(wrong)
    if WRITE:
        fault_docs.write(vendor, seen, len(cells))
    told = fault_docs.read(vendor)
    assert {key: found for key, found in seen.items() if not found <= told[key]} == {}, "docs/faults.md tells another"
