"""Set-up and first cycle of both sides, beside bare scripts that read as much and write as much; and its memory."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import ROOT, Cost, run
from benchmarks.project import Project, project
from benchmarks.rows.pull import WANTED
from benchmarks.scale import Scale
from benchmarks.server import serving
from benchmarks.table import COSTS, NONE, Row, Table, seconds

FLOORS = ROOT / "benchmarks" / "floors"
MOST = 120  # MB
RATE = 5.0  # calls a second: 100 in 20 seconds
SHARE = 0.9  # of it that mksync takes


def measured(scale: Scale) -> list[Table]:
    times = Table("The whole first cycle, both sides", ("people", "program", *COSTS, "× the floor"))
    limited = Table("The same at Marketo's rate limit", ("people", "program", "Marketo's calls", "s", "× the floor"))
    memory = Table("Peak memory of the first cycle", ("people", "MB", "× the smallest"))
    peaks: dict[int, float] = {}
    for people in scale.first:
        with serving(people) as server, project(server) as here:
            server.calls()
            ours = here.begin()
            peaks[people] = ours.rss
            calls = server.calls()["marketo"]
            floor = _floor(here)
            _limited(people, (ours, calls), (floor, server.calls()["marketo"]), limited)
            times.rows.append(Row((f"{people:,}", "floor", *seconds(floor), "1.00"), NONE))
            ratio = ours.wall / floor.wall
            cells = (f"{people:,}", "mksync", *seconds(ours), f"{ratio:.2f}")
            times.rows.append(Row(cells, "≤ 1.5 × the floor", ratio <= 1.5, "first cycle"))
    smallest = peaks[scale.first[0]]
    for people, peak in peaks.items():
        ratio = peak / smallest
        memory.rows.append(
            Row(
                (f"{people:,}", f"{peak:.0f}", f"{ratio:.2f}"),
                f"≤ 1.25 ×, ≤ {MOST} MB",
                ratio <= 1.25 and peak <= MOST,
                "memory",
            )
        )
    times.notes.append(
        "`mksync init` and `mksync run-once`, measured once: linking by e-mail, creating, updating, reading back. The"
        " floor reads everybody once from each side into SQLite and writes as many records to each side as mksync did,"
        " in the largest batches, without linking, comparing or noting anything. Waiting for Marketo's rate limit takes"
        " no time here: it would be the same for both."
    )
    limited.notes.append(
        f"Marketo takes {RATE:.0f} calls a second of all integrations together. Calculated: as many calls take as long"
        " as that, unless the work takes longer. mksync leaves a tenth of the limit to others."
    )
    return [times, limited, memory]


def _limited(people: int, ours: tuple[Cost, int], floor: tuple[Cost, int], table: Table) -> None:
    fewest = max(floor[0].wall, floor[1] / RATE)
    found = max(ours[0].wall, ours[1] / (SHARE * RATE))
    table.rows.append(Row((f"{people:,}", "floor", f"{floor[1]:,}", f"{fewest:.1f}", "1.00"), NONE))
    cells = (f"{people:,}", "mksync", f"{ours[1]:,}", f"{found:.1f}", f"{found / fewest:.2f}")
    table.rows.append(Row(cells, "≤ 1.5 × the floor", found <= 1.5 * fewest, "first cycle limited"))


def _floor(here: Project) -> Cost:
    """Reading everybody, and writing again as many people and leads as the first cycle wrote."""
    server = here.server
    linked = here.linked()
    written = here.written()
    people = [person for person, _ in linked[: written["marketo"]]]
    leads = [lead for _, lead in linked[: written["crm"]]]
    with TemporaryDirectory(prefix="mksync-benchmark-") as folder:
        at, urls = Path(folder), server.urls
        ids = {"people": people, "leads": leads}
        for name, some in ids.items():
            (at / name).write_text("\n".join(some))
        steps = (
            (FLOORS / "pull.py", urls["salesforce"], at / "crm.db", *WANTED),
            (FLOORS / "pull_marketo.py", urls["marketo"], at / "marketo.db", here.most_people()),
            (FLOORS / "write.py", "marketo", urls["marketo"], at / "people"),
            (FLOORS / "write.py", "salesforce", urls["salesforce"], at / "leads"),
        )
        costs = [run((sys.executable, *step), server.pid) for step in steps]
    return sum(costs[1:], costs[0])
