"""What was refused and what is held, as an admin reads it: who, what was said, what to do. Words, so no table."""

from collections.abc import Iterable, Iterator

from mksync.cli.text import visible
from mksync.core.records import Sides, Value
from mksync.core.report import Held, ObjectReport, RecordName, Rejected


def value(value: Value) -> str:
    """A canonical value in words."""
    if value is None:
        return "(empty)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def called(record: RecordName) -> str:
    """A record in one cell: how people call it, else by an id."""
    return record.label or record.id or record.in_marketo or ""


def rejected(row: Rejected, titles: Sides[str]) -> Iterator[str]:
    """The record, the vendor's own words, the cause and the remedy, a line each."""
    yield tried(row, titles)
    yield f"    {visible(row.code)}: {visible(row.message)}"
    if row.cause:
        yield f"    cause:  {visible(row.cause)}"
    if row.remedy:
        yield f"    remedy: {visible(row.remedy)}"
    if row.tries > 1:
        yield f"    since:  {row.since}, tried in {row.tries} cycles"


def tried(row: Rejected, titles: Sides[str]) -> str:
    """Which write was refused, in one line."""
    fields = f" ({', '.join(row.fields)})" if row.fields else ""
    return f"  {whole(row.record)}: {titles[row.to]} refused it{fields}"


def held(row: Held, titles: Sides[str]) -> Iterator[str]:
    """The record, why nothing is written, both values if it is about one field, and what to do."""
    yield f"  {whole(row.record)}: {visible(row.reason)}"
    if row.field:
        both = f"{titles.marketo} {value(row.marketo)!r}, {titles.crm} {value(row.crm)!r}"
        yield f"    {visible(row.field)}: {visible(both)}"
    yield f"    remedy: {visible(row.remedy)}"


def named(records: Iterable[RecordName]) -> Iterator[str]:
    """A line each."""
    for record in records:
        yield f"  {whole(record)}"


def orphans(part: ObjectReport, titles: Sides[str], most: int) -> Iterator[str]:
    """Told when they change, as nobody can do anything about most of them: `--json` has them every time."""
    yield f"{part.label}: {part.orphans_total} without a role that leads to a person in {titles.marketo}"
    yield from named(part.orphans[:most])
    if part.orphans_total > most:
        yield f"… {part.orphans_total - most} more: --json has them all"


def whole(record: RecordName) -> str:
    """With its ids: somebody has to find it in the other system."""
    ids = [id for id in (record.id, record.in_marketo) if id]
    return f"{visible(record.label)} ({', '.join(ids)})" if record.label else ", ".join(ids)
