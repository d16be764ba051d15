"""Carry out the plan: the intent is committed before each call, outcome and new bases after it."""

from collections.abc import Iterator, Sequence
from dataclasses import field
from itertools import groupby, product

from mksync.core.frozen import dataclass
from mksync.core.plan import PlannedWrite
from mksync.core.records import Gone, Outcome, Record, Side, Write
from mksync.engine.budget import batch_of, keep_reserve
from mksync.engine.giving_way import give_way, never_planned
from mksync.engine.parents import orphaned
from mksync.engine.progress import Progress
from mksync.engine.project import Project
from mksync.engine.references import names_nobody
from mksync.engine.resume import settle_unknown
from mksync.engine.settle import close, judge_again, settle, stage
from mksync.errors import MksyncError, OutcomeUnknown
from mksync.ports import Unavailable
from mksync.ports.abilities import WritesUnread

KINDS = ("create", "update", "delete")
CHUNK = 500  # writes that are taken back together


@dataclass(frozen=True, slots=True)
class _Some:
    """One kind of writes of a cycle."""

    cycle: int
    side: Side
    object: str
    kind: str
    read_back: bool


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a plan, beside what the journal tells.

    - `absent`: objects that turned out not to be had, and why
    - `late`: records that were put off, as a parent they name did not come to be
    """

    absent: dict[str, Unavailable] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)


def push(
    project: Project, cycle: int, objects: tuple[str, ...], progress: Progress, *, read_back: bool = True
) -> Pushed:
    """Send everything that this cycle planned: parents before children, creates before updates before deletes.

    Without `read_back`, a write is only read back where that costs no call of its own, and else by the next run. Raises
    what a port raises; what was settled stays settled.
    """
    pushed = Pushed()
    for people, group in groupby(objects, key=lambda object: object in project.people):
        for together in [tuple(group)] if people else [(object,) for object in group]:
            for kind, side, object in product(KINDS, Side, together):
                if object in pushed.absent:
                    continue
                try:
                    some = _Some(cycle, side, object, kind, read_back)
                    pushed.late.extend(_push(project, some, progress))
                except Unavailable as error:
                    pushed.absent[object] = error
                    _take_back(project, object)
    return pushed


def _take_back(project: Project, object: str) -> None:
    """The system refused the call as a whole: nothing of it was done, nor will be."""
    with project.mirror.transaction():
        while refused := project.mirror.journal.withdraw_refused(object, CHUNK):
            never_planned(project, refused)


def _push(project: Project, some: _Some, progress: Progress) -> Iterator[str]:
    """Yields the records that were put off."""
    journal, side, object, kind = project.mirror.journal, some.side, some.object, some.kind
    while batch := journal.batch(some.cycle, side, object, kind, batch_of(project, side)):
        keep_reserve(project, side, len(batch))
        late = [write for write in batch if side is Side.MARKETO and names_nobody(project, write)]
        batch = [write for write in batch if write not in late]
        known = _already_there(project, object, batch) if kind == "create" and side is Side.MARKETO else []
        batch = [write for write in batch if write not in known]
        with project.mirror.transaction():
            never_planned(project, project.mirror.journal.withdraw(late))
            for write in known:
                close(project, write, "moved")
                judge_again(project, write)
            journal.mark([write.id for write in batch], "sent")
        try:
            if batch:
                late += _send(project, some, batch)
        except OutcomeUnknown:
            settle_unknown(project)
        progress.wrote(project.titles[side], len(batch))
        yield from (str(write.record_id) for write in late)
        give_way(project, some.cycle)


def _already_there(project: Project, object: str, batch: Sequence[PlannedWrite]) -> list[PlannedWrite]:
    """Creates whose person has come to be since Marketo was read, or that its change log has not told of yet.

    Marketo has no uniqueness to rely on, so it is asked before every create. Who is found is matched by the next plan.
    """
    there: list[PlannedWrite] = []
    counterpart = project.counterpart(object)
    for name in _told_by(project, object):
        by_value = {str(value).casefold(): write for write in batch if (value := write.value(name)) is not None}
        names = project.names(Side.MARKETO, counterpart)
        for found in project.ports.marketo.find(counterpart, name, list(by_value), names):
            stage(project, Side.MARKETO, counterpart, [found])
            write = by_value.get(str(found.values.get(name)).casefold())
            there += [write] if write else []
    return there


def _told_by(project: Project, object: str) -> list[str]:
    """The fields of Marketo's by which a record can be found that is there already."""
    if object in project.people:
        return [pair.name for pair in project.match_pairs(object)]
    key = project.key_of(object)
    return [key] if key else []  # what is told by several fields is written over, and cannot become two


def _send(project: Project, some: _Some, batch: Sequence[PlannedWrite]) -> list[PlannedWrite]:
    """Returns the writes that were refused for a parent that is gone: as soon as it is there again, they are too.

    What is known of a batch is settled, also if the port then raises for the rest of it.
    """
    by_ref, side, object = {write.id: write for write in batch}, some.side, some.object
    there = project.object_of(side, object)
    writes = [to_send(project, write) for write in batch]
    port = project.ports[side]
    if not some.read_back and some.kind == "update" and isinstance(port, WritesUnread):
        answers = port.write_unread(there, writes)
    else:
        answers = port.write(there, writes, project.names(side, object))
    outcomes, error = _answered(answers)
    with project.mirror.transaction():
        settle(project, side, object, [(by_ref[outcome.ref], outcome) for outcome in outcomes])
    of = {kind: [by_ref[one.ref] for one in outcomes if one.kind == kind] for kind in ("gone", "refused")}
    _look_after_gone(project, side, there, of["gone"])
    late = orphaned(project, of["refused"]) if side is Side.MARKETO else []
    if late:
        with project.mirror.transaction():
            for write in late:
                project.mirror.history.clear_leftovers(object, str(write.record_id))
                judge_again(project, write)
    if error is not None:
        raise error
    return late


def _answered(answers: Iterator[Outcome]) -> tuple[list[Outcome], Exception | None]:
    """What a port answered, and what it raised behind that."""
    known: list[Outcome] = []
    try:
        for answer in answers:
            known.append(answer)  # noqa: PERF402 - what came before an error has to be kept
    except (MksyncError, Unavailable) as error:
        return known, error
    return known, None


def to_send(project: Project, write: PlannedWrite) -> Write:
    """The write as its port takes it, in that side's words."""
    marketo = write.side == Side.MARKETO
    values = {(field.field if marketo else field.crm_field): field.now for field in write.fields}
    id = write.person_id if marketo else write.record_id
    object = project.object_of(Side(write.side), write.object)
    known = None if write.kind == "create" else id
    return Write(write.id, object, known, values, write.version, write.token, delete=write.kind == "delete")


def _look_after_gone(project: Project, side: Side, object: str, writes: Sequence[PlannedWrite]) -> None:
    """A record that was not there to be written: learn at once what became of it."""
    ids = [id for write in writes if (id := write.person_id if side is Side.MARKETO else write.record_id)]
    if not ids:
        return
    found = list(project.ports[side].fetch(object, ids, project.names(side, object)))
    with project.mirror.transaction():
        stage(project, side, object, [one for one in found if isinstance(one, Record)])
        project.mirror.snapshots.bury(side, object, [one for one in found if isinstance(one, Gone)])
