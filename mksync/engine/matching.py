"""Find the person of every CRM record that has no link yet: link it, plan its person's creation, or hold it."""

from collections.abc import Iterator, Sequence
from dataclasses import field, replace

from mksync.core.filter import LIVE, synced
from mksync.core.frozen import dataclass
from mksync.core.lives import lost
from mksync.core.match import KEY, Ambiguous, Match, Matched, judge
from mksync.core.misfit import misfit
from mksync.core.pairs import Direction, FieldPair
from mksync.core.plan import FieldWrite, PlannedWrite
from mksync.core.records import Record, Side, Value
from mksync.core.report import Held, RecordName
from mksync.engine.candidates import ask, candidates
from mksync.engine.labels import label
from mksync.engine.project import Project
from mksync.engine.references import resolve
from mksync.mirror.holders import Carrier
from mksync.mirror.links import Link

CHUNK = 500


@dataclass(frozen=True, slots=True)
class _Found:
    """What becomes of the records of a chunk.

    - `people`: who was matched, by id, with the link that they have by now
    - `clear`: ids of those that nothing is left over of, `rest`: our keys of those that wait for nothing
    - `new`: those whose person is to be created
    """

    people: dict[str, Carrier]
    clear: list[str] = field(default_factory=list)
    rest: list[int] = field(default_factory=list)
    new: list[tuple[int, Record]] = field(default_factory=list)


def match(project: Project, cycle: int, object: str, *, create: bool = True) -> int:
    """Judge every unlinked record of an object. Returns how many people are to be created."""
    created, after, blind = 0, 0, _blind(project, object)
    fields = project.fields(Side.CRM, object)
    while chunk := project.mirror.snapshots.unlinked(object, fields, after, CHUNK):
        asked = ask(project, object, [record for _, record in chunk])
        verdicts = [judge(candidates(project, object, record, asked)) for _, record in chunk]
        matched = [verdict.person for verdict in verdicts if isinstance(verdict, Matched)]
        found = _Found(project.mirror.holders.carriers(matched, project.key_field))
        for (pid, record), verdict in zip(chunk, verdicts, strict=True):
            _match(project, cycle, object, pid, record, verdict, blind, found)
        project.mirror.history.clear_leftovers_of(object, found.clear)
        if create:
            found.rest.extend(pid for pid, _ in found.new)
            project.mirror.journal.plan_all(creation(project, cycle, object, record) for _, record in found.new)
            created += len(found.new)
        project.mirror.snapshots.clean_all(Side.CRM, object, found.rest)
        after = chunk[-1][0]
    return created


def _match(
    project: Project,
    cycle: int,
    object: str,
    pid: int,
    record: Record,
    verdict: Match,
    blind: Sequence[str],
    found: _Found,
) -> None:
    if says_no(project, object, record):
        found.clear.append(record.id)
        found.rest.append(pid)
        return
    if isinstance(verdict, Ambiguous):
        _hold(project, cycle, object, record, verdict.reason, _untied(project, record, verdict))
    elif isinstance(verdict, Matched):
        person = found.people[verdict.person]  # candidates come from the mirror
        if obstacle := _obstacle(project, record, verdict, person):
            _hold(project, cycle, object, record, *obstacle)
            return
        found.clear.append(record.id)
        link = _link(project, cycle, object, pid, verdict.by, person)
        found.people[verdict.person] = replace(person, link=link)
    elif blind:
        reason = f"who it is in Marketo cannot be told: {', '.join(blind)} is not selected, or not visible"
        _hold(project, cycle, object, record, reason, f"let both sync users see it: {_select(object, blind)}")
    else:
        found.clear.append(record.id)
        found.new.append((pid, record))


def says_no(project: Project, object: str, record: Record) -> bool:
    """Whether the filter leaves this record out."""
    column = project.filter_column(object)
    return column is not None and not synced(record.values[column])


def _obstacle(project: Project, record: Record, verdict: Matched, person: Carrier) -> tuple[str, str] | None:
    """Why a human has to decide, and what would decide it; None if nobody has to."""
    claimed = person.carries
    if claimed not in (None, record.id) and _is_there(project, str(claimed)):
        reason = f"person {verdict.person} carries the id of another record, {claimed}"
        return reason, _parted(project, record, str(claimed), verdict)
    taken = person.link
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


def _link(project: Project, cycle: int, object: str, pid: int, by: str, person: Carrier) -> Link:
    links, former = project.mirror.links, person.link
    if former is not None:
        # Deleted there and made again, or converted before contacts were synced: the person is free for this record.
        record = project.mirror.snapshots.id(Side.CRM, former.object, former.record)
        project.mirror.history.clear_leftovers(former.object, record)
        links.remove(former.id, former.object)
    return Link(links.add(object, person.pid, pid, by, cycle), object, person.pid, pid, LIVE)


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
