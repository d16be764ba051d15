"""`mksync fields`: what could sync, what does, and the choice of it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from mksync.app import App, open_app
from mksync.cli.checklist import ask
from mksync.cli.console import Console
from mksync.cli.shell import shell_of
from mksync.cli.table import Column, Table
from mksync.core.records import Side
from mksync.engine.choose import Chooser, chosen
from mksync.engine.fields import Offer, offers
from mksync.errors import ConfigError
from mksync.selection import Difference, diff, load, save

app = typer.Typer(help="What could sync, what does, and the choice of it.", no_args_is_help=True)
Object = Annotated[str | None, typer.Option("--object", metavar="OBJECT", help="lead or contact.")]


@app.command("list")
def list_(
    context: typer.Context,
    object: Object = None,
    every: Annotated[bool, typer.Option("--all", help="Also fields that are not offered, and why.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the fields of both sides: what is selected, what could be, and why a field is not offered."""
    shell = shell_of(context)
    with open_app(shell.config(), shell.clock) as project:
        objects = _objects(project, object)
        selection = load(project.config.selection)
        catalogue = project.config.vendor(Side.CRM).catalogue
        schemas = project.schemas()
        rows = [offer for name in objects for offer in offers(schemas, catalogue, name, selection)]
        titles = project.titles
    shown = rows if every or json else [row for row in rows if row.marketo is not None and not row.obstacle]
    if json:
        shell.console.json("fields list", {"fields": [_as_json(row) for row in shown]})
        return
    for name in objects:
        lines = [_line(row) for row in shown if row.object == name]
        columns = [
            Column(title) for title in (titles.crm, "label", "type", titles.marketo, "direction", "access", "state")
        ]
        shell.console.table(Table(columns, lines, f"{name}: {sum(line[-1] == 'selected' for line in lines)} selected"))
        shell.console.data("")


def _objects(project: App, object: str | None) -> list[str]:
    """The object asked for, or all. Raises ConfigError."""
    known = list(project.config.vendor(Side.CRM).catalogue)
    if object is not None and object not in known:
        raise ConfigError(f"--object {object}: there is no such object", hint=f"one of {', '.join(known)}")
    return [object] if object else known


def _line(row: Offer) -> tuple[str, ...]:
    person = row.marketo.name if row.marketo else ""
    direction = row.direction.value if row.direction else ""
    state = "selected" if row.selected else row.obstacle or "can be selected"
    return row.crm.name, row.crm.label, row.crm.vendor_type or row.crm.type, person, direction, _access(row), state


def _access(row: Offer) -> str:
    return "read and write" if row.crm.writable else "read only"


def _as_json(row: Offer) -> dict[str, object]:
    return {
        "object": row.object,
        "crm": row.crm.name,
        "label": row.crm.label,
        "type": row.crm.type,
        "marketo": row.marketo.name if row.marketo else None,
        "direction": row.direction,
        "access": _access(row),
        "selected": row.selected,
        "obstacle": row.obstacle,
    }


@app.command()
def select(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FIELD]…", help="Select exactly these: Title, Title=title, Title=title:to-marketo."),
    ] = None,
    object: Object = None,
    add: Annotated[list[str] | None, typer.Option("--add", metavar="FIELD", help="Select this one too.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="FIELD", help="Select it no more.")] = None,
    all_custom: Annotated[
        bool, typer.Option("--all-custom", help="Add every custom field that both sides have.")
    ] = False,
    source: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Read the fields from a file, one a line; - is stdin.")
    ] = None,
) -> None:
    """Choose which fields sync. On a terminal, without any field named, shows a list to choose from."""
    shell = shell_of(context)
    with open_app(shell.config(), shell.clock) as project:
        schemas = project.schemas()
        old = new = load(project.config.selection)
        only = [*(names or []), *(_lines(source) if source else [])]
        asking = not (only or add or remove or all_custom)
        for name in _selectable(project, object, asking=asking):
            chooser = Chooser.of(schemas, project.config.vendor(Side.CRM).catalogue[name], project.config.key_field)
            if asking:
                new = ask(shell.console, chooser, new)
            else:
                new = chosen(chooser, new, only=only, added=add or [], removed=remove or [], customs=all_custom)
        if new != old:
            save(project.config.selection, new)
    _show(shell.console, diff(old, new), project.titles.crm)


def _selectable(project: App, object: str | None, *, asking: bool) -> list[str]:
    """Fields are named for one object; only the interactive list goes through all."""
    if object is None and not asking:
        known = ", ".join(project.config.vendor(Side.CRM).catalogue)
        raise ConfigError("which object's fields are meant?", hint=f"--object, one of {known}")
    return _objects(project, object)


def _lines(source: str) -> list[str]:
    """Fields from a file or stdin: one a line, `#` begins a comment. Raises ConfigError."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--from {source}: {error}", hint="name a text file with one field a line") from None
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    if not any(lines):
        raise ConfigError(f"--from {source}: there is no field in it", hint="one field a line: Title, or Title=title")
    return [line for line in lines if line]


def _show(console: Console, change: Difference, crm: str) -> None:
    """What changed, a line each."""
    for sign, pairs in (("+", change.added), ("-", change.removed), ("~", change.turned)):
        for object, pair in pairs:
            console.data(f"{sign} {object}: {crm} {pair.crm} = Marketo {pair.marketo} ({pair.direction.value})")
    if change == Difference((), (), ()):
        console.data("nothing changed")
    elif change.added:
        console.say("the next run-once fills what was added from the CRM; --dry-run shows it before")
