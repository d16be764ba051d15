"""`mksync init`: connect the two systems, check them, choose fields, link what matches."""

from typing import Annotated

import typer

from mksync.cli import render
from mksync.cli.answers import Answers, write_config
from mksync.cli.console import Console
from mksync.cli.progress import shown
from mksync.cli.shell import Shell, shell_of
from mksync.cli.table import Column, Table
from mksync.config import FILE
from mksync.core.records import Check
from mksync.errors import AccessError, ConfigError, MksyncError, Temporary

WHERE = "Where the secret is: env:NAME, file:PATH, keyring:NAME or command:WORDS."


def init(
    context: typer.Context,
    crm: Annotated[str | None, typer.Option("--crm", metavar="SYSTEM", help="The CRM: salesforce.")] = None,
    marketo_url: Annotated[str | None, typer.Option(metavar="URL", help="https://123-ABC-456.mktorest.com")] = None,
    marketo_client_id: Annotated[str | None, typer.Option(metavar="ID")] = None,
    marketo_secret: Annotated[str | None, typer.Option(metavar="WHERE", help=WHERE)] = None,
    crm_url: Annotated[str | None, typer.Option(metavar="URL", help="https://acme.my.salesforce.com")] = None,
    crm_client_id: Annotated[str | None, typer.Option(metavar="ID")] = None,
    crm_secret: Annotated[str | None, typer.Option(metavar="WHERE", help=WHERE)] = None,
    create_key_field: Annotated[
        bool, typer.Option("--create-key-field", help="Let mksync create its one field in Marketo, the cross-id.")
    ] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask; fail where an answer is needed.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Set up a project in this folder. Writes mksync.toml (unless it is there), the field selection and the mirror.

    Changes no record in either system: it links what matches and shows what the first cycle would do.
    """
    from mksync.app import open_app
    from mksync.initialise import checked, initialise

    shell = shell_of(context)
    console = shell.console.silenced() if no_input else shell.console
    answers = Answers(crm, marketo_url, marketo_client_id, marketo_secret, crm_url, crm_client_id, crm_secret)
    written = _config(shell, console, answers)
    config = shell.config()
    allowed = create_key_field or config.create_key_field
    with open_app(config, shell.clock, create=True) as app:
        checks = _show_checks(console, list(checked(app, create_key_field=allowed)), json=json)
        with shown(quiet=json) as progress:
            report = initialise(app, render.ROWS_READ, progress)
        titles = app.titles
    if json:
        console.json("init", render.setup_to_json(report, checks))
    else:
        render.show_setup(report, titles, console, wrote_config=written)


def _config(shell: Shell, console: Console, answers: Answers) -> bool:
    """Make mksync.toml from flags and answers, if there is none. Says whether it did."""
    path = shell.path(FILE)
    if path.exists():
        if answers.given:
            raise ConfigError(
                f"{path} is there already; mksync does not rewrite it", hint="edit it, or leave these flags out"
            )
        return False
    write_config(path, answers, console)
    return True


def _show_checks(console: Console, checks: list[Check], *, json: bool) -> list[Check]:
    """Print the table of checks. Raises with the exit code of the first one that failed."""
    failed = [check for check in checks if not check.passed]
    if not json:
        columns = [Column("check", whole=True), Column(""), Column("finding"), Column("what to do")]
        rows = [(check.name, "ok" if check.passed else "FAILED", check.finding, check.remedy) for check in checks]
        console.table(Table(columns, rows, "Checks"))
        console.data("")
    for check in failed:
        raise _as_error(check)
    return checks


def _as_error(check: Check) -> MksyncError:
    kinds = {kind.exit_code: kind for kind in (ConfigError, Temporary, AccessError)}
    return kinds.get(check.exit_code, AccessError)(f"{check.name}: {check.finding}", hint=check.remedy)
