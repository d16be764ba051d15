"""What ends a command, in words and as an exit code. The only place that turns exceptions into either."""

import os
import re
import sys
from collections.abc import Mapping

from mksync import __version__
from mksync.cli.console import Console
from mksync.cli.exits import EXITS
from mksync.cli.signals import Interrupted
from mksync.core.frozen import dataclass
from mksync.errors import MksyncError

# Marketo takes secrets and tokens in the address itself, and the text of a failed call may quote it.
_SECRETS = r"""(?ix)
    ( \b (?: client_secret | access_token | refresh_token | password | passphrase | assertion | token | secret )
      ["']? \s* [=:] \s* ["']?
    | \b bearer \s+ | \b basic \s+
    ) [^\s&"',;<>\])}]+
    """
_KEYS = r"(?s)-----BEGIN [^-]*-----.*?(-----END [^-]*-----|\Z)"


@dataclass(frozen=True, slots=True)
class Failure:
    """What ended a command, in words. `kind`: what the message begins with on stderr."""

    code: int
    message: str = ""
    hint: str = ""
    kind: str = "error: "


def explain(
    error: BaseException, command: str = "", found: Mapping[str, object] | None = None, *, one_line: bool = False
) -> int:
    """Say on stderr what happened, and return the exit code.

    With the name of a command that was asked for JSON, stdout gets its envelope too, with what was `found` until then.
    """
    failure = _failure(error)
    if command:
        answer(command, failure, found, one_line=one_line)
    console = Console()
    if failure.message:
        console.say(f"{failure.kind}{failure.message}")
    if failure.hint:
        console.say(f"hint: {failure.hint}")
    return failure.code


def answer(
    command: str, failure: Failure, found: Mapping[str, object] | None = None, *, one_line: bool = False
) -> None:
    """The envelope of a command that failed."""
    if failure.code in EXITS:  # else nobody reads stdout any more
        data = {**(found or {}), "error": {"message": failure.message, "hint": failure.hint}}
        Console().json(command, data, failure.code, one_line=one_line)


def _failure(error: BaseException) -> Failure:
    if isinstance(error, Interrupted):
        told = "interrupted; the state is consistent, the next run goes on from here"
        return Failure(error.exit_code, told if error.exit_code in EXITS else "", kind="")
    if isinstance(error, MksyncError):
        return Failure(error.exit_code, error.message, error.hint)
    return _unexpected(error)


def _unexpected(error: BaseException) -> Failure:
    import traceback

    kind = type(error).__name__  # not its text: that may quote a record
    details = without_secrets("".join(traceback.format_exception(error)))
    try:
        return Failure(1, f"this is a bug in mksync ({kind}); please report it, the details are in {_kept(details)}")
    except OSError:
        Console().say(details)
        return Failure(1, f"this is a bug in mksync ({kind}); please report it with the lines above")


def without_secrets(text: str) -> str:
    """The text with everything hidden that looks like a secret, a token or a private key."""
    return re.sub(_SECRETS, r"\1***", re.sub(_KEYS, "***", text))


def _kept(details: str) -> str:
    """The name of a new file with the details in it, readable by its owner alone. Raises OSError."""
    import tempfile

    handle, name = tempfile.mkstemp(prefix="mksync-", suffix=".log")  # made with mode 0600
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"mksync {__version__}, Python {sys.version}\n{details}")
    return name
