"""`mksync init`: connect the two systems, check them, choose fields, link what matches."""

from typing import TYPE_CHECKING, Annotated

import typer

import mksync.cli.render as render
from mksync.cli.answers import SETTING, Answers, make_config
from mksync.cli.checks import judge
from mksync.cli.console import Console
from mksync.cli.progress import shown
from mksync.cli.rows import ROWS_READ
from mksync.cli.shell import shell_of
from mksync.config_new import BUILT_IN
from mksync.core.records import Check

if TYPE_CHECKING:
    from mksync.app import App

CRMS = ", ".join(BUILT_IN)
ADDRESSES = ", ".join(BUILT_IN.values())
ONE_WAY = "Accounts, users, opportunities and their roles can sync too, to Marketo only"
LOGS = (
    "mksync can write what the CRM refuses into the person's Activity Log in Marketo. That takes a type of activity,"
    " Refused by the CRM, which can be deleted there again. Create it now?"
)
WHERE = "Where the secret is: env:NAME, file:PATH, keyring:SERVICE/USER or command:WORDS."


def init(
    context: typer.Context,
    crm: Annotated[str | None, typer.Option("--crm", metavar="SYSTEM", help=f"The CRM: {CRMS}.")] = None,
    marketo_url: Annotated[str | None, typer.Option(metavar="URL", help="https://123-ABC-456.mktorest.com")] = None,
    marketo_client_id: Annotated[str | None, typer.Option(metavar="ID")] = None,
    marketo_secret: Annotated[str | None, typer.Option(metavar="WHERE", help=WHERE)] = None,
    crm_url: Annotated[str | None, typer.Option(metavar="URL", help=ADDRESSES)] = None,
    crm_client_id: Annotated[str | None, typer.Option(metavar="ID")] = None,
    crm_secret: Annotated[str | None, typer.Option(metavar="WHERE", help=WHERE)] = None,
    crm_setting: Annotated[
        list[str] | None,
        typer.Option(SETTING, metavar="KEY=VALUE", help="Whatever else the CRM's table of mksync.toml needs."),
    ] = None,
    create_key_field: Annotated[
        bool, typer.Option("--create-key-field", help="Let mksync create its one field in Marketo, the cross-id.")
    ] = False,
    create_activity_type: Annotated[
        bool,
        typer.Option("--create-activity-type", help="Let mksync write what is refused into people's Activity Logs."),
    ] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask; fail where an answer is needed.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Set up a project in this folder. Writes mksync.toml (unless it is there), the field selection and the mirror.

    Changes no record in either system: it links what matches and shows what the first cycle would do.
    """
    from mksync.app import open_app
    from mksync.config import FILE
    from mksync.initialise import checked, initialise

    shell = shell_of(context)
    console = shell.console.silenced() if no_input else shell.console
    tables = {
        "marketo": {"url": marketo_url, "client_id": marketo_client_id, "client_secret": marketo_secret},
        "crm": {"url": crm_url, "client_id": crm_client_id, "client_secret": crm_secret},
    }
    answers = Answers.of_flags(crm, tables, crm_setting or ())
    written = make_config(shell.path(FILE), answers, console)
    config = shell.config()

    with open_app(config, shell.clock, create=True, command="init", waits=shell.console.say) as app:
        checks = list(checked(app, create_key_field=create_key_field or config.create_key_field))
        if _may_create(console, app, checks):
            checks = list(checked(app, create_key_field=True))
        if all(check.passed for check in checks):
            checks += _activity_log(console, app, allowed=create_activity_type or config.create_activity_type)
        judge(console, checks, "init", json=json)
        proposed = not config.selection.exists()
        with shown(quiet=json) as progress:
            report = initialise(app, ROWS_READ, progress)
        titles, narrow = app.titles, _narrow(app) if proposed else ""
    if json:
        console.json("init", render.setup_to_json(report, checks))
    else:
        made = "mksync.toml, mksync.fields.toml and the mirror" if written else "mksync.fields.toml and the mirror"
        render.show_setup(report, titles, console, made=made)
        console.say(f"{ONE_WAY}: mksync fields select --object account --defaults")
        if narrow:
            console.say(narrow)


def _narrow(app: "App") -> str:
    """One line for all the pairs that were proposed and lose something; empty if none does."""
    from mksync.cli.fitness import counted
    from mksync.engine.fit import narrow
    from mksync.selection import load

    selection = load(app.config.selection)
    found = narrow(app.schemas(app.synced(selection)), app.catalogue, selection)
    return counted(found, sum(len(pairs) for pairs in selection.pairs.values()))


def _may_create(console: Console, app: "App", checks: list[Check]) -> bool:
    """Ask somebody who is there whether the one field that a check has missed may be made."""
    from mksync.initialise import key_field_is_missing

    field = app.config.key_field
    missed = any(field in check.name and not check.passed for check in checks)
    if not (console.prompts and missed and key_field_is_missing(app)):
        return False
    question = f"mksync needs one field of its own in Marketo, {field}, for the CRM record's id. Create it now?"
    return console.confirm(question, "--create-key-field")


def _activity_log(console: Console, app: "App", *, allowed: bool) -> list[Check]:
    """Make the type of entries on the flag, or on the word of somebody who is there."""
    from mksync.engine.activity_type import activity_log, is_missing

    found = activity_log(app.mirror, app.ports, app.titles, create=allowed)
    asks = found is not None and console.prompts and not allowed and is_missing(app.mirror)
    if asks and console.confirm(LOGS, "--create-activity-type"):
        found = activity_log(app.mirror, app.ports, app.titles, create=True)
    return [found] if found else []
