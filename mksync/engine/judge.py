"""Judge linked records, field by field, and write down what would be done about them: a chunk of links at a time.

What becomes of a chunk is kept in as few statements as there are kinds of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Literal

from mksync.core.decide import Decision, Kind, decide
from mksync.core.frozen import dataclass
from mksync.core.misfit import Misfit, misfit
from mksync.core.pairs import FieldPair, Line, lines
from mksync.core.plan import FieldWrite, Linked, Pending, PlannedWrite
from mksync.core.records import SIDES, Side, Sides, Value
from mksync.core.report import Collision, Held, RecordName, Rejected
from mksync.core.tally import TallyBuilder
from mksync.engine.first import leave_unmet
from mksync.engine.labels import label
from mksync.engine.late import given_back, list_held
from mksync.engine.oneway import is_tie, removal
from mksync.engine.project import Project
from mksync.engine.references import Waiting, resolved, wait
from mksync.engine.refusals import list_rejected
from mksync.mirror.windows import Reopened

LINK = "link"  # the kind of a write that fills the cross-id of a person that was found
Judged = list[tuple[FieldPair, Decision]]
_STATES: Mapping[Pending | None, Literal["new", "kept", "again"]] = {
    Pending.QUICK: "new",
    Pending.KEPT: "kept",
    Pending.AGAIN: "again",
}


@dataclass(frozen=True, slots=True)
class _Found:
    """What becomes of the links of a chunk.

    - `settled`: links that were judged for the first time
    - `agreed`: and the pairs whose values are settled without a write
    - `writes`: what is to be written, in this order
    - `unmet`: pairs whose first comparison is left to a human, or to another value
    """

    settled: list[int] = field(default_factory=list)
    agreed: list[tuple[Linked, Sequence[Line]]] = field(default_factory=list)
    writes: list[PlannedWrite] = field(default_factory=list)
    unmet: list[tuple[Linked, FieldPair]] = field(default_factory=list)


def judge(
    project: Project,
    cycle: int,
    object: str,
    chunk: Sequence[Linked],
    reopened: Mapping[int, Sequence[Reopened]],
    tally: TallyBuilder,
) -> None:
    """Decide every field of these links, settle what needs no write, and journal a write per side for the rest."""
    mirror, found = project.mirror, _Found()
    mirror.history.clear_leftovers_of(object, [linked.ids.crm for linked in chunk])
    mirror.snapshots.clean_all(Side.MARKETO, project.counterpart(object), [linked.keys.marketo for linked in chunk])
    mirror.snapshots.clean_all(Side.CRM, object, [linked.keys.crm for linked in chunk])
    for linked in chunk:
        _judge(project, cycle, linked, reopened.get(linked.link, ()), tally, found)
    mirror.bases.agree(object, found.agreed)
    mirror.bases.settle(found.settled)
    leave_unmet(project, object, found.unmet)
    mirror.journal.plan_all(found.writes)


def judge_last(project: Project, cycle: int, linked: Linked, tally: TallyBuilder) -> None:
    """The last values of a lead that was converted into a contact the filter leaves out still reach the person."""
    judged, _ = _decided(linked, _as_they_stand(linked, project.lines[linked.object]))
    name, found = _name(project, linked), _Found()
    for pair, decision in judged:
        if decision.write_to is Side.MARKETO:
            _note(project, cycle, linked, name, pair, decision)
    _journal(project, cycle, linked, name, Side.MARKETO, judged, tally, found)
    project.mirror.journal.plan_all(found.writes)
    project.mirror.snapshots.clean(Side.CRM, linked.object, linked.keys.crm)


def _judge(
    project: Project, cycle: int, raw: Linked, reopened: Sequence[Reopened], tally: TallyBuilder, found: _Found
) -> None:
    linked, waiting = resolved(project, raw)
    back = list(given_back(project, linked, reopened)) if reopened else []
    mine = _lines(project, linked, waiting, back)
    judged, agreed = _decided(linked, mine)
    judged += back
    name = _name(project, linked)
    if reopened:
        list_held(project, cycle, name, linked, reopened)
    if _ties_others(project, linked, mine):
        found.writes.append(removal(project, cycle, linked.object, linked.keys.marketo, linked.ids.crm))
        return
    if agreed:
        found.agreed.append((linked, agreed))
    for pair, decision in judged:
        _note(project, cycle, linked, name, pair, decision)
        if decision.kind is Kind.HELD:
            found.unmet.append((linked, pair))
    for side in SIDES:
        _journal(project, cycle, linked, name, side, judged, tally, found)
    if not linked.settled:
        found.settled.append(linked.link)
    wait(project, cycle, name, waiting)


def _lines(project: Project, linked: Linked, waiting: Sequence[Waiting], back: Judged) -> Sequence[Line]:
    """The pairs that are judged now: what waits, or is written back, is judged once it holds what it is to hold."""
    late = [*(one.pair for one in waiting), *(pair for pair, _ in back)]
    lines = project.lines[linked.object]
    return _as_they_stand(linked, [line for line in lines if line.pair not in late] if late else lines)


def _as_they_stand(linked: Linked, mine: Sequence[Line]) -> Sequence[Line]:
    """Whether a quick sync has still to fill this record, or leaves it out. A link's first comparison is none."""
    if not linked.settled or not linked.pending:
        return mine
    states = {name: _STATES.get(pending) for name, pending in linked.pending.items()}
    return lines([replace(one.pair, state=states.get(one.marketo) or one.pair.state) for one in mine])


def _ties_others(project: Project, linked: Linked, lines: Sequence[Line]) -> bool:
    """Whether Marketo's record is told by something else than the CRM's: it has to be deleted and made again."""
    if not is_tie(project, linked.object):
        return False
    mine = [line.pair for line in lines if line.marketo in project.dedupe[linked.object]]
    return any(not pair.same(now.marketo, now.crm) for pair in mine for now in [_now(linked, pair)])


def _decided(linked: Linked, lines: Sequence[Line]) -> tuple[Judged, list[Line]]:
    """What is to be done, field by field, and the pairs that are settled without a write.

    Most fields of most links are equal on both sides, and were before: `decide` would say no more of them.
    """
    judged: Judged = []
    agreed: list[Line] = []
    now, base, waiting, settled = linked.now, linked.base, linked.pending, linked.settled
    for line in lines:
        pair, plain, marketo, crm = line
        m, c = now.marketo[marketo], now.crm[crm]
        if settled:
            unchanged = m == base.marketo[marketo] and c == base.crm[crm] and marketo not in waiting
            if unchanged and (m == c if plain else pair.state == "live" and pair.same(m, c)):
                continue
        elif plain and m == c:
            agreed.append(line)
            continue
        decision = decide(_base(linked, pair), Sides(m, c), pair)
        judged.append((pair, decision))
        if decision.rebase:
            agreed.append(line)
    return judged, agreed


def _now(linked: Linked, pair: FieldPair) -> Sides[Value]:
    return Sides(linked.now.marketo[pair.fields.marketo.name], linked.now.crm[pair.fields.crm.name])


def _base(linked: Linked, pair: FieldPair) -> Sides[Value] | None:
    if not linked.settled or linked.pending.get(pair.name, Pending.AGAIN) is not Pending.AGAIN:
        return None
    return Sides(linked.base.marketo[pair.fields.marketo.name], linked.base.crm[pair.fields.crm.name])


def _name(project: Project, linked: Linked) -> RecordName:
    text = label(project, linked.object, Side.CRM, linked.now.crm)
    return RecordName(linked.object, linked.ids.crm, linked.ids.marketo, text)


def _note(project: Project, cycle: int, linked: Linked, name: RecordName, pair: FieldPair, decision: Decision) -> None:
    """Keep the value that loses, and list what is held."""
    if decision.loser is None and decision.kind not in (Kind.HELD, Kind.STANDING):
        return
    if pair.name == project.key_field and decision.kind is Kind.INITIAL:
        return  # mksync's own book-keeping: the id of a record that is no more
    now, base = _now(linked, pair), _base(linked, pair) or Sides(None, None)
    if decision.loser is not None:
        row = Collision(
            name, pair.name, pair.fields.crm.name, now.marketo, now.crm, base.marketo, base.crm,
            decision.winner, decision.rule, decision.kind,
        )  # fmt: skip
        project.mirror.history.collide(cycle, row)
    elif decision.kind is Kind.HELD:
        remedy = f"make both sides agree, or set [policy.fields.{linked.object}] {pair.name} to marketo or crm"
        held = Held(name, pair.name, decision.rule, now.marketo, now.crm, remedy)
        project.mirror.history.hold(cycle, held, project.clock.now())
    elif decision.kind is Kind.STANDING and not decision.rebase:
        held = Held(name, pair.name, decision.rule, now.marketo, now.crm, "edit the field on the side that is wrong")
        project.mirror.history.hold(cycle, held, project.clock.now())


def _journal(
    project: Project,
    cycle: int,
    linked: Linked,
    name: RecordName,
    side: Side,
    judged: Judged,
    tally: TallyBuilder,
    found: _Found,
) -> None:
    """One sparse write to one side, if any field wants one."""
    fields = []
    for pair, decision in judged:
        if decision.write_to is not side:
            continue
        now = _now(linked, pair)
        write = _field_write(now, pair, decision, side, key=pair.name == project.key_field)
        if why := misfit(write.now, pair.fields[side]):
            _refuse(project, cycle, name, side, write, why)
            found.unmet.append((linked, pair))
            continue
        tally.decided(linked.link, pair, decision, now)
        fields.append(write)
    if not fields:
        return
    found.writes.append(
        PlannedWrite(
            cycle, linked.object, side, "update", name.label, tuple(fields), linked.link, linked.ids.marketo,
            linked.ids.crm, linked.version if side is Side.CRM else None,
        )
    )  # fmt: skip


def _field_write(now: Sides[Value], pair: FieldPair, decision: Decision, side: Side, *, key: bool) -> FieldWrite:
    kind = LINK if key and decision.kind in (Kind.FILL, Kind.ONE_SIDED, Kind.INITIAL) else str(decision.kind)
    return FieldWrite(pair.name, pair.fields.crm.name, now[side], decision.value, now[side.other], kind)


def _refuse(project: Project, cycle: int, name: RecordName, side: Side, write: FieldWrite, found: Misfit) -> None:
    """A value that the field is known not to hold is never sent: it would cost the record's other fields too."""
    if name.person_id:
        project.mirror.history.withdraw_collisions(cycle, name.object, name.person_id, [write.field])  # nobody lost
    field = write.field if side is Side.MARKETO else write.crm_field
    cause = f"{field} in {project.titles[side]}: {found.reason}"
    remedy = f"{found.remedy}, or take {write.field} out of the selection"
    list_rejected(project, cycle, Rejected(name, side, (field,), found.code, found.reason, cause, remedy, ""))
    # What is known of the field may be an hour old: the next cycle asks.
    project.mirror.project.distrust_schema(side, project.object_of(side, name.object))
