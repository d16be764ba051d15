"""Trials of a vendor that share one sandbox, held against their table in docs/faults.md."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from tests.scenarios import fault_docs
from tests.scenarios.crms import CRMS
from tests.scenarios.fault_commands import Cell, crm_of
from tests.scenarios.sandbox_world import World, world

SAMPLE = 16  # trials of a vendor in every build
EVERY = bool(os.environ.get("MKSYNC_EXPLORE"))
WRITE = os.environ.get("MKSYNC_FAULTS") == "write"


class Trials(Protocol):
    def tried(self, cell: Cell) -> str:
        """Its outcome. Raises AssertionError for anything that may not come of it."""
        ...

    def come_to_rest(self) -> None: ...


def hold(folder: Path, vendor: str, table: str, cells: Iterable[Cell], trials_in: Callable[[World], Trials]) -> None:
    """Every outcome is one that the table tells of. With MKSYNC_FAULTS=write the table is written from them."""
    every = list(cells)
    chosen = every if EVERY or WRITE else every[:: len(every) // SAMPLE + 1]
    seen: dict[fault_docs.Key, set[str]] = defaultdict(set)
    wrong: list[str] = []
    with world(folder, crm_of(vendor, CRMS)) as here:
        here.init()
        trials = trials_in(here)
        for cell in chosen:
            try:
                seen[cell.trouble.key, cell.column].add(trials.tried(cell))
            except AssertionError as error:
                wrong.append(str(error)[:600])
                here.sandbox.faults.clear()
        assert not wrong, f"{len(wrong)} of {len(chosen)}:\n" + "\n\n".join(wrong)
        trials.come_to_rest()
    if WRITE:
        fault_docs.write(f"{vendor} {table}", seen, len(chosen))
    told = fault_docs.read(f"{vendor} {table}")
    assert {key: found for key, found in seen.items() if not found <= told[key]} == {}, "docs/faults.md tells another"
