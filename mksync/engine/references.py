"""Fields that lead from one record to another: what the CRM's id of a parent is in Marketo, or that it has to wait.

A person names its company and its sales person by the CRM's ids (Marketo's external ids), so it is enough that the
parent is about to be created; a role names its person by Marketo's own id, so the person has to be there already.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mksync.core.pairs import FieldPair, both_refer
from mksync.core.plan import Linked, PlannedWrite
from mksync.core.records import PERSON, Side, Value
from mksync.core.report import Held, RecordName
from mksync.engine.project import Project
from mksync.mirror.links import Link

LIVE = "live"
REMEDY = "it is written as soon as that record is there; let the sync user see it, or have its object synced too"
WAITS = "waits: "  # how the reason of a difference begins that waits for another record
# Marketo recognises an opportunity role by opportunity, person and role together (developer guide, Opportunity Roles);
# Salesforce's role may be empty, "--None--" on its screens.
NO_ROLE = "None"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reference whose parent is not in Marketo, or not yet."""

    pair: FieldPair
    id: str  # of the parent, in the CRM
    reason: str


def links(pair: FieldPair) -> bool:
    """Whether both fields of a pair name other records, and not just text."""
    return both_refer(pair.fields.marketo, pair.fields.crm)


def resolved(project: Project, linked: Linked) -> tuple[Linked, list[Waiting]]:
    """The same with every reference as Marketo knows it, and the references that wait."""
    values, waiting = resolve(project, linked.object, linked.now.crm)
    if values is linked.now.crm:
        return linked, waiting
    return replace(linked, now=replace(linked.now, crm=values)), waiting


def resolve(project: Project, object: str, values: Mapping[str, Value]) -> tuple[Mapping[str, Value], list[Waiting]]:
    """A CRM record's values with every reference as Marketo knows it, and the references that wait."""
    pairs = [pair for pair in project.pairs[object] if links(pair)]
    if not pairs:
        return values, []
    found = {pair.fields.crm.name: _named(project, object, pair, values.get(pair.fields.crm.name)) for pair in pairs}
    waiting = [one for one in found.values() if isinstance(one, Waiting)]
    known = {name: one for name, one in found.items() if not isinstance(one, Waiting)}
    return {**values, **known, **unnamed(project, object, values)}, waiting


def _named(project: Project, object: str, pair: FieldPair, id: Value) -> Value | Waiting:
    if id is None and pair.name in project.dedupe.get(object, ()):
        return Waiting(pair, "", f"it names no {' or '.join(pair.fields.crm.references)}")
    return _image(project, pair, id)


def unnamed(project: Project, object: str, values: Mapping[str, Value]) -> Mapping[str, Value]:
    """What stands for an empty text that Marketo tells the record by, beside those whom it ties together."""
    told = project.dedupe.get(object, ())
    texts = [pair.fields.crm.name for pair in project.pairs[object] if pair.name in told and not links(pair)]
    return {name: NO_ROLE for name in texts if values.get(name) is None} if len(told) > 1 else {}


def wait(project: Project, cycle: int, name: RecordName, waiting: list[Waiting]) -> None:
    """List what a record waits for, and have it judged again."""
    for one in waiting:
        held = Held(name, one.pair.name, WAITS + one.reason, None, one.id, REMEDY)
        project.mirror.history.hold(cycle, held, project.clock.now())
    if waiting and name.id:
        project.mirror.snapshots.soil(Side.CRM, name.object, name.id)


def names_nobody(project: Project, write: PlannedWrite) -> bool:
    """Whether a write to Marketo names a parent that was to be created, and was not."""
    told = {pair.name: pair for pair in project.pairs[write.object] if links(pair)}
    told = {name: pair for name, pair in told.items() if pair.fields.marketo.references != (PERSON,)}
    return any(
        not arrived(project, told[field.field], str(field.now))
        for field in write.fields
        if field.field in told and field.now is not None
    )


def parent_in_marketo(project: Project, pair: FieldPair, id: str) -> Iterator[tuple[str, str]]:
    """(object, id in Marketo) of the linked record that a reference names by the CRM's id."""
    for object in _parents(project, pair):
        if link := _linked(project, object, id):
            yield object, project.mirror.snapshots.id(Side.MARKETO, project.counterpart(object), link.person)


def arrived(project: Project, pair: FieldPair, id: str) -> bool:
    """Whether this parent is in Marketo by now."""
    return not isinstance(_image(project, pair, id), Waiting)


def _image(project: Project, pair: FieldPair, id: Value) -> Value | Waiting:
    if id is None:
        return None
    parents = list(_parents(project, pair))
    if not parents:
        return Waiting(pair, str(id), f"{' or '.join(pair.fields.crm.references)} is not among the objects that sync")
    snapshots = project.mirror.snapshots
    object = next((one for one in parents if snapshots.is_there(Side.CRM, one, str(id))), None)
    if object is None:
        return Waiting(pair, str(id), f"its {' or '.join(parents)} {id} is not visible in {project.titles.crm}")
    if pair.fields.marketo.references == (PERSON,):
        found = _person(project, object, str(id))
        return found or Waiting(pair, str(id), f"its {object} {id} has no person in Marketo")
    # Marketo refuses a whole record that names an unknown company, sales person or opportunity (developer guide, Error
    # Codes, 718 and 1013).
    if _linked(project, object, str(id)) or project.mirror.journal.creates(object, str(id)):
        return str(id)
    return Waiting(pair, str(id), f"its {object} {id} is not in Marketo")


def _parents(project: Project, pair: FieldPair) -> Iterator[str]:
    """The objects of the CRM that this pair's parents are, as far as they sync."""
    for object in pair.fields.crm.references:
        if object in project.objects and project.counterpart(object) in pair.fields.marketo.references:
            yield object


def _person(project: Project, object: str, id: str) -> str | None:
    """The person of a lead or contact, by Marketo's own id."""
    link = _linked(project, object, id)
    return project.mirror.snapshots.id(Side.MARKETO, PERSON, link.person) if link else None


def _linked(project: Project, object: str, id: str) -> Link | None:
    """The living link of a record."""
    pid = project.mirror.snapshots.pid(Side.CRM, object, id)
    link = project.mirror.links.of_record(object, pid) if pid is not None else None
    return link if link and link.state == LIVE else None
