"""Fields that lead from one record to another: what the CRM's id of a parent is in Marketo, or that it has to wait.

A person names its company and its sales person by the CRM's ids (Marketo's external ids), so it is enough that the
parent is about to be created; a role or a custom object's record names its person by Marketo's own id, so the person
has to be there already.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mksync.core.filter import LIVE
from mksync.core.frozen import dataclass
from mksync.core.pairs import FieldPair, both_refer
from mksync.core.plan import Linked, PlannedWrite
from mksync.core.records import PERSON, FieldType, Ref, Side, Value
from mksync.core.report import Held, RecordName
from mksync.engine.project import Project
from mksync.mirror.links import Link

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


def by_own_id(pair: FieldPair) -> bool:
    """Whether Marketo's field holds its own id of a person or company, a number, and not the CRM's."""
    marketo = pair.fields.marketo
    return marketo.references == (PERSON,) or (bool(marketo.references) and marketo.type is FieldType.INTEGER)


def resolved(project: Project, linked: Linked) -> tuple[Linked, list[Waiting]]:
    """The same with every reference as Marketo knows it, and the references that wait."""
    values, waiting = resolve(project, linked.object, linked.now.crm)
    if values is linked.now.crm:
        return linked, waiting
    return replace(linked, now=replace(linked.now, crm=values)), waiting


def resolve(project: Project, object: str, values: Mapping[str, Value]) -> tuple[Mapping[str, Value], list[Waiting]]:
    """A CRM record's values with every reference as Marketo knows it, and the references that wait."""
    pairs = project.referring[object]
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
    told = {pair.name: pair for pair in project.referring[write.object] if not by_own_id(pair)}
    return any(
        not arrived(project, told[field.field], str(field.now))
        for field in write.fields
        if field.field in told and field.now is not None
    )


def parent_in_marketo(project: Project, pair: FieldPair, id: str) -> Iterator[tuple[str, str]]:
    """(object, id in Marketo) of the linked record that a reference names; people have a feed that tells of them."""
    if by_own_id(pair):
        named = pair.fields.marketo.references
        yield from ((object, id) for object in project.one_way if project.counterpart(object) in named)
        return
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
    found = _found(project, parents, str(id))
    if found is None and _is_of_another(project, pair, parents, str(id)):
        return None
    if found is None:
        return Waiting(pair, str(id), f"its {' or '.join(parents)} {id} is not visible in {project.titles.crm}")
    object, now = found.object, found.id
    if way := further(project, pair, object):
        return _image_of_parents(project, pair, way, now)
    if by_own_id(pair):
        link, counterpart = _linked(project, object, now), project.counterpart(object)
        missing = "has no person in Marketo" if counterpart == PERSON else "is not in Marketo"
        return _own_id(project, link) if link else Waiting(pair, str(id), f"its {object} {id} {missing}")
    # Marketo refuses a whole record that names an unknown company, sales person or opportunity (developer guide, Error
    # Codes, 718 and 1013).
    if _linked(project, object, now) or project.mirror.journal.creates(object, now):
        return now
    return Waiting(pair, str(id), f"its {object} {id} is not in Marketo")


def _image_of_parents(project: Project, pair: FieldPair, way: FieldPair, id: str) -> Value | Waiting:
    """Whom the record belongs to that this one belongs to."""
    object = way.object
    parent = project.mirror.snapshots.get(Side.CRM, object, id, project.fields(Side.CRM, object))
    assert parent is not None, "it was found just now"
    image = _image(project, way, parent.values[way.fields.crm.name])
    return Waiting(pair, id, f"its {object} {id} waits, as {image.reason}") if isinstance(image, Waiting) else image


def further(project: Project, pair: FieldPair, object: str) -> FieldPair | None:
    """The reference of a parent by which what belongs to it belongs to somebody else; that one is not led on again."""
    if project.counterpart(object) in pair.fields.marketo.references:
        return None
    named = [one for one in project.pairs[object] if one.name == pair.name and links(one)]
    return next((one for one in named if any(_is(project, one, to) for to in one.fields.crm.references)), None)


def _is(project: Project, pair: FieldPair, object: str) -> bool:
    """Whether an object that syncs is what this pair names in Marketo."""
    return object in project.objects and project.counterpart(object) in pair.fields.marketo.references


def _found(project: Project, parents: Sequence[str], id: str) -> Ref | None:
    """The record of this id as the CRM has it now: what was merged or converted counts as what it went into."""
    for object in parents:
        ref: Ref | None = Ref(object, id)
        passed: set[Ref] = set()
        while ref is not None and ref not in passed and _may_be(project, object, ref.object):
            passed.add(ref)
            record = project.mirror.snapshots.find(Side.CRM, ref)
            if record is None:
                break
            if record.reason is None:
                return ref
            ref = record.into
    return None


def _may_be(project: Project, parent: str, object: str) -> bool:
    """Whether a record of this object stands for one of the parent: the contact that a lead became, say."""
    return object in project.objects and project.counterpart(object) == project.counterpart(parent)


def _is_of_another(project: Project, pair: FieldPair, parents: Sequence[str], id: str) -> bool:
    """Whether this names a record that the link does not lead to: an account, where a contact may stand as well."""
    others = [one for one in pair.fields.crm.references if one in project.objects and one not in parents]
    return any(project.mirror.snapshots.is_there(Side.CRM, object, id) for object in others)


def _parents(project: Project, pair: FieldPair) -> Iterator[str]:
    """The objects of the CRM that this pair's parents are, as far as they sync."""
    for object in pair.fields.crm.references:
        if _is(project, pair, object) or (object in project.objects and further(project, pair, object)):
            yield object


def _own_id(project: Project, link: Link) -> str:
    """What Marketo calls the person, or other record, of a link."""
    return project.mirror.snapshots.id(Side.MARKETO, project.counterpart(link.object), link.person)


def look_again(project: Project, ref: Ref, former: Sequence[Ref] = ()) -> None:
    """Have every record judged again that names this one of the CRM's by the id that Marketo has of it.

    `former`: records that went into this one, which may be named still.
    """
    for object in project.one_way:
        for pair in project.referring[object]:
            if by_own_id(pair) and _is(project, pair, ref.object):
                for one in (ref, *former):
                    project.mirror.referrers.soil_those_of(object, pair.fields.crm.name, one.id)


def look_again_behind(project: Project) -> None:
    """The same of records that belong to others' by way of a record that is to be judged."""
    for object in project.one_way:
        for pair in project.referring[object]:
            for parent in _parents(project, pair):
                if further(project, pair, parent):
                    project.mirror.referrers.soil_behind(object, pair.fields.crm.name, parent)


def _linked(project: Project, object: str, id: str) -> Link | None:
    """The living link of a record."""
    link = project.mirror.link_of(Side.CRM, object, id)
    return link if link and link.state == LIVE else None
