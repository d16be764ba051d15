"""Under `--json` stdout holds one envelope, however a command ends; stderr says the same as ever."""

import json
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from mksync import errors
from mksync.cli import app, lazy
from mksync.cli.answering import Answering, AnsweringGroup
from mksync.cli.exits import EXITS
from mksync.cli.signals import Interrupted
from tests.cli.conftest import Invoke

raised: list[BaseException] = []


@pytest.fixture(autouse=True)
def _failing_command() -> Iterator[None]:
    @app.command("fail", cls=Answering)
    def fail(
        wanted: Annotated[int, typer.Option(max=9)] = 0, json: Annotated[bool, typer.Option("--json")] = False
    ) -> None:
        raise raised.pop()

    yield
    app.registered_commands.pop()


def answer(out: str) -> tuple[object, object]:
    """The envelope's head and the rest."""
    told = json.loads(out)
    head = told.pop("mksync")
    assert head["schema"] == 1
    assert head["command"] == "fail"
    return head["exit"], told


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigError("no\nway", hint="do"), 2),
        (errors.Temporary("no\nway", hint="do"), 5),
        (errors.BrakeApplied("no\nway", hint="do"), 6),
        (errors.MirrorError("no\nway", hint="do"), 7),
        (errors.AccessError("no\nway", hint="do"), 8),
        (errors.LockHeld("no\nway", hint="do"), 9),
    ],
)
def test_a_situation_is_an_answer(error: errors.MksyncError, code: int, invoke: Invoke) -> None:
    raised.append(error)
    ended = invoke("fail", "--json")
    assert ended.code == code
    assert answer(ended.out) == (
        {"code": code, "name": EXITS[code].name}, {"error": {"message": "no\nway", "hint": "do"}},
    )  # fmt: skip
    assert ended.err == "error: no\nway\nhint: do\n"


def test_without_the_option_stdout_stays_empty(invoke: Invoke) -> None:
    raised.append(errors.ConfigError("no"))
    assert invoke("fail").out == ""


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--nope",), "No such option: --nope"),
        (("--wanted", "x"), "Invalid value for '--wanted': 'x' is not a valid int"),
        (("surplus",), "Got unexpected extra argument"),
    ],
)
def test_a_wrong_option_is_an_answer(argv: tuple[str, ...], message: str, invoke: Invoke) -> None:
    ended = invoke("fail", "--json", *argv)
    exit, told = answer(ended.out)
    assert (ended.code, exit) == (2, {"code": 2, "name": "usage"})
    assert isinstance(told, dict)
    assert told["error"]["message"].startswith(message)
    assert "Usage: mksync fail" in ended.err


def test_help_is_no_failure(invoke: Invoke) -> None:
    ended = invoke("fail", "--json", "--help")
    assert ended.code == 0
    assert ended.out.startswith("Usage: mksync fail")


def test_a_bug_is_an_answer_and_one_log_file(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    raised.append(KeyError("ana@example.com"))
    ended = invoke("fail", "--json")
    (log,) = tmp_path.iterdir()
    text = f"this is a bug in mksync (KeyError); please report it, the details are in {log}"
    assert answer(ended.out) == ({"code": 1, "name": "failed"}, {"error": {"message": text, "hint": ""}})
    assert (ended.code, ended.err) == (1, f"error: {text}\n")


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "terminated")])
def test_an_interruption_is_an_answer(number: signal.Signals, name: str, invoke: Invoke) -> None:
    raised.append(Interrupted(number))
    ended = invoke("fail", "--json")
    exit, told = answer(ended.out)
    text = "interrupted; the state is consistent, the next run goes on from here"
    assert (ended.code, exit) == (128 + number, {"code": 128 + number, "name": name})
    assert (told, ended.err) == ({"error": {"message": text, "hint": ""}}, f"{text}\n")


def test_nobody_is_answered_who_has_gone_away(invoke: Invoke) -> None:
    raised.append(Interrupted(signal.SIGPIPE))
    assert invoke("fail", "--json") == type(invoke("--version"))(141, "", "")


def test_a_vendors_words_in_the_answer_do_nothing_to_the_terminal(invoke: Invoke) -> None:
    raised.append(errors.Temporary("Salesforce says: \x1b]0;pwned\x07\u202e"))
    ended = invoke("fail", "--json")
    assert answer(ended.out)[1] == {"error": {"message": "Salesforce says: \x1b]0;pwned\x07\u202e", "hint": ""}}
    assert {"\x1b", "\x07", "\u202e"} & set(ended.out) == set()


def test_every_command_with_the_option_answers() -> None:
    """A command that declares `--json` and is no `Answering` would fall silent when it fails."""
    commands = dict(_commands({name: lazy.built(name) for name in lazy.COMMANDS}))
    assert {"init", "run-once", "log", "list", "select"} <= commands.keys()
    for name, command in commands.items():
        declares = any("--json" in option.opts for option in command.params)
        assert isinstance(command, Answering | AnsweringGroup) or not declares, name


def _commands(commands: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, one in commands.items():
        yield name, one
        yield from _commands(getattr(one, "commands", {}))
