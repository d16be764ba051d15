"""What becomes of a write in the mirror: its outcome in the journal, and bases that move to what was seen."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from mksync.core.filter import synced
from mksync.core.frozen import dataclass
from mksync.core.kinds import Kind
from mksync.core.plan import PlannedWrite
from mksync.core.records import Field, Gone, Outcome, Record, Refusal, Side, Value
from mksync.core.values import same
from mksync.engine.created import Made, adopt_rest, link_created
from mksync.engine.first import compare_again
from mksync.engine.instants import instant
from mksync.engine.joined import joined
from mksync.engine.leftovers import list_altered, list_refused
from mksync.engine.project import Project
from mksync.mirror.bases import Move
from mksync.mirror.windows import Spot


@dataclass(frozen=True, slots=True)
class _Found:
    """What becomes of a batch, kept in as few statements as there are kinds of it.

    - `moves`: bases that move
    - `links`: those of what was created, by write, and `made`: the same with what it holds
    - `opened`: fields that were written where the side cannot guard its writes, as `Windows.open` takes them
    - `back`: links and fields of edits that were written back
    - `clean`: ids of records of which nothing is left to be judged
    """

    moves: list[Move] = field(default_factory=list)
    links: dict[int, int] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    opened: list[tuple[int, Spot, Value]] = field(default_factory=list)
    back: list[tuple[int, str]] = field(default_factory=list)
    clean: list[str] = field(default_factory=list)


def settle(project: Project, side: Side, object: str, answers: Sequence[tuple[PlannedWrite, Outcome]]) -> None:
    """Note a batch's outcomes. Only a written record moves bases; one that moved or went is judged again."""
    there = project.object_of(side, object)
    answers = [(write, with_what_was_sent(project, write, outcome)) for write, outcome in answers]
    records = [outcome.record for _, outcome in answers if outcome.kind == "written" and outcome.record is not None]
    fields = project.fields(side, there)
    before = project.mirror.snapshots.get_all(side, there, [record.id for record in records], fields)
    stage(project, side, there, records)
    closed = [(one.ref, "unread" if one.unread else one.kind, one.refusal) for _, one in answers]
    project.mirror.journal.settle_all(closed, instant(project.clock.now()))
    found = _Found(links=_linked(project, side, object, answers))
    for write, outcome in answers:
        _settle_one(project, side, write, outcome, before, found)
    _keep(project, side, object, found)


def _linked(
    project: Project, side: Side, object: str, answers: Sequence[tuple[PlannedWrite, Outcome]]
) -> dict[int, int]:
    """The links of what was created."""
    created = [(write, one.record) for write, one in answers if write.kind == "create" and one.kind == "written"]
    if not created:
        return {}
    return link_created(project, side, object, [(write, record) for write, record in created if record is not None])


def _settle_one(
    project: Project, side: Side, write: PlannedWrite, outcome: Outcome, before: Mapping[str, Record], found: _Found
) -> None:
    if outcome.kind != "written":
        nobody_lost(project, write)
    if write.kind == "delete":
        _deleted(project, write, outcome)
    elif outcome.kind == "written":
        assert outcome.record is not None, "what was written is read back"
        _written(project, side, write, outcome.record, before.get(outcome.record.id), found)
    elif outcome.kind == "refused":
        assert outcome.refusal is not None, "a refusal says why"
        list_refused(project, write, outcome.refusal)
        if outcome.refusal.passing:
            judge_again(project, write)
    else:
        judge_again(project, write)


def _keep(project: Project, side: Side, object: str, found: _Found) -> None:
    mirror = project.mirror
    moves, agreeing = adopt_rest(project, side, object, found.made) if found.made else ([], [])
    mirror.windows.open(found.opened, project.clock.now())
    mirror.windows.settled(found.back)
    mirror.bases.move(object, [*found.moves, *moves])
    mirror.snapshots.clean_known(side, project.object_of(side, object), [*found.clean, *agreeing])


def _deleted(project: Project, write: PlannedWrite, outcome: Outcome) -> None:
    """What Marketo kept of a record is gone, and its link with it; a record that is still there is made again."""
    if outcome.kind == "refused":
        assert outcome.refusal is not None, "a refusal says why"
        list_refused(project, write, outcome.refusal)
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
    compare_again(project, write)
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
    side = Side(write.side)
    created = [(write, record)] if write.kind == "create" else []
    found = _Found(links=link_created(project, side, write.object, created) if created else {})
    _written(project, side, write, record, before, found)
    _keep(project, side, write.object, found)


def _written(
    project: Project, side: Side, write: PlannedWrite, record: Record, before: Record | None, found: _Found
) -> None:
    link = write.link if write.kind == "update" else found.links.get(write.id)
    if link is None:
        if write.kind == "create":
            judge_again(project, write)
        return
    sent = _rebase_sent(side, write, link, record, found)
    list_altered(project, side, write, record)
    found.opened.extend(_watched(project, side, write, record))
    if write.kind == "create":
        found.made.append((link, write, record))
        return
    back = [(link, one.field) for one in write.fields if one.kind == Kind.LATE]
    found.back.extend(back)
    fields = project.fields(side, project.object_of(side, write.object))
    settled = _unmoved(before, record, fields, sent) and not _flag_moved(project, side, before, record)
    if settled and not back:  # what was written back is to flow, as any edit
        found.clean.append(record.id)


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
    sent = {field.on(side): field.now for field in write.fields}
    return replace(outcome, record=replace(known, values={**known.values, **sent}), unread=True)


def _rebase_sent(side: Side, write: PlannedWrite, link: int, record: Record, found: _Found) -> set[str]:
    """Bases of the fields that were sent, but not of edits written back: they are changes that are to flow.

    Returns the names of what was sent on the side written.
    """
    mine: dict[str, Value] = {}
    theirs: dict[str, Value] = {}
    sent = set()
    for one in write.images():
        name = one.on(side)
        sent.add(name)
        if one.kind != Kind.LATE:
            mine[name] = record.values.get(name)
            theirs[one.on(side.other)] = one.source
    found.moves.append((link, side, mine))
    found.moves.append((link, side.other, theirs))
    return sent


def watch_window(project: Project, write: PlannedWrite, record: Record) -> None:
    """Where the side cannot guard a write, its log will tell what this one replaced; nothing of one-way objects.

    `record`: what was read back. What was created replaced nothing.
    """
    project.mirror.windows.open(_watched(project, Side(write.side), write, record), project.clock.now())


def _watched(project: Project, side: Side, write: PlannedWrite, record: Record) -> list[tuple[int, Spot, Value]]:
    if write.kind != "update" or write.version is not None or write.object not in project.people:
        return []
    object = project.object_of(side, write.object)
    names = [field.on(side) for field in write.fields]
    return [(write.id, Spot(side, object, record.id, name), record.values.get(name)) for name in names]


def _unmoved(before: Record | None, after: Record, fields: Sequence[Field], sent: set[str]) -> bool:
    """Nothing but what was sent is different from what was last read."""
    if before is None:
        return False
    was, now = before.values, after.values
    if {**was, **{name: now.get(name) for name in sent}} == now:
        return True
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
