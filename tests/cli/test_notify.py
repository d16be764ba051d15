"""What systemd is told: datagrams to the socket that it names."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from mksync.cli.notify import notify
from tests.scenarios.sandbox_world import World


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@{tmp_path.name}-notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        receiver.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield receiver


def test_the_service_manager_hears_every_line(manager: socket.socket) -> None:
    notify("READY=1", "STATUS=here")
    assert manager.recv(4096) == b"READY=1\nSTATUS=here"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "vsock:1:2"])
def test_nobody_who_listens_is_no_failure(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    notify("READY=1")


def test_a_watch_tells_when_it_is_ready_how_it_is_doing_and_when_it_ends(manager: socket.socket, still: World) -> None:
    assert still.command("watch", "--cycles", "1").code in (0, 3)
    heard = [manager.recv(4096).decode() for _ in range(3)]
    assert heard[0] == "READY=1\nSTATUS=the first cycle is under way"
    assert heard[1].startswith("STATUS=watched 1 cycle: ")
    assert heard[2] == "STOPPING=1"
