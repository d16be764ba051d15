"""Let links follow what became of records: deleted, undeleted, merged or converted, in either system.

A link whose one end is gone rests: nothing is written through it, and its state says which end it lost. When the other
end goes too, or is taken by a link that lives, nothing is left of it. One whose lead went into a contact that the
filter leaves out stays with the lead until the contact is synced.
"""

from mksync.core.filter import FROZEN, LIVE, WAITING, frozen
from mksync.core.lives import kind, lost
from mksync.core.records import Ref, Side, Sides
from mksync.core.report import Event, Held, RecordName
from mksync.core.tally import TallyBuilder
from mksync.engine import carry
from mksync.engine.filtering import freeze, left_out, name_of
from mksync.engine.project import PERSON, Project
from mksync.engine.references import look_again
from mksync.engine.returned import let_go_of_edited, take_up_again
from mksync.mirror.links import Link
from mksync.mirror.snapshots import Found

# Two records are left on the other side of a merge: what to do about them there.
REMEDIES = Sides(
    "merge person {loser} into person {winner} in Marketo, or delete person {loser} there; Marketo's API merges with"
    " POST /rest/v1/leads/{winner}/merge.json?leadId={loser}",
    "merge {loser} into {winner} in {crm}, or delete {loser} there",
)


def relink(project: Project, cycle: int, tally: TallyBuilder) -> None:
    """Move or rest the links of every record that is newly gone; what was deleted is counted for the brakes."""
    follow_departed(project, cycle, tally)
    for object in project.objects:
        for link in project.mirror.links.waiting(object):
            _look_again(project, cycle, link, tally)
    take_up_again(project, cycle, project.objects)
    if project.recreate_people:
        for object in project.people:
            let_go_of_edited(project, object)


def follow_departed(project: Project, cycle: int, tally: TallyBuilder) -> None:
    """The same without the links that wait, or rest."""
    for side, object in ((Side.CRM, object) for object in project.people):
        for departed in project.mirror.snapshots.departed(side, object):
            _part(project, cycle, side, departed, project.mirror.links.of_record(object, departed.pid), tally)
    for departed in project.mirror.snapshots.departed(Side.MARKETO, PERSON):
        _part(project, cycle, Side.MARKETO, departed, project.mirror.links.of_person(departed.pid), tally)


def follow(project: Project, cycle: int, gone: Ref) -> None:
    """Let the link of this one record of the CRM follow it, as it was just seen to be gone.

    Beside a cycle: whatever else is newly gone is for the cycle, and for its brakes.
    """
    departed = project.mirror.snapshots.find(Side.CRM, gone)
    if departed is not None and departed.reason is not None:
        link = project.mirror.links.of_record(gone.object, departed.pid)
        _part(project, cycle, Side.CRM, departed, link, TallyBuilder())


def rest_unlinked(project: Project) -> None:
    """Records that no living link concerns wait for nothing: people whom the CRM does not know, ends left behind."""
    for counterpart in (PERSON, *project.counterparts.values()):
        project.mirror.snapshots.clean_unlinked(counterpart)
    for object in project.objects:
        project.mirror.snapshots.clean_left_behind(object)


def _part(project: Project, cycle: int, side: Side, departed: Found, link: Link | None, tally: TallyBuilder) -> None:
    if link is not None and side is Side.MARKETO and link.state == WAITING:
        link = _handed_over(project, link)
    if link is not None:
        _clear(project, link)
        _tell(project, cycle, link, side, departed)
        _follow(project, cycle, link, side, departed, tally)
    else:
        project.mirror.history.clear_leftovers(departed.object, departed.id)
    if side is Side.MARKETO or not _has_last_word(project, departed):
        project.mirror.snapshots.clean(side, departed.object, departed.pid)


def _follow(project: Project, cycle: int, link: Link, side: Side, departed: Found, tally: TallyBuilder) -> None:
    if lost(link.state, side.other):
        _remove(project, link)
        return
    survivor = survivor_of(project, side, departed.into)
    if survivor is None:
        tally.gone(side, link.object)
        _rest(project, link, side, departed)
        return
    links = project.mirror.links
    other = links.of_person(survivor.pid) if side is Side.MARKETO else links.of_record(survivor.object, survivor.pid)
    if other is not None and not lost(other.state, side.other):
        _rest(project, link, side, departed)
        if survivor.reason is None:
            _hold(project, cycle, link, side, departed, other)
        return
    if survivor.reason is None and _waits_for(project, link, survivor):
        _wait(project, cycle, link, tally)
        return
    if other is not None:
        _remove(project, other)
    _move(project, link, side, survivor)
    if survivor.reason is not None:
        tally.gone(side, survivor.object if side is Side.CRM else link.object)
        _rest(project, link, side, survivor)


def _waits_for(project: Project, link: Link, survivor: Found) -> bool:
    """Whether the link's record was converted into one that the filter leaves out."""
    return survivor.object != link.object and left_out(project, survivor.object, survivor.id)


def _wait(project: Project, cycle: int, link: Link, tally: TallyBuilder) -> None:
    if link.state == LIVE:
        freeze(project, cycle, link, WAITING, tally)
    else:
        project.mirror.links.set_state(link.id, WAITING)


def _has_last_word(project: Project, departed: Found) -> bool:
    """A lead that was synced when it was converted: the plan is still to bring its last values to the person."""
    link = project.mirror.links.of_record(departed.object, departed.pid)
    waiting = link is not None and link.state == WAITING
    return waiting and not left_out(project, departed.object, departed.id)


def _look_again(project: Project, cycle: int, link: Link, tally: TallyBuilder) -> None:
    """Let a link that waits go on, as soon as what its record went into is synced, or gone too."""
    departed = _former(project, link)
    if departed.reason is None:
        project.mirror.links.set_state(link.id, FROZEN)
        project.mirror.snapshots.soil(Side.CRM, link.object, departed.id)
        return
    survivor = survivor_of(project, Side.CRM, departed.into)
    if survivor is None or survivor.reason is not None or not _waits_for(project, link, survivor):
        _follow(project, cycle, link, Side.CRM, departed, tally)


def _handed_over(project: Project, link: Link) -> Link | None:
    """Its person is gone, too: what waits becomes the frozen link of the record that took over, or nothing."""
    departed = _former(project, link)
    project.mirror.snapshots.clean(Side.CRM, departed.object, departed.pid)
    survivor, links = survivor_of(project, Side.CRM, departed.into), project.mirror.links
    if survivor is None or survivor.reason is not None or links.of_record(survivor.object, survivor.pid) is not None:
        _remove(project, link)
        return None
    links.move(link, FROZEN, object=survivor.object, record=survivor.pid)
    return links.of_person(link.person)


def _former(project: Project, link: Link) -> Found:
    found = project.mirror.snapshots.find(
        Side.CRM, Ref(link.object, project.mirror.snapshots.id(Side.CRM, link.object, link.record))
    )
    assert found is not None, "links hang on records that were read"
    return found


def _rest(project: Project, link: Link, side: Side, gone: Found) -> None:
    project.mirror.links.set_state(link.id, kind(side, str(gone.reason)))
    if side is Side.MARKETO:
        _others_look_again(project, link)


def _others_look_again(project: Project, link: Link) -> None:
    """What belongs to the CRM's record of this link belongs to another person now, or to none."""
    snapshots = project.mirror.snapshots
    ref = Ref(link.object, snapshots.id(Side.CRM, link.object, link.record))
    look_again(
        project, ref, [one for object in project.people for one in project.mirror.referrers.went_into(object, ref)]
    )


def _remove(project: Project, link: Link) -> None:
    _clear(project, link)
    project.mirror.links.remove(link.id, link.object)


def _clear(project: Project, link: Link) -> None:
    record = project.mirror.snapshots.id(Side.CRM, link.object, link.record)
    project.mirror.history.clear_leftovers(link.object, record)


def _move(project: Project, link: Link, side: Side, survivor: Found) -> None:
    """Of a merge in the CRM the winner's flag alone decides; it is looked at when all links have moved."""
    carry.move(project, link, FROZEN if frozen(link.state) else LIVE, side, survivor)
    if side is Side.MARKETO:
        _others_look_again(project, link)
    project.mirror.snapshots.soil(side, survivor.object, survivor.id)


def survivor_of(project: Project, side: Side, into: Ref | None) -> Found | None:
    """Who took over in the end, if the mirror knows it: a survivor may have been merged, converted, deleted since."""
    known = (PERSON,) if side is Side.MARKETO else project.people
    passed: set[Ref] = set()
    found = None
    while into is not None and into.object in known:
        found = project.mirror.snapshots.find(side, into)
        if found is None or into in passed:
            return None
        passed.add(into)
        into = found.into
    return found


def _tell(project: Project, cycle: int, link: Link, side: Side, departed: Found) -> None:
    """Once: what is gone may be looked at again, as after a run that was killed."""
    told = kind(side, str(departed.reason))
    if link.state in (told, WAITING):
        return
    survivor = survivor_of(project, side, departed.into)
    into = survivor.id if survivor else departed.into.id if departed.into else ""
    project.mirror.events.note(cycle, Event(name_of(project, link), told, into))


def _hold(project: Project, cycle: int, link: Link, side: Side, departed: Found, other: Link) -> None:
    """Two records became one on this side; the two on the other side are for a human to merge."""
    here, there = project.titles[side], project.titles[side.other]
    who, keeps = name_of(project, link), name_of(project, other)
    text = f"{departed.reason} into {_id(keeps, side)} in {here}, but {there} still has a record for each"
    loser, winner = _id(who, side.other), _id(keeps, side.other)
    remedy = REMEDIES[side.other].format(loser=loser, winner=winner, crm=project.titles.crm)
    project.mirror.history.hold(cycle, Held(who, None, text, None, None, remedy), project.clock.now())


def _id(name: RecordName, side: Side) -> str:
    return str(name.person_id if side is Side.MARKETO else name.id)
