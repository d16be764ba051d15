"""`mksync convert`: a person's lead becomes a contact."""

from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from mksync.cli.progress import shown
from mksync.cli.shell import shell_of
from mksync.core.convert import MATCH, Wish


def convert(
    context: typer.Context,
    who: Annotated[str, typer.Argument(metavar="WHO", help="An e-mail address, or a Marketo id.")],
    account: Annotated[
        str,
        typer.Option(
            metavar=f"ID|{MATCH}",
            help=f"An account that exists; {MATCH}: the one of the name of the lead's company, else a new one.",
        ),
    ] = "",
    new_account: Annotated[
        bool, typer.Option("--new-account", help="A new account, also if there is one of that name.")
    ] = False,
    no_account: Annotated[bool, typer.Option("--no-account", help="No account, where the CRM allows it.")] = False,
    contact: Annotated[
        str, typer.Option(metavar="ID", help="A contact that exists in the account, into which the lead goes.")
    ] = "",
    opportunity: Annotated[
        bool | None,
        typer.Option("--opportunity/--no-opportunity", help="Whether an opportunity is made.  [default: the CRM's]"),
    ] = None,
    opportunity_name: Annotated[
        str, typer.Option(metavar="NAME", help="How it is called.  [default: as the company]")
    ] = "",
    status: Annotated[str, typer.Option(metavar="STATUS", help="The converted lead's status.")] = "",
    owner: Annotated[
        str,
        typer.Option(
            metavar="OWNER", help="Who owns what is made: a user's id or e-mail address.  [default: the lead's owner]"
        ),
    ] = "",
    notify_owner: Annotated[
        bool | None, typer.Option("--notify-owner/--no-notify-owner", help="Whether the CRM sends the owner an e-mail.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Make a second account of a name without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would be done; write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Convert the lead of a person into a contact. The person's link, and the contact's policies, follow at once.

    Whether an account and an opportunity are made if nothing is said is as usual in the CRM; --dry-run shows it.
    """
    import mksync.cli.converting as converting
    from mksync.app import open_app, working
    from mksync.engine.convert import agreed, carry_out, prepare

    shell = shell_of(context)
    config = shell.config()
    wish = Wish(
        account.strip(), new_account, no_account, contact.strip(), opportunity, opportunity_name.strip(),
        status.strip(), owner.strip(), notify_owner,
    )  # fmt: skip
    agree = partial(converting.agree, console=shell.console, dry=dry_run)
    consent = yes or new_account
    while True:
        with open_app(config, shell.clock, in_turn=True, command="convert", waits=shell.console.say) as app:
            project, ready = working(app, lambda project: (project, prepare(project, who, wish, dry=dry_run)))
            report, titles = ready.report, app.titles
            asks = bool(report.like_it) and shell.console.prompts and not (dry_run or consent)
            if not asks:
                converting.warn(report, titles, shell.console)
                agree(report, titles, yes=consent)
                if not dry_run:
                    with shown(quiet=json) as progress:
                        report = carry_out(project, agreed(ready), progress)
                break
        agree(report, titles, yes=False)  # while others work: nobody knows how long an answer takes
        consent = True
    if json:
        shell.console.json("convert", asdict(report), report.exit_code)
    else:
        shell.console.data("\n".join(converting.told(report, titles)))
        if report.changes:
            shell.console.data("")
            shell.console.table(converting.changes(report, titles))
    raise typer.Exit(report.exit_code)
