"""What becomes of a write in the mirror: its outcome in the journal, and bases that move to what was seen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mksync.core.filter import synced
from mksync.core.kinds import Kind
from mksync.core.plan import FROM_NOBODY, FieldWrite, Pending, PlannedWrite
from mksync.core.records import Field, FieldType, Gone, Outcome, Record, Ref, Refusal, Side, Sides, Value
from mksync.core.report import Held, RecordName, Rejected
from mksync.core.values import same
from mksync.engine.instants import instant
from mksync.engine.joined import joined
from mksync.engine.project import Project
from mksync.engine.references import look_again, resolved, wait
from mksync.engine.refusals import list_rejected
from mksync.mirror.bases import Move
from mksync.mirror.windows import Spot


def settle(project: Project, side: Side, object: str, answers: Sequence[tuple[PlannedWrite, Outcome]]) -> None:
    """Note a batch's outcomes. Only a written record moves bases; one that moved or went is judged again."""
    there = project.object_of(side, object)
    answers = [(write, with_what_was_sent(project, write, outcome)) for write, outcome in answers]
    records = [outcome.record for _, outcome in answers if outcome.kind == "written" and outcome.record is not None]
    fields = project.fields(side, there)
    before = project.mirror.snapshots.get_all(side, there, [record.id for record in records], fields)
    stage(project, side, there, records)
    moves: list[Move] = []
    for write, outcome in answers:
        _settle_one(project, write, outcome, before, moves)
    project.mirror.bases.move(object, moves)


def _settle_one(
    project: Project, write: PlannedWrite, outcome: Outcome, before: Mapping[str, Record], moves: list[Move]
) -> None:
    close(project, write, "unread" if outcome.unread else outcome.kind, outcome.refusal)
    if write.kind == "delete":
        _deleted(project, write, outcome)
    elif outcome.kind == "written":
        assert outcome.record is not None, "what was written is read back"
        moves += _written(project, write, outcome.record, before.get(outcome.record.id))
    elif outcome.kind == "refused":
        assert outcome.refusal is not None, "a refusal says why"
        _list_rejected(project, write, outcome.refusal)
        if outcome.refusal.passing:
            judge_again(project, write)
    else:
        judge_again(project, write)


def _deleted(project: Project, write: PlannedWrite, outcome: Outcome) -> None:
    """What Marketo kept of a record is gone, and its link with it; a record that is still there is made again."""
    if outcome.kind == "refused":
        assert outcome.refusal is not None, "a refusal says why"
        _list_rejected(project, write, outcome.refusal)
        return
    if write.link is not None:
        project.mirror.links.remove(write.link, write.object)
    gone = Gone(project.counterpart(write.object), str(write.person_id), "deleted")
    project.mirror.snapshots.bury(Side.MARKETO, gone.object, [gone])
    judge_again(project, write)


def close(project: Project, write: PlannedWrite, status: str, refusal: Refusal | None = None) -> None:
    project.mirror.journal.settle(write.id, status, instant(project.clock.now()), refusal)
    if status not in ("written", "unread"):
        nobody_lost(project, write)


def nobody_lost(project: Project, write: PlannedWrite) -> None:
    """The value that was to be overwritten still stands: the next plan judges the collision again, and logs it then."""
    fields = [field.field for field in write.fields]
    if write.person_id and fields:
        project.mirror.history.withdraw_collisions(write.cycle, write.object, write.person_id, fields)


def judge_again(project: Project, write: PlannedWrite) -> None:
    """Nothing was settled by this write: both its records are looked at again in the next plan."""
    if write.person_id:
        project.mirror.snapshots.soil(Side.MARKETO, project.counterpart(write.object), write.person_id)
    if write.record_id:
        project.mirror.snapshots.soil(Side.CRM, write.object, write.record_id)


def written(project: Project, write: PlannedWrite, record: Record, before: Record | None) -> None:
    """The side written holds what was read back; the other side held what the values were taken from.

    `record` is in the mirror by now; `before` is what the mirror held in its place.
    """
    project.mirror.bases.move(write.object, _written(project, write, record, before))


def _written(project: Project, write: PlannedWrite, record: Record, before: Record | None) -> list[Move]:
    """The bases that move."""
    side = Side(write.side)
    object, fields = project.object_of(side, write.object), project.fields(side, write.object)
    link = write.link if write.kind == "update" else _link_created(project, write, record)
    if link is None:
        return []
    if write.kind == "create" and side is Side.CRM:
        _compare_rest_later(project, write, link)
    moves, sent = _rebase_sent(write, link, record)
    _list_altered(project, write, record)
    watch_window(project, write, record)
    if write.kind == "create":
        adopted, settled = _adopt_rest(project, write, link)
        moves += adopted
    else:
        settled = _unmoved(before, record, fields, sent) and not _flag_moved(project, side, before, record)
    back = [field.field for field in write.fields if field.kind == Kind.LATE]
    project.mirror.windows.settled(link, back)
    if settled and not back:  # what was written back is to flow, as any edit
        project.mirror.snapshots.clean_known(side, object, record.id)
    return moves


def stage(project: Project, side: Side, object: str, records: Sequence[Record]) -> None:
    """Take over records that were read outside the change feed."""
    generation = project.mirror.project.cursor(side).generation
    fields = project.fields(side, object)
    project.mirror.snapshots.stage(side, object, fields, joined(fields, records), generation)


def with_what_was_sent(project: Project, write: PlannedWrite, outcome: Outcome) -> Outcome:
    """A person that was written and not read back is taken to hold what was sent, until the next run has read it."""
    if outcome.kind != "written" or outcome.record is not None or write.kind != "update":
        return outcome
    side = Side(write.side)
    object, id = (
        project.object_of(side, write.object),
        str(write.person_id if side is Side.MARKETO else write.record_id),
    )
    known = project.mirror.snapshots.get(side, object, id, project.fields(side, object))
    assert known is not None, "its write was planned from the mirror"
    sent = {name_on(field, side): field.now for field in write.fields}
    return replace(outcome, record=replace(known, values={**known.values, **sent}), unread=True)


def name_on(field: FieldWrite, side: Side) -> str:
    return field.field if side is Side.MARKETO else field.crm_field


def _link_created(project: Project, write: PlannedWrite, record: Record) -> int | None:
    """Link what was created with the person, or the CRM record, that it was created for."""
    mirror = project.mirror
    counterpart, here = project.counterpart(write.object), write.side == Side.CRM
    ids = Sides(str(write.person_id), record.id) if here else Sides(record.id, str(write.record_id))
    person = mirror.snapshots.pid(Side.MARKETO, counterpart, ids.marketo)
    crm = mirror.snapshots.pid(Side.CRM, write.object, ids.crm)
    assert person is not None, "it was staged just now, or planned from the mirror"
    assert crm is not None, "it was staged just now, or planned from the mirror"
    taken = mirror.links.of_person(person, counterpart)
    if taken is not None and here and taken.record != crm and taken.state.startswith("crm "):
        mirror.links.remove(taken.id, taken.object)  # its record is gone, and this one takes its place
        taken = None
    if taken is not None:
        name = RecordName(write.object, ids.crm, ids.marketo, write.label)
        reason = f"Marketo answered with {counterpart} {ids.marketo}, who is linked to another {taken.object}"
        mirror.history.hold(
            write.cycle, Held(name, None, reason, None, None, "look at the two records"), project.clock.now()
        )
        judge_again(project, write)
        return None
    link = mirror.links.add(write.object, person, crm, "created", write.cycle)
    mirror.links.mark_settled(link)
    look_again(project, Ref(write.object, ids.crm))
    mirror.journal.link_created(write.id, link, ids.marketo, ids.crm)
    mirror.history.clear_unlinked(ids.marketo)
    return link


def _compare_rest_later(project: Project, write: PlannedWrite, link: int) -> None:
    """A record that was made in the CRM has defaults of its own: they meet the person's values, and overrule none."""
    sent = {field.field for field in images(write)}
    rest = [pair.name for pair in project.pairs[write.object] if pair.name not in sent]
    project.mirror.pending.add([link], rest, Pending.FIRST)


def images(write: PlannedWrite) -> list[FieldWrite]:
    """The fields whose value was taken from the other side."""
    return [field for field in write.fields if field.kind not in FROM_NOBODY]


def _rebase_sent(write: PlannedWrite, link: int, record: Record) -> tuple[list[Move], set[str]]:
    """Bases of the fields that were sent, but not of edits written back: they are changes that are to flow.

    Returns the names of what was sent on the side written, too.
    """
    side = Side(write.side)
    fields = images(write)
    names = {field: Sides(field.field, field.crm_field) for field in fields}
    flowed = {field: name for field, name in names.items() if field.kind != Kind.LATE}
    mine: dict[str, Value] = {name[side]: record.values.get(name[side]) for name in flowed.values()}
    theirs = {name[side.other]: field.source for field, name in flowed.items()}
    return [(link, side, mine), (link, side.other, theirs)], {name[side] for name in names.values()}


def watch_window(project: Project, write: PlannedWrite, record: Record) -> None:
    """Where the side cannot guard a write, its log will tell what this one replaced; nothing of one-way objects.

    `record`: what was read back. What was created replaced nothing.
    """
    if write.kind != "update" or write.version is not None or write.object not in project.people:
        return
    side = Side(write.side)
    object = project.object_of(side, write.object)
    names = [field.field if side is Side.MARKETO else field.crm_field for field in write.fields]
    spots = [(Spot(side, object, record.id, name), record.values.get(name)) for name in names]
    project.mirror.windows.open(write, spots, project.clock.now())


def _list_altered(project: Project, write: PlannedWrite, record: Record) -> None:
    """A value that the server changed while saving it is not sent again, and not passed over in silence either."""
    side = Side(write.side)
    for field in images(write):
        name = name_on(field, side)
        holds = record.values.get(name)
        if holds == field.now or same(_type(project, side, write.object, name), holds, field.now):
            continue
        values = Sides(holds, field.source) if side is Side.MARKETO else Sides(field.source, holds)
        who = RecordName(write.object, write.record_id or record.id, write.person_id or record.id, write.label)
        reason = f"{project.titles[side]} changed the value while saving it: {field.now!r} was sent"
        held = Held(
            who, field.field, reason, values.marketo, values.crm, "edit the field so that both sides can hold it"
        )
        project.mirror.history.hold(write.cycle, held, project.clock.now())


def _type(project: Project, side: Side, object: str, name: str) -> FieldType:
    return next(field.type for field in project.fields(side, object) if field.name == name)


def _adopt_rest(project: Project, write: PlannedWrite, link: int) -> tuple[list[Move], bool]:
    """A created record's other fields are settled where both sides agree. Says whether that is everywhere."""
    pairs = project.pairs[write.object]
    loaded = project.mirror.links.load(write.object, pairs, link)
    if loaded is None:
        return [], False
    linked, waiting = resolved(project, loaded)
    if waiting:
        name = RecordName(write.object, linked.ids.crm, linked.ids.marketo, write.label)
        wait(project, write.cycle, name, waiting)
        return [], False
    sent = {(field.field, field.crm_field) for field in images(write)}
    rest = [pair for pair in pairs if (pair.name, pair.fields.crm.name) not in sent]
    agreed = [p for p in rest if p.same(linked.now.marketo[p.name], linked.now.crm[p.fields.crm.name])]
    fields = [pair.fields for pair in agreed]
    moves: list[Move] = [
        (link, side, {one[side].name: linked.now[side][one[side].name] for one in fields}) for side in Side
    ]
    return moves, len(agreed) == len(rest)


def _unmoved(before: Record | None, after: Record, fields: Sequence[Field], sent: set[str]) -> bool:
    """Nothing but what was sent is different from what was last read."""
    if before is None:
        return False
    was, now = before.values, after.values
    moved = {name for name, value in was.items() if value != now.get(name)} - sent
    if not moved:
        return True
    rest = [field for field in fields if field.name in moved]
    return all(same(field.type, was[field.name], now.get(field.name)) for field in rest)


def _flag_moved(project: Project, side: Side, before: Record | None, after: Record) -> bool:
    """In the filter column, empty is not the same as No."""
    column = project.filter_column(after.object) if side is Side.CRM else None
    if column is None or before is None:
        return False
    return synced(before.values.get(column)) != synced(after.values.get(column))


def _list_rejected(project: Project, write: PlannedWrite, refusal: Refusal) -> None:
    side = Side(write.side)
    name = RecordName(write.object, write.record_id, write.person_id, write.label)
    sent = (field.field if side is Side.MARKETO else field.crm_field for field in write.fields)
    # A record is refused as a whole: with the fields that the vendor names, the others were not written either.
    fields = tuple(dict.fromkeys((*refusal.fields, *sent)))
    rejected = Rejected(name, side, fields, refusal.code, refusal.message, refusal.cause, refusal.remedy, "")
    list_rejected(project, write.cycle, rejected, write.kind, passing=refusal.passing)
    if not refusal.passing:  # perhaps a field was changed, or closed, since it was described: the next cycle asks
        project.mirror.project.distrust_schema(side, project.object_of(side, write.object))
