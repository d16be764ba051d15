"""How long a command takes that calls nobody, beside the bare interpreter."""

import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.large_mirror import multiply
from benchmarks.measure import ROOT, Cost, alternating, run
from benchmarks.project import project
from benchmarks.scale import Scale
from benchmarks.server import serving
from benchmarks.table import NONE, Row, Table

TYPER = ROOT / "benchmarks" / "floors" / "typer_app.py"
PEOPLE = 200
COMPLETION = {"_MKSYNC_COMPLETE": "complete_bash", "COMP_WORDS": "mksync st", "COMP_CWORD": "1"}
MKSYNC = ("-m", "mksync")
COMMANDS: dict[str, tuple[str, tuple[object, ...]]] = {
    "interpreter": ("`python -c pass`", ("-c", "pass")),
    "typer": ("a Typer program of two commands", (TYPER, "first")),
    "--version": ("`mksync --version`", (*MKSYNC, "--version")),
    "--help": ("`mksync --help`", (*MKSYNC, "--help")),
    "status": ("`mksync status`", (*MKSYNC, "--project", "FOLDER", "status")),
    "log": ("`mksync log`", (*MKSYNC, "--project", "FOLDER", "log")),
    "completion": ("completion in a shell", MKSYNC),
}
AIMS = {"--version": 3, "--help": 13, "status": 10, "log": 10, "completion": 10}  # × the interpreter


def measured(scale: Scale) -> list[Table]:
    table = Table("Start-up", ("command", "ms", "CPU ms", "peak MB", "× the interpreter", "× by CPU"))
    with serving(min(PEOPLE, scale.mirror)) as server, project(server) as here:
        here.begin()  # what follows calls nobody
        there = multiply(here.mirror, scale.mirror)
        found = alternating(scale.short, **{name: _action(name, here.folder) for name in COMMANDS})
    bare = found["interpreter"]
    for name, cost in found.items():
        ratio = cost.wall / bare.wall
        figures = (cost.wall * 1e3, cost.cpu * 1e3, cost.rss)
        by_cpu = cost.cpu / bare.cpu
        cells = (COMMANDS[name][0], *(f"{figure:.0f}" for figure in figures), f"{ratio:.1f}", f"{by_cpu:.1f}")
        limit = AIMS.get(name)
        table.rows.append(
            Row(cells, f"≤ {limit} ×" if limit else NONE, ratio <= limit if limit else None, f"start {name}")
        )
    table.notes.append(
        f"`status` and `log` of a mirror of {there:,} people. Completion: bash asks what follows `mksync st`."
    )
    return [table]


def _action(name: str, folder: Path) -> Callable[[], Cost]:
    words = [folder if word == "FOLDER" else word for word in COMMANDS[name][1]]
    env = COMPLETION if name == "completion" else None
    return lambda: run((sys.executable, *words), env=env)
