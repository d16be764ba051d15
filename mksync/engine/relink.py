"""Let links follow what became of records: deleted, undeleted, merged or converted, in either system."""

from mksync.core.records import Ref, Side
from mksync.core.report import Held, RecordName
from mksync.core.tally import TallyBuilder
from mksync.engine.project import PERSON, Project
from mksync.mirror.links import Link


def relink(project: Project, cycle: int, tally: TallyBuilder) -> None:
    """Move or rest the links of every record that is newly gone; what was deleted is counted for the brakes."""
    for object in project.objects:
        for pid, id, reason, into in project.mirror.snapshots.gone(Side.CRM, object):
            link = project.mirror.links.of_record(object, pid)
            if link is not None:
                _follow(project, cycle, link, Side.CRM, id, reason, into, tally)
            project.mirror.snapshots.clean(Side.CRM, object, pid)
    for pid, id, reason, into in project.mirror.snapshots.gone(Side.MARKETO, PERSON):
        link = project.mirror.links.of_person(pid)
        if link is not None:
            _follow(project, cycle, link, Side.MARKETO, id, reason, into, tally)
        project.mirror.snapshots.clean(Side.MARKETO, PERSON, pid)
    _revive(project)


def _follow(
    project: Project, cycle: int, link: Link, side: Side, id: str, reason: str, into: Ref | None, tally: TallyBuilder
) -> None:
    target = _target(project, side, into)
    if target is None:
        who = "person" if side is Side.MARKETO else "crm"
        project.mirror.links.set_state(link.id, f"{who} {reason}")
        tally.gone(side, link.object)
        return
    object, pid = target
    links = project.mirror.links
    other = links.of_person(pid) if side is Side.MARKETO else links.of_record(object, pid)
    if other is not None:
        links.set_state(link.id, reason)
        _hold(project, cycle, link, side, id, reason, into)
    elif side is Side.MARKETO:
        links.move(link, person=pid)
        project.mirror.snapshots.soil(side, PERSON, into.id if into else id)
    else:
        links.move(link, object=object, record=pid)
        project.mirror.snapshots.soil(side, object, into.id if into else id)


def _target(project: Project, side: Side, into: Ref | None) -> tuple[str, int] | None:
    """The record that took over, if the mirror has it."""
    if into is None or (side is Side.CRM and into.object not in project.objects):
        return None
    pid = project.mirror.snapshots.pid(side, into.object, into.id)
    return (into.object, pid) if pid is not None else None


def _hold(project: Project, cycle: int, link: Link, side: Side, id: str, reason: str, into: Ref | None) -> None:
    """Two records became one on this side; the two on the other side are for a human to merge."""
    there = project.titles[side.other]
    name = RecordName(link.object, id if side is Side.CRM else None, id if side is Side.MARKETO else None, "")
    survivor = into.id if into else "another record"
    text = f"{reason} into {survivor} in {project.titles[side]}, but {there} still has a record for each"
    project.mirror.history.hold(
        cycle, Held(name, None, text, None, None, f"merge the two in {there}"), project.clock.now()
    )


def _revive(project: Project) -> None:
    """A record that came back (undeleted) takes up its link again, judged as a first meeting."""
    project.mirror.links.revive(project.objects)
