"""The way to the terminal: data to stdout, everything else to stderr, and nothing in either that acts on it.

Off a terminal there is no colour, no prompt, and no width that a table would have to be cut to.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TextIO

from mksync.cli.exits import EXITS
from mksync.cli.signals import Interrupted
from mksync.cli.table import Table, rendered
from mksync.cli.text import json_safe, printable
from mksync.core.frozen import dataclass
from mksync.errors import ConfigError

JSON_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Console:
    """How this run may print. `width` None: as wide as the text."""

    colour: bool = False
    width: int | None = None
    prompts: bool = False  # whether somebody is there to answer
    lively: bool = False  # whether stdout is a terminal on which lines may move

    @classmethod
    def of_process(cls, *, no_color: bool = False, no_input: bool = False) -> "Console":
        """As the streams and the variables NO_COLOR, FORCE_COLOR, COLUMNS and TERM have it."""
        terminal = sys.stdout.isatty()
        prompts = not no_input and sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
        lively = terminal and os.environ.get("TERM") != "dumb"
        return cls(not no_color and _wants_colour(terminal), _width(terminal), prompts, lively)

    def silenced(self) -> "Console":
        """The same, asking nothing."""
        return replace(self, prompts=False)

    def data(self, text: str) -> None:
        """A line, or lines, of what was asked for."""
        write(sys.stdout, printable(text))

    def table(self, table: Table) -> None:
        write(sys.stdout, rendered(table, self.width, colour=self.colour))

    def json(self, command: str, data: Mapping[str, object], exit_code: int = 0, *, one_line: bool = False) -> None:
        """The one envelope of every `--json`. Fields are added to it over time, never changed.

        `one_line`: for commands that answer with one document after another.
        """
        head = {"schema": JSON_SCHEMA, "command": command, "exit": {"code": exit_code, "name": EXITS[exit_code].name}}
        write(
            sys.stdout,
            json_safe(json.dumps({"mksync": head, **data}, ensure_ascii=False, indent=None if one_line else 2)),
        )

    def say(self, text: str) -> None:
        """A message beside the data: progress, warnings, hints."""
        with suppress(Interrupted):  # nobody reads stderr: no reason to stop
            write(sys.stderr, printable(text))

    def warn(self, text: str) -> None:
        self.say(f"warning: {text}")

    def confirm(self, question: str, flag: str) -> bool:
        """Ask. Raises ConfigError where nobody can answer, naming the flag that answers in advance."""
        if not self.prompts:
            raise ConfigError(f"{question} Nobody is here to answer", hint=f"answer in advance with {flag}")
        sys.stderr.write(f"{printable(question)} [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")


def write(stream: TextIO, text: str) -> None:
    """Write a line now. Raises Interrupted if the reader has gone away (`mksync log | head`)."""
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
    except BrokenPipeError:
        _drop(stream)
        raise Interrupted(signal.SIGPIPE) from None


def _drop(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, or Python complains when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _wants_colour(terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (terminal and os.environ.get("TERM") != "dumb")


def _width(terminal: bool) -> int | None:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    if not terminal:
        return None
    import shutil

    return shutil.get_terminal_size().columns
