"""What the command line hands to every command: where the project is, how to print, and what time it is."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from mksync.cli.console import Console
from mksync.cli.text import printable
from mksync.core.frozen import dataclass

if TYPE_CHECKING:
    from mksync.config import Config
    from mksync.ports import Clock


@dataclass(frozen=True, slots=True)
class Shell:
    """The global options, made ready for use."""

    folder: Path | None  # --project; None: the working directory
    console: Console
    clock: "Clock"

    def path(self, name: str) -> Path:
        """A file of the project."""
        return (self.folder or Path()) / name

    def config(self) -> "Config":
        """The project's configuration; warnings about it are printed. Raises ConfigError."""
        from mksync.config import find_config, load_config  # help needs none of it

        config = load_config(find_config(self.folder))
        for warning in config.warnings:
            self.console.warn(warning)
        return config


def shell_of(context: typer.Context) -> Shell:
    """What the global options have set up for this command."""
    return cast("Shell", context.obj)


def trace_wire(context: typer.Context) -> None:
    """Show every HTTP call on stderr until this command ends."""
    log, handler = logging.getLogger("mksync.wire"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(message)s"))
    log.addHandler(handler)
    level, propagate = log.level, log.propagate
    log.setLevel(logging.DEBUG)
    log.propagate = False

    def end() -> None:
        log.removeHandler(handler)
        log.setLevel(level)
        log.propagate = propagate

    context.call_on_close(end)


class _OneLine(logging.Formatter):
    """A vendor's words in the log do nothing to the terminal either."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))
