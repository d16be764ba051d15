"""Pushing one person, near and far, beside a bare script with the same calls."""

import sys

from benchmarks.measure import ROOT, Cost, alternating, run
from benchmarks.project import Project, project
from benchmarks.salesforce_cli import SalesforceCli, salesforce_cli
from benchmarks.scale import Scale
from benchmarks.server import serving
from benchmarks.table import COSTS, NONE, Row, Table, seconds

FLOOR = ROOT / "benchmarks" / "floors" / "push.py"
PEOPLE = 60
SCRIPT, MKSYNC, SF = "bare script", "mksync", "`sf data update record`"


def measured(scale: Scale) -> list[Table]:
    table = Table("`push-person`: somebody who was edited in Marketo", ("latency", "program", *COSTS, "calls"))
    with serving(PEOPLE) as server, project(server) as here, salesforce_cli(server, wanted=scale.peers) as cli:
        here.begin()
        here.settle(scale.settles)
        start = 0.0
        for latency in scale.latencies:
            server.delay(latency)
            pushed = _Pushed(here, cli)
            beside = {SF: pushed.by_the_cli} if cli else {}
            found = alternating(scale.times, **{SCRIPT: pushed.by_the_floor, MKSYNC: pushed.by_mksync}, **beside)
            ours = found[MKSYNC]
            start = start or ours.wall
            for name, cost in found.items():
                cells = (f"{latency} ms", name, *seconds(cost), str(pushed.calls[name]))
                most = start + 1.1 * pushed.calls[name] * latency / 1_000
                aim = f"≤ {most:.2f} s: start-up + 1.1 × calls × latency"
                ruled = name == MKSYNC and latency
                table.rows.append(Row(cells, aim, cost.wall <= most, "push") if ruled else Row(cells, NONE))
        if cli:
            table.notes.append(
                f"`sf` is the Salesforce CLI {cli.version}: it updates one lead, reads nothing, and keeps its token."
            )
        elif scale.peers:
            table.notes.append("`sf data update record` was not measured: the Salesforce CLI is not installed here.")
    table.notes.append(
        "Start-up is mksync's time without latency. The calls are all that the vendors saw, sign-ins with them; the"
        " script signs in to both each time."
    )
    return [table]


class _Pushed:
    """One person, edited in Marketo before each push."""

    def __init__(self, here: Project, cli: SalesforceCli | None) -> None:
        self.calls: dict[str, int] = {}
        self._here = here
        self._cli = cli
        self._person, self._lead, self._email = here.somebody()
        self._other = here.linked()[-1][1]  # a lead of its own, so that no push has more to do for it
        self._turn = 0

    def by_mksync(self) -> Cost:
        self._edited()
        cost = self._here.mksync("push-person", self._email)
        return self._counted(MKSYNC, cost)

    def by_the_floor(self) -> Cost:
        self._edited()
        urls, server = self._here.server.urls, self._here.server
        command = (sys.executable, FLOOR, urls["marketo"], urls["salesforce"], self._email, self._lead)
        return self._counted(SCRIPT, run(command, server.pid))

    def by_the_cli(self) -> Cost:
        assert self._cli is not None, "it is measured where it is installed"
        self._edited()
        return self._counted(SF, self._cli.update(self._other, f"Title {self._turn} by sf"))

    def _edited(self) -> None:
        self._turn += 1
        self._here.server.edit_marketo([self._person], f"Title {self._turn} {self._here.server.ahead:.0f}")
        self._here.server.calls()

    def _counted(self, name: str, cost: Cost) -> Cost:
        self.calls[name] = sum(self._here.server.calls(sign_ins=True).values())
        return cost
