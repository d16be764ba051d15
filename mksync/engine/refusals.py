"""What is refused: listed once, however often it is tried again; and tried again when somebody asks."""

from collections.abc import Collection
from dataclasses import replace

from mksync.core.records import Side
from mksync.core.report import Rejected
from mksync.engine.activity_log import enter
from mksync.engine.instants import instant
from mksync.engine.project import Project
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen


def list_rejected(
    project: Project, cycle: int, row: Rejected, operation: str = "update", *, passing: bool = False
) -> None:
    """List a refusal. One that comes back keeps the moment when it was met first."""
    now = project.clock.now()
    known = project.mirror.refusals.note(cycle, row, instant(now))
    project.mirror.history.reject(cycle, replace(row, since=known.since, tries=known.tries), now)
    enter(project, cycle, row, known, operation, passing=passing)


def try_again(mirror: Mirror, ids: Collection[str] = ()) -> list[Rejected]:
    """Have the next cycle judge the records again whose write was refused; `ids`: only these, of either side.

    Returns what will be tried. A record that the CRM does not have yet is tried by the command that was to make it.
    """
    found = [row for _, row in mirror.history.rejected(Chosen(ids=tuple(ids))) if row.record.id]
    with mirror.transaction():
        for row in found:
            mirror.snapshots.soil(Side.CRM, row.record.object, str(row.record.id))
    return found
