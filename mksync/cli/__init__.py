"""The command line. One file a command: it declares options, calls one function of the engine, renders one report.

`mksync` starts in `run`. Whatever a command raises becomes words and an exit code in `failures`.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from mksync.cli import exits, failures, fields, log, mirror, sandbox, signals
from mksync.cli.answering import Answering, AnsweringInLines
from mksync.cli.budget import budget
from mksync.cli.console import Console
from mksync.cli.convert import convert
from mksync.cli.demo import demo
from mksync.cli.doctor import doctor
from mksync.cli.init import init
from mksync.cli.push_person import push_person
from mksync.cli.run_once import run_once
from mksync.cli.shell import Shell, trace_wire
from mksync.cli.status import status
from mksync.cli.verify import verify
from mksync.cli.watch import watch

if TYPE_CHECKING:
    from mksync.ports import Clock

app = typer.Typer(
    name="mksync",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # with it, help alone loads Rich: 97 ms against 48
    pretty_exceptions_enable=False,  # tracebacks with colours load Rich, and with locals they would show tokens
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"\b\n{exits.listed()}",
)
app.command("init", cls=Answering)(init)
app.command("run-once", cls=Answering)(run_once)
app.command("convert", cls=Answering)(convert)
app.command("push-person", cls=Answering)(push_person)
app.command("watch", cls=AnsweringInLines)(watch)
app.command("verify", cls=Answering)(verify)
app.command("status", cls=Answering)(status)
app.command("doctor", cls=Answering)(doctor)
app.command("budget", cls=Answering)(budget)
app.command("demo")(demo)
app.add_typer(log.app, name="log")
app.add_typer(fields.app, name="fields")
app.add_typer(mirror.app, name="mirror")
app.add_typer(sandbox.app, name="sandbox")


def run(argv: list[str] | None = None, clock: "Clock | None" = None) -> NoReturn:
    """Run one command and exit. `argv` without the program's name; `clock` for tests and demos that steer time."""
    command = typer.main.get_command(app)
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
        trace_wire(context)
    context.obj = Shell(project, console, context.obj or _real_clock())


def _real_clock() -> "Clock":
    from mksync.wire.clock import RealClock

    return RealClock()
