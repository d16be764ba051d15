"""`mksync mirror`: is it to be trusted, and what to do if it is not."""

from dataclasses import asdict
from typing import Annotated

import typer

import mksync.cli.render as render
from mksync.cli.answering import Answering
from mksync.cli.progress import shown
from mksync.cli.rows import ROWS_READ
from mksync.cli.shell import shell_of

app = typer.Typer(no_args_is_help=True, help="Check the mirror, or make a new one from both systems.")
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("check", cls=Answering)
def check(context: typer.Context, json: Json = False) -> None:
    """Look over the whole mirror. Calls nobody, writes nothing; exits 7 if it is not to be trusted."""
    from mksync.mirror import Mirror
    from mksync.mirror.soundness import check as soundness
    from mksync.mirror.trouble import told

    shell = shell_of(context)
    config = shell.config()
    with told(config.mirror):
        mirror = Mirror.open(config.mirror)
        try:
            soundness(mirror.db, config.mirror)
        finally:
            mirror.close()
    if json:
        shell.console.json("mirror check", {"mirror": str(config.mirror), "sound": True})
    else:
        shell.console.data(f"{config.mirror} is sound")


@app.command("rebuild", cls=Answering)
def rebuild(context: typer.Context, json: Json = False) -> None:
    """Make a new mirror from both systems, and keep the old one beside it. Changes no record in either system.

    Links are found again by the CRM ids that people bear. The log is taken over as far as it can be read. What both
    sides hold differently is a first difference of the next run-once, which shows it before with --dry-run.
    """
    from mksync.rebuild import rebuild as made

    shell = shell_of(context)
    config = shell.config()
    with shown(quiet=json) as progress:
        rebuilt = made(config, shell.clock, ROWS_READ, progress)
    old = str(rebuilt.old) if rebuilt.old else None
    if json:
        found = {"old": old, "salvaged": asdict(rebuilt.salvaged)}
        shell.console.json("mirror rebuild", {**render.setup_to_json(rebuilt.report, []), **found})
        return
    render.show_setup(rebuilt.report, rebuilt.titles, shell.console, made="a new mirror")
    for table, why in rebuilt.salvaged.lost.items():
        shell.console.warn(f"the old mirror's {table} could not be read to its end: {why}")
    if old:
        shell.console.say(f"The old mirror is kept at {old}.")
