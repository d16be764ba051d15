"""A cycle with changes on both sides, beside a bare script that reads, compares and writes them."""

import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time

from benchmarks.large_mirror import multiply
from benchmarks.measure import ROOT, Cost, run
from benchmarks.project import Project, project
from benchmarks.rows.pull import PAIRS
from benchmarks.scale import Scale
from benchmarks.server import serving
from benchmarks.table import COSTS, NONE, Row, Table, seconds

LONG = 10_000  # changes that are measured once
FLOOR = ROOT / "benchmarks" / "floors" / "changed.py"


def measured(scale: Scale) -> list[Table]:
    table = Table("A cycle with changes on both sides", ("changed on each side", "among", "program", *COSTS, "ratio"))
    for many in scale.worked:
        first: Cost | None = None
        for people in scale.among:
            ours, floor, there = _measured(many, people, scale)
            start = (f"{many:,}", f"{there:,}")
            table.rows.append(Row((*start, "floor", *seconds(floor), "1.00"), NONE))
            ratio = ours.wall / floor.wall
            row = Row((*start, "mksync", *seconds(ours), f"{ratio:.2f}"), "≤ 1.5 × the floor", ratio <= 1.5, "changed")
            table.rows.append(row)
            if first:
                ratio = ours.wall / first.wall
                cells = (*start, f"beside {scale.among[0]:,}", *[NONE] * len(COSTS), f"{ratio:.2f}")
                table.rows.append(Row(cells, "≤ 1.3 ×", ratio <= 1.3, "changed large"))
            first = first or ours
    table.notes.append(
        "The floor reads what changed (Salesforce by time of change, Marketo by its log of changes and then by id),"
        " stages it, compares 18 fields with a base of as many pairs in SQL, and writes the other side in the largest"
        " batches: without guarding against edits meanwhile, reading back, or noting what it does before it does it."
    )
    return [table]


def _measured(many: int, people: int, scale: Scale) -> tuple[Cost, Cost, int]:
    """mksync's cost, the floor's, and how many people there are."""
    ours, floors = [], []
    with serving(min(people, 4 * many + 40)) as server, project(server) as here:
        here.begin()
        here.settle(scale.settles)
        there = multiply(here.mirror, people)
        here.settle(1)
        for turn in range(scale.times if many < LONG else 1):
            here.settle(scale.settles)  # what the floor has written is read by then
            here.edit_both(many, f"Edited {turn}")
            ours.append(here.mksync("run-once", "--quiet"))
            here.settle(scale.settles)
            floors.append(_floor(here, many, f"Again {turn}"))
    return min(ours, key=lambda cost: cost.wall), min(floors, key=lambda cost: cost.wall), there


def _floor(here: Project, many: int, title: str) -> Cost:
    server = here.server
    with TemporaryDirectory(prefix="mksync-benchmark-") as folder:
        base = Path(folder) / "base.db"
        _base(here, base)
        since = datetime.fromtimestamp(time() + server.ahead, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        paging = server.paging_token(since)
        here.edit_both(many, title)
        command = (sys.executable, FLOOR, server.urls["marketo"], server.urls["salesforce"], base, since, paging, many)
        return run(command, server.pid)


def _base(here: Project, path: Path) -> None:
    """A table of all linked pairs, as the floor compares with."""
    pairs = PAIRS["lead"]
    both = [*(f"m.{name} AS m_{name}" for name in pairs), *(f"c.{crm} AS c_{name}" for name, crm in pairs.items())]
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("ATTACH ? AS mirror", (str(here.mirror),))
        db.execute(
            f"CREATE TABLE base AS SELECT m._id AS person, c._id AS record, {', '.join(both)} FROM mirror.link"
            " JOIN mirror.marketo_person AS m ON m._pid = link.person"
            " JOIN mirror.crm_lead AS c ON c._pid = link.record WHERE link.object = 'lead'"
        )
        db.execute("CREATE UNIQUE INDEX by_person ON base(person)")
        db.execute("CREATE UNIQUE INDEX by_record ON base(record)")
