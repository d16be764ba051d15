"""Gather what a cycle did, or would do, from the mirror."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from mksync.core.filter import FROZEN, STARTED
from mksync.core.lives import KINDS
from mksync.core.plan import PlannedWrite
from mksync.core.records import Side
from mksync.core.report import Change, ObjectReport, RecordName, RunReport, State
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen, Cycle

STATES: Mapping[str, State] = {
    "written": "written",
    "unread": "written",
    "refused": "refused",
    "moved": "moved",
    "gone": "moved",
    "lost": "moved",
}


def report(
    mirror: Mirror,
    labels: Mapping[str, str],
    cycle: Cycle,
    *,
    dry: bool,
    rows: int,
    past: bool = False,
    ids: Sequence[str] = (),
) -> RunReport:
    """The first `rows` rows of every table, and how many there are.

    `labels`: object -> what people call it. Of a past cycle, only the leftovers that date from it are listed; with
    `ids`, only those of these people and records.
    """
    return RunReport(
        cycle=cycle.id,
        dry=dry,
        started=cycle.started,
        finished=cycle.finished or "",
        objects=tuple(_object_report(mirror, cycle.id, *item, rows, ids, past=past) for item in labels.items()),
        calls=cycle.calls,
        warnings=tuple(cycle.warnings),
        exit_code=cycle.exit_code or 0,
        notes=tuple(cycle.notes),
        quota=cycle.quota,
    )


def _object_report(
    mirror: Mirror, cycle: int, object: str, label: str, rows: int, ids: Sequence[str], *, past: bool
) -> ObjectReport:
    history, journal = mirror.history, mirror.journal
    totals = journal.totals(cycle, object)
    collisions, firsts = history.count_collisions(cycle, object)
    events = mirror.events.count(cycle, object)
    here = Chosen(cycle=cycle, object=object, limit=rows)
    waiting = here if past else Chosen(object=object, ids=ids, limit=rows)
    return ObjectReport(
        object=object,
        label=label,
        created=totals.created,
        updated=totals.updated,
        changes=tuple(islice(changes(journal.of_cycle(cycle, object, rows)), rows)),
        changes_total=totals.fields,
        collisions=tuple(row for _, _, row in history.collisions(here)),
        collisions_total=collisions,
        initial_total=firsts,
        rejected=tuple(row for _, row in history.rejected(waiting)),
        rejected_total=history.count_leftovers("rejected", waiting),
        held=tuple(row for _, row in history.held(waiting)),
        held_total=history.count_leftovers("held", waiting),
        filtered=tuple(event.record for event in mirror.events.of_cycle(cycle, object, [FROZEN], rows)),
        filtered_total=events.get(FROZEN, 0),
        started=tuple(event.record for event in mirror.events.of_cycle(cycle, object, [STARTED], rows)),
        started_total=events.get(STARTED, 0),
        lives=tuple(mirror.events.of_cycle(cycle, object, KINDS, rows)),
        lives_total={kind: events[kind] for kind in KINDS if kind in events},
    )


def changes(writes: Iterable[tuple[PlannedWrite, str]]) -> Iterator[Change]:
    """Writes, field by field."""
    for write, status in writes:
        name = RecordName(write.object, write.record_id, write.person_id, write.label)
        for field in write.fields:
            yield Change(
                write.object, name, field.field, field.crm_field, field.was, field.now, Side(write.side), field.kind,
                STATES.get(status, "planned"),
            )  # fmt: skip
