"""One fault at a call for what stands beside people, at a page behind the first, or at a bulk query job.

All trials of a vendor share one sandbox and one project; each gives the next cycle something of its own to bring over.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mksync.mirror.history import Chosen
from tests.scenarios.fault_calls import Call
from tests.scenarios.fault_commands import HEALED, NEXT, REJECTED, Cell, struck
from tests.scenarios.fault_due import Done, Due
from tests.scenarios.fault_table import TROUBLES
from tests.scenarios.plug import plugged
from tests.scenarios.sandbox_world import Ended, World

RESTS, QUERIES = "rests", "by queries"
# Column -> the call that the fault meets, as `line_of` tells it.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "marketo": {
        "create company": r'POST /rest/v1/companies\.json \{"action":"createOrUpdate',
        "update company": r'POST /rest/v1/companies\.json \{"action":"updateOnly',
        "create opportunity": r'POST /rest/v1/opportunities\.json \{"action":"createOrUpdate',
        "update opportunity": r'POST /rest/v1/opportunities\.json \{"action":"updateOnly',
        "create role": r'POST /rest/v1/opportunities/roles\.json \{"action":"createOrUpdate',
        "update role": r'POST /rest/v1/opportunities/roles\.json \{"action":"updateOnly',
        "delete role": r"POST /rest/v1/opportunities/roles/delete\.json",
        "create custom object": r'POST /rest/v1/customobjects/.* \{"action":"createOrUpdate',
        "update custom object": r'POST /rest/v1/customobjects/.* \{"action":"updateOnly',
        "next page of the log": r"GET /rest/v1/activities\.json",
    },
    "salesforce": {
        "changes, token kept": r"POST .*/composite .*/OpportunityContactRole/updated",  # the run's first call
        "changes of roles and custom objects": r"POST .*/composite .*FROM(%20|\+)OpportunityContactRole",
        "next page": r"GET .*/query/",
        "create job": r"POST .*/jobs/query ",
        "look at job": r"GET .*/jobs/query/\w+ ",
        "job's results": r"GET .*/jobs/query/\w+/results",
        "delete job": r"DELETE .*/jobs/query/",
    },
    "dynamics": {
        "changes of users": r"GET .*/systemusers\?.*deltatoken",
        "changes of accounts": r"GET .*/accounts\?.*deltatoken",
        "changes of opportunities": r"GET .*/opportunities\?.*deltatoken",
        "changes of roles": r"GET .*/connections\?.*deltatoken",
        "changes of custom objects": r"GET .*/new_events\?.*deltatoken",
        "next page": r"GET .*skiptoken",
    },
}
_SECOND = ("next page of the log",)  # the page before it is the first call of its pattern


def cells(vendor: str) -> Iterator[Cell]:
    side = "marketo" if vendor == "marketo" else "crm"
    for column, pattern in COLUMNS[vendor].items():
        for trouble in TROUBLES[vendor]:
            if trouble.meets(Call(side, 1, column)):
                yield Cell(vendor, column, trouble, pattern, 2 if column in _SECOND else 1)


class Trials:
    """A project that has every object, and one record of each."""

    def __init__(self, here: World) -> None:
        self.here = here
        self.due = Due(here)
        self.number = 0
        self.column = ""

    def tried(self, cell: Cell) -> str:
        """What became of the cycle. Raises AssertionError if that may not be, or if the next did not mend it."""
        self.number += 1
        if cell.column != self.column:
            self.column = cell.column
            self._begin_column()
        done = self.due.begun(cell.column, self.number)
        self.here.clock.sleep(300)
        with struck(self.here, cell) as met:
            ended = self.here.command("run-once")
        assert met(), f"{cell}: the fault met no call: {ended}"
        self.here.sandbox.faults.clear()
        outcome = self._outcome(cell, ended, done)
        if outcome not in (HEALED, QUERIES):
            self._cycle()
        assert done(), f"{cell}: not mended"
        with plugged(self.here) as plug:
            self._cycle()
        assert plug.written == [], f"{cell}: not quiet afterwards: {plug.written}"
        self.due.each_once()
        return outcome

    def come_to_rest(self) -> None:
        ended = self.here.command("verify")
        assert ended.code == 0, ended

    def _cycle(self) -> None:
        report = self.here.cycle(retry=True)
        assert report.exit_code == 0, (self.column, report)

    def _outcome(self, cell: Cell, ended: Ended, done: Done) -> str:
        assert "Traceback" not in ended.err, f"{cell}: {ended}"
        if ended.code in (2, 5, 6, 7, 8):
            assert ended.err.startswith("error: ") or "without an answer" in ended.err, f"{cell}: {ended}"
            return str(ended.code)
        assert ended.code in (0, 3), f"{cell}: {ended}"
        with self.here.mirror() as mirror:
            rejected = list(mirror.history.rejected(Chosen()))
        if rejected:
            return REJECTED
        if "is not synced" in ended.err:
            return RESTS
        if not done():
            assert cell.trouble.row, f"{cell}: nothing was done, and nothing is said: {ended}"
            return NEXT
        return QUERIES if " was read by queries, " in ended.out + ended.err else HEALED

    def _begin_column(self) -> None:
        here = self.here
        here.crm.user.control("settings", max_page=1 if self.column == "next page" else 2_000)
        if "job" in self.column:
            settings = {**here.facts.settings, "bulk_from": 1}
            here.facts = replace(here.facts, settings=settings)
            here.configure()
        if self.column == "next page of the log":
            self.due.create_many()
            self._cycle()
