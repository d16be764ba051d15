"""Let links freeze and thaw as the CRM's filter says. Nothing is written: what a frozen link held stays its base."""

from mksync.core.filter import FROZEN, LIVE, STARTED, synced, verdict
from mksync.core.records import Side
from mksync.core.report import Event, RecordName
from mksync.core.tally import TallyBuilder
from mksync.engine.labels import label
from mksync.engine.project import Project
from mksync.mirror.links import Link


def apply_filter(project: Project, cycle: int, tally: TallyBuilder) -> None:
    """Freeze the links of records that say No, let those of the others go on. What is frozen counts for the brakes."""
    for object in project.objects:
        column = project.filter_column(object)
        judged = (
            (link, verdict(link.state, value, present=column is not None))
            for link, value in project.mirror.links.flagged(object, column)
        )
        for link, change in [(link, change) for link, change in judged if change is not None]:
            if change == "freeze":
                freeze(project, cycle, link, FROZEN, tally)
            else:
                _thaw(project, cycle, link)


def freeze(project: Project, cycle: int, link: Link, state: str, tally: TallyBuilder) -> None:
    """From now on nothing flows through this link, and nothing of it is listed."""
    name = name_of(project, link)
    project.mirror.history.clear_leftovers(link.object, str(name.id))
    project.mirror.links.set_state(link.id, state)
    project.mirror.events.note(cycle, Event(name, FROZEN))
    tally.froze(link.object)


def _thaw(project: Project, cycle: int, link: Link) -> None:
    """The link is judged again, by the bases that were kept."""
    name = name_of(project, link)
    project.mirror.links.set_state(link.id, LIVE)
    project.mirror.events.note(cycle, Event(name, STARTED))
    project.mirror.snapshots.soil(Side.CRM, link.object, str(name.id))


def left_out(project: Project, object: str, id: str) -> bool:
    """Whether the record says No, as it was last read."""
    field = project.filters.get(object)
    if field is None:
        return False
    record = project.mirror.snapshots.get(Side.CRM, object, id, [field])
    return record is not None and not synced(record.values[field.name])


def name_of(project: Project, link: Link) -> RecordName:
    """How both records of a link are called, also where one is gone."""
    snapshots = project.mirror.snapshots
    record = snapshots.id(Side.CRM, link.object, link.record)
    person = snapshots.id(Side.MARKETO, project.counterpart(link.object), link.person)
    last = snapshots.get(Side.CRM, link.object, record, project.fields(Side.CRM, link.object))
    return RecordName(link.object, record, person, label(project, link.object, Side.CRM, last.values if last else {}))
