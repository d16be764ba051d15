"""First comparisons whose write did not get across are made again, and know what both sides held the first time."""

from mksync.core.kinds import Kind
from mksync.core.plan import Pending, PlannedWrite
from mksync.core.records import Side
from mksync.engine.project import Project
from mksync.mirror.bases import Move

FIRST = (Kind.INITIAL, Kind.FILL)


def compare_again(project: Project, write: PlannedWrite) -> None:
    """Of the fields that were written for the first time. What a quick sync fills, it fills again in any case.

    Without this their bases would be empty, and what somebody emptied meanwhile would look as if it had been so before.
    """
    fields = [field for field in write.fields if field.kind in FIRST]
    if write.link is None or not fields or not project.mirror.links.is_of(write.link, write.object):
        return
    waiting = project.mirror.pending.of([write.link]).get(write.link, {})
    fields = [field for field in fields if waiting.get(field.field) not in (Pending.QUICK, Pending.KEPT)]
    side = Side(write.side)
    held: list[Move] = [
        (write.link, side, {field.on(side): field.was for field in fields}),
        (write.link, side.other, {field.on(side.other): field.source for field in fields}),
    ]
    project.mirror.bases.move(write.object, held)
    project.mirror.pending.add([write.link], [field.field for field in fields], Pending.AGAIN)
