"""How the program starts: fast, with global options, and with the same answers however it is called."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import mksync
from mksync.cli import app, lazy
from mksync.cli.shell import shell_of
from mksync.errors import ConfigError
from mksync.vendors import BUILT_IN_CRMS
from tests.cli.conftest import Invoke
from tests.scenarios.sandbox_world import World

ROOT = Path(mksync.__file__).parent.parent
HEAVY = {
    "requests", "rich", "pydantic", "sqlite_utils", "werkzeug", "cryptography", "tomli_w", "keyring", "click",
    "importlib.metadata",
}  # fmt: skip
VENDORS = {f"mksync.{part}.{name}" for part in ("vendors", "sandbox") for name in ("marketo", *BUILT_IN_CRMS)}
WORK = {"sqlite3", "tomllib", "mksync.app", "mksync.config", "mksync.mirror", "mksync.sandbox", *VENDORS}
# What only calls need, or only failures
UNCALLED = {"urllib3", "http.client", "ssl", "email", "logging", "tempfile", "random", "mksync.ports.abilities"}
CLIENTS = (".client", ".port", ".codec", ".auth", ".feed")
OTHERS = (".choose", ".new_fields", ".offers", ".fitness")

LISTING = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
from mksync.__main__ import main
main()
"""  # `-X importtime` says nothing of what importlib.import_module loads


def loaded_by(*argv: str, **env: str) -> set[str]:
    """The modules that a command has loaded when it ends, and the packages they are in."""
    command = [sys.executable, "-c", LISTING, *argv]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, **env})
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "argv",
    [
        ("--help",),
        ("-h",),
        ("init", "--help"),
        ("fields", "select", "--help"),
        ("run-once", "--help"),
        ("log", "--help"),
        ("sandbox", "start", "--help"),
        ("demo", "--help"),
        ("--no-color", "--version"),
    ],
)
def test_help_loads_nothing_of_what_commands_work_with(argv: tuple[str, ...]) -> None:
    loaded = loaded_by(*argv)
    assert "typer" in loaded
    assert loaded & (HEAVY | WORK) == set()


@pytest.mark.parametrize("command", ["log", "status"])
def test_what_tells_of_the_past_loads_neither_rich_nor_anything_to_reach_the_vendors_with(
    here: World, command: str
) -> None:
    loaded = loaded_by("--project", str(here.folder), command)
    assert "sqlite3" in loaded
    assert loaded & (HEAVY | UNCALLED) == set()
    assert {name for name in loaded if name.startswith("mksync.wire.")} == {"mksync.wire.clock", "mksync.wire.origin"}
    assert [name for name in loaded if name.startswith("mksync.vendors.") and name.endswith(CLIENTS)] == []


def test_the_status_loads_nothing_of_the_engine_nor_of_what_shows_a_cycle(here: World) -> None:
    loaded = loaded_by("--project", str(here.folder), "status")
    assert [name for name in loaded if name.startswith("mksync.engine")] == []
    assert loaded & {"mksync.app", "mksync.cli.render", "mksync.cli.questions", "mksync.core.table"} == set()


LOOKS = """
import atexit, gc, sys
from mksync.__main__ import main
looks = []
gc.callbacks.append(lambda phase, info: looks.append(phase))
atexit.register(lambda: print(looks, gc.get_freeze_count() > 10_000, file=sys.stderr))
main()
"""


@pytest.mark.parametrize("argv", [("status",), ("run-once", "--quiet")])
def test_no_cycles_are_looked_for_while_a_short_command_runs_nor_at_its_end(here: World, argv: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", LOOKS, "--project", str(here.folder), *argv]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr.splitlines()[-1] == "[] True"


def test_a_quiet_cycle_loads_nothing_that_only_other_commands_use(here: World) -> None:
    loaded = loaded_by("--project", str(here.folder), "run-once", "--quiet")
    assert {"mksync.app", "mksync.vendors.marketo.client"} <= loaded
    assert loaded & (HEAVY - {"requests", "importlib.metadata"}) == set()  # urllib3 brings the latter
    assert loaded & {"xml.etree.ElementTree", "concurrent.futures", "mksync.cli.render"} == set()
    assert [name for name in loaded if name.startswith("mksync.") and name.endswith(OTHERS)] == []


def test_a_command_that_is_not_run_is_not_loaded() -> None:
    loaded = loaded_by("--project", ".", "budget", "--help")
    modules = {f"mksync.cli.{command.module}" for command in lazy.COMMANDS.values()}
    assert loaded & modules == {"mksync.cli.budget"}


@pytest.mark.parametrize("name", lazy.COMMANDS)
def test_the_list_of_commands_tells_of_each_what_its_own_help_begins_with(name: str) -> None:
    assert lazy.COMMANDS[name].help == lazy.built(name).help.split("\n\n")[0].replace("\n", " ")


def completed(line: str) -> dict[str, str]:
    """What bash asks with when somebody types this and presses the tabulator."""
    words = line.split(" ")
    return {"_MKSYNC_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("mksync st", ["status"]),
        ("mksync log --re", ["--rejected"]),
        ("mksync fields se", ["select"]),
        ("mksync fields select --all-c", ["--all-custom"]),
    ],
)
def test_a_shell_completes_commands_and_options(line: str, offered: list[str]) -> None:
    command = [sys.executable, "-m", "mksync"]
    env = {**os.environ, **completed(line)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=env)
    assert (done.stdout.split(), done.stderr) == (offered, "")


def test_completion_loads_nothing_of_what_commands_work_with() -> None:
    assert loaded_by(**completed("mksync fields select --a")) & (HEAVY | WORK) == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_given_what_it_completes_with(shell: str) -> None:
    command = [sys.executable, "-m", "mksync"]
    env = {**os.environ, "_MKSYNC_COMPLETE": f"source_{shell}"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=env)
    assert f"_MKSYNC_COMPLETE=complete_{shell}" in done.stdout


def test_the_version_alone_loads_no_command_line_at_all() -> None:
    assert loaded_by("--version") & (HEAVY | {"typer"}) == set()


@pytest.mark.parametrize("argv", [("--version",), ("--no-color", "--version")])
def test_the_version_is_the_packages(argv: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", "mksync", *argv], capture_output=True, text=True, cwd=ROOT, check=True)
    assert (done.stdout, done.stderr) == (f"mksync {mksync.__version__}\n", "")


def test_no_command_at_all_shows_the_help(invoke: Invoke) -> None:
    ended = invoke()
    assert ended.code == 2
    assert "Usage: mksync [OPTIONS] COMMAND [ARGS]..." in ended.out + ended.err


def test_a_mistyped_command_names_the_nearest(invoke: Invoke) -> None:
    assert "Did you mean 'sandbox'?" in invoke("sandbocks").err


@pytest.fixture
def probe() -> list[typer.Context]:
    return []


@pytest.fixture(autouse=True)
def _probe_command(probe: list[typer.Context]) -> object:
    @app.command("probe")
    def command(context: typer.Context) -> None:
        probe.append(context)
        logging.getLogger("mksync.wire").debug("GET /rest \x1b[2J")
        shell_of(context).config()

    yield
    app.registered_commands.pop()


def test_a_command_gets_its_project_from_the_option(invoke: Invoke, tmp_path: Path) -> None:
    ended = invoke("--project", str(tmp_path), "probe")
    assert ended.code == ConfigError.exit_code
    assert ended.err == f"error: there is no mksync.toml in {tmp_path}\nhint: mksync init\n"


def test_a_command_gets_its_project_from_the_working_directory(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mksync.toml").write_text("[marketo]\n")
    assert invoke("probe").err.startswith("error: mksync.toml: the table [crm] is missing\nhint: add [crm]\n")


def test_warnings_about_the_configuration_go_to_stderr(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "mksync.toml"
    path.write_text('[marketo]\n[crm]\nsystem = "salesforce"\n')
    path.chmod(0o646)
    ended = invoke("--project", str(tmp_path), "probe")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == f"warning: {path} can be changed by every user of this machine: chmod o-w {path}\n"


def test_verbose_shows_the_calls_and_ends_with_the_command(invoke: Invoke, tmp_path: Path) -> None:
    assert "GET /rest \\x1b[2J\n" in invoke("--verbose", "--project", str(tmp_path), "probe").err
    assert "GET /rest" not in invoke("--project", str(tmp_path), "probe").err
    assert logging.getLogger("mksync.wire").handlers == []


def test_a_test_steers_the_time_a_command_sees(probe: list[typer.Context], tmp_path: Path) -> None:
    class Noon:
        def now(self) -> float:
            return 43200.0

        def sleep(self, seconds: float) -> None: ...

    with pytest.raises(SystemExit):
        mksync.cli.run(["--project", str(tmp_path), "probe"], clock=Noon())
    assert shell_of(probe[0]).clock.now() == 43200.0
