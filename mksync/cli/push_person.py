"""`mksync push-person`: bring people into step with the CRM now, and create those who are not there."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from mksync.cli.progress import shown
from mksync.cli.shell import shell_of


class Becomes(StrEnum):
    """What somebody becomes who is not in the CRM."""

    LEAD = "lead"
    CONTACT = "contact"


def push_person(
    context: typer.Context,
    who: Annotated[
        list[str], typer.Argument(metavar="WHO…", help="E-mail addresses, or Marketo ids; -: from stdin, one a line.")
    ],
    becomes: Annotated[
        Becomes, typer.Option("--as", help="What somebody becomes who is not in the CRM.")
    ] = Becomes.LEAD,
    owner: Annotated[
        str, typer.Option(metavar="ID|E-MAIL", help="Who owns the record in the CRM.  [default: as the CRM has it]")
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Also a record that only the background sync brings into step.")
    ] = False,
    recreate: Annotated[
        bool, typer.Option("--recreate", help="Make a new lead where the person's record was deleted in the CRM.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would be done; write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Bring people into step with their lead or contact now; who is not in the CRM is created there.

    The same rules hold as in a cycle. The exit code is 2 if a WHO is not one person in Marketo, 3 if somebody was left
    as they are; the others are done all the same.
    """
    import mksync.cli.pushing as pushing
    from mksync.app import open_app, working
    from mksync.core.pushing import PushWish
    from mksync.engine.person import push_people

    shell = shell_of(context)
    config = shell.config()
    whos = pushing.read(who, sys.stdin)
    wish = PushWish(becomes.value, owner.strip(), force, recreate, dry_run, config.push_defaults)
    choose = pushing.chooser(shell.console) if shell.console.prompts and not json else None
    with (
        open_app(config, shell.clock, in_turn=True, command="push-person", waits=shell.console.say) as app,
        shown(quiet=json) as progress,
    ):
        titles = app.titles
        report = working(
            app, lambda project: push_people(project, whos, wish, app.described(project), choose, progress)
        )
    if json:
        shell.console.json("push-person", pushing.to_json(report), report.exit_code)
    else:
        pushing.show(report, titles, shell.console)
    raise typer.Exit(report.exit_code)
