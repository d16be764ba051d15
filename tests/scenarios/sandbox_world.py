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
from tests.scenarios.crms import SALESFORCE, Crm, InCrm, Names
from tests.scenarios.outsiders import MarketoUser

NOW = 1_795_000_000.0  # 2026-11-18T11:06:40Z
KEY = "mksyncCrmId"

TOML = """
[marketo]
url = "{marketo}"
client_id = "sandbox"
client_secret = "sandbox"
create_key_field = true

{crm}"""


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
    """One project between the emulators of Marketo and of a CRM."""

    def __init__(self, folder: Path, sandbox: Sandbox, facts: Crm = SALESFORCE) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.facts = facts
        self.clock = SteeredClock(sandbox.clock)
        self.marketo = MarketoUser(sandbox)
        self.crm = InCrm(facts, sandbox)

    @property
    def config(self) -> Config:
        return load_config(self.folder / FILE)

    @property
    def urls(self) -> Mapping[str, str]:
        return {"marketo": self.sandbox.marketo_url, "crm": self.facts.url(self.sandbox)}

    @property
    def fields(self) -> Names:
        """Object -> Marketo's field -> the CRM's: the field pairs that are selected."""
        return self.facts.fields

    @property
    def marketo_fields(self) -> tuple[str, ...]:
        """The same, of all objects, by Marketo's names."""
        return tuple(dict.fromkeys(name for names in self.fields.values() for name in names))

    def configure(self) -> None:
        """Write mksync.toml."""
        crm = self.facts.table(self.urls["crm"])
        (self.folder / FILE).write_text(TOML.format(marketo=self.urls["marketo"], crm=crm))

    def prepare(self) -> None:
        """Write mksync.toml and the field selection."""
        self.configure()
        pairs = {
            object: tuple(Selected(marketo, crm, Direction.BOTH) for marketo, crm in names.items())
            for object, names in self.fields.items()
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

    def fails(self, name: str, side: str, path: str = ".*", *, after: int = 0, times: int = 1) -> None:
        """The next calls of this path meet a fault. Outsiders meet it as well, so let them rest until it is over."""
        vendor = self.facts.system if side == "crm" else side
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
def world(
    folder: Path, facts: Crm = SALESFORCE, *, quirks: Mapping[str, frozenset[str]] | None = None
) -> Iterator[World]:
    """A prepared project that `init` has not seen yet, on an empty sandbox of its own. `quirks` by vendor."""
    vendors = ("marketo", facts.system)
    with Sandbox.start(clock=SandboxClock(frozen_at=NOW), quirks=quirks, vendors=vendors) as sandbox:
        here = World(folder, sandbox, facts)
        here.prepare()
        yield here
