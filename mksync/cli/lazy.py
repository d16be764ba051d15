"""The commands of `mksync`, each of which is loaded when it is run or its own help is asked for.

Typer builds every option of every command before it knows which one is meant: with all of them loaded, help took twice
the time, and `status` a third more.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from mksync.cli.answering import Answering, AnsweringInLines
from mksync.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command is, and the words that its own help begins with, for the list of all."""

    module: str  # of this package
    name: str  # in that module: a function, or a Typer of commands below it
    help: str
    cls: type[TyperCommand] = Answering


COMMANDS: Mapping[str, Command] = {
    "init": Command(
        "init",
        "init",
        "Set up a project in this folder. Writes mksync.toml (unless it is there), the field selection and the mirror.",
    ),
    "run-once": Command(
        "run_once",
        "run_once",
        "Bring Marketo and the CRM into step once: read both, compare, write, and show what was done.",
    ),
    "convert": Command(
        "convert",
        "convert",
        "Convert the lead of a person into a contact. The person's link, and the contact's policies, follow at once.",
    ),
    "push-person": Command(
        "push_person",
        "push_person",
        "Bring people into step with their lead or contact now; who is not in the CRM is created there.",
    ),
    "watch": Command(
        "watch",
        "watch",
        "Run a cycle, wait five minutes from its end, and again, until Ctrl-C or SIGTERM.",
        AnsweringInLines,
    ),
    "verify": Command(
        "verify",
        "verify",
        "Compare both systems as they are now, by another way than the cycle's. Writes nothing; exits 4 if they differ.",  # noqa: E501 - as it is shown
    ),
    "status": Command(
        "status",
        "status",
        "Show the last run, who is at work, and what is linked, waits or rests. Calls nobody, writes nothing.",
    ),
    "doctor": Command(
        "doctor",
        "doctor",
        "Check sign-ins, permissions, fields and the filter, as init does, and the mirror. Changes nothing.",
    ),
    "budget": Command(
        "budget",
        "budget",
        "Show what a day of watch, or a first sync, would cost in API calls, beside each system's quota and reserve.",
    ),
    "demo": Command(
        "demo",
        "demo",
        "Show mksync at work: a private sandbox, edits on both sides, a collision, a refused write, a quiet cycle.",
        TyperCommand,
    ),
    "log": Command(
        "log", "app", "Show the latest cycles; or one cycle, one person, the collisions, or what was refused."
    ),
    "fields": Command("fields", "app", "What could sync, what does, and the choice of it."),
    "mirror": Command("mirror", "app", "Check the mirror, or make a new one from both systems."),
    "sandbox": Command("sandbox", "app", "Emulators of the vendors, to rehearse on."),
}


class Lazily(TyperGroup):
    """A group that holds only the names and first words of `COMMANDS` until one of them is wanted."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - Typer does not export the types
        """The command that these arguments begin with."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and name in COMMANDS:
            command = built(name)
        return name, command, rest


def listed(app: typer.Typer) -> None:
    """Have the app list every command."""
    for name, command in COMMANDS.items():
        app.command(name, help=command.help)(_not_loaded)


def built(name: str) -> Any:  # noqa: ANN401
    """A command of `COMMANDS`, loaded, with its options and the commands below it."""
    wanted = COMMANDS[name]
    found = getattr(import_module(f"mksync.cli.{wanted.module}"), wanted.name)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    if not isinstance(found, typer.Typer):
        app.command(name, cls=wanted.cls)(found)
        return typer.main.get_command(app)
    app.add_typer(found, name=name)
    group: Any = typer.main.get_command(app)
    return group.commands[name]


def _not_loaded() -> None:
    """Stands for a command in the list of all; `Lazily` runs the real one."""
    raise AssertionError("a command that was not loaded cannot run")
