"""One-way objects: what the CRM has of accounts, users, opportunities … is made in Marketo, and kept as the CRM has it.

Their records carry the CRM's id in Marketo, so nobody has to be matched by guess. A record whose parent is not there
waits, and is judged again in every cycle.
"""

from collections.abc import Iterator, Mapping

from mksync.core.lives import REMOVED, kind
from mksync.core.plan import PlannedWrite
from mksync.core.records import Record, Side, Value
from mksync.core.report import Event, Held, RecordName
from mksync.engine.filtering import name_of
from mksync.engine.labels import label
from mksync.engine.matching import CHUNK, creation, says_no
from mksync.engine.project import Project
from mksync.engine.references import Waiting, arrived, resolve, wait

TWIN_REMEDY = "delete one of the two in the CRM, or let them differ in more"
Unlinked = tuple[int, Record, list[Waiting]]


def arrive(project: Project, cycle: int, object: str, *, create: bool = True) -> int:
    """Link, or plan the creation of, every record of a one-way object that Marketo does not have. Returns how many."""
    return sum(_arrive(project, cycle, object, *one, create=create) for one in _unlinked(project, object))


def arrive_alone(project: Project, cycle: int, object: str, id: str) -> None:
    """The same for one record that was just read."""
    for pid, record, waiting in _unlinked(project, object):
        if record.id == id:
            _arrive(project, cycle, object, pid, record, waiting, create=True)


def _arrive(
    project: Project, cycle: int, object: str, pid: int, record: Record, waiting: list[Waiting], *, create: bool
) -> bool:
    """Whether the record's creation was planned."""
    project.mirror.history.clear_leftovers(object, record.id)
    if says_no(project, object, record):
        project.mirror.snapshots.clean(Side.CRM, object, pid)
    elif known := _known(project, object, record):
        project.mirror.links.add(object, known, pid, project.key_of(object), cycle)
    elif waiting:
        wait(project, cycle, RecordName(object, record.id, None, _label(project, object, record)), waiting)
    elif twin := _twin(project, object, record):
        _hold(project, cycle, object, record, twin)
    elif create:
        project.mirror.journal.plan(creation(project, cycle, object, record))
        project.mirror.snapshots.clean(Side.CRM, object, pid)
        return True
    return False


def frees(project: Project, object: str) -> bool:
    """Whether something of this object waits that need wait no longer."""
    if object in project.one_way and any(
        not waiting and not _twin(project, object, record) for _, record, waiting in _unlinked(project, object)
    ):
        return True
    pairs = {pair.name: pair for pair in project.pairs[object]}
    return any(
        arrived(project, pairs[name], id) for name, id in project.mirror.history.awaited(object) if name in pairs
    )


def _unlinked(project: Project, object: str) -> Iterator[Unlinked]:
    after, fields = 0, project.fields(Side.CRM, object)
    while chunk := project.mirror.snapshots.unlinked(object, fields, after, CHUNK):
        for pid, record in chunk:
            yield pid, record, resolve(project, object, record.values)[1]
        after = chunk[-1][0]


def _known(project: Project, object: str, record: Record) -> int | None:
    """What Marketo was seen to keep of this record: the row that carries its id."""
    key, counterpart = project.key_of(object), project.counterpart(object)
    if not key:
        return None
    snapshots = project.mirror.snapshots
    ids = snapshots.ids_where(Side.MARKETO, counterpart, key, record.id, limit=1)
    return snapshots.pid(Side.MARKETO, counterpart, ids[0]) if ids else None


def _twin(project: Project, object: str, record: Record) -> str:
    """Marketo's record, of another one of the CRM's, that this one would be to Marketo; empty if there is none."""
    if not is_tie(project, object):
        return ""
    values, told = resolve(project, object, record.values)[0], project.dedupe[object]
    of = {pair.name: values[pair.fields.crm.name] for pair in project.pairs[object] if pair.name in told}
    counterpart = project.counterpart(object)
    alike = project.mirror.snapshots.ids_where(Side.MARKETO, counterpart, told[0], str(of[told[0]]), limit=-1)
    return next((id for id in alike if _is_taken(project, object, id, of)), "")


def _is_taken(project: Project, object: str, id: str, told: Mapping[str, Value]) -> bool:
    """Whether this record of Marketo's holds these values, case aside, and is linked."""
    counterpart, snapshots = project.counterpart(object), project.mirror.snapshots
    known = snapshots.get(Side.MARKETO, counterpart, id, project.fields(Side.MARKETO, object))
    pid = snapshots.pid(Side.MARKETO, counterpart, id)
    if known is None or pid is None or project.mirror.links.of_person(pid, counterpart) is None:
        return False
    return all(str(known.values[name]).casefold() == str(value).casefold() for name, value in told.items())


def _hold(project: Project, cycle: int, object: str, record: Record, twin: str) -> None:
    """It stays to be judged, as the other one may go."""
    name = RecordName(object, record.id, None, _label(project, object, record))
    reason = f"Marketo tells it by {', '.join(project.dedupe[object])}, and has one that is the same: {twin}"
    held = Held(name, None, reason, None, None, TWIN_REMEDY)
    project.mirror.history.hold(cycle, held, project.clock.now())


def _label(project: Project, object: str, record: Record) -> str:
    return label(project, object, Side.CRM, record.values)


def depart(project: Project, cycle: int, object: str) -> None:
    """What became of records that are gone on a side: Marketo's are made again, the CRM's leave theirs behind.

    What only ties two others together (a role) is deleted in Marketo with its record in the CRM.
    """
    counterpart, mirror = project.counterpart(object), project.mirror
    for departed in mirror.snapshots.departed(Side.MARKETO, counterpart):
        link = mirror.links.of_person(departed.pid, counterpart)
        if link is not None:
            mirror.links.remove(link.id, object)
            mirror.snapshots.soil(Side.CRM, object, mirror.snapshots.id(Side.CRM, object, link.record))
        mirror.snapshots.clean(Side.MARKETO, counterpart, departed.pid)
    for departed in mirror.snapshots.departed(Side.CRM, object):
        link = mirror.links.of_record(object, departed.pid)
        mirror.history.clear_leftovers(object, departed.id)
        if link is not None:
            mirror.links.set_state(link.id, kind(Side.CRM, str(departed.reason)))
            told = REMOVED if is_tie(project, object) else kind(Side.CRM, str(departed.reason))
            into = departed.into.id if departed.into else ""
            mirror.events.note(cycle, Event(name_of(project, link), told, into))
            if is_tie(project, object):
                mirror.journal.plan(removal(project, cycle, object, link.person, departed.id))
        mirror.snapshots.clean(Side.CRM, object, departed.pid)


def is_tie(project: Project, object: str) -> bool:
    """Whether a record is told by what it ties together, and so is nothing without it."""
    return len(project.dedupe.get(object, ())) > 1


def removal(project: Project, cycle: int, object: str, person: int, record: str) -> PlannedWrite:
    """The write that deletes what Marketo keeps of a record."""
    counterpart = project.counterpart(object)
    id = project.mirror.snapshots.id(Side.MARKETO, counterpart, person)
    link = project.mirror.links.of_person(person, counterpart)
    return PlannedWrite(
        cycle, object, Side.MARKETO, "delete", "", (), link.id if link else None, person_id=id, record_id=record
    )  # fmt: skip
