"""What became of links without any write, as an admin reads it: who, and what follows from it.

The first names only, as a workflow may have done it to them all.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from mksync.cli.leftovers import named
from mksync.core.lives import KINDS
from mksync.core.records import Sides
from mksync.core.report import Event, ObjectReport

Told = tuple[str, list[str], int]  # a title, the first lines under it, how many more there are

# What happened, and what follows. Of people, and of what flows to Marketo only.
_FOLLOWS: Mapping[str, tuple[str, str]] = {
    "crm deleted": ("deleted in {crm}", "the person stays in Marketo, and nothing flows any more"),
    "crm undeleted": ("undeleted in {crm}", "the link is live again"),
    "crm merged": ("merged in {crm}", "the link goes to the survivor"),
    "crm converted": ("converted in {crm}", "the link goes to the contact"),
    "crm removed": ("deleted in {crm}", "it is deleted in Marketo too"),
    "person deleted": ("deleted in Marketo", "the record stays in {crm}, and nothing flows any more"),
    "person undeleted": ("back in Marketo", "the link is live again"),
    "person merged": ("merged in Marketo", "the link goes to the survivor"),
}
_ONE_WAY = {
    "crm deleted": "what Marketo has of it stays, and is left alone",
    "crm merged": "what Marketo has of the loser stays, and is left alone",
    "crm undeleted": "it is synced again",
}


def filtered(part: ObjectReport, titles: Sides[str], most: int, *, dry: bool) -> Iterator[Told]:
    """Whose link the filter froze, or lets go on."""
    verb = "would be" if dry else "are"
    title = f"{part.label}: {part.filtered_total} filtered: {titles.crm} says No, and they {verb} left as they are"
    yield title, list(named(part.filtered[:most])), part.filtered_total - len(part.filtered[:most])
    title = f"{part.label}: {part.started_total} sync started: {titles.crm} no longer says No"
    yield title, list(named(part.started[:most])), part.started_total - len(part.started[:most])


def lives(part: ObjectReport, titles: Sides[str], most: int) -> Iterator[Told]:
    """Whose record was deleted, merged, converted, or is back: a block a kind."""
    for kind in KINDS:
        total = part.lives_total.get(kind, 0)
        if not total:
            continue
        found = [event for event in part.lives if event.kind == kind][:most]
        happened, follows = _FOLLOWS[kind]
        if found and not found[0].record.is_person:
            follows = _ONE_WAY.get(kind, follows)
        title = f"{part.label}: {total} {happened}: {follows}".format(crm=titles.crm)
        yield title, list(map(_line, found)), total - len(found)


def counted(parts: Sequence[ObjectReport], titles: Sides[str]) -> Iterator[str]:
    """For the summary: "2 deleted in Salesforce"."""
    totals: Counter[str] = Counter()
    for part in parts:
        for kind, number in part.lives_total.items():
            totals[_FOLLOWS[kind][0]] += number
    for happened, number in totals.items():
        yield f"{number} {happened}".format(crm=titles.crm)


def _line(event: Event) -> str:
    (line,) = named([event.record])
    return f"{line} → {event.survivor}" if event.survivor else line
