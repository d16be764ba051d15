"""The tables of `mksync log`."""

from collections.abc import Mapping, Sequence

from mksync.cli.leftovers import called, value
from mksync.cli.render import direction, why
from mksync.cli.table import Column, Table
from mksync.core.quota import Quota
from mksync.core.records import Sides
from mksync.core.report import Change, Collision, Event
from mksync.mirror.history import Cycle


def cycles(rows: Sequence[Cycle]) -> Table:
    columns = [Column(title, whole=True) for title in ("cycle", "command", "started", "finished", "exit")]
    lines = [
        (
            str(row.id),
            row.command,
            row.started,
            row.finished or "",
            _text(row.exit_code),
            _calls(row),
            "; ".join(row.warnings),
        )
        for row in rows
    ]  # fmt: skip
    return Table(
        [*columns, Column("API calls"), Column("warnings")], lines, f"Cycles: the latest {len(rows)}", light=True
    )


def counted(what: str, shown: int, total: int) -> str:
    """ "Collisions: 30, the latest 20 of them" """
    return f"{what}: {total:,}" + (f", the latest {shown:,} of them (--limit shows more)" if shown < total else "")


def collisions(rows: Sequence[tuple[int, str, Collision]], titles: Sides[str], total: int) -> Table:
    columns = (
        Column("cycle", whole=True), Column("when", whole=True), Column("record", whole=True), Column("field"),
        Column(titles.marketo), Column(titles.crm), Column("winner"), Column("rule"),
    )  # fmt: skip
    lines = [(str(cycle), when, called(row.record), *_collision(row, titles)) for cycle, when, row in rows]
    return Table(columns, lines, counted("Collisions", len(rows), total), "yellow")


def changes(rows: Sequence[tuple[int, Change]], titles: Sides[str], total: int) -> Table:
    columns = [Column(title) for title in ("cycle", "field", "was", "now", "direction", "why", "outcome")]
    lines = [
        (
            str(cycle), row.field, value(row.was), value(row.now), direction(row, titles), why(row), row.state,
        )
        for cycle, row in rows
    ]  # fmt: skip
    return Table(columns, lines, counted("Changes", len(rows), total))


def events(rows: Sequence[tuple[int, str, Event]]) -> Table:
    """When somebody's link was frozen by the filter and let go, and what became of its records."""
    columns = [Column(title, whole=True) for title in ("cycle", "when", "event", "record")]
    lines = [(str(cycle), when, _event(row), called(row.record)) for cycle, when, row in rows]
    return Table(columns, lines, "Events")


def _event(row: Event) -> str:
    return f"{row.kind} into {row.survivor}" if row.survivor else row.kind


def _collision(row: Collision, titles: Sides[str]) -> tuple[str, ...]:
    winner = titles[row.winner] if row.winner else "nobody"
    return row.field, value(row.marketo), value(row.crm), winner, row.rule


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _calls(row: Cycle) -> str:
    return ", ".join(f"{title} {number}{_used(row.quota.get(title))}" for title, number in row.calls.items())


def _used(quota: Quota | None) -> str:
    return f" ({quota.used:,} of {quota.limit:,} used)" if quota else ""


def quotas(of: Mapping[str, Quota]) -> str:
    """ "calls of the day: Salesforce 1,240 of 15,000 used, 3,000 kept for others, 10,760 left" """
    return "calls of the day: " + "; ".join(f"{system} {_quota(one)}" for system, one in of.items())


def _quota(one: Quota) -> str:
    kept = f" {one.kept:,} kept for others," if one.reserve else ""
    return f"{one.used:,} of {one.limit:,} used,{kept} {max(0, one.left):,} left"
