"""Mend what an interrupted run left behind: take back what was never sent, find out about what was.

A write that was sent and whose answer is not known is settled by reading: the systems are asked, nothing is guessed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from mksync.core.plan import FieldWrite, PlannedWrite
from mksync.core.records import Gone, Outcome, Record, Side
from mksync.core.values import same
from mksync.engine.converted import CONVERT, settle_order
from mksync.engine.first import compare_again
from mksync.engine.instants import instant
from mksync.engine.made import made
from mksync.engine.project import Project
from mksync.engine.settle import close, judge_again, nobody_lost, settle, stage, watch_window, written
from mksync.engine.unread import settle_unread
from mksync.ports import Unavailable

CHUNK = 500
Found = dict[int, Record]  # by write


def resume(project: Project) -> int:
    """Settle everything that an earlier run left open. Returns how many writes had an unknown outcome."""
    with project.mirror.transaction():
        while withdrawn := project.mirror.journal.withdraw_planned(CHUNK):
            for write in withdrawn:
                nobody_lost(project, write)
                judge_again(project, write)
    unknown = settle_unknown(project)
    settle_unread(project)
    return unknown


def settle_unknown(project: Project) -> int:
    """Read every record whose write has no known outcome, and settle it by what is there."""
    unsettled = project.mirror.journal.unsettled()
    for (side, object, kind), group in groupby(unsettled, key=lambda write: (write.side, write.object, write.kind)):
        writes = list(group)
        if kind == CONVERT:
            for write in writes:
                settle_order(project, write)
            continue
        found = _look(project, Side(side), object, kind, writes)
        with project.mirror.transaction():
            for write in writes:
                if found is None:  # whenever it syncs again, its records are read before anything is written
                    close(project, write, "lost")
                    judge_again(project, write)
                else:
                    _settle(project, write, found.get(write.id))
    return len(unsettled)


def _look(project: Project, side: Side, object: str, kind: str, writes: Sequence[PlannedWrite]) -> Found | None:
    """What is there of these writes by now; None if the object syncs no more, or cannot be had."""
    if object not in project.objects:
        return None
    look = _look_for_created if kind == "create" else _look_at_updated
    try:
        return dict(look(project, side, object, writes))
    except Unavailable:
        return None


def _look_at_updated(
    project: Project, side: Side, object: str, writes: Sequence[PlannedWrite]
) -> Iterator[tuple[int, Record]]:
    by_id = {str(write.person_id if side is Side.MARKETO else write.record_id): write.id for write in writes}
    there = project.object_of(side, object)
    for found in project.ports[side].fetch(there, list(by_id), project.names(side, object)):
        if not isinstance(found, Gone):
            yield by_id[found.id], found


def _look_for_created(
    project: Project, side: Side, object: str, writes: Sequence[PlannedWrite]
) -> Iterator[tuple[int, Record]]:
    """A created record is found by the token it carries; in the CRM, which need not keep it, by what it was given."""
    if side is Side.CRM:
        yield from ((write.id, record) for write in writes if (record := made(project, object, write)))
        return
    counterpart, key, names = project.counterpart(object), project.key_of(object), project.names(side, object)
    if not key:
        yield from _look_for_ties(project, object, writes)
        return
    by_token = {str(write.token): write.id for write in writes}
    for record in project.ports[side].find(counterpart, key, list(by_token), names):
        yield by_token[str(record.values[key])], record


def _look_for_ties(project: Project, object: str, writes: Sequence[PlannedWrite]) -> Iterator[tuple[int, Record]]:
    """What is told by several fields is looked up by the first of them, and compared by all."""
    told = project.dedupe[object]
    wanted = {tuple(write.value(name) for name in told): write.id for write in writes}
    names = project.names(Side.MARKETO, object)
    firsts = list(dict.fromkeys(str(values[0]) for values in wanted))
    for record in project.ports.marketo.find(project.counterpart(object), told[0], firsts, names):
        id = wanted.get(tuple(record.values.get(name) for name in told))
        if id is not None:
            yield id, record


def _settle(project: Project, write: PlannedWrite, found: Record | None) -> None:
    side = Side(write.side)
    object = project.object_of(side, write.object)
    if write.kind == "delete" and found is None:
        settle(project, side, write.object, [(write, Outcome(write.id, "gone"))])
        return
    if found is not None:
        before = project.mirror.snapshots.get(side, object, found.id, project.fields(side, object))
        stage(project, side, object, [found])
    if found is None or (write.kind != "create" and not _took_effect(project, write, found)):
        if found is not None and _nothing_of_both(project, write, found):
            # Perhaps it took effect: the value that it was to replace is there no more, and keeps its line in the log.
            project.mirror.journal.settle(write.id, "lost", instant(project.clock.now()), None)
            compare_again(project, write)
            watch_window(project, write, found)
        else:
            close(project, write, "lost")
    else:
        close(project, write, "written")
        written(project, write, found, before)
        _keep_later_edits(project, write, found)
    # Whatever else happened since is for the next plan to see, so both records are judged again.
    if found is not None:
        write = replace(write, person_id=found.id) if side is Side.MARKETO else replace(write, record_id=found.id)
    judge_again(project, write)


def _took_effect(project: Project, write: PlannedWrite, found: Record) -> bool:
    """The record holds something that was sent, and nothing of what it held before in the fields that were sent."""
    states = {_state(project, write, field, found) for field in write.images()}
    return "sent" in states and "before" not in states


def _nothing_of_both(project: Project, write: PlannedWrite, found: Record) -> bool:
    """Somebody edited every field that was sent: whether before the write or after it, the side's log may tell."""
    return all(_state(project, write, field, found) == "edited since" for field in write.fields)


def _keep_later_edits(project: Project, write: PlannedWrite, found: Record) -> None:
    """A field that holds something else by now did hold what was sent: the difference is an edit, and is to flow."""
    side = Side(write.side)
    counterpart = project.counterpart(write.object)
    person = found.id if side is Side.MARKETO else str(write.person_id)
    link = project.mirror.link_of(Side.MARKETO, counterpart, person)
    if link is None:
        return
    edited = [field for field in write.images() if _state(project, write, field, found) == "edited since"]
    values = {field.on(side): field.now for field in edited}
    project.mirror.links.rebase(link.id, write.object, side, values)


def _state(project: Project, write: PlannedWrite, field: FieldWrite, found: Record) -> str:
    side = Side(write.side)
    name = field.on(side)
    type = next(one.type for one in project.fields(side, write.object) if one.name == name)
    if same(type, found.values.get(name), field.now):
        return "sent"
    return "before" if same(type, found.values.get(name), field.was) else "edited since"
