"""What became of everybody whom `push-person` was given, in words and as a kind that a script can tell."""

from collections.abc import Sequence

from mksync.core.plan import PlannedWrite
from mksync.core.pushing import Kind, Told
from mksync.core.records import Record, Side
from mksync.core.report import RecordName
from mksync.engine.labels import label
from mksync.engine.making import Incomplete
from mksync.engine.project import Project
from mksync.engine.whereabouts import Lost, Several, There, link_of
from mksync.engine.who import Ambiguous, Answer, Left, MergedAway, Person, called
from mksync.mirror.history import Chosen


def answered(project: Project, one: Answer) -> Told:
    """Somebody who is not one person in Marketo."""
    marketo = project.titles.marketo
    match one:
        case Ambiguous():
            ids = ", ".join(person.id for person in one.people)
            text = f"{len(one.people)} people in {marketo} have that address: {ids}"
            return Told(one.who, "ambiguous", text, "give the id of the one who is meant, or merge them")
        case MergedAway():
            text = f"person {one.id} was merged into person {one.into}"
            return Told(one.who, "merged", text, f"mksync push-person {one.into}")
        case Left():
            text = f"person {one.id} is not in {marketo} any more: deleted, or merged since the last cycle"
            return Told(one.who, "left", text, "mksync run-once finds out what became of it")
        case Person():
            raise AssertionError("people are told of by what became of them")
    return Told(one.who, "unknown", f"{marketo} knows nobody of that {'address' if '@' in one.who else 'id'}")


def background(project: Project, place: There) -> Told:
    name = _name(project, place.person, place.record)
    text = f"{project.titles.crm} has {_where(name)} of theirs, which run-once and watch bring into step"
    return Told("", "background", text, "to do it now: --force", name)


def filtered(project: Project, place: There) -> Told:
    name = _name(project, place.person, place.record)
    column = project.filter_column(place.record.object)
    text = f"{_where(name)} is left out of the sync: {column} says No"
    return Told("", "filtered", text, f"set {column} to Yes in {project.titles.crm}", name)


def deleted(project: Project, place: Lost) -> Told:
    gone = place.gone
    name = RecordName(gone.object, gone.id, place.person.id, called(project, place.person))
    crm = project.titles.crm
    text = f"{_where(name)} of theirs was deleted in {crm}, or is hidden from the sync user"
    return Told("", "deleted", text, f"to make a new lead: --recreate; or undelete it in {crm}", name)


def several(project: Project, place: Several) -> Told:
    crm = project.titles.crm
    shown = ", ".join(f"{one.object} {one.id}{_of_whom(place, one)}" for one in place.records)
    name = RecordName(place.records[0].object, None, place.person.id, called(project, place.person))
    text = f"{crm} has {len(place.records)} records of that address: {shown}"
    if len(place.records) == 1:
        text = f"{crm}'s {shown} has that address"
    hint = (
        f"merge the duplicates, or put the id of the right record into {project.key_field} in {project.titles.marketo}"
    )
    return Told("", "several", text, hint, name)


def _of_whom(place: Several, record: Record) -> str:
    owner = place.taken.get(record.id)
    return f" (of person {owner})" if owner else ""


def incomplete(project: Project, object: str, person: Record, lacks: Incomplete) -> Told:
    crm = project.titles.crm
    needs = "; ".join(f"{field.name}: {why}" for field, why in zip(lacks.fields, lacks.why, strict=True))
    text = f"{crm} takes no {object} without {' and '.join(field.name for field in lacks.fields)} ({needs})"
    table = f"[push.defaults.{object}] {lacks.fields[0].name} = "
    hint = f'fill it in in {project.titles.marketo}, or write into mksync.toml: {table}"[not provided]"'
    return Told("", "incomplete", text, hint, RecordName(object, None, person.id, called(project, person)))


def told(project: Project, person: Record, writes: Sequence[tuple[PlannedWrite, str]], *, dry: bool) -> Told:
    """Somebody who was at work: by what was written, and what is left."""
    mine = [(write, status) for write, status in writes if write.person_id == person.id]
    link = link_of(project, person.id)
    id = project.mirror.snapshots.id(Side.CRM, link.object, link.record) if link else None
    record = (
        project.mirror.snapshots.get(Side.CRM, link.object, id, project.fields(Side.CRM, link.object))
        if link and id
        else None
    )
    name = _name(project, person, record) if record else RecordName("lead", None, person.id, called(project, person))
    kind = _kind(project, name, mine)
    return Told("", kind, _said(project, kind, name, dry=dry), _hint(kind), name)


def _kind(project: Project, name: RecordName, writes: Sequence[tuple[PlannedWrite, str]]) -> Kind:
    statuses = {status for _, status in writes}
    here = Chosen(ids=tuple(id for id in (name.id, name.person_id) if id))
    if "refused" in statuses or project.mirror.history.count_leftovers("rejected", here):
        return "refused"
    if statuses & {"moved", "gone", "lost"}:
        return "moved"
    if project.mirror.history.count_leftovers("held", here):
        return "held"
    if any(write.kind == "create" for write, _ in writes):
        return "created"
    return "synced" if writes else "in step"


def _said(project: Project, kind: Kind, name: RecordName, *, dry: bool) -> str:
    crm = project.titles.crm
    record = _where(name)
    match kind:
        case "created":
            return f"a {name.object} would be made in {crm}" if dry else f"{record} was made in {crm}"
        case "synced":
            return f"would be brought into step with {record}" if dry else f"in step with {record} now"
        case "in step":
            return f"in step with {record}, nothing to do"
        case "moved":
            return f"{record} was edited just now, and was not written over"
        case "refused":
            return "a write was refused"
    return f"something of {record} is left for a human"


def _hint(kind: Kind) -> str:
    return "run the same command again" if kind == "moved" else ""


def _where(name: RecordName) -> str:
    return f"{name.object} {name.id}" if name.id else f"a {name.object}"


def _name(project: Project, person: Record, record: Record) -> RecordName:
    text = label(project, record.object, Side.CRM, record.values) or called(project, person)
    return RecordName(record.object, record.id, person.id, text)
