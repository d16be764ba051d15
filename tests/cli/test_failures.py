"""Every way a command can fail has words, an exit code, and nothing secret in either."""

import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from mksync import errors
from mksync.cli import app
from mksync.cli.exits import EXITS
from mksync.cli.failures import explain, without_secrets
from tests.cli.conftest import Invoke

raised: list[BaseException] = []


@pytest.fixture
def _failing_command() -> Iterator[None]:
    """A command like any other, which raises what the test puts into `raised`."""

    @app.command("fail")
    def fail() -> None:
        raise raised.pop()

    yield
    app.registered_commands.pop()


pytestmark = pytest.mark.usefixtures("_failing_command")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigError("no", hint="do"), 2),
        (errors.Temporary("no", hint="do"), 5),
        (errors.OutcomeUnknown("no", hint="do"), 5),
        (errors.BrakeApplied("no", hint="do"), 6),
        (errors.MirrorError("no", hint="do"), 7),
        (errors.AccessError("no", hint="do"), 8),
        (errors.LockHeld("no", hint="do"), 9),
    ],
)
def test_a_situation_is_told_with_its_hint_and_code(error: errors.MksyncError, code: int, invoke: Invoke) -> None:
    raised.append(error)
    ended = invoke("fail")
    assert (ended.code, ended.out, ended.err) == (code, "", "error: no\nhint: do\n")


def test_a_vendors_words_in_a_message_do_nothing_to_the_terminal(invoke: Invoke) -> None:
    raised.append(errors.Temporary("Salesforce says: \x1b]0;pwned\x07\nand more"))
    assert invoke("fail").err == "error: Salesforce says: \\x1b]0;pwned\\x07\nand more\n"


def test_a_commands_own_exit_code_is_kept(invoke: Invoke) -> None:
    raised.append(typer.Exit(3))
    assert invoke("fail") == type(invoke("--version"))(3, "", "")


@pytest.mark.parametrize(
    "argv", [("--no-such-option",), ("no-such-command",), ("fail", "surplus"), ("sandbox", "start", "--port", "x")]
)
def test_a_usage_error_is_exit_2_and_shows_no_traceback(argv: tuple[str, ...], invoke: Invoke) -> None:
    ended = invoke(*argv)
    assert (ended.code, ended.out) == (2, "")
    assert "Usage: mksync" in ended.err
    assert "Traceback" not in ended.err


def test_a_wrong_parameter_that_a_command_finds_itself_is_exit_2(invoke: Invoke) -> None:
    raised.append(typer.BadParameter("not that one"))
    ended = invoke("fail")
    assert ended.code == 2
    assert "not that one" in ended.err


def test_ctrl_c_is_130(invoke: Invoke) -> None:
    raised.append(KeyboardInterrupt())
    assert invoke("fail").code == 130


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_unwinds_the_command_and_says_that_the_state_is_consistent(
    number: signal.Signals, code: int, invoke: Invoke
) -> None:
    unwound: list[str] = []

    @app.command("wait")
    def wait() -> None:
        try:
            signal.raise_signal(number)
        finally:
            unwound.append("yes")

    try:
        ended = invoke("wait")
    finally:
        app.registered_commands.pop()
    assert (ended.code, unwound) == (code, ["yes"])
    assert ended.err == "interrupted; the state is consistent, the next run goes on from here\n"


def test_signals_are_handled_as_before_when_the_command_is_over(invoke: Invoke) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    raised.append(typer.Exit(0))
    invoke("fail")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_an_ignored_signal_stays_ignored(invoke: Invoke) -> None:
    @app.command("ignore")
    def ignore() -> None:
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert invoke("ignore").code == 0
    finally:
        signal.signal(signal.SIGINT, before)
        app.registered_commands.pop()


def test_a_bug_is_one_sentence_and_a_private_log_file(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    raised.append(KeyError("ana@example.com"))
    ended = invoke("fail")
    (log,) = tmp_path.iterdir()
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"error: this is a bug in mksync (KeyError); please report it, the details are in {log}\n"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "Traceback (most recent call last)" in log.read_text()
    assert "KeyError: 'ana@example.com'" in log.read_text()


def test_the_log_of_a_bug_holds_no_secret_not_even_of_its_cause(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    error = ValueError("GET /identity/oauth/token?client_id=a&client_secret=hunter2&grant_type=x")
    error.__cause__ = RuntimeError("Authorization: Bearer hunter2")
    raised.append(error)
    invoke("fail")
    (log,) = tmp_path.iterdir()
    assert "grant_type=x" in log.read_text()
    assert "hunter2" not in log.read_text()


def test_a_bug_that_cannot_be_logged_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "full"))
    assert explain(KeyError("access_token=hunter2")) == 1
    err = capsys.readouterr().err
    assert "KeyError: 'access_token=***'" in err
    assert "hunter2" not in err


@pytest.mark.parametrize(
    "text",
    [
        "client_secret=hunter2",
        "client_secret=hunter2&x=1",
        "'client_secret': 'hunter2'",
        '"access_token":"hunter2"',
        "refresh_token = hunter2)",
        "password: hunter2",
        "assertion=hunter2.hunter2.hunter2",
        "Authorization: Bearer hunter2!hunter2",
        "{'Authorization': 'bearer hunter2'}",
        "Authorization: Basic hunter2==",
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    assert "hunter2" not in without_secrets(text)
    assert "hunter2" not in without_secrets(f"before {text} after")
    assert without_secrets(f"before {text}").startswith("before ")


def test_every_situation_has_a_published_exit_code() -> None:
    situations = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.exit_code for kind in situations if issubclass(kind, errors.MksyncError)}
    assert codes <= EXITS.keys()


def test_help_lists_every_exit_code(invoke: Invoke) -> None:
    out = invoke("--help").out
    for code, exit in EXITS.items():
        assert f"    {code:<4} {exit.meaning}\n" in out


def test_a_text_that_only_speaks_of_secrets_stays_as_it_is() -> None:
    assert without_secrets("nothing to hide: 1 token, 2 secrets") == "nothing to hide: 1 token, 2 secrets"
