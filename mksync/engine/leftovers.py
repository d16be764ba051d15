"""What a batch of writes leaves over for a human: what was refused, and what a system changed while saving it."""

from mksync.core.plan import PlannedWrite
from mksync.core.records import FieldType, Record, Refusal, Side, Sides
from mksync.core.report import Held, RecordName, Rejected
from mksync.core.values import same
from mksync.engine.project import Project
from mksync.engine.refusals import list_rejected


def list_altered(project: Project, side: Side, write: PlannedWrite, record: Record) -> None:
    """A value that the server changed while saving it is not sent again, and not passed over in silence either."""
    for one in write.images():
        name = one.on(side)
        holds = record.values.get(name)
        if holds == one.now or same(_type(project, side, write.object, name), holds, one.now):
            continue
        values = Sides(holds, one.source) if side is Side.MARKETO else Sides(one.source, holds)
        who = RecordName(write.object, write.record_id or record.id, write.person_id or record.id, write.label)
        reason = f"{project.titles[side]} changed the value while saving it: {one.now!r} was sent"
        held = Held(who, one.field, reason, values.marketo, values.crm, "edit the field so that both sides can hold it")
        project.mirror.history.hold(write.cycle, held, project.clock.now())


def _type(project: Project, side: Side, object: str, name: str) -> FieldType:
    return next(field.type for field in project.fields(side, object) if field.name == name)


def list_refused(project: Project, write: PlannedWrite, refusal: Refusal) -> None:
    """A record that the system did not take, with every field that was to be written."""
    side = Side(write.side)
    name = RecordName(write.object, write.record_id, write.person_id, write.label)
    sent = (field.on(side) for field in write.fields)
    # A record is refused as a whole: with the fields that the vendor names, the others were not written either.
    fields = tuple(dict.fromkeys((*refusal.fields, *sent)))
    rejected = Rejected(name, side, fields, refusal.code, refusal.message, refusal.cause, refusal.remedy, "")
    list_rejected(project, write.cycle, rejected, write.kind, passing=refusal.passing)
    if not refusal.passing:  # perhaps a field was changed, or closed, since it was described: the next cycle asks
        project.mirror.project.distrust_schema(side, project.object_of(side, write.object))
