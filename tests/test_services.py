"""The samples for those who run a watch as a service: each line of them is one that works."""

import configparser
import re
import shlex
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from mksync.cli import run
from mksync.cli.exits import EXITS
from tests.scenarios.crms import SALESFORCE
from tests.scenarios.processes import SECONDS, mksync
from tests.scenarios.sandbox_world import world

SAMPLES = Path(__file__).parent.parent / "sample-configs"
PROGRAM = "/opt/mksync/bin/mksync"
PROJECT = "/srv/acme"


class Unit(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.fixture
def service() -> Unit:
    unit = Unit(strict=True)
    unit.read(SAMPLES / "mksync.service")
    return unit


def words(command: str) -> list[str]:
    """A sample's command line, without the program."""
    program, *rest = shlex.split(command)
    assert program == PROGRAM
    return rest


def test_the_services_command_line_runs_and_tells_systemd_that_it_is_ready(
    service: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = words(service["Service"]["ExecStart"])
    assert argv[:2] == ["--project", PROJECT]
    assert service["Service"]["Type"] == "notify"
    with world(tmp_path, SALESFORCE) as here, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        here.init()
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(SECONDS)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        process = mksync(tmp_path, *argv[2:])
        try:
            assert manager.recv(4096).startswith(b"READY=1")
            assert manager.recv(4096).startswith(b"STATUS=watched 1 cycle")
            process.send_signal(signal.Signals[service["Service"]["KillSignal"]])
            process.communicate(timeout=SECONDS)
        finally:
            process.kill()
            process.communicate(timeout=SECONDS)
    assert str(process.returncode) in service["Service"]["SuccessExitStatus"].split()


def test_it_is_not_started_again_where_somebody_is_needed(service: Unit) -> None:
    needed = {str(code) for code, exit in EXITS.items() if exit.name in ("usage", "brake", "mirror", "access")}
    assert set(service["Service"]["RestartPreventExitStatus"].split()) == needed


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    text = (SAMPLES / "mksync.service").read_text().replace(PROGRAM, shutil.which("true") or "/bin/true")
    unit = tmp_path / "mksync.service"
    unit.write_text(text.replace(PROJECT, str(tmp_path)))
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_the_line_for_cron_has_five_times_and_a_command_that_exists(tmp_path: Path) -> None:
    (line,) = (one for one in (SAMPLES / "mksync.cron").read_text().splitlines() if not one.startswith("#"))
    found = re.fullmatch(r"(?:[\d*/,-]+\s+){5}(/.*)", line)
    assert found is not None
    with pytest.raises(SystemExit) as end:
        run([*words(found[1]), "--help"])
    assert end.value.code == 0


def test_the_container_of_the_kubernetes_manifest_runs_a_watch() -> None:
    text = (SAMPLES / "kubernetes.yaml").read_text()
    (command,) = re.findall(r"^ +command: \[(.*)\]$", text, re.MULTILINE)
    program, *argv = (word.strip() for word in command.split(","))
    assert program == "mksync"
    with pytest.raises(SystemExit) as end:
        run([*argv, "--help"])
    assert end.value.code == 0
    assert "type: Recreate" in text
    assert "replicas: 1" in text
