"""The tables of `mksync log`."""

from collections.abc import Sequence

from mksync.cli.render import value
from mksync.cli.table import Column, Table
from mksync.core.records import Sides
from mksync.core.report import Change, Collision, Held, RecordName, Rejected
from mksync.engine.story import Story
from mksync.mirror.history import Cycle

WHO = (Column("cycle", whole=True), Column("record", whole=True), Column("CRM id", whole=True))


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
    return Table([*columns, Column("API calls"), Column("warnings")], lines, f"Cycles: the latest {len(rows)}")


def collisions(rows: Sequence[tuple[int, str, Collision]], titles: Sides[str]) -> Table:
    columns = (
        *WHO, Column("when", whole=True), Column("field"), Column(titles.marketo), Column(titles.crm),
        Column("winner"), Column("rule"),
    )  # fmt: skip
    lines = [(*_who(cycle, row.record), when, *_collision(row, titles)) for cycle, when, row in rows]
    return Table(columns, lines, f"Collisions: {len(rows)}", "yellow")


def rejected(rows: Sequence[tuple[int, Rejected]], titles: Sides[str]) -> Table:
    columns = (
        *WHO, Column("since", whole=True), Column("refused by"), Column("fields"), Column("message"), Column("cause"),
        Column("remedy"),
    )  # fmt: skip
    lines = [
        (
            *_who(cycle, row.record), row.since, titles[row.to], ", ".join(row.fields), f"{row.code}: {row.message}",
            row.cause, row.remedy,
        )
        for cycle, row in rows
    ]  # fmt: skip
    return Table(columns, lines, f"Rejected, waiting: {len(rows)}", "red")


def held(rows: Sequence[tuple[int, Held]], titles: Sides[str]) -> Table:
    columns = (*WHO, Column("field"), Column(titles.marketo), Column(titles.crm), Column("reason"), Column("remedy"))
    lines = [(*_who(cycle, row.record), *_held(row), row.reason, row.remedy) for cycle, row in rows]
    return Table(columns, lines, f"Held for a human: {len(rows)}", "magenta")


def changes(rows: Sequence[tuple[int, Change]], titles: Sides[str]) -> Table:
    columns = [Column(title) for title in ("cycle", "field", "was", "now", "direction", "why", "outcome")]
    lines = [
        (
            str(cycle), row.field, value(row.was), value(row.now), f"{titles[row.to.other]} → {titles[row.to]}",
            row.kind, row.state,
        )
        for cycle, row in rows
    ]  # fmt: skip
    return Table(columns, lines, f"Changes: {len(rows)}")


def story(found: Story, titles: Sides[str]) -> list[Table]:
    """One person's history: what was written, who won, and what waits."""
    when = [(cycle, "", row) for cycle, row in found.collisions]
    tables = [
        changes(found.changes, titles),
        collisions(when, titles),
        rejected(found.rejected, titles),
        held(found.held, titles),
    ]
    return [table for table in tables if table.rows]


def _who(cycle: int, record: RecordName) -> tuple[str, str, str]:
    return str(cycle), record.label or f"person {record.person_id}", record.id or ""


def _collision(row: Collision, titles: Sides[str]) -> tuple[str, ...]:
    winner = titles[row.winner] if row.winner else "nobody"
    return row.field, value(row.marketo), value(row.crm), winner, row.rule


def _held(row: Held) -> tuple[str, str, str]:
    return (row.field, value(row.marketo), value(row.crm)) if row.field else ("", "", "")


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _calls(row: Cycle) -> str:
    return ", ".join(f"{title} {number}" for title, number in row.calls.items())
