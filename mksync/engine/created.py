"""What a batch created is linked with the person, or the CRM record, that it was created for, and compared with it."""

from collections.abc import Sequence

from mksync.core.filter import LIVE
from mksync.core.plan import Pending, PlannedWrite
from mksync.core.records import Record, Ref, Side, Sides
from mksync.core.report import Held, RecordName
from mksync.engine.project import Project
from mksync.engine.references import look_again, resolved, wait
from mksync.mirror.bases import Move
from mksync.mirror.links import Link

Made = tuple[int, PlannedWrite, Record]  # the link of what was created, by which write, and what it holds


def link_created(
    project: Project, side: Side, object: str, created: Sequence[tuple[PlannedWrite, Record]]
) -> dict[int, int]:
    """Returns the new link of each write. None of a write whose person is linked to another record: that is held."""
    mirror, counterpart = project.mirror, project.counterpart(object)
    ids = [_ids(side, *one) for one in created]
    # Each was staged just now, or planned from the mirror.
    people = mirror.snapshots.pids(Side.MARKETO, counterpart, [one.marketo for one in ids])
    records = mirror.snapshots.pids(Side.CRM, object, [one.crm for one in ids])
    taken = mirror.links.of_people(people.values(), counterpart)
    made: list[tuple[int, int, Sides[str]]] = []
    for (write, _), both in zip(created, ids, strict=True):
        person, record = people[both.marketo], records[both.crm]
        former = taken.get(person)
        if former is not None and side is Side.CRM and former.record != record and former.state.startswith("crm "):
            mirror.links.remove(former.id, former.object)  # its record is gone, and this one takes its place
        elif former is not None:
            _hold(project, write, both, former)
            continue
        link = mirror.links.add(object, person, record, "created", write.cycle)
        taken[person] = Link(link, object, person, record, LIVE)
        look_again(project, Ref(object, both.crm))
        made.append((write.id, link, both))
    mirror.bases.settle([link for _, link, _ in made])
    mirror.journal.link_created(made)
    mirror.history.clear_unlinked([both.marketo for *_, both in made])
    return {write: link for write, link, _ in made}


def _ids(side: Side, write: PlannedWrite, record: Record) -> Sides[str]:
    return Sides(str(write.person_id), record.id) if side is Side.CRM else Sides(record.id, str(write.record_id))


def _hold(project: Project, write: PlannedWrite, ids: Sides[str], former: Link) -> None:
    name = RecordName(write.object, ids.crm, ids.marketo, write.label)
    counterpart = project.counterpart(write.object)
    reason = f"Marketo answered with {counterpart} {ids.marketo}, who is linked to another {former.object}"
    held = Held(name, None, reason, None, None, "look at the two records")
    project.mirror.history.hold(write.cycle, held, project.clock.now())


def adopt_rest(project: Project, side: Side, object: str, made: Sequence[Made]) -> tuple[list[Move], list[str]]:
    """The fields of created records that were not sent are settled where both sides agree.

    Returns the bases that move, and the ids of records that agree everywhere.
    """
    if side is Side.CRM:
        for link, write, _ in made:
            _compare_rest_later(project, write, link)
    of = {link: (write, record) for link, write, record in made}
    moves: list[Move] = []
    agreeing: list[str] = []
    for raw in project.mirror.links.load_all(object, project.pairs[object], of):
        write, record = of[raw.link]
        linked, waiting = resolved(project, raw)
        if waiting:
            name = RecordName(object, linked.ids.crm, linked.ids.marketo, write.label)
            wait(project, write.cycle, name, waiting)
            continue
        sent = {(field.field, field.crm_field) for field in write.images()}
        rest = [line for line in project.lines[object] if (line.marketo, line.crm) not in sent]
        marketo, crm = linked.now.marketo, linked.now.crm
        agreed = [one for one in rest if one.pair.same(marketo[one.marketo], crm[one.crm])]
        moves.append((raw.link, Side.MARKETO, {one.marketo: marketo[one.marketo] for one in agreed}))
        moves.append((raw.link, Side.CRM, {one.crm: crm[one.crm] for one in agreed}))
        if len(agreed) == len(rest):
            agreeing.append(record.id)
    return moves, agreeing


def _compare_rest_later(project: Project, write: PlannedWrite, link: int) -> None:
    """A record that was made in the CRM has defaults of its own: they meet the person's values, and overrule none."""
    sent = {field.field for field in write.images()}
    rest = [pair.name for pair in project.pairs[write.object] if pair.name not in sent]
    project.mirror.pending.add([link], rest, Pending.FIRST)
