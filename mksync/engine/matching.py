"""Find the person of every CRM record that has no link yet: link it, plan its person's creation, or hold it."""

from collections.abc import Iterator, Sequence

from mksync.core.filter import synced
from mksync.core.lives import lost
from mksync.core.match import KEY, Ambiguous, Candidate, Match, Matched, New, judge
from mksync.core.misfit import misfit
from mksync.core.pairs import Direction, FieldPair
from mksync.core.plan import FieldWrite, PlannedWrite
from mksync.core.records import Field, Record, Ref, Side, Value
from mksync.core.report import Held, RecordName
from mksync.engine.labels import label
from mksync.engine.project import PERSON, Project
from mksync.engine.references import resolve

CHUNK = 500


def match(project: Project, cycle: int, object: str, *, create: bool = True) -> int:
    """Judge every unlinked record of an object. Returns how many people are to be created."""
    created = 0
    fields, blind = project.fields(Side.CRM, object), _blind(project, object)
    for pid, record in _unlinked(project, object, fields):
        if says_no(project, object, record):
            project.mirror.history.clear_leftovers(object, record_id=record.id)
            project.mirror.snapshots.clean(Side.CRM, object, pid)
            continue
        verdict = judge(list(_candidates(project, object, record)))
        if obstacle := _obstacle(project, record, verdict):
            _hold(project, cycle, object, record, *obstacle)
            continue
        if blind and isinstance(verdict, New):
            reason = f"who it is in Marketo cannot be told: {', '.join(blind)} is not selected, or not visible"
            _hold(project, cycle, object, record, reason, f"let both sync users see it: {_select(object, blind)}")
            continue
        project.mirror.history.clear_leftovers(object, record_id=record.id)
        if isinstance(verdict, Matched):
            _link(project, cycle, object, pid, verdict)
        elif create:
            project.mirror.journal.plan(creation(project, cycle, object, record))
            project.mirror.snapshots.clean(Side.CRM, object, pid)
            created += 1
    return created


def _unlinked(project: Project, object: str, fields: Sequence[Field]) -> Iterator[tuple[int, Record]]:
    after = 0
    while chunk := project.mirror.snapshots.unlinked(object, fields, after, CHUNK):
        yield from chunk
        after = chunk[-1][0]


def says_no(project: Project, object: str, record: Record) -> bool:
    """Whether the filter leaves this record out."""
    column = project.filter_column(object)
    return column is not None and not synced(record.values[column])


def _candidates(project: Project, object: str, record: Record) -> Iterator[Candidate]:
    """Who might be this record's person, step by step: the cross-id, then the keys of the configuration."""
    snapshots = project.mirror.snapshots
    me = Ref(object, record.id)
    people = snapshots.ids_where(Side.MARKETO, PERSON, project.key_field, record.id)
    yield Candidate(me, "key", record.id, tuple(people), ())
    for pair in project.match_pairs(object):
        value = record.values.get(pair.fields.crm.name)
        if isinstance(value, str):
            people = snapshots.ids_where(Side.MARKETO, PERSON, pair.name, value)
            yield Candidate(me, pair.name, value, tuple(people), tuple(_rivals(project, me, pair, value)))


def _rivals(project: Project, me: Ref, pair: FieldPair, value: str) -> Iterator[Ref]:
    """Other CRM records, of any object, that hold the same value and are synced."""
    for object in project.people:
        for twin in project.match_pairs(object):
            if twin.name == pair.name:
                column = project.filter_column(object)
                ids = project.mirror.snapshots.ids_where(Side.CRM, object, twin.fields.crm.name, value, filter=column)
                yield from (Ref(object, id) for id in ids if Ref(object, id) != me)


def _obstacle(project: Project, record: Record, verdict: Match) -> tuple[str, str] | None:
    """Why a human has to decide, and what would decide it; None if nobody has to."""
    if isinstance(verdict, Ambiguous):
        return verdict.reason, _untied(project, record, verdict)
    if not isinstance(verdict, Matched):
        return None
    found = project.mirror.snapshots.get(Side.MARKETO, PERSON, verdict.person, project.fields(Side.MARKETO, PERSON))
    claimed = found.values[project.key_field] if found else None
    if claimed not in (None, record.id) and _is_there(project, str(claimed)):
        reason = f"person {verdict.person} carries the id of another record, {claimed}"
        return reason, _parted(project, record, str(claimed), verdict)
    taken = project.mirror.links.of_person(_key(project, verdict))
    if taken is not None and not lost(taken.state, Side.CRM):
        other = project.mirror.snapshots.id(Side.CRM, taken.object, taken.record)
        reason = f"person {verdict.person} is already linked to another {taken.object}, {other}"
        return reason, _parted(project, record, other, verdict)
    return None


def _untied(project: Project, record: Record, verdict: Ambiguous) -> str:
    """What leaves one pairing only."""
    crm, people = project.titles.crm, " and ".join(verdict.people)
    ways = []
    if verdict.rivals:
        rivals = " and ".join(ref.id for ref in verdict.rivals)
        ways.append(f"merge {record.id} and {rivals} in {crm}, or delete or change one")
    elif len(verdict.people) > 1 and verdict.by != KEY:
        ways.append(f"merge people {people} in Marketo")
    if verdict.people and verdict.by != KEY:
        ways.append(f"put {record.id} into {project.key_field} of the person it belongs to")
    if verdict.by == KEY:
        ways.append(f"merge people {people} in Marketo, or empty {project.key_field} of all but one")
    return "; or ".join(ways)


def _parted(project: Project, record: Record, other: str, verdict: Matched) -> str:
    """What leaves the person to one of two records."""
    person, crm = verdict.person, project.titles.crm
    if verdict.by == KEY:
        return f"merge {record.id} and {other} in {crm}; or put {other} into {project.key_field} of person {person}"
    return f"merge {record.id} and {other} in {crm}; or give one of them another {verdict.by}"


def _is_there(project: Project, id: str) -> bool:
    return any(project.mirror.snapshots.is_there(Side.CRM, object, id) for object in project.people)


def _link(project: Project, cycle: int, object: str, pid: int, verdict: Matched) -> None:
    links, person = project.mirror.links, _key(project, verdict)
    former = links.of_person(person)
    if former is not None:
        # Deleted there and made again, or converted before contacts were synced: the person is free for this record.
        record = project.mirror.snapshots.id(Side.CRM, former.object, former.record)
        project.mirror.history.clear_leftovers(former.object, record)
        links.remove(former.id, former.object)
    links.add(object, person, pid, verdict.by, cycle)


def _key(project: Project, verdict: Matched) -> int:
    person = project.mirror.snapshots.pid(Side.MARKETO, PERSON, verdict.person)
    assert person is not None, "candidates come from the mirror"
    return person


def _blind(project: Project, object: str) -> list[str]:
    """Keys of the configuration that records cannot be matched by now: without them, new people would be duplicates."""
    live = {pair.name for pair in project.match_pairs(object)}
    return [key for key in project.match_keys if key not in live]


def _select(object: str, fields: Sequence[str]) -> str:
    return (
        f"mksync fields select --object {object} --add {' --add '.join(fields)}; or match by nothing: [match] keys = []"
    )


def _hold(project: Project, cycle: int, object: str, record: Record, reason: str, remedy: str) -> None:
    """List it once: it is judged again in every cycle, as what it waits for may happen to any other record."""
    name = RecordName(object, record.id, None, label(project, object, Side.CRM, record.values))
    history = project.mirror.history
    if history.holds(name, reason):
        return
    history.clear_leftovers(object, record_id=record.id)
    history.hold(cycle, Held(name, None, reason, None, None, remedy), project.clock.now())


def creation(project: Project, cycle: int, object: str, record: Record) -> PlannedWrite:
    """The write that creates a CRM record's person: every field that may flow to Marketo, empty ones left out."""
    fields = tuple(_created_fields(project, object, record))
    name = label(project, object, Side.CRM, record.values)
    return PlannedWrite(
        cycle,
        object,
        Side.MARKETO,
        "create",
        name,
        fields,
        record_id=record.id,
        token=record.id,
    )


def _created_fields(project: Project, object: str, record: Record) -> Iterator[FieldWrite]:
    values, waiting = resolve(project, object, record.values)
    late = [one.pair for one in waiting]
    for pair in project.pairs[object]:
        source = values.get(pair.fields.crm.name) if pair not in late else None
        if pair.direction is Direction.TO_CRM or not pair.fields.marketo.creatable:
            continue
        value = _image(pair, source)
        if value is None or value is False or misfit(value, pair.fields.marketo):
            continue
        yield FieldWrite(pair.name, pair.fields.crm.name, None, value, source, "created")


def _image(pair: FieldPair, source: Value) -> Value:
    """What Marketo's field would hold; nothing, if the value has no image there: one field must not stop a record."""
    try:
        return pair.image(source, Side.CRM)
    except ValueError:
        return None
