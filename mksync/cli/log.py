"""`mksync log`: what was done, to whom, who won and why, and what was refused. Reads the mirror alone."""

from typing import Annotated

import typer

from mksync.cli.answering import Answering, AnsweringGroup
from mksync.cli.shell import shell_of
from mksync.cli.since import instant
from mksync.errors import ConfigError

WHO = "One person's history: e-mail address, Marketo id or CRM id."
app = typer.Typer(cls=AnsweringGroup, invoke_without_command=True)


@app.callback()
def log(
    context: typer.Context,
    cycle: Annotated[int | None, typer.Option("--cycle", metavar="N", help="Everything that one cycle did.")] = None,
    person: Annotated[str | None, typer.Option("--person", "--lead", metavar="WHO", help=WHO)] = None,
    collisions: Annotated[bool, typer.Option("--collisions", help="Every collision, with the losing value.")] = False,
    rejected: Annotated[bool, typer.Option("--rejected", help="What was refused or held, and waits.")] = False,
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="Only since then: 2026-03-02, 2026-03-02T10:00, 90m, 12h, 7d, 2w.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many rows, the latest ones.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the latest cycles; or one cycle, one person, the collisions, or what was refused."""
    import mksync.cli.questions as questions

    if context.invoked_subcommand:
        return
    if sum((cycle is not None, person is not None, collisions, rejected)) > 1:
        raise ConfigError("--cycle, --person, --collisions and --rejected are different questions", hint="ask only one")
    shell = shell_of(context)
    config = shell.config()
    start = instant(since, shell.clock.now()) if since else ""
    with questions.opened(config) as log:
        if cycle is not None:
            answer = log.cycle(cycle, limit)
        elif person is not None:
            answer = log.person(person, start, limit)
        elif collisions:
            answer = log.collisions(start, limit)
        elif rejected:
            answer = log.leftovers(start, limit)
        else:
            answer = log.cycles(start, limit)
    if json:
        shell.console.json("log", answer.data)
    else:
        answer.show(shell.console)


@app.command("retry", cls=Answering)
def retry(
    context: typer.Context,
    who: Annotated[
        list[str] | None, typer.Argument(metavar="[WHO]…", help="E-mail addresses, Marketo ids or CRM ids.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that is rejected.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Have the next cycle try again what was refused. Without it, that waits until the record or the field changes."""
    import mksync.cli.retrying as retrying

    if bool(who) is everything:
        raise ConfigError("log retry wants to know what to try again", hint="name who it is about, or say --all")
    shell = shell_of(context)
    answer = retrying.retry(shell.config(), who or (), shell.console.say)
    if json:
        shell.console.json("log retry", answer.data)
    else:
        answer.show(shell.console)
