"""`mksync sandbox start`, as a process of its own: ready line, real HTTP, faults, a clean end."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import mksync
from tests.cli.conftest import Invoke

ROOT = Path(mksync.__file__).parent.parent
READY = re.compile(r"ready marketo=(http://127\.0\.0\.1:\d+) salesforce=(http://127\.0\.0\.1:\d+)\n")
TOKEN = "/identity/oauth/token?grant_type=client_credentials&client_id=sandbox&client_secret=sandbox"


@contextmanager
def serving(*options: str) -> Iterator[tuple["subprocess.Popen[str]", str, str]]:
    """The process and both addresses; it is ended when the block is left."""
    command = [sys.executable, "-m", "mksync", "sandbox", "start", "--port", "0", "--people", "2", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            ready = READY.fullmatch(process.stdout.readline())
            assert ready, process.communicate()
            yield process, ready[1], ready[2]
        finally:
            process.kill()


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_both_vendors_answer_until_a_signal_ends_them(number: signal.Signals) -> None:
    with serving() as (process, marketo, salesforce):
        assert status(marketo + TOKEN) == 200
        assert status(salesforce + "/services/data") == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")


def test_the_state_is_kept_in_the_file(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    for _ in range(2):
        with serving("--state", str(state)) as (process, _, _):
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
    assert state.stat().st_size > 0


def test_an_ordered_fault_meets_the_next_matching_call_once() -> None:
    with serving("--fault", "gateway_html:marketo:^/identity", "--fault", "server_error:salesforce") as (_, url, crm):
        assert [status(url + TOKEN) for _ in range(2)] == [502, 200]
        assert [status(crm + "/services/data") for _ in range(2)] == [500, 200]


def test_a_port_that_is_taken_is_named(invoke: Invoke) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = invoke("sandbox", "start", "--port", str(port), "--people", "0")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"error: the sandbox cannot serve on the ports {port} and {port + 1}: Address already in use\n"
        "hint: name another one: mksync sandbox start --port 8800\n"
    )


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("quota", "the vendor is one of marketo, salesforce"),
        ("quota:dynamics", "the vendor is one of marketo, salesforce"),
        ("earthquake:marketo", "no fault is called 'earthquake'"),
        ("quota:marketo:(", "path '(' is no regular expression"),
    ],
)
def test_a_fault_that_cannot_be_ordered_is_said_before_anything_starts(
    fault: str, message: str, invoke: Invoke
) -> None:
    ended = invoke("sandbox", "start", "--port", "0", "--fault", fault)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: --fault {fault}: {message}")


def test_person_and_lead_are_one_word() -> None:
    with serving("--leads", "0") as (_, marketo, _crm):
        token = json.loads(urllib.request.urlopen(marketo + TOKEN, timeout=10).read())["access_token"]
        address = f"{marketo}/rest/v1/leads.json?filterType=id&filterValues=1,2"
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert json.loads(answer.read())["result"] == []


@pytest.mark.parametrize("options", [[], ["--fault", "quota:marketo"]])
def test_without_the_extra_it_says_what_to_install(options: list[str]) -> None:
    """In a process of its own, where the package cannot be imported."""
    code = (
        "import sys; sys.modules['werkzeug'] = None\n"
        f"from mksync.cli import run; run(['sandbox', 'start', '--port', '0', *{options!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: the sandbox needs the package werkzeug\nhint: pip install 'mksync[sandbox]'\n"
