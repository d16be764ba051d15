"""A project on a running sandbox, people who edit both systems meanwhile, and cycles between them.

Time is the sandbox's, and stands still unless somebody sleeps or works: nothing here really waits.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from mksync import selection
from mksync.app import cycle, open_app
from mksync.cli import run
from mksync.config import FILE, Config, load_config
from mksync.core.pairs import Direction
from mksync.core.report import RunReport
from mksync.engine.progress import Silent
from mksync.engine.run import Options
from mksync.initialise import checked, initialise
from mksync.mirror import Mirror
from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox
from mksync.selection import Selected, Selection
from tests.scenarios.outsiders import MarketoUser, SalesforceUser

NOW = 1_795_000_000.0  # 2026-11-18T11:06:40Z
KEY = "mksyncCrmId"

# Marketo's field -> the field of a lead and of a contact.
BOTH = {
    "firstName": "FirstName",
    "lastName": "LastName",
    "email": "Email",
    "title": "Title",
    "phone": "Phone",
    "mktoPersonNotes": "Description",
    "unsubscribed": "HasOptedOutOfEmail",
    "customerTier": "Customer_Tier__c",
    "interests": "Interests__c",
    "lastDemoAt": "Last_Demo__c",
    "fitScore": "Fit_Score__c",
}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "lead": {**BOTH, "company": "Company", "numberOfEmployees": "NumberOfEmployees"},
    "contact": {**BOTH, "dateOfBirth": "Birthdate"},
}

MARKETO_FIELDS = tuple(dict.fromkeys(name for names in FIELDS.values() for name in names))

TOML = """
[marketo]
url = "{marketo}"
client_id = "sandbox"
client_secret = "sandbox"
create_key_field = true

[crm]
system = "salesforce"
url = "{salesforce}"
client_id = "sandbox"
client_secret = "sandbox"
"""


@dataclass(frozen=True)
class SteeredClock:
    """Meets `ports.Clock` with the sandbox's clock; a sleep takes no time."""

    clock: SandboxClock

    def now(self) -> float:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.clock.advance(max(0.0, seconds))


@dataclass(frozen=True)
class Ended:
    """How a command line ended, and what it printed."""

    code: int
    out: str
    err: str


class World:
    """One project between both emulators."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.clock = SteeredClock(sandbox.clock)
        self.marketo = MarketoUser(sandbox)
        self.crm = SalesforceUser(sandbox)

    @property
    def config(self) -> Config:
        return load_config(self.folder / FILE)

    @property
    def urls(self) -> Mapping[str, str]:
        return {"marketo": self.sandbox.marketo_url, "salesforce": self.sandbox.salesforce_url}

    def prepare(self) -> None:
        """Write mksync.toml and the field selection."""
        (self.folder / FILE).write_text(TOML.format(**self.urls))
        pairs = {
            object: tuple(Selected(marketo, crm, Direction.BOTH) for marketo, crm in names.items())
            for object, names in FIELDS.items()
        }
        selection.save(self.config.selection, Selection(pairs))

    def init(self) -> None:
        """First contact; every check has to pass."""
        with open_app(self.config, self.clock, create=True) as app:
            failed = [check for check in checked(app, create_key_field=True) if not check.passed]
            assert not failed, failed
            initialise(app, 100, Silent())

    def cycle(self, *, minutes: float = 5, dry: bool = False, retry: bool = False) -> RunReport:
        """The next cycle, after its pause."""
        self.clock.sleep(60 * minutes)
        with open_app(self.config, self.clock) as app:
            return cycle(app, Options(dry=dry, retry=retry), Silent())

    def command(self, *argv: str) -> Ended:
        """A command line in this process, off a terminal."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = _exit_code("--project", str(self.folder), *argv, clock=self.clock)
        return Ended(code, out.getvalue(), err.getvalue())

    @contextmanager
    def mirror(self) -> Iterator[Mirror]:
        """The project's mirror, to look at between two runs."""
        mirror = Mirror.open(self.config.mirror)
        try:
            yield mirror
        finally:
            mirror.close()

    def fails(self, name: str, vendor: str, path: str = ".*", *, after: int = 0, times: int = 1) -> None:
        """The next calls of this path meet a fault. Outsiders meet it as well, so let them rest until it is over."""
        self.sandbox.faults.script(Fault(name, vendor, path, None, after, times))

    def person_of(self, record: str) -> str:
        """The id of the one person that carries this CRM record's id."""
        found = [id for id, row in self.marketo.people(KEY).items() if row[KEY] == record]
        assert len(found) == 1, f"{record} has {len(found)} people"
        return found[0]


def _exit_code(*argv: str, clock: SteeredClock) -> int:
    try:
        run(list(argv), clock)
    except SystemExit as exit:
        return int(exit.code or 0)


@contextmanager
def world(folder: Path, *, quirks: Mapping[str, frozenset[str]] | None = None) -> Iterator[World]:
    """A prepared project that `init` has not seen yet, on an empty sandbox of its own."""
    with Sandbox.start(clock=SandboxClock(frozen_at=NOW), quirks=quirks) as sandbox:
        here = World(folder, sandbox)
        here.prepare()
        yield here
