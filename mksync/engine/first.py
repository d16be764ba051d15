"""First comparisons that did not come to their end are made again, and know what both sides held the first time.

Without that their bases would be empty, and what somebody emptied meanwhile would look as if it had been so before.
"""

from collections.abc import Sequence

from mksync.core.kinds import Kind
from mksync.core.pairs import FieldPair
from mksync.core.plan import Linked, Pending, PlannedWrite
from mksync.core.records import Side
from mksync.engine.project import Project
from mksync.mirror.bases import Move

FIRST = (Kind.INITIAL, Kind.FILL)


def compare_again(project: Project, write: PlannedWrite) -> None:
    """Of the fields whose first value did not get across. What a quick sync fills, it fills again in any case."""
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


def leave_unmet(project: Project, object: str, unmet: Sequence[tuple[Linked, FieldPair]]) -> None:
    """Pairs that were left to a human, or to a value that the other side can hold; only first comparisons matter."""
    for linked, pair in unmet:
        first = not linked.settled or linked.pending.get(pair.name) is Pending.FIRST
        if not first or pair.state != "live":
            continue
        held: list[Move] = [
            (linked.link, side, {pair.fields[side].name: linked.now[side][pair.fields[side].name]}) for side in Side
        ]
        project.mirror.bases.move(object, held)
        project.mirror.pending.add([linked.link], [pair.name], Pending.AGAIN)
