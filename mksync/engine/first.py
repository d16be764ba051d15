"""First comparisons that did not come to their end are made again, and know what both sides held the first time.

Without that their bases would be empty, and what somebody emptied meanwhile would look as if it had been so before.
"""

from collections.abc import Mapping, Sequence

from mksync.core.kinds import Kind
from mksync.core.pairs import FieldPair
from mksync.core.plan import Linked, Pending, PlannedWrite
from mksync.core.records import Side, Value
from mksync.engine.project import Project

FIRST = (Kind.INITIAL, Kind.FILL)


def compare_again(project: Project, write: PlannedWrite) -> None:
    """Of the fields whose first value did not get across. What a quick sync fills, it fills again in any case."""
    fields = [field for field in write.fields if field.kind in FIRST]
    if write.link is None or not fields or not project.mirror.links.is_of(write.link, write.object):
        return
    waiting = project.mirror.pending.of([write.link]).get(write.link, {})
    fields = [field for field in fields if waiting.get(field.field) not in (Pending.QUICK, Pending.KEPT)]
    side = Side(write.side)
    held = {side: {one.on(side): one.was for one in fields}}
    held[side.other] = {one.on(side.other): one.source for one in fields}
    _again(project, write.object, write.link, held, [one.field for one in fields])


def leave_unmet(project: Project, object: str, unmet: Sequence[tuple[Linked, FieldPair]]) -> None:
    """Pairs that were left to a human, or to a value that the other side can hold; only first comparisons matter."""
    for linked, pair in unmet:
        first = not linked.settled or linked.pending.get(pair.name) is Pending.FIRST
        if not first or pair.state != "live":
            continue
        held = {side: {pair.fields[side].name: linked.now[side][pair.fields[side].name]} for side in Side}
        _again(project, object, linked.link, held, [pair.name])


def _again(
    project: Project, object: str, link: int, held: Mapping[Side, Mapping[str, Value]], fields: Sequence[str]
) -> None:
    """`held`: what each side held the first time, by its own names. `fields`: Marketo's."""
    project.mirror.bases.move(object, [(link, side, values) for side, values in held.items()])
    project.mirror.pending.add([link], fields, Pending.AGAIN)
