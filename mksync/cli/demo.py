"""`mksync demo`: a story in under a minute, told by the very commands a user would type, on a private sandbox."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mksync.cli.console import Console
from mksync.cli.sandbox import started
from mksync.cli.shell import shell_of
from mksync.config_new import BUILT_IN
from mksync.errors import ConfigError

if TYPE_CHECKING:
    from mksync.sandbox.editor import Editor
    from mksync.sandbox.server import Sandbox
    from mksync.sandbox.story import Story

PEOPLE = 12
SEED = 27  # a new lead, and one title that differs from the start
PORTS = range(8710, 8800, 3)

CONFIG = """\
# The demo's project: a sandbox on this machine.

[marketo]
url = "{marketo}"
client_id = "sandbox"
client_secret = "sandbox"
create_key_field = true
create_activity_type = true

[crm]
system = "{system}"
url = "{crm}"
{settings}
"""


def demo(
    context: typer.Context,
    crm: Annotated[
        str, typer.Option("--crm", metavar="SYSTEM", help=f"The CRM of the story: {', '.join(BUILT_IN)}.")
    ] = next(iter(BUILT_IN)),
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="Where to keep the project.  [default: a new folder]")
    ] = None,
) -> None:
    """Show mksync at work: a private sandbox, edits on both sides, a collision, a refused write, a quiet cycle."""
    from mksync.sandbox.story import STORIES, story

    if crm not in STORIES:
        raise ConfigError(f"--crm {crm}: the demo has no such story", hint=f"one of {', '.join(STORIES)}")
    console = shell_of(context).console
    home = _home(folder)
    sandbox, port = _sandbox(home / "sandbox.db")
    with sandbox:
        _Tale(console, home, sandbox, crm, story(crm)).tell()
    _farewell(console, home, port)


def _sandbox(state: Path) -> tuple["Sandbox", int]:
    """A sandbox on the first ports that are free: its address stands in mksync.toml and has to last."""
    for port in PORTS:
        try:
            return started(port, PEOPLE, SEED, state), port
        except ConfigError:
            if port == PORTS[-1]:
                raise
    raise AssertionError("unreachable: PORTS is not empty")


def _home(folder: Path | None) -> Path:
    home = folder or Path(tempfile.mkdtemp(prefix="mksync-demo-"))
    home.mkdir(parents=True, exist_ok=True)
    if any(home.iterdir()):
        raise ConfigError(f"{home} is not empty", hint="name a new folder, or none")
    return home


class _Tale:
    """The steps. `lead` and `contact` are two of the sandbox's people that both systems know."""

    def __init__(self, console: Console, home: Path, sandbox: "Sandbox", crm: str, story: "Story") -> None:
        from mksync.sandbox.editor import Editor

        self._console = console
        self._home = home
        self._urls = sandbox.urls
        self._crm = crm
        self._story = story
        self._editor = Editor(sandbox, story)

    def tell(self) -> None:
        (self._home / "mksync.toml").write_text(self._config(), encoding="utf-8")
        self._say(f"A private sandbox is running: Marketo and {self._story.title}, with a dozen people.")
        self._run("init", "--no-input")
        self._run("run-once")
        lead, contact = _known_to_both(self._editor, "lead"), _known_to_both(self._editor, "contact")
        self._edit_both_sides(lead, contact)
        self._refused(lead)
        self._say("Both sides agree. A cycle with nothing to do writes nothing:")
        self._run("run-once")

    def _config(self) -> str:
        settings = "\n".join(f'{key} = "{value}"' for key, value in self._story.settings.items())
        crm = self._urls[self._crm]
        return CONFIG.format(marketo=self._urls["marketo"], system=self._crm, crm=crm, settings=settings)

    def _edit_both_sides(self, lead: tuple[str, str], contact: tuple[str, str]) -> None:
        (lead_id, lead_email), (contact_id, contact_email) = lead, contact
        self._say(
            f"Now people work. The lead {lead_email}: marketing sets the rating, sales the mobile",
            f"phone, and both change the job title. The contact {contact_email}: both change the title.",
        )
        self._editor.edit_person(lead_email, rating="Hot", title="VP Marketing")
        by_sales = {self._story.mobile: "+1 555 0100", self._story.job_title: "Marketing Director"}
        self._editor.edit_record("lead", lead_id, **by_sales)
        self._editor.edit_person(contact_email, title="Head of Data")
        self._editor.edit_record("contact", contact_id, **{self._story.job_title: "Chief Data Officer"})
        self._run("run-once")

    def _refused(self, lead: tuple[str, str]) -> None:
        _, email = lead
        self._say(f"Marketing types a phone number that {self._story.guard} does not take ({email}):")
        self._editor.edit_person(email, phone="12")
        self._run("run-once")
        self._say("Nothing is lost and nothing else is held up. What happened to this person so far:")
        self._run("log", "--person", email)
        self._say("Marketing corrects the number:")
        self._editor.edit_person(email, phone="+1 555 0123")
        self._run("run-once")

    def _say(self, *lines: str) -> None:
        self._console.data("\n".join(["", *(f"# {line}" for line in lines)]))

    def _run(self, *words: str) -> None:
        """Run a command as a process of its own, as a user would; its output goes where ours goes."""
        self._console.data(f"\n$ mksync {' '.join(words)}")
        program = [sys.executable, "-m", "mksync", "--project", str(self._home), *words]
        code = subprocess.run(program, check=False).returncode  # noqa: S603 - our own program
        if code:
            self._console.data(f"(exit code {code})")
        if code not in (0, 3):
            raise ConfigError(f"the demo's mksync {words[0]} ended with exit code {code}", hint="please report it")


def _known_to_both(editor: "Editor", object: str) -> tuple[str, str]:
    """The first record of this object whose person Marketo has: its id and e-mail."""
    return next((id, email) for id, email in editor.records(object) if editor.in_marketo(email))


def _farewell(console: Console, home: Path, port: int) -> None:
    console.data(
        f"\n# The project is in {home}: mksync.toml, mksync.fields.toml and mksync.db, the mirror\n"
        "# (an SQLite file: open it with sqlite-utils or Datasette). To go on playing:\n\n"
        f"mksync sandbox start --port {port} --state {home / 'sandbox.db'}\n"
        f"mksync --project {home} run-once"
    )
