"""Whom references lead to that Marketo knows by its own ids, read afresh: people, and companies."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mksync.core.pairs import FieldPair
from mksync.core.records import PERSON, Gone, Record, Ref, Side
from mksync.engine.joined import joined
from mksync.engine.project import Project
from mksync.engine.references import further

Names = Mapping[str, str]


def owners(project: Project, pair: FieldPair, ids: Iterable[str]) -> Names:
    """The CRM's id that a reference holds -> Marketo's own id of whom it leads to; who is not in Marketo is left out.

    The mirror tells of which object an id is, and no more: who was converted or merged, and whom the record of another
    custom object belongs to, the CRM is asked.
    """
    leads_to = {id: id for id in ids}
    for object, some in _by_object(project, leads_to.values(), _ways(project, pair)).items():
        leads_to |= _behind(project, pair, object, some)
    bearers = _bearers(project, pair, leads_to.values())
    lost = [id for id in leads_to.values() if id not in bearers]
    went = _went_into(project, _by_object(project, lost, _roots(project, pair)))
    bearers = {**bearers, **_bearers(project, pair, went.values())}
    now = {id: went.get(to, to) for id, to in leads_to.items()}
    return {id: bearers[to] for id, to in now.items() if to in bearers}


def _ways(project: Project, pair: FieldPair) -> list[str]:
    return [one for one in pair.fields.crm.references if one in project.objects and further(project, pair, one)]


def _roots(project: Project, pair: FieldPair) -> list[str]:
    return [one for one in project.objects if project.counterpart(one) in pair.fields.marketo.references]


def _by_object(project: Project, ids: Iterable[str], objects: Iterable[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for id in dict.fromkeys(ids):
        for object in objects:
            if project.mirror.snapshots.find(Side.CRM, Ref(object, id)):
                found[object].append(id)
    return found


def _behind(project: Project, pair: FieldPair, object: str, ids: list[str]) -> Names:
    """Whom the records of another custom object belong to; one that belongs to nobody, or is gone, leads nowhere."""
    way = further(project, pair, object)
    read = list(project.ports.crm.fetch(object, ids, project.names(Side.CRM, object)))
    records = joined(project.fields(Side.CRM, object), [one for one in read if isinstance(one, Record)])
    found = {one.id: one.values.get(way.fields.crm.name) for one in records} if way else {}
    return {id: str(found.get(id) or "") for id in ids}


def _went_into(project: Project, lost: Mapping[str, list[str]]) -> Names:
    """What became of records that nobody in Marketo bears the id of any more."""
    gone = (one for object, ids in lost.items() for one in _gone(project, object, ids))
    return {one.id: one.into.id for one in gone if one.into}


def _gone(project: Project, object: str, ids: list[str]) -> Iterator[Gone]:
    read = project.ports.crm.fetch(object, ids, project.names(Side.CRM, object))
    return (one for one in read if isinstance(one, Gone))


def _bearers(project: Project, pair: FieldPair, ids: Iterable[str]) -> Names:
    wanted = sorted({id for id in ids if id})
    counterpart = pair.fields.marketo.references[0]
    key = project.key_field if counterpart == PERSON else _key_of(project, counterpart)
    found = project.ports.marketo.find(counterpart, key, wanted, [key]) if wanted and key else ()
    return {str(one.values[key]): one.id for one in found}


def _key_of(project: Project, counterpart: str) -> str:
    return next((project.key_of(one) for one in project.one_way if project.counterpart(one) == counterpart), "")
