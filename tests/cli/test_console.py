"""Streams, colour, width and questions."""

import io
import json
import os
import pty
import subprocess
import sys

import pytest

from mksync.cli.console import Console, write
from mksync.cli.table import Column, Table
from mksync.errors import ConfigError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Called by the test itself: pytest puts its own streams in place when a test begins."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, Terminal())
    monkeypatch.setenv("TERM", "xterm")


def test_off_a_terminal_nothing_is_coloured_cut_or_asked() -> None:
    assert Console.of_process() == Console(colour=False, width=None, prompts=False)


def test_on_a_terminal_there_is_colour_width_and_somebody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    on_terminal(monkeypatch)
    console = Console.of_process()
    assert (console.colour, console.prompts) == (True, True)
    assert console.width


@pytest.mark.parametrize(
    ("variables", "colour"),
    [
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_the_environment_decides_on_colour(
    variables: dict[str, str], colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_terminal(monkeypatch)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Console.of_process().colour is colour
    assert Console.of_process(no_color=True).colour is False


def test_colour_can_be_forced_off_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert Console.of_process().colour is True


@pytest.mark.parametrize(("columns", "width"), [("132", 132), ("0", None), ("wide", None), ("-5", None)])
def test_columns_sets_the_width_off_a_terminal_too(
    columns: str, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert Console.of_process().width == width


def test_data_goes_to_stdout_and_messages_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.data("data \x1b[2J")
    console.say("message \x1b[2J")
    console.warn("mind this")
    assert capsys.readouterr() == ("data \\x1b[2J\n", "message \\x1b[2J\nwarning: mind this\n")


def test_json_has_one_envelope(capsys: pytest.CaptureFixture[str]) -> None:
    Console().json("log", {"rows": ["é\u202e\x9b"]}, 3)
    out = capsys.readouterr().out
    assert json.loads(out) == {
        "mksync": {"schema": 1, "command": "log", "exit": {"code": 3, "name": "leftovers"}},
        "rows": ["é\u202e\x9b"],
    }
    assert "é\\u202e\\u009b" in out


def test_nothing_is_asked_where_nobody_can_answer() -> None:
    with pytest.raises(ConfigError) as caught:
        Console(prompts=False).confirm("Create the field?", "--create-key-field")
    assert caught.value.message == "Create the field? Nobody is here to answer"
    assert caught.value.hint == "answer in advance with --create-key-field"


def test_no_input_asks_nothing_on_a_terminal_either(monkeypatch: pytest.MonkeyPatch) -> None:
    on_terminal(monkeypatch)
    assert Console.of_process(no_input=True).prompts is False


@pytest.mark.parametrize(
    ("answer", "yes"), [("y\n", True), (" YES \n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_only_a_yes_is_a_yes(answer: str, yes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    assert Console(prompts=True).confirm("Go on?", "--yes") is yes


def test_a_stream_that_cannot_write_a_letter_writes_its_code() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    write(stream, "Bø → 😀")
    stream.seek(0)
    assert stream.read() == "B\\xf8 \\u2192 \\U0001f600\n"


def test_a_table_on_a_real_terminal_has_that_terminals_width() -> None:
    """A pseudo-terminal of 50 columns, with a program of its own at its end."""
    ours, theirs = pty.openpty()
    code = (
        "import os, sys, fcntl, termios, struct; fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('4H', 20, 50, 0, 0));"
        "from mksync.cli.console import Console; print(Console.of_process())"
    )
    env = {**os.environ, "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", code], stdin=theirs, stdout=theirs, stderr=theirs, check=True, env=env)
    os.close(theirs)
    shown = os.read(ours, 1000).decode().strip()
    os.close(ours)
    assert shown == "Console(colour=True, width=50, prompts=True, lively=True)"


def test_a_reader_that_goes_away_ends_the_command_quietly() -> None:
    code = (
        "from mksync.cli.console import Console; from mksync.cli import signals, failures\n"
        "import sys\n"
        "try:\n    while True: Console().data('x' * 1000)\n"
        "except signals.Interrupted as error: sys.exit(failures.explain(error))"
    )
    command = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert command.stdout is not None
    assert command.stderr is not None
    command.stdout.readline()
    command.stdout.close()
    complaint = command.stderr.read()
    command.stderr.close()
    assert (command.wait(20), complaint) == (141, b"")


def test_a_table_is_data(capsys: pytest.CaptureFixture[str]) -> None:
    Console().table(Table((Column("a"),), (("1",),)))
    assert capsys.readouterr() == ("a\n─\n1\n", "")
