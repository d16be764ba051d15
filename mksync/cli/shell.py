"""What the command line hands to every command: where the project is, how to print, and what time it is."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from mksync.cli.console import Console
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
