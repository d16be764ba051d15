"""How the program starts: fast, with global options, and with the same answers however it is called."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import mksync
from mksync.cli import app
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


def loaded_by(*argv: str) -> set[str]:
    """The modules that a command has loaded when it ends, and the packages they are in."""
    command = [sys.executable, "-X", "importtime", "-m", "mksync", *argv]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    parts = [line.rpartition("|")[2].strip().split(".") for line in lines]
    return {".".join(name[:depth]) for name in parts for depth in range(1, len(name) + 1)}


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


def test_the_log_loads_what_reading_the_mirror_takes_and_nothing_to_reach_the_vendors_with(here: World) -> None:
    loaded = loaded_by("--project", str(here.folder), "log")
    assert {"sqlite3", "rich"} <= loaded
    assert loaded & (HEAVY - {"rich"}) == set()


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
