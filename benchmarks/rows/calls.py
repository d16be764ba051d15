"""API calls of a cycle, as the vendors count them, beside the fewest that their documents allow. Sign-ins left out."""

from math import ceil

from benchmarks.project import Project, project
from benchmarks.scale import Scale
from benchmarks.server import serving
from benchmarks.table import Row, Table

TITLES = {"marketo": "Marketo", "salesforce": "Salesforce", "dynamics": "Dynamics"}
IDLE = {"marketo": 2, "salesforce": 1, "dynamics": 2}  # Dynamics keeps a change feed for each of two tables
# The most records that one call reads, and the most that one writes (Marketo: also the entries of its log of changes)
SIZES = {"marketo": (300, 300), "salesforce": (2_000, 200), "dynamics": (5_000, 1_000)}


def measured(scale: Scale) -> list[Table]:
    table = Table("API calls", ("a cycle with", "system", "calls", "fewest", "ratio"))
    for crm in scale.crms:
        people = max(60, 5 * max(scale.changed))
        with serving(people, crm) as server, project(server) as here:
            here.begin()
            here.settle(scale.settles)
            _idle(here, table)
            for many in scale.changed:
                here.settle(scale.settles)
                _changed(here, many, table)
    table.notes.append(
        "Fewest: one call for what changed (Salesforce), one a table (Dynamics), one for changes and one for deletions"
        " (Marketo); with changes, a call for every full page that is read and every full batch that is written."
        " Marketo tells neither in its log what a person holds nor in its answer what it made of a write: both are read"
        " by id."
    )
    return [table]


def _idle(here: Project, table: Table) -> None:
    here.server.pause()
    here.server.calls()
    here.mksync("run-once", "--quiet")
    calls = here.server.calls()
    for system, fewest in IDLE.items():
        if system in calls:
            met = calls[system] <= fewest
            cells = ("nothing changed", _title(system, here), *_cells(calls[system], fewest))
            table.rows.append(Row(cells, "the fewest", met, f"idle {system}"))


def _changed(here: Project, many: int, table: Table) -> None:
    here.edit_both(many, f"Edited {many}")
    here.server.calls()
    here.mksync("run-once", "--quiet")
    calls = here.server.calls()
    for system in ("marketo", here.server.crm):
        fewest = _fewest(system, many)
        met = calls[system] <= 1.1 * fewest + 1
        cells = (f"{many:,} changed on each side", _title(system, here), *_cells(calls[system], fewest))
        table.rows.append(Row(cells, "≤ 1.1 × + 1", met, f"changed {system}"))


def _fewest(system: str, many: int) -> int:
    read, written = SIZES[system]
    reads, writes = ceil(many / read), ceil(many / written)
    by_id = 2 * reads if system == "marketo" else 0
    return IDLE[system] - 1 + reads + writes + by_id


def _title(system: str, here: Project) -> str:
    return f"Marketo, beside {TITLES[here.server.crm]}" if system == "marketo" else TITLES[system]


def _cells(calls: int, fewest: int) -> tuple[str, ...]:
    return f"{calls:,}", f"{fewest:,}", f"{calls / fewest:.1f}"
