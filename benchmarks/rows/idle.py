"""A cycle with nothing to do, among few people and among many, beside the bare round trips."""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.large_mirror import multiply
from benchmarks.measure import ROOT, Cost, alternating, run
from benchmarks.project import Project, project
from benchmarks.scale import Scale
from benchmarks.server import serving
from benchmarks.table import COSTS, NONE, Row, Table, seconds

FLOOR = ROOT / "benchmarks" / "floors" / "round_trips.py"


def measured(scale: Scale) -> list[Table]:
    table = Table("A cycle with nothing to do", ("people", "program", *COSTS, "ratio"))
    few, many = scale.idle
    with serving(few) as server, project(server) as small, TemporaryDirectory(prefix="mksync-benchmark-") as folder:
        small.begin()
        small.settle(scale.settles)
        large = Project(Path(folder) / "large", server)
        shutil.copytree(small.folder, large.folder)
        there = multiply(large.mirror, many)
        large.mksync("mirror", "check")
        for one in (small, large):
            one.settle(1)
        calls = min((_calls(small) for _ in range(2)), key=lambda found: sum(found.values()))
        urls = server.urls
        floor = (sys.executable, FLOOR, urls["marketo"], calls["marketo"], urls["salesforce"], calls["salesforce"])
        found = alternating(
            scale.times, floor=lambda: run(floor, server.pid), small=lambda: _idle(small), large=lambda: _idle(large)
        )
    trips, less, more = found["floor"], found["small"], found["large"]
    table.rows.append(Row((NONE, "round trips", *seconds(trips), "1.00"), NONE))
    ratio = less.wall / trips.wall
    cells = (f"{few:,}", "mksync", *seconds(less), f"{ratio:.2f}")
    table.rows.append(Row(cells, "≤ 2 × the round trips", ratio <= 2, "idle trips"))
    ratio = more.wall / less.wall
    cells = (f"{there:,}", "mksync", *seconds(more), f"{ratio:.2f}")
    table.rows.append(Row(cells, f"≤ 1.1 × {few:,} people", ratio <= 1.1, "idle large"))
    table.notes.append(
        f"Round trips: a script that makes as many calls ({calls['marketo']} of Marketo, {calls['salesforce']} of"
        " Salesforce) with requests, its interpreter's start with it. The large mirror is the small one with its rows"
        " multiplied, and passes `mksync mirror check`."
    )
    return [table]


def _calls(here: Project) -> dict[str, int]:
    """What a cycle takes. Once an hour one looks at the fields again; of two in turn the lesser one does not."""
    here.server.calls()
    _idle(here)
    return here.server.calls(sign_ins=True)


def _idle(here: Project) -> Cost:
    here.server.pause()
    return here.mksync("run-once", "--quiet")
