"""What a link takes along when one of its records is merged or converted into another: the bases that still hold.

The record at the other end is the same as before, and what somebody edited there is still an edit. The survivor is
another record: a field of it is judged by the old base only where its value is known from the record that went into it;
everywhere else the two values meet for the first time, so that a field which a conversion left empty clears nothing.
"""

from collections.abc import Iterator

from mksync.core.pairs import FieldPair
from mksync.core.plan import Linked, Pending
from mksync.core.records import Record, Side, Sides, Value
from mksync.core.values import same
from mksync.engine.project import Project
from mksync.mirror.links import Link
from mksync.mirror.snapshots import Found


def move(project: Project, link: Link, state: str, side: Side, survivor: Found) -> None:
    """Let the link follow its record into the survivor."""
    links = project.mirror.links
    old = links.remembered(link.object, project.pairs[link.object], link.id)
    if side is Side.MARKETO:
        object = link.object
        links.move(link, state, person=survivor.pid)
    else:
        object = survivor.object
        links.move(link, state, object=object, record=survivor.pid)
    there = project.object_of(side, survivor.object)
    new = project.mirror.snapshots.get(side, there, survivor.id, project.fields(side, there))
    if old is not None and old.settled and new is not None:
        _carry(project, link.id, object, dict(_bases(project, old, object, side, new)))


def _carry(project: Project, link: int, object: str, bases: dict[str, Sides[Value]]) -> None:
    pairs, links = project.pairs[object], project.mirror.links
    for side in Side:
        values = {pair.fields[side].name: bases[pair.name][side] for pair in pairs if pair.name in bases}
        links.rebase(link, object, side, values)
    links.mark_settled(link)
    project.mirror.pending.add([link], [pair.name for pair in pairs if pair.name not in bases], Pending.FIRST)


def _bases(project: Project, old: Linked, object: str, side: Side, new: Record) -> Iterator[tuple[str, Sides[Value]]]:
    before = {pair.name: pair for pair in project.pairs[old.object] if pair.name not in old.pending}
    for pair in project.pairs[object]:
        known = before.get(pair.name)
        if known and (pair.name == project.key_field or _is_known(known, pair, old, side, new)):
            yield pair.name, Sides(*(old.base[end][known.fields[end].name] for end in Side))


def _is_known(before: FieldPair, pair: FieldPair, old: Linked, side: Side, new: Record) -> bool:
    """Whether the survivor holds what the record that went into it held, when it was settled or in the end."""
    was, field = before.fields[side], pair.fields[side]
    if was.type is not field.type:
        return False
    return any(same(field.type, held[side][was.name], new.values[field.name]) for held in (old.base, old.now))
