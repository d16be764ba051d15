"""`mksync verify`: hold both systems beside each other afresh, and say where they differ."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

import mksync.cli.render as render
from mksync.cli.console import Console
from mksync.cli.leftovers import called, value
from mksync.cli.objects import OBJECT, chosen
from mksync.cli.progress import shown
from mksync.cli.rows import ALL_ROWS, ROWS_READ
from mksync.cli.shell import shell_of
from mksync.cli.table import Column, Table
from mksync.core.records import Sides

if TYPE_CHECKING:
    from mksync.core.verdict import Difference, ObjectVerdict, Verdict

DIFFERENCES = 4  # the exit code


def verify(
    context: typer.Context,
    sample: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Only N records of each object, chosen by chance.  [default: all]"),
    ] = None,
    objects: Annotated[
        list[str] | None, typer.Option("--object", metavar="OBJECT", help=f"Only this object: {OBJECT}")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Compare both systems as they are now, by another way than the cycle's. Writes nothing; exits 4 if they differ.

    What is rejected, held, filtered or suspended is counted and is no difference.
    """
    from mksync.app import open_app
    from mksync.engine.verify import verify as compare
    from mksync.selection import load

    shell = shell_of(context)
    config = shell.config()
    with (
        open_app(config, shell.clock, command="verify", aside=True, waits=shell.console.say) as app,
        shown(quiet=json) as progress,
    ):
        selection = load(config.selection)
        synced = app.synced(selection)
        asked = chosen(objects or synced, synced)
        project = app.project(app.schemas(synced), selection)
        there = [object for object in asked if object in project.objects]
        verdict = compare(project, there, sample, ALL_ROWS if json else ROWS_READ, progress)
        titles = app.titles
    code = DIFFERENCES if verdict.differences else 0
    if json:
        shell.console.json("verify", {**asdict(verdict), "differences": verdict.differences}, code)
    else:
        _show(verdict, titles, shell.console)
    raise typer.Exit(code)


def _show(verdict: "Verdict", titles: Sides[str], console: Console) -> None:
    for warning in verdict.warnings:
        console.warn(warning)
    for part in verdict.objects:
        if part.differences_total:
            _show_differences(part, titles, console)
    console.table(_summary(verdict))
    console.data("")
    if verdict.suspended:
        console.data(f"suspended, not compared: {', '.join(verdict.suspended)}")
    calls = ", ".join(f"{title} {number}" for title, number in verdict.calls.items())
    console.data(f"{_told(verdict)} · API calls: {calls}")
    if edited := sum(part.edited_total for part in verdict.objects):
        console.say(f"hint: {edited} of these were edited since the last cycle: mksync run-once, then verify again")


def _show_differences(part: "ObjectVerdict", titles: Sides[str], console: Console) -> None:
    columns = [Column("record", whole=True), Column("id", whole=True), Column("field")]
    columns += [Column(titles.marketo), Column(titles.crm), Column("what")]
    rows = [
        (called(row.record), row.record.id or "", *_values(row), ", ".join(_what(row, titles)))
        for row in part.differences
    ]
    console.table(Table(columns, rows, f"{part.label}: {render.count(part.differences_total, 'difference')}", "yellow"))
    if (rest := part.differences_total - len(part.differences)) > 0:
        console.data(f"… {rest} more: --json has them")
    console.data("")


def _values(row: "Difference") -> tuple[str, str, str]:
    return (row.field, value(row.marketo), value(row.crm)) if row.field else ("", "", "")


def _what(row: "Difference", titles: Sides[str]) -> Iterator[str]:
    if row.field is None or not row.edited:
        yield row.reason
    if row.field is not None and row.edited:
        yield f"edited in {' and '.join(titles[side] for side in row.edited)} since the last cycle"


def _summary(verdict: "Verdict") -> Table:
    columns = [Column("object"), Column("compared"), Column("values"), Column("differences"), Column("listed already")]
    rows = [
        (part.label, f"{part.compared}", f"{part.fields}", f"{part.differences_total}", _accounted(part))
        for part in verdict.objects
    ]
    return Table(columns, rows)


def _accounted(part: "ObjectVerdict") -> str:
    return ", ".join(f"{number} {why}" for why, number in sorted((part.accounted or {}).items()))


def _told(verdict: "Verdict") -> str:
    compared = sum(part.compared for part in verdict.objects)
    of = f"a sample of {compared} records" if verdict.sample else f"all {compared} records"
    if verdict.differences:
        return f"compared {of}: {render.count(verdict.differences, 'difference')}"
    return f"compared {of}: both sides agree"
