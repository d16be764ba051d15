"""One fault at a call that a command makes: what `push-person`, `convert` and the Activity Log make of it.

All trials of a CRM share one sandbox and one project: each has a person of its own.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from mksync.sandbox.faults import Fault
from tests.scenarios.converting import WAYS, Way
from tests.scenarios.crm import Crm
from tests.scenarios.fault_calls import Call, line_of
from tests.scenarios.fault_table import CLIENT, TROUBLES, Trouble, error_of
from tests.scenarios.plug import Plug, PlugPulled, plugging
from tests.scenarios.sandbox_world import KEY, Ended, World

HEALED, REJECTED, NEXT = "healed", "rejected", "next cycle"
CREATE, CONVERT, FIND, KEEP, LOG = "create record", "convert lead", "find person", "keep record's id", "log entry"
COLUMNS = {"marketo": (FIND, KEEP, LOG), "salesforce": (CREATE, CONVERT), "dynamics": (CREATE, CONVERT)}
_PATTERNS = {
    ("marketo", FIND): r"GET /rest/v1/leads\.json\?filterType=email",
    ("marketo", KEEP): r'POST /rest/v1/leads\.json .*"mksyncCrmId"',
    ("marketo", LOG): r"POST /rest/v1/activities/external\.json",
    ("salesforce", CREATE): r'POST .*/composite .*"method":"POST"',
    ("salesforce", CONVERT): r"POST /services/Soap/",
    ("dynamics", CREATE): r"POST .*/\$batch .*POST .*/leads",
    ("dynamics", CONVERT): r"POST .*QualifyLead",
}
USAGE = 2
MADE = ("account", "opportunity")
_REFUSED = "12"  # a phone number that the CRM refuses on a lead


@dataclass(frozen=True)
class Cell:
    """One trial: the nth call of a pattern meets a trouble."""

    vendor: str
    column: str
    trouble: Trouble
    pattern: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.trouble.key} at {self.column}"

    @property
    def side(self) -> str:
        return "marketo" if self.vendor == "marketo" else "crm"


def cells(vendor: str) -> Iterator[Cell]:
    for column in COLUMNS[vendor]:
        call = Call("marketo" if vendor == "marketo" else "crm", 1, column)
        met = filter(lambda one: one.meets(call), TROUBLES[vendor])
        yield from (Cell(vendor, column, one, _PATTERNS[vendor, column]) for one in met)


class Trials:
    """A project whose Marketo keeps a log of refusals, and whose CRM lets mksync convert."""

    def __init__(self, here: World) -> None:
        self.here = here
        self.way: Way = next(way for way in WAYS if way.crm is here.facts)
        self.number = 0
        self._made: Counter[str] = Counter()  # by conversions so far
        self.way.allow(here.crm.user)
        ended = here.command("init", "--no-input", "--create-activity-type")
        assert ended.code == 0, ended

    def tried(self, cell: Cell) -> str:
        """What became of the command. Raises AssertionError if that may not be, or if it did not mend afterwards."""
        self.number += 1
        email = f"t{self.number}@example.com"
        person = self.here.marketo.create(lastName="Roe", email=email, company=f"Co {self.number}")
        argv = self._begun(cell, person, email)
        with struck(self.here, cell) as met:
            ended = self.here.command(*argv)
        assert met(), f"{cell}: the fault met no call"
        self.here.sandbox.faults.clear()
        outcome = self._outcome(cell, ended, person)
        for minutes in (5, 60):
            self.here.clock.sleep(60 * minutes)
            again = self.here.command(*argv, *(("--retry-rejected",) if cell.column == LOG else ()))
            if again.code == USAGE and cell.column == CONVERT:
                self.here.cycle()  # as it says: a lead that was said to be deleted is linked again
        assert again.code in (0, 2, 3), f"{cell}: not mended: {again}"
        self._check(cell, person, email)
        return outcome

    def _begun(self, cell: Cell, person: str, email: str) -> Sequence[str]:
        if cell.column in (CONVERT, LOG):
            ended = self.here.command("push-person", email)
            assert ended.code == 0, ended
        if cell.column == CONVERT:
            return ("convert", email, *self.way.everything)
        if cell.column == LOG:
            self.here.cycle()
            self.here.marketo.edit(person, phone=_REFUSED)
            return ("run-once",)
        return ("push-person", email)

    def _outcome(self, cell: Cell, ended: Ended, person: str) -> str:
        assert "Traceback" not in ended.err, f"{cell}: {ended}"
        assert ended.code in (0, 2, 3, 5, 6, 7, 8), f"{cell}: {ended}"
        if cell.column == LOG and cell.trouble.row:
            return REJECTED if "Activity Log" in ended.err else NEXT
        if cell.column == LOG and ended.code == 3:
            return HEALED if self.here.marketo.activity_log(person) else NEXT
        return {0: HEALED, 3: REJECTED}.get(ended.code, str(ended.code))

    def _check(self, cell: Cell, person: str, email: str) -> None:
        """Each once, and each of the other."""
        object = "contact" if cell.column == CONVERT else "lead"
        found = [id for id, row in self.here.crm.records(object, "email").items() if row["email"] == email]
        assert len(found) == 1, f"{cell}: {len(found)} records"
        assert self.here.marketo.people(KEY)[person][KEY] == found[0], f"{cell}: another record"
        if cell.column == CONVERT:
            more = Counter({made: len(self.here.crm.user.records(made, self.way.names[made])) for made in MADE})
            assert more - self._made == Counter(MADE), f"{cell}: made {more - self._made}"
            self._made = more
        if cell.column == LOG:
            entries = self.here.marketo.activity_log(person)
            assert len(entries) == (0 if cell.trouble.row else 1), f"{cell}: {entries}"
            self.here.marketo.edit(person, phone=None)

    def come_to_rest(self) -> None:
        """Raises AssertionError if something is written still."""
        self.here.cycle(retry=True)
        self.here.cycle()
        last = self.here.cycle()
        assert not [part for part in last.objects if part.created or part.updated], f"not quiet: {last}"


def _dies(step: str) -> Any:
    raise PlugPulled(step)


class _Striking(Plug):
    """Orders the fault as the call goes out, or lets it fail on this computer."""

    def __init__(self, here: World, cell: Cell) -> None:
        super().__init__(here.urls, here.facts.writes, "", _dies)
        self.here, self.cell, self.met, self._passed = here, cell, False, 0

    def call(self, adapter: HTTPAdapter, request: PreparedRequest, **options: Any) -> Response:
        url, name = self.here.urls[self.cell.side], self.cell.trouble.name
        mine = str(request.url).startswith(url) and re.match(self.cell.pattern, line_of(request, url), re.DOTALL)
        self._passed += bool(mine)
        if self.met or not mine or self._passed < self.cell.nth:
            return super().call(adapter, request, **options)
        self.met = True
        if name not in CLIENT:
            path = re.escape(unquote(urlsplit(str(request.url)).path))  # another call may be under way
            self.here.sandbox.faults.script(Fault(name, self.cell.vendor, path, row=self.cell.trouble.row))
            return super().call(adapter, request, **options)
        if name.endswith("_after"):
            super().call(adapter, request, **options).close()
        raise error_of(name)


@contextmanager
def struck(here: World, cell: Cell) -> Iterator[Any]:
    plug = _Striking(here, cell)
    with plugging(plug):
        yield lambda: plug.met


def crm_of(vendor: str, crms: Sequence[Crm]) -> Crm:
    """The CRM that a vendor's trials are made with."""
    return next((crm for crm in crms if crm.system == vendor), crms[0])
