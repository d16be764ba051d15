"""`mksync fields`: what could sync, what does, and the choice of it."""

from typing import Annotated

import typer

from mksync.cli.answering import Answering
from mksync.cli.objects import OBJECT
from mksync.cli.rows import ALL_ROWS, ROWS_READ
from mksync.cli.shell import shell_of

CREATE = "--create-in-marketo"
app = typer.Typer(help="What could sync, what does, and the choice of it.", no_args_is_help=True)
Object = Annotated[str | None, typer.Option("--object", metavar="OBJECT", help=OBJECT)]


@app.command("list", cls=Answering)
def list_(
    context: typer.Context,
    object: Object = None,
    every: Annotated[bool, typer.Option("--all", help="Also fields that are not offered, and why.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the fields of both sides: what is selected and how it is doing, what could be, and why the rest is not.

    A selected pair is active, backfilling (a quick sync has still to fill records), or suspended. Times are UTC.
    """
    import mksync.cli.customs as customs
    import mksync.cli.offers as offers
    from mksync.app import open_app

    shell = shell_of(context)
    with open_app(shell.config(), shell.clock, command="fields list", aside=True, waits=shell.console.say) as opened:
        project = customs.reached(opened, object, shell.console)
        objects, rows, titles = *offers.found(project, object), project.titles
        more = customs.offered(project) if object is None else []
    if json:
        fields, others = [offers.as_json(row) for row in rows], [customs.as_json(one) for one in more]
        shell.console.json("fields list", {"fields": fields, "custom_objects": others})
        return
    for name in objects:
        shown = [row for row in rows if row.object == name and (every or offers.shown(row))]
        shell.console.table(offers.table(name, shown, titles))
        unmade = any(row.reason == offers.UNMADE for row in shown)
        for line in (*offers.reasons(shown), *customs.about(project, name, unmade=unmade)):
            shell.console.data(line)
        shell.console.data("")
    for line in customs.offers(more):
        shell.console.data(line)


@app.command("select", cls=Answering)
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
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Add the pairs that are usual; for an account, say, that makes it sync.")
    ] = False,
    none: Annotated[bool, typer.Option("--none", help="Select nothing of this object any more.")] = False,
    source: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Read the fields from a file, one a line; - is stdin.")
    ] = None,
    create_in_marketo: Annotated[
        bool, typer.Option(CREATE, help="Make the Marketo field where a field of the CRM has none.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Choose which fields sync. On a terminal, without any field named, shows a list to choose from."""
    from dataclasses import replace

    import mksync.cli.checklist as checklist
    import mksync.cli.choosing as choosing
    import mksync.cli.creating as creating
    import mksync.cli.customs as customs
    from mksync.app import open_app
    from mksync.engine.choose import Choice, Missing
    from mksync.selection import load

    shell = shell_of(context)
    only = [*(names or []), *(choosing.lines(source) if source else [])]
    choice = Choice(tuple(only), tuple(add or ()), tuple(remove or ()), all_custom, defaults, none)
    config = shell.config()
    if not choice.given:
        checklist.somebody_there(shell.console)
    with open_app(config, shell.clock, command="fields select", aside=True, waits=shell.console.say) as opened:
        project = customs.reached(opened, object, shell.console)
        choosers, titles, known = choosing.choosers(project, object, choice), project.titles, project.customs
        customs.check(choosers, project, choice)
    # The lock is given back: somebody may look at the list, or at a question, for long.
    made = []
    try:
        if choice.given:
            selection = load(config.selection)
            made = creating.wanted(choosers, selection, choice, shell.console, allowed=create_in_marketo)
        if made:
            with open_app(config, shell.clock, command="fields select", aside=True, waits=shell.console.say) as opened:
                project, made = creating.create(replace(opened, customs=known), choosers, made, shell.console)
                choosers = choosing.choosers(project, object, choice)
        change = choosing.choose(config.selection, choosers, choice, made, shell.console)
    except Missing as error:
        raise creating.explained(project, error) from None
    if json:
        shell.console.json("fields select", {**choosing.as_json(change), "created": creating.as_json(made)})
    else:
        choosing.show(shell.console, change, titles.crm)
    choosing.warn(shell.console, choosers, change)


@app.command("map", cls=Answering)
def map_(
    context: typer.Context,
    pair: Annotated[str, typer.Argument(metavar="OBJECT.FIELD", help="A selected pair: lead.rating.")],
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CRM=MARKETO]…", help='What a value is called in Marketo: "Hot=1"; "Hot=" forgets it.'),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Forget the names that there are first.")] = False,
    truncate: Annotated[
        bool | None,
        typer.Option("--truncate/--no-truncate", help="Cut texts that are too long for a side, or have them rejected."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Name the values that the two sides call differently, and say what happens to texts that are too long.

    Without values or options, shows the rules of the pair. A value without a name passes unchanged.
    """
    import mksync.cli.mapping as mapping
    from mksync.app import open_app
    from mksync.engine.rules import Rule

    shell = shell_of(context)
    rule = Rule(tuple(values or ()), clear, truncate)
    with open_app(shell.config(), shell.clock, command="fields map", aside=True, waits=shell.console.say) as project:
        (chooser, line, changed), titles = mapping.apply(project, pair, rule), project.titles
    if json:
        shell.console.json("fields map", mapping.as_json(chooser, line, changed=changed))
    else:
        mapping.show(shell.console, chooser, line, titles, changed=changed)


@app.command("backfill", cls=Answering)
def backfill(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD]…", help="Selected fields, by either name; none: all of them.")
    ] = None,
    object: Annotated[str, typer.Option("--object", metavar="OBJECT", help=OBJECT)] = "",
    created_since: Annotated[
        str | None, typer.Option("--created-since", metavar="WHEN", help="Only records made in the CRM since then.")
    ] = None,
    updated_since: Annotated[
        str | None, typer.Option("--updated-since", metavar="WHEN", help="Only records changed in the CRM since then.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="WHEN", help="The end of that time.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would be done; write nothing.")] = False,
    confirm: Annotated[
        int | None, typer.Option("--confirm", metavar="N", help="Pass the brake that named this number.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Fill fields again from their source, the CRM for all but to-crm pairs: read afresh, empty values included.

    It is a cycle like any other beside that: everybody's edits of other fields are synced, too. If it is killed, it
    goes on with the next run. Calculated and roll-up fields are brought up to date so, as their changes move no stamp.
    """
    import mksync.cli.backfilling as backfilling
    import mksync.cli.render as render
    from mksync.app import cycle, open_app
    from mksync.cli.progress import shown
    from mksync.engine.run import Options

    shell = shell_of(context)
    config = shell.config()
    span = backfilling.span(created_since, updated_since, until, shell.clock.now())
    wish = backfilling.wish(config, object, names or (), span)
    rows = ALL_ROWS if json else ROWS_READ
    options = Options(dry_run, confirm=confirm, rows=rows, backfill=wish, command="fields backfill")
    with (
        open_app(config, shell.clock, command="fields backfill", waits=shell.console.say) as project,
        shown(quiet=json) as progress,
    ):
        report, titles = cycle(project, options, progress), project.titles
    code = 0 if dry_run else report.exit_code
    if json:
        shell.console.json("fields backfill", render.to_json(report), code)
    else:
        render.show(report, titles, shell.console)
    raise typer.Exit(code)
