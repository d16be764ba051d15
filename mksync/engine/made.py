"""Find a record that was created in the CRM by a write whose answer was lost.

Nothing else in the CRM had the person's address when the create was sent, as it is looked for before; so whatever has
it now, and is nobody else's, is that record, or one that stands for it just as well.
"""

from collections.abc import Sequence

from mksync.core.plan import FieldWrite, PlannedWrite
from mksync.core.records import FieldType, Record, Side
from mksync.core.values import same
from mksync.engine.project import Project
from mksync.engine.who import EMAIL

NAMES = ("lastName", "firstName", "company")  # what somebody without an address is looked up by


def made(project: Project, object: str, write: PlannedWrite) -> Record | None:
    """The record, or None if there is none; raises what a port raises."""
    key = _told_by(write)
    if key is None:
        return None
    names = project.names(Side.CRM, object)
    found = list(project.ports.crm.find(object, key.crm_field, [str(key.now)], names))
    free = [one for one in found if not _is_linked(project, one)]
    alike = [one for one in free if _holds_all(project, object, one, write.images())]
    if key.field == EMAIL:
        return _only(alike) or _only(free)
    return _only(alike)


def _told_by(write: PlannedWrite) -> FieldWrite | None:
    """The field that says most about who it is."""
    by_name = {field.field: field for field in write.fields if field.now is not None}
    return next((by_name[name] for name in (EMAIL, *NAMES) if name in by_name), None)


def _is_linked(project: Project, record: Record) -> bool:
    return project.mirror.link_of(Side.CRM, record.object, record.id) is not None


def _holds_all(project: Project, object: str, record: Record, sent: Sequence[FieldWrite]) -> bool:
    types = {field.name: field.type for field in project.fields(Side.CRM, object)}
    return all(
        same(types.get(one.crm_field, FieldType.TEXT), record.values.get(one.crm_field), one.now) for one in sent
    )


def _only(found: Sequence[Record]) -> Record | None:
    return found[0] if len(found) == 1 else None
