"""What is planned for the people whom `push-person` was given: by the plan of any cycle, and who is to be created."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from mksync.core.frozen import dataclass
from mksync.core.plan import PlannedWrite
from mksync.core.pushing import PushWish, Schemas, Told
from mksync.core.records import Ref, Side
from mksync.engine.filtering import left_out
from mksync.engine.labels import label
from mksync.engine.making import Defaults, Incomplete, creation, owned
from mksync.engine.plan import plan_only
from mksync.engine.project import PERSON, Project
from mksync.engine.pushed import filtered, incomplete
from mksync.engine.whereabouts import Lost, Nowhere, There, Whereabouts, link_of

Scope = Mapping[tuple[Side, str], Collection[int]]
LEAD = "lead"  # what new people in the CRM are


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done, for everybody who is named. `defaults`: of the object that new records become."""

    project: Project
    cycle: int
    wish: PushWish
    schemas: Schemas
    defaults: Defaults
    owner: str


def plan_for(task: Task, places: Sequence[Whereabouts]) -> dict[str, Told]:
    """Plan what is to be written. Returns whom nothing can be written for."""
    project, left = task.project, dict[str, Told]()
    for place in places:
        if isinstance(place, There) and place.by == "chosen":
            _link(task, place)
    plan_only(project, task.cycle, scope(project, places))
    for place in places:
        if isinstance(place, There):
            if left_out(project, place.record.object, place.record.id):
                left[place.person.id] = filtered(project, place)
            elif task.owner:
                _give(task, place)
        elif isinstance(place, Nowhere | Lost) and (say := _create(task, place)):
            left[place.person.id] = say
    return left


def _link(task: Task, place: There) -> None:
    """An admin has said which record it is; whoever is found by anything else is matched by the rules of any cycle."""
    mirror = task.project.mirror
    person = mirror.snapshots.pid(Side.MARKETO, PERSON, place.person.id)
    record = mirror.snapshots.pid(Side.CRM, place.record.object, place.record.id)
    assert person is not None, "it was staged just now"
    assert record is not None, "it was staged just now"
    if former := mirror.links.of_person(person):
        mirror.links.remove(former.id, former.object)
    mirror.links.add(place.record.object, person, record, place.by, task.cycle)


def scope(project: Project, places: Sequence[Whereabouts]) -> Scope:
    """These people, and the records of the CRM that are theirs, or were."""
    snapshots = project.mirror.snapshots
    found: dict[tuple[Side, str], set[int]] = {(Side.MARKETO, PERSON): set()}
    found |= {(Side.CRM, object): set() for object in project.people}
    for place in places:
        refs = [Ref(place.record.object, place.record.id)] if isinstance(place, There) else []
        if (pid := snapshots.pid(Side.MARKETO, PERSON, place.person.id)) is not None:
            found[Side.MARKETO, PERSON].add(pid)
        if link := link_of(project, place.person.id):
            found[Side.CRM, link.object].add(link.record)
        found_pids = ((ref.object, snapshots.pid(Side.CRM, ref.object, ref.id)) for ref in refs)
        for object, record in found_pids:
            if record is not None:
                found[Side.CRM, object].add(record)
    return found


def _create(task: Task, place: Nowhere | Lost) -> Told | None:
    project, person = task.project, place.person
    token = f"{person.id}:{place.gone.id}" if isinstance(place, Lost) else person.id
    write = creation(project, task.cycle, task.schemas[LEAD], person, task.defaults, token)
    if isinstance(write, Incomplete):
        return incomplete(project, LEAD, person, write)
    fields = (*write.fields, owned(project, LEAD, task.owner)) if task.owner else write.fields
    project.mirror.journal.plan(replace(write, fields=fields))
    return None


def _give(task: Task, place: There) -> None:
    """To its new owner, together with whatever else is written to the record: a second write would find it edited."""
    project, journal, record = task.project, task.project.mirror.journal, place.record
    field, link = owned(project, record.object, task.owner), link_of(project, place.person.id)
    if link is None or record.values.get(field.crm_field) == field.now:
        return
    planned = journal.planned_update(task.cycle, record.object, record.id)
    if planned is not None:
        journal.withdraw([planned])
        journal.plan(replace(planned, fields=(*planned.fields, field)))
        return
    name = label(project, record.object, Side.CRM, record.values)
    journal.plan(
        PlannedWrite(
            task.cycle, record.object, Side.CRM, "update", name, (field,), link.id, place.person.id, record.id,
            record.version,
        )
    )  # fmt: skip
