"""Of what was found to differ: whether the mirror lists it already, and whether somebody edited it just now."""

from dataclasses import replace

from mksync.core.filter import LIVE
from mksync.core.records import Side
from mksync.core.values import same
from mksync.core.verdict import STANDING, Difference
from mksync.engine.project import Project
from mksync.mirror.verifying import Verifying


def accounted(project: Project, verifying: Verifying, found: Difference) -> str:
    """Why the difference is to be expected, in a word or two; empty if it is not."""
    if found.reason == STANDING:
        return STANDING
    record = found.record
    for kind, fields in verifying.listed(record.object, str(record.id)):
        if not fields or found.field in fields or found.crm_field in fields:
            return kind
    return _resting(project, record.object, str(record.id))


def _resting(project: Project, object: str, id: str) -> str:
    """The state of a link that rests: "filtered", "person deleted" …"""
    link = project.mirror.link_of(Side.CRM, object, id)
    return link.state if link and link.state != LIVE else ""


def edited(project: Project, found: Difference) -> Difference:
    """The same, with the sides that hold something else than what the last cycle read."""
    if found.field is None:
        return found
    sides = tuple(side for side in Side if _moved(project, found, side))
    return replace(found, edited=sides)


def _moved(project: Project, found: Difference, side: Side) -> bool:
    record, name = found.record, found.field if side is Side.MARKETO else found.crm_field
    object, id = project.object_of(side, record.object), record.person_id if side is Side.MARKETO else record.id
    field = next((one for one in project.fields(side, record.object) if one.name == name), None)
    last = project.mirror.snapshots.get(side, object, str(id), [field]) if field else None
    if last is None or field is None:
        return True  # no cycle has read this record yet
    return not same(field.type, last.values[field.name], found.marketo if side is Side.MARKETO else found.crm)
