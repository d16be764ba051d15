"""`mksync run-once`: one cycle, and what it did."""

from typing import TYPE_CHECKING, Annotated

import typer

from mksync.cli.objects import OBJECT, chosen
from mksync.cli.progress import shown
from mksync.cli.rows import ALL_ROWS, ROWS_READ
from mksync.cli.shell import shell_of
from mksync.core.report import RunReport
from mksync.errors import ConfigError

if TYPE_CHECKING:
    from mksync.config import Config


def run_once(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would be done; write nothing.")] = False,
    objects: Annotated[
        list[str] | None, typer.Option("--object", metavar="OBJECT", help=f"Only this object: {OBJECT}")
    ] = None,
    confirm: Annotated[
        int | None,
        typer.Option("--confirm", metavar="N", help="Pass the brake that named this number."),
    ] = None,
    retry_rejected: Annotated[
        bool, typer.Option("--retry-rejected", help="Try again what was refused before.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="With --dry-run: exit 4 if anything would be done.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing if there is nothing to tell.")] = False,
) -> None:
    """Bring Marketo and the CRM into step once: read both, compare, write, and show what was done."""
    from mksync.app import cycle, open_app
    from mksync.engine.run import Options

    if exit_code and not dry_run:
        raise ConfigError("--exit-code tells what a dry run would do", hint="add --dry-run")
    shell = shell_of(context)
    config = shell.config()
    asked = _chosen(config, objects) if objects else ()
    rows = ALL_ROWS if json else ROWS_READ
    options = Options(dry_run, asked, confirm, retry_rejected, rows=rows)
    with (
        open_app(config, shell.clock, command="run-once", waits=shell.console.say) as app,
        shown(quiet=quiet or json) as progress,
    ):
        report, titles = cycle(app, options, progress), app.titles
    code = _code(report, dry_run=dry_run, asked=exit_code)
    if json or not (quiet and report.quiet):
        import mksync.cli.render as render

        if json:
            shell.console.json("run-once", render.to_json(report), code)
        else:
            render.show(report, titles, shell.console)
    raise typer.Exit(code)


def _chosen(config: "Config", objects: list[str]) -> tuple[str, ...]:
    """The objects that are named, in the order they sync in. Raises ConfigError for one that does not."""
    from mksync.engine.custom_objects import catalogue
    from mksync.selection import load, synced

    selection = load(config.selection)
    return chosen(objects, synced(selection, catalogue(config.vendor("crm"), selection.customs)))


def _code(report: RunReport, *, dry_run: bool, asked: bool) -> int:
    """A dry run reports differences only where it was asked to, as a script's `if` takes any other code for trouble."""
    if not dry_run:
        return report.exit_code
    would = any(part.created or part.updated or part.filtered_total or part.started_total for part in report.objects)
    return 4 if asked and would else 0
