"""`mksync sandbox start`, as a process of its own: ready line, real HTTP, faults, a clean end."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

import mksync
from mksync.sandbox.server import VENDORS
from tests.cli.conftest import Invoke

ROOT = Path(mksync.__file__).parent.parent
READY = re.compile("ready " + " ".join(rf"{vendor}=(http://127\.0\.0\.1:\d+)" for vendor in VENDORS) + "\n")
TOKEN = "/identity/oauth/token?grant_type=client_credentials&client_id=sandbox&client_secret=sandbox"
# What answers without more.
ALIVE = {
    "marketo": TOKEN,
    "salesforce": "/services/data",
    "dynamics": "/sandbox/v2.0/.well-known/openid-configuration",
}


@contextmanager
def serving(*options: str) -> Iterator[tuple["subprocess.Popen[str]", Mapping[str, str]]]:
    """The process and the vendors' addresses; it is ended when the block is left."""
    command = [sys.executable, "-m", "mksync", "sandbox", "start", "--port", "0", "--people", "2", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            ready = READY.fullmatch(process.stdout.readline())
            assert ready, process.communicate()
            yield process, dict(zip(VENDORS, ready.groups(), strict=True))
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
def test_every_vendor_answers_until_a_signal_ends_them(number: signal.Signals) -> None:
    with serving() as (process, urls):
        assert {vendor: status(urls[vendor] + path) for vendor, path in ALIVE.items()} == dict.fromkeys(VENDORS, 200)
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")


def test_the_state_is_kept_in_the_file(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    for _ in range(2):
        with serving("--state", str(state)) as (process, _):
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
    assert state.stat().st_size > 0


def test_an_ordered_fault_meets_the_next_matching_call_once() -> None:
    crms = [vendor for vendor in VENDORS if vendor != "marketo"]
    faults = ["gateway_html:marketo:^/identity", *(f"server_error:{crm}" for crm in crms)]
    with serving(*(word for fault in faults for word in ("--fault", fault))) as (_, urls):
        assert [status(urls["marketo"] + TOKEN) for _ in range(2)] == [502, 200]
        for crm in crms:
            assert [status(urls[crm] + ALIVE[crm]) for _ in range(2)] == [500, 200]


def test_latency_and_lifted_limits_are_options() -> None:
    with serving("--latency", "3", "--no-rate-limits") as (_, urls):
        with urllib.request.urlopen(f"{urls['salesforce']}/__sandbox__/latency", timeout=10) as answer:
            assert json.loads(answer.read()) == dict.fromkeys(VENDORS, 3)
        token = json.loads(urllib.request.urlopen(urls["marketo"] + TOKEN, timeout=10).read())["access_token"]
        address = f"{urls['marketo']}/rest/v1/leads.json?filterType=id&filterValues=1"
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        for _ in range(101):
            with urllib.request.urlopen(asked, timeout=10) as answer:
                assert json.loads(answer.read())["success"]


def test_a_port_that_is_taken_is_named(invoke: Invoke) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = invoke("sandbox", "start", "--port", str(port), "--people", "0")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"error: the sandbox cannot serve on the ports {port} to {port + len(VENDORS) - 1}: Address already in use\n"
        "hint: name another one: mksync sandbox start --port 8800\n"
    )


def test_ports_end_at_65535(invoke: Invoke) -> None:
    ended = invoke("sandbox", "start", "--port", "65535", "--people", "0")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: the sandbox cannot serve on the ports 65535 to {65534 + len(VENDORS)}: ")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("quota", f"the vendor is one of {', '.join(VENDORS)}"),
        ("quota:acme", f"the vendor is one of {', '.join(VENDORS)}"),
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
    with serving("--leads", "0") as (_, urls):
        marketo = urls["marketo"]
        token = json.loads(urllib.request.urlopen(marketo + TOKEN, timeout=10).read())["access_token"]
        address = f"{marketo}/rest/v1/leads.json?filterType=id&filterValues=1,2"
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert json.loads(answer.read())["result"] == []


@pytest.mark.parametrize(
    "command", [["sandbox", "start", "--port", "0"], ["sandbox", "start", "--fault", "quota:marketo"], ["demo"]]
)
def test_without_the_extra_it_says_what_to_install(command: list[str]) -> None:
    """In a process of its own, where the package cannot be imported."""
    code = f"import sys; sys.modules['werkzeug'] = None\nfrom mksync.cli import run; run({command!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: the sandbox needs the package werkzeug\nhint: pip install 'mksync[sandbox]'\n"
