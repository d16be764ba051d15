"""Pushing one person, near and far, beside a bare script with the same calls."""

import shutil
import sys

from benchmarks.measure import ROOT, Cost, alternating, run
from benchmarks.project import Project, project
from benchmarks.scale import Scale
from benchmarks.server import serving
from benchmarks.table import COSTS, NONE, Row, Table, seconds

FLOOR = ROOT / "benchmarks" / "floors" / "push.py"
PEOPLE = 60


def measured(scale: Scale) -> list[Table]:
    table = Table("`push-person`: somebody who was edited in Marketo", ("latency", "program", *COSTS, "calls"))
    with serving(PEOPLE) as server, project(server) as here:
        here.begin()
        here.settle(scale.settles)
        start = 0.0
        for latency in scale.latencies:
            server.delay(latency)
            pushed = _Pushed(here)
            found = alternating(scale.times, floor=pushed.by_the_floor, mksync=pushed.by_mksync)
            floor, ours = found["floor"], found["mksync"]
            at = f"{latency} ms"
            table.rows.append(Row((at, "bare script", *seconds(floor), str(pushed.calls["floor"])), NONE))
            calls = pushed.calls["mksync"]
            cells = (at, "mksync", *seconds(ours), str(calls))
            if not latency:
                start = ours.wall
                table.rows.append(Row(cells, NONE))
                continue
            most = start + 1.1 * calls * latency / 1_000
            aim = f"≤ {most:.2f} s: start-up + 1.1 × calls × latency"
            table.rows.append(Row(cells, aim, ours.wall <= most, "push"))
    if shutil.which("sf") is None:
        table.notes.append("`sf data update record` was not measured: the Salesforce CLI is not installed here.")
    table.notes.append(
        "Start-up is mksync's time without latency. The calls are all that the vendors saw, sign-ins with them; the"
        " script signs in to both each time."
    )
    return [table]


class _Pushed:
    """One person, edited in Marketo before each push."""

    def __init__(self, here: Project) -> None:
        self.calls: dict[str, int] = {}
        self._here = here
        self._person, self._lead, self._email = here.somebody()
        self._turn = 0

    def by_mksync(self) -> Cost:
        self._edited()
        cost = self._here.mksync("push-person", self._email)
        return self._counted("mksync", cost)

    def by_the_floor(self) -> Cost:
        self._edited()
        urls, server = self._here.server.urls, self._here.server
        command = (sys.executable, FLOOR, urls["marketo"], urls["salesforce"], self._email, self._lead)
        return self._counted("floor", run(command, server.pid))

    def _edited(self) -> None:
        self._turn += 1
        self._here.server.edit_marketo([self._person], f"Title {self._turn} {self._here.server.ahead:.0f}")
        self._here.server.calls()

    def _counted(self, name: str, cost: Cost) -> Cost:
        self.calls[name] = sum(self._here.server.calls(sign_ins=True).values())
        return cost
