"""`mksync status`: how the project stands. Reads the mirror alone."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from mksync.cli.shell import shell_of
from mksync.cli.table import Column, Table

if TYPE_CHECKING:
    from mksync.cli.console import Console
    from mksync.mirror.history import Cycle
    from mksync.mirror.standing import Standing


def status(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the last run, who is at work, and what is linked, waits or rests. Calls nobody, writes nothing."""
    import mksync.cli.reading as reading
    from mksync.mirror.lock import at_work
    from mksync.mirror.standing import standings

    shell = shell_of(context)
    config = shell.config()
    with reading.opened(config) as there:
        last = next(iter(there.mirror.history.cycles(limit=1)), None)
        found, labels = standings(there.mirror.db), there.labels
        behind = there.mirror.last.missing()
    working = at_work(config.mirror)
    if json:
        told = {"last": asdict(last) if last else None, "at_work": working, "objects": [asdict(one) for one in found]}
        shell.console.json("status", {**told, "missing": asdict(behind) if behind else None})
        return
    shell.console.data(_last(last))
    if behind:
        shell.console.data(
            f"the mirror is older than the last run, which ended {behind.until}: mksync run-once says more"
        )
    if working:
        shell.console.data(f"at work: {working}")
    if found:
        shell.console.data("")
        _show(found, labels, shell.console)


def _last(cycle: "Cycle | None") -> str:
    if cycle is None:
        return "no run yet: mksync run-once"
    if cycle.finished is None:
        return f"last run: {cycle.command}, cycle {cycle.id}, began {cycle.started} and has not ended"
    calls = ", ".join(f"{title} {number}" for title, number in cycle.calls.items())
    told = f"last run: {cycle.command}, cycle {cycle.id}, {cycle.started} to {cycle.finished}, exit {cycle.exit_code}"
    return f"{told} · API calls: {calls}" if calls else told


def _show(found: "list[Standing]", labels: Mapping[str, str], console: "Console") -> None:
    columns = ["object", "linked", "at rest", "rejected", "held", "suspended fields", "values to fill"]
    rows = [
        (
            labels.get(one.object, one.object), str(one.links.get("live", 0)), _at_rest(one),
            *map(str, (one.rejected, one.held, one.suspended, one.filling)),
        )
        for one in found
    ]  # fmt: skip
    console.table(Table([Column(title) for title in columns], rows, light=True))
    console.data("")
    if any(one.rejected or one.held for one in found):
        console.data("what waits, and what to do: mksync log --rejected")
    if any(one.suspended for one in found):
        console.data("what is suspended, and why: mksync fields list")


def _at_rest(one: "Standing") -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(one.links.items()) if state != "live") or "0"
