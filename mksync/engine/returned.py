"""Links that rest as an end was deleted: they take up again, or let their record go."""

from collections.abc import Sequence

from mksync.core.filter import LIVE
from mksync.core.lives import ENDS, UNDELETED, kind, lost
from mksync.core.records import Record, Side
from mksync.core.report import Event
from mksync.core.values import same
from mksync.engine.filtering import name_of
from mksync.engine.instants import instant
from mksync.engine.project import Project
from mksync.engine.settle import stage
from mksync.mirror.links import Link

HOUR = 3600.0  # seconds between two looks at what was deleted
KEPT = 15 * 86_400.0  # seconds that a recycle bin keeps a record (Salesforce Help, "Recycle Bin")
MOST = 200  # records in a look, the latest ones


def look_for_returned(project: Project) -> None:
    """Read again what was deleted in the CRM lately: an undelete that moves no stamp is in no feed.

    Once an hour, with one call for each object of which anything rests for that reason. Raises what the port raises.
    """
    now, facts = project.clock.now(), project.mirror.project
    for object in project.objects:
        mark = f"returned_{object}"
        if now - float(facts.get(mark) or 0) < HOUR:
            continue
        ids = project.mirror.links.bereft_since(object, kind(Side.CRM, "deleted"), instant(now - KEPT), MOST)
        if not ids:
            continue
        found = project.ports.crm.fetch(object, ids, project.names(Side.CRM, object))
        there = [one for one in found if isinstance(one, Record)]
        with project.mirror.transaction():
            stage(project, Side.CRM, object, there)
            facts.set(mark, str(now))


def take_up_again(project: Project, cycle: int, objects: Sequence[str]) -> None:
    """What was deleted is there again: both sides are judged by what they held when it went."""
    for link in [link for object in objects for link in project.mirror.links.revived(object)]:
        side = Side.CRM if lost(link.state, Side.CRM) else Side.MARKETO
        project.mirror.links.set_state(link.id, LIVE)
        project.mirror.events.note(cycle, Event(name_of(project, link), kind(side, UNDELETED)))


def let_go_of_edited(project: Project, object: str) -> None:
    """Records whose person somebody deleted, and that were edited since: they are matched, or made, like new ones."""
    for link in project.mirror.links.bereft(object, ENDS.marketo):
        if project.mirror.snapshots.is_dirty(Side.CRM, object, link.record) and _edited(project, link):
            record = project.mirror.snapshots.id(Side.CRM, object, link.record)
            project.mirror.history.clear_leftovers(object, record)
            project.mirror.links.remove(link.id, object)


def _edited(project: Project, link: Link) -> bool:
    """Whether the CRM's record holds anything else than when both sides were settled."""
    pairs = project.pairs[link.object]
    was = project.mirror.links.remembered(link.object, pairs, link.id)
    if was is None or not was.settled:
        return True
    fields = [pair.fields.crm for pair in pairs]
    return any(not same(field.type, was.base.crm[field.name], was.now.crm[field.name]) for field in fields)
