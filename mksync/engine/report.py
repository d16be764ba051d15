"""Gather what a cycle did, or would do, from the mirror."""

from collections.abc import Iterator
from itertools import islice

from mksync.core.plan import PlannedWrite
from mksync.core.records import Side
from mksync.core.report import Change, ObjectReport, RecordName, RunReport, State
from mksync.engine.project import Project
from mksync.mirror.history import Chosen

STATES: dict[str, State] = {
    "written": "written",
    "refused": "refused",
    "moved": "moved",
    "gone": "moved",
    "lost": "moved",
}


def report(project: Project, cycle: int, *, dry: bool, rows: int) -> RunReport:
    """The first `rows` rows of every table, and how many there are."""
    row = project.mirror.history.cycle(cycle)
    assert row is not None, "the caller began this cycle"
    return RunReport(
        cycle=cycle,
        dry=dry,
        started=row.started,
        finished=row.finished or "",
        objects=tuple(object_report(project, cycle, object, rows) for object in project.objects),
        calls=row.calls,
        warnings=tuple(row.warnings),
        exit_code=row.exit_code or 0,
    )


def object_report(project: Project, cycle: int, object: str, rows: int) -> ObjectReport:
    history, journal = project.mirror.history, project.mirror.journal
    counts = journal.totals(cycle, object)
    here = Chosen(cycle=cycle, object=object, limit=rows)
    waiting = Chosen(object=object, limit=rows)
    return ObjectReport(
        object=object,
        label=project.catalogue[object].label,
        created=counts.created,
        updated=counts.updated,
        changes=tuple(islice(changes(journal.of_cycle(cycle, object, rows)), rows)),
        changes_total=counts.fields,
        collisions=tuple(row for _, _, row in history.collisions(here)),
        collisions_total=history.count_collisions(cycle, object),
        rejected=tuple(row for _, row in history.rejected(waiting)),
        rejected_total=history.count_leftovers("rejected", object),
        held=tuple(row for _, row in history.held(waiting)),
        held_total=history.count_leftovers("held", object),
    )


def changes(writes: Iterator[tuple[PlannedWrite, str]]) -> Iterator[Change]:
    """Writes, field by field."""
    for write, status in writes:
        name = RecordName(write.object, write.record_id, write.person_id, write.label)
        for field in write.fields:
            yield Change(
                write.object, name, field.field, field.crm_field, field.was, field.now, Side(write.side), field.kind,
                STATES.get(status, "planned"),
            )  # fmt: skip
