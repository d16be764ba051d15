"""The command line. One file a command: it declares options, calls one function of the engine, renders one report.

`mksync` starts in `run`. Whatever a command raises becomes words and an exit code in `failures`.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
import typer.completion

from mksync.cli import exits, failures, lazy, signals
from mksync.cli.console import Console
from mksync.cli.shell import Shell

if TYPE_CHECKING:
    from mksync.ports import Clock

COMPLETE = "_MKSYNC_COMPLETE"  # what a shell asks for completions with, as Typer names it
app = typer.Typer(
    name="mksync",
    cls=lazy.Lazily,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # with it, help alone loads Rich: 97 ms against 48
    pretty_exceptions_enable=False,  # tracebacks with colours load Rich, and with locals they would show tokens
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"\b\n{exits.listed()}",
)
lazy.listed(app)


def run(argv: list[str] | None = None, clock: "Clock | None" = None) -> NoReturn:
    """Run one command and exit. `argv` without the program's name; `clock` for tests and demos that steer time."""
    command = typer.main.get_command(app)
    if COMPLETE in os.environ:
        typer.completion.get_completion_inspect_parameters()  # makes Typer know the shells
    try:
        with signals.as_exceptions():
            command.main(args=argv, prog_name="mksync", obj=clock)
    except (Exception, signals.Interrupted) as error:  # noqa: BLE001 - the one place where every failure ends
        sys.exit(failures.explain(error))
    sys.exit(0)


def _version(wanted: bool) -> None:
    if wanted:
        from mksync import __version__

        typer.echo(f"mksync {__version__}")
        raise typer.Exit


@app.callback()
def _global(
    context: typer.Context,
    project: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of mksync.toml.  [default: the working directory]")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show every call to the vendors on stderr.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask; fail where an answer is needed.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="Print no colours.")] = False,
    _show_version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Keeps Adobe Marketo Engage and a CRM in step, field by field, and shows what it does."""
    console = Console.of_process(no_color=no_color, no_input=no_input)
    if verbose:
        from mksync.cli.trace import trace_wire

        trace_wire(context)
    context.obj = Shell(project, console, context.obj or _real_clock())


def _real_clock() -> "Clock":
    from mksync.wire.clock import RealClock

    return RealClock()
