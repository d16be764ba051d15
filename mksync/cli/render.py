"""The report of a cycle as an admin reads it, and as machines do."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from mksync.cli.console import Console
from mksync.cli.table import Column, Table
from mksync.core.records import Check, Side, Sides, Value
from mksync.core.report import Change, Collision, Held, ObjectReport, RecordName, Rejected, RunReport, SetupReport

ROWS_READ = 400  # rows a report carries to be shown: kinds of changes beyond that are counted only
RECORD = Column("record", whole=True)
CREATED = "created"
INITIAL = "initial"
WHY = {"one-sided": "changed", "fill": "filled", INITIAL: "first difference", CREATED: "new", "overruled": "one-way"}
ROWS = 10  # of changes of the same kind, before the rest is counted only


def show(report: RunReport, titles: Sides[str], console: Console) -> None:
    """Print the report. `titles`: what people call the two systems."""
    for warning in report.warnings:
        console.warn(warning)
    for part in report.objects:
        if not part.quiet:
            _show_object(report, part, titles, console)
    console.data(_summary(report))


def show_setup(report: SetupReport, titles: Sides[str], console: Console, *, wrote_config: bool) -> None:
    """Print what `init` found, and what the first cycle would do."""
    for identity in (report.identities.marketo, report.identities.crm):
        console.data(f"{identity.system}: {identity.name} ({identity.organisation}), signed in as {identity.user}")
    linked = ", ".join(_count(number, f"linked {object}") for object, number in report.linked.items())
    console.data(f"{linked}; {report.only_marketo} people are known to {titles.marketo} only and stay there")
    console.data("")
    show(report.first_cycle, titles, console)
    console.data("")
    made = "mksync.toml, mksync.fields.toml and the mirror" if wrote_config else "mksync.fields.toml and the mirror"
    console.say(f"Made {made}. Nothing was changed in either system. Next: mksync run-once --dry-run, mksync run-once")


def setup_to_json(report: SetupReport, checks: Sequence[Check]) -> dict[str, object]:
    return {"checks": [asdict(check) for check in checks], **asdict(report)}


def to_json(report: RunReport) -> dict[str, object]:
    """The report for the envelope: the dataclasses' own names."""
    return asdict(report)


def value(value: Value) -> str:
    """A canonical value in words."""
    if value is None:
        return "(empty)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _show_object(report: RunReport, part: ObjectReport, titles: Sides[str], console: Console) -> None:
    shown = list(_first_of_each_kind(part.changes))
    sections = [
        (_changes(part, shown, titles), _told(part, shown), part.changes_total),
        (_rejected(part, titles), len(part.rejected), part.rejected_total),
        (_held(part, titles), len(part.held), part.held_total),
        (_firsts(part, titles), sum(row.kind == INITIAL for row in part.collisions), part.initial_total),
        (_collisions(part, titles), sum(row.kind != INITIAL for row in part.collisions), part.collisions_total),
    ]
    for table, rows, total in sections:
        if total:
            console.table(table)
            if total > rows:
                console.data(_folded(total - rows, report))
            console.data("")


def _told(part: ObjectReport, shown: Sequence[Change]) -> int:
    """How many changes the shown rows stand for."""
    told = {row.record for row in shown if row.kind == CREATED}
    return sum(row.kind != CREATED for row in shown) + sum(
        row.kind == CREATED and row.record in told for row in part.changes
    )


def _folded(number: int, report: RunReport) -> str:
    """A dry run leaves no log to look the rest up in."""
    return f"… {number} more" if report.dry else f"… {number} more: mksync log --cycle {report.cycle}"


def _first_of_each_kind(changes: Sequence[Change]) -> Iterator[Change]:
    """A thousand scores must not hide the one name: rows of the same kind, field and direction are folded."""
    seen: Counter[tuple[str, str, Side, str]] = Counter()
    born: set[RecordName] = set()
    for change in changes:
        if change.kind == CREATED and change.record in born:
            continue
        born.add(change.record)
        kind = (change.kind, "" if change.kind == CREATED else change.field, change.to, change.state)
        seen[kind] += 1
        if seen[kind] <= ROWS:
            yield change


def _called(record: RecordName) -> str:
    """A record in one cell. Its ids are in `mksync log` and in --json."""
    label, id = _named(record)
    return label or id


def _record(titles: Sides[str]) -> tuple[Column, Column]:
    return Column("record", whole=True), Column(f"{titles.crm} id", whole=True)


def _named(record: RecordName) -> tuple[str, str]:
    person = f"person {record.person_id}" if record.person_id else ""
    return record.label or person, record.id or ""


def _changes(part: ObjectReport, shown: Sequence[Change], titles: Sides[str]) -> Table:
    columns = (RECORD, Column("field"), Column("was"), Column("now"), Column("direction"), Column("why"))
    fields = Counter(row.record for row in part.changes if row.kind == CREATED)
    rows = [
        (_called(row.record), *_values(row, fields[row.record]), _direction(row, titles), _why(row)) for row in shown
    ]
    return Table(columns, rows, f"{part.label}: {_count(part.changes_total, 'change')}")


def _why(row: Change) -> str:
    return WHY.get(row.kind, row.kind)


def _values(row: Change, fields: int) -> tuple[str, str, str]:
    """Field, was, now; a created record is one row, however many fields it has."""
    if row.kind == CREATED:
        return "(new person)", "", _count(fields, "field")
    return row.field, value(row.was), value(row.now)


def _direction(change: Change, titles: Sides[str]) -> str:
    way = f"{titles[change.to.other]} → {titles[change.to]}"
    return way if change.state in ("planned", "written") else f"{way} ({change.state})"


def _collisions(part: ObjectReport, titles: Sides[str]) -> Table:
    rows = [row for row in part.collisions if row.kind != INITIAL]
    return _contested(rows, f"{part.label}: {_count(part.collisions_total, 'collision')}", titles)


def _firsts(part: ObjectReport, titles: Sides[str]) -> Table:
    """Values that differed when both records met: nobody edited against anybody, but one of them goes."""
    rows = [row for row in part.collisions if row.kind == INITIAL]
    return _contested(rows, f"{part.label}: {_count(part.initial_total, 'first difference')}", titles)


def _contested(found: Sequence[Collision], title: str, titles: Sides[str]) -> Table:
    columns = (RECORD, Column("field"), *_both(titles), Column("winner"), Column("rule"))
    rows = [
        (_called(row.record), row.field, value(row.marketo), value(row.crm), _winner(row, titles), row.rule)
        for row in found
    ]
    return Table(columns, rows, title, "yellow")


def _winner(row: Collision, titles: Sides[str]) -> str:
    return titles[row.winner] if row.winner else "nobody"


def _both(titles: Sides[str]) -> tuple[Column, Column]:
    return Column(titles.marketo), Column(titles.crm)


def _rejected(part: ObjectReport, titles: Sides[str]) -> Table:
    columns = (
        *_record(titles), Column("refused by"), Column("fields"), Column("message"), Column("cause"), Column("remedy"),
    )  # fmt: skip
    rows = [(*_named(row.record), *_refusal(row, titles)) for row in part.rejected]
    return Table(columns, rows, f"{part.label}: {part.rejected_total} rejected", "red")


def _refusal(row: Rejected, titles: Sides[str]) -> tuple[str, ...]:
    return titles[row.to], ", ".join(row.fields), f"{row.code}: {row.message}", row.cause, row.remedy


def _held(part: ObjectReport, titles: Sides[str]) -> Table:
    columns = (*_record(titles), Column("field"), *_both(titles), Column("reason"), Column("remedy"))
    rows = [(*_named(row.record), *_held_values(row), row.reason, row.remedy) for row in part.held]
    return Table(columns, rows, f"{part.label}: {part.held_total} held", "magenta")


def _held_values(row: Held) -> tuple[str, str, str]:
    """A record that is held as a whole has no values to compare."""
    return (row.field, value(row.marketo), value(row.crm)) if row.field else ("", "", "")


def _summary(report: RunReport) -> str:
    """One line: what happened, and what it cost."""
    calls = ", ".join(f"{title} {number}" for title, number in report.calls.items())
    happened = ", ".join(_happened(report)) or "nothing to do, both sides agree"
    head = "dry run, nothing written" if report.dry else f"cycle {report.cycle}"
    return f"{head}: {happened} · API calls: {calls}"


def _happened(report: RunReport) -> Iterator[str]:
    totals = _totals(report.objects)
    words = {"created": "to create", "updated": "to update"} if report.dry else {}
    for name, number in totals.items():
        if number:
            counted = name in ("collision", "first difference")
            yield _count(number, name) if counted else f"{number} {words.get(name, name)}"


def _totals(parts: Sequence[ObjectReport]) -> Mapping[str, int]:
    return {
        "created": sum(part.created for part in parts),
        "updated": sum(part.updated for part in parts),
        "rejected": sum(part.rejected_total for part in parts),
        "held": sum(part.held_total for part in parts),
        "first difference": sum(part.initial_total for part in parts),
        "collision": sum(part.collisions_total for part in parts),
    }


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
