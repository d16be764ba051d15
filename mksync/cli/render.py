"""The report of a cycle as an admin reads it, and as machines do."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

import mksync.cli.leftovers as leftovers
from mksync.cli.console import Console
from mksync.cli.leftovers import called, value
from mksync.cli.lives import counted, filtered, lives
from mksync.cli.spent import calls
from mksync.cli.table import Column, Table
from mksync.core.plan import DEFAULT, MADE, OWNER
from mksync.core.records import Check, Side, Sides
from mksync.core.report import Change, Collision, ObjectReport, RecordName, RunReport, SetupReport

RECORD = Column("record", whole=True)
CREATED = "created"
INITIAL = "initial"
LINK = "link"
LATE = "late"
WHY = {
    "one-sided": "changed",
    "fill": "filled",
    INITIAL: "first difference",
    CREATED: "new",
    "overruled": "one-way",
    LINK: "link",
    MADE: "new",
    DEFAULT: "default",
    OWNER: "--owner",
    LATE: "late collision",
}
AGREE = "nothing to do, both sides agree"
ROWS = 10  # of changes of the same kind, before the rest is counted only


def show(report: RunReport, titles: Sides[str], console: Console, quiet: str = AGREE) -> None:
    """Print the report. `titles`: what people call the two systems; `quiet`: what is said where nothing happened."""
    for warning in report.warnings:
        console.warn(warning)
    for note in report.notes:
        console.say(note)
    for part in report.objects:
        if not part.quiet:
            _show_object(report, part, titles, console)
    console.data(summary(report, titles, quiet))


def show_setup(report: SetupReport, titles: Sides[str], console: Console, *, made: str) -> None:
    """Print what was found, and what the first cycle would do. `made`: the files that were written."""
    for identity in (report.identities.marketo, report.identities.crm):
        console.data(f"{identity.system}: {identity.name} ({identity.organisation}), signed in as {identity.user}")
    linked = ", ".join(count(number, f"linked {object}") for object, number in report.linked.items())
    who = "1 person is known" if report.only_marketo == 1 else f"{report.only_marketo} people are known"
    only = f"; {who} to {titles.marketo} only and {'stays' if report.only_marketo == 1 else 'stay'} there"
    console.data(linked + (only if report.only_marketo else ""))
    if any(report.left_out.values()):
        left_out = ", ".join(count(number, object) for object, number in report.left_out.items())
        console.data(f"left out by the filter: {left_out}")
    console.data("")
    show(report.first_cycle, titles, console)
    console.data("")
    console.say(f"Made {made}. No record was changed in either system.")
    console.say("Next: mksync run-once --dry-run, mksync run-once")


def setup_to_json(report: SetupReport, checks: Sequence[Check]) -> dict[str, object]:
    return {"checks": [asdict(check) for check in checks], **asdict(report)}


def to_json(report: RunReport) -> dict[str, object]:
    """The report for the envelope: the dataclasses' own names."""
    return asdict(report)


def _show_object(report: RunReport, part: ObjectReport, titles: Sides[str], console: Console) -> None:
    shown = list(first_of_each_kind(part.changes))
    firsts = sum(row.kind == INITIAL for row in part.collisions)
    title = f"{part.label}: {count(part.changes_total, 'change')}"
    _show_table(console, changes(part.changes, shown, title, titles), part.changes_total - _told(part, shown), report)
    _show_linked(part, titles, console)
    for title, lines, more in (*filtered(part, titles, ROWS, dry=report.dry), *lives(part, titles, ROWS)):
        _show_lines(console, title, lines, more, report)
    if part.orphans_changed:
        console.data("\n".join([*leftovers.orphans(part, titles, ROWS), ""]))
    more = part.rejected_total - len(part.rejected)
    _show_lines(console, f"{part.label}: {part.rejected_total} rejected", _rejected(part, titles), more, report)
    more = part.held_total - len(part.held)
    _show_lines(console, f"{part.label}: {part.held_total} held", _held(part, titles), more, report)
    _show_table(console, _firsts(part, titles), part.initial_total - firsts, report)
    _show_table(console, _collisions(part, titles), part.collisions_total - len(part.collisions) + firsts, report)


def _show_table(console: Console, table: Table, rest: int, report: RunReport) -> None:
    if table.rows:
        console.table(table)
        if rest > 0:
            console.data(_folded(rest, report))
        console.data("")


def _show_linked(part: ObjectReport, titles: Sides[str], console: Console) -> None:
    """The cross-id is mksync's own book-keeping: worth a line, not a table."""
    linked = sum(row.kind == LINK for row in part.changes)
    if linked:
        field = next(row.field for row in part.changes if row.kind == LINK)
        some = "at least " if part.changes_total > len(part.changes) else ""
        who = "person gets the" if linked == 1 and not some else "people get their"
        console.data(f"{part.label}: {some}{linked} {who} {titles.crm} id ({field})\n")


def _show_lines(console: Console, title: str, lines: Iterable[str], rest: int, report: RunReport) -> None:
    texts = list(lines)
    if texts:
        console.data("\n".join([title, *texts, *([_folded(rest, report)] if rest > 0 else []), ""]))


def _told(part: ObjectReport, shown: Sequence[Change]) -> int:
    """How many changes the shown rows stand for."""
    told = {row.record for row in shown if row.kind == CREATED}
    others = sum(row.kind == LINK or (row.kind == CREATED and row.record in told) for row in part.changes)
    return others + sum(row.kind != CREATED for row in shown)


def _folded(number: int, report: RunReport) -> str:
    """A dry run leaves no log to look the rest up in."""
    return f"… {number} more" if report.dry else f"… {number} more: mksync log --cycle {report.cycle}"


def first_of_each_kind(changes: Sequence[Change]) -> Iterator[Change]:
    """A thousand scores must not hide the one name: rows of the same kind, field and direction are folded."""
    seen: Counter[tuple[str, str, Side, str]] = Counter()
    born: set[RecordName] = set()
    for change in changes:
        if change.kind == LINK or (change.kind == CREATED and change.record in born):
            continue
        born.add(change.record)
        kind = (change.kind, "" if change.kind == CREATED else change.field, change.to, change.state)
        seen[kind] += 1
        if seen[kind] <= ROWS:
            yield change


def changes(found: Sequence[Change], shown: Sequence[Change], title: str, titles: Sides[str]) -> Table:
    """A row for each that is shown; a created record is one row, which counts all its fields."""
    columns = (
        RECORD,
        Column("field"),
        Column("was"),
        Column("now"),
        Column("direction", whole=True),
        Column("why", whole=True),
    )
    fields = Counter(row.record for row in found if row.kind == CREATED)
    rows = [(called(row.record), *_values(row, fields[row.record]), direction(row, titles), why(row)) for row in shown]
    return Table(columns, rows, title)


def why(row: Change) -> str:
    """What made the change, in a word or two."""
    return WHY.get(row.kind, row.kind)


def _values(row: Change, fields: int) -> tuple[str, str, str]:
    """Field, was, now; a created record is one row, however many fields it has."""
    if row.kind == CREATED:
        return "(new person)" if row.record.is_person else "(new)", "", count(fields, "field")
    return row.field, value(row.was), value(row.now)


def direction(change: Change, titles: Sides[str]) -> str:
    """From where to where, and what became of it if it was not written; what is written back comes from nowhere."""
    way = f"{titles[change.to.other]} → {titles[change.to]}" if change.kind != LATE else f"back to {titles[change.to]}"
    return way if change.state in ("planned", "written") else f"{way} ({change.state})"


def _collisions(part: ObjectReport, titles: Sides[str]) -> Table:
    rows = [row for row in part.collisions if row.kind != INITIAL]
    return _contested(rows, f"{part.label}: {count(part.collisions_total, 'collision')}", titles)


def _firsts(part: ObjectReport, titles: Sides[str]) -> Table:
    """Values that differed when both records met: nobody edited against anybody, but one of them goes."""
    rows = [row for row in part.collisions if row.kind == INITIAL]
    return _contested(rows, f"{part.label}: {count(part.initial_total, 'first difference')}", titles)


def _contested(found: Sequence[Collision], title: str, titles: Sides[str]) -> Table:
    columns = (RECORD, Column("field"), *_both(titles), Column("winner"), Column("rule"))
    rows = [
        (called(row.record), row.field, value(row.marketo), value(row.crm), _winner(row, titles), row.rule)
        for row in found
    ]
    return Table(columns, rows, title, "yellow")


def _winner(row: Collision, titles: Sides[str]) -> str:
    return titles[row.winner] if row.winner else "nobody"


def _both(titles: Sides[str]) -> tuple[Column, Column]:
    return Column(titles.marketo), Column(titles.crm)


def _rejected(part: ObjectReport, titles: Sides[str]) -> Iterator[str]:
    for row in part.rejected:
        yield from leftovers.rejected(row, titles)


def _held(part: ObjectReport, titles: Sides[str]) -> Iterator[str]:
    for row in part.held:
        yield from leftovers.held(row, titles)


def summary(report: RunReport, titles: Sides[str], quiet: str = AGREE) -> str:
    """One line: what happened, what it cost, and what is left to spend."""
    head = "dry run, nothing written" if report.dry else f"cycle {report.cycle}"
    return f"{head}: {happened(report, titles, quiet)} · API calls: {calls(report)}"


def happened(report: RunReport, titles: Sides[str], quiet: str = AGREE) -> str:
    """ "1 created, 2 held" """
    return ", ".join((*_happened(report), *counted(report.objects, titles))) or quiet


def _happened(report: RunReport) -> Iterator[str]:
    totals = _totals(report.objects)
    words = {"created": "to create", "updated": "to update"} if report.dry else {}
    for name, number in totals.items():
        if number:
            counted = name in ("collision", "first difference")
            yield count(number, name) if counted else f"{number} {words.get(name, name)}"


def _totals(parts: Sequence[ObjectReport]) -> Mapping[str, int]:
    return {
        "created": sum(part.created for part in parts),
        "updated": sum(part.updated for part in parts),
        "filtered": sum(part.filtered_total for part in parts),
        "sync started": sum(part.started_total for part in parts),
        "rejected": sum(part.rejected_total for part in parts),
        "held": sum(part.held_total for part in parts),
        "first difference": sum(part.initial_total for part in parts),
        "collision": sum(part.collisions_total for part in parts),
    }


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
