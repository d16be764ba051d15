"""What ends a command, in words and as an exit code. The only place that turns exceptions into either."""

import os
import re
import sys
import tempfile
import traceback

from mksync import __version__
from mksync.cli.console import Console
from mksync.cli.signals import Interrupted
from mksync.errors import MksyncError

# Marketo takes secrets and tokens in the address itself, and the text of a failed call may quote it.
_SECRETS = re.compile(
    r"""(?ix)
    ( \b (?: client_secret | access_token | refresh_token | password | passphrase | assertion | token | secret )
      ["']? \s* [=:] \s* ["']?
    | \b bearer \s+ | \b basic \s+
    ) [^\s&"',;<>\])}]+
    """
)
_KEYS = re.compile(r"-----BEGIN [^-]*-----.*?(-----END [^-]*-----|\Z)", re.DOTALL)


def explain(error: BaseException) -> int:
    """Say on stderr what happened, and return the exit code."""
    console = Console()
    if isinstance(error, Interrupted):
        return _interrupted(error, console)
    if isinstance(error, MksyncError):
        return _expected(error, console)
    return _unexpected(error, console)


def _interrupted(error: Interrupted, console: Console) -> int:
    if error.exit_code in (130, 143):
        console.say("interrupted; the state is consistent, the next run goes on from here")
    return error.exit_code


def _expected(error: MksyncError, console: Console) -> int:
    console.say(f"error: {error.message}")
    if error.hint:
        console.say(f"hint: {error.hint}")
    return error.exit_code


def _unexpected(error: BaseException, console: Console) -> int:
    kind = type(error).__name__  # not its text: that may quote a record
    details = without_secrets("".join(traceback.format_exception(error)))
    try:
        console.say(f"error: this is a bug in mksync ({kind}); please report it, the details are in {_kept(details)}")
    except OSError:
        console.say(f"{details}\nerror: this is a bug in mksync ({kind}); please report it with the lines above")
    return 1


def without_secrets(text: str) -> str:
    """The text with everything hidden that looks like a secret, a token or a private key."""
    return _SECRETS.sub(r"\1***", _KEYS.sub("***", text))


def _kept(details: str) -> str:
    """The name of a new file with the details in it, readable by its owner alone. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix="mksync-", suffix=".log")  # made with mode 0600
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"mksync {__version__}, Python {sys.version}\n{details}")
    return name
