"""Judge everything that moved, field by field, and write down what would be done about it.

One transaction: if a brake stops the cycle, the plan and everything it settled are as if they had never been.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from mksync.core.decide import Decision, Kind, decide
from mksync.core.filter import LIVE
from mksync.core.misfit import Misfit, misfit
from mksync.core.pairs import FieldPair
from mksync.core.plan import FieldWrite, Linked, Pending, PlannedWrite
from mksync.core.records import Side, Sides, Value
from mksync.core.report import Collision, Held, RecordName, Rejected
from mksync.core.tally import Tally, TallyBuilder
from mksync.engine.filtering import apply_filter
from mksync.engine.labels import label
from mksync.engine.late import given_back, list_held
from mksync.engine.matching import match
from mksync.engine.oneway import arrive, depart, is_tie, removal
from mksync.engine.project import PERSON, Project
from mksync.engine.pull import conclude_full_reads
from mksync.engine.references import look_again_behind, resolved, wait
from mksync.engine.refusals import list_rejected
from mksync.engine.relink import follow_departed, relink, rest_unlinked
from mksync.engine.returned import take_up_again
from mksync.mirror.links import Link
from mksync.mirror.windows import Reopened

CHUNK = 500
LINK = "link"  # the kind of a write that fills the cross-id of a person that was found
Judged = list[tuple[FieldPair, Decision]]
_STATES: Mapping[Pending | None, Literal["new", "kept"]] = {Pending.QUICK: "new", Pending.KEPT: "kept"}


def plan(project: Project, cycle: int, objects: tuple[str, ...]) -> Tally:
    """Fill the journal with this cycle's writes. Returns what they amount to, for the brakes."""
    tally = TallyBuilder()
    conclude_full_reads(project, tally)
    relink(project, cycle, tally)
    for object in project.one_way:
        depart(project, cycle, object)
    apply_filter(project, cycle, tally)
    look_again_behind(project)
    reopened = project.mirror.windows.reopened()
    for object in objects:
        for linked in project.mirror.links.parting(object, project.pairs[object]):
            _judge_last(project, cycle, linked, tally)
        arriving = arrive if object in project.one_way else match
        tally.created(object, Side.MARKETO, arriving(project, cycle, object))
        for linked in _due(project, object):
            _judge(project, cycle, linked, reopened.get(linked.link, ()), tally)
    rest_unlinked(project)
    return _weighed(project, tally, objects)


def plan_only(project: Project, cycle: int, scope: Mapping[tuple[Side, str], Collection[int]]) -> None:
    """The same for a few people and their CRM records, by our own keys; nothing else is judged, nor counted.

    `scope`: of people, and of every object whose records are people.
    """
    tally, mirror = TallyBuilder(), project.mirror
    with mirror.transaction(), mirror.snapshots.only(scope):
        reopened = mirror.windows.reopened()
        follow_departed(project, cycle, tally)
        take_up_again(project, cycle, project.people)
        apply_filter(project, cycle, tally)
        for object in project.people:
            match(project, cycle, object, create=False)
            for linked in _due(project, object):
                _judge(project, cycle, linked, reopened.get(linked.link, ()), tally)
            mirror.snapshots.clean_left_behind(object)
        mirror.snapshots.clean_unlinked(PERSON)


def _weighed(project: Project, tally: TallyBuilder, objects: tuple[str, ...]) -> Tally:
    """What was counted, beside how many links there are: to count those takes reading them all."""
    counted = tally.tally()
    most = max((*counted.gone.values(), *counted.records.values(), *counted.frozen.values()), default=0)
    if most < project.limits.least:
        return counted  # a plan that no brake can stop
    for object in objects:
        tally.linked(object, project.mirror.links.count(object))
    return tally.tally()


def judge_link(project: Project, cycle: int, link: Link) -> None:
    """Plan what one link wants, by the rules of any cycle; no brake looks at it."""
    linked = project.mirror.links.load(link.object, project.pairs[link.object], link.id)
    if linked is not None and link.state == LIVE:
        reopened = project.mirror.windows.reopened().get(link.id, ())
        _judge(project, cycle, linked, reopened, TallyBuilder())


def _due(project: Project, object: str) -> Iterator[Linked]:
    project.mirror.links.collect_due(object)
    after = 0
    while chunk := project.mirror.links.due(object, project.pairs[object], after, CHUNK):
        yield from chunk
        after = chunk[-1].link


def _judge(project: Project, cycle: int, raw: Linked, reopened: Sequence[Reopened], tally: TallyBuilder) -> None:
    """Decide every field of one link, settle what needs no write, and journal a write per side for the rest."""
    mirror, object = project.mirror, raw.object
    linked, waiting = resolved(project, raw)
    late = [one.pair for one in waiting]
    mirror.history.clear_leftovers(object, record_id=linked.ids.crm)
    back = list(given_back(project, linked, reopened))
    late += [pair for pair, _ in back]  # judged once they hold it again
    pairs = [_as_it_stands(linked, pair) for pair in project.pairs[object] if pair not in late]
    judged = [*_decided(linked, pairs), *back]
    name = _name(project, linked)
    list_held(project, cycle, name, linked, reopened)
    if _ties_others(project, linked, pairs):
        mirror.journal.plan(removal(project, cycle, object, linked.keys.marketo, linked.ids.crm))
        _rest(project, linked)
        return
    _settle(project, linked, judged)
    for pair, decision in judged:
        _note(project, cycle, linked, name, pair, decision)
    for side in Side:
        _journal(project, cycle, linked, name, side, judged, tally)
    mirror.links.mark_settled(linked.link)
    _rest(project, linked)
    wait(project, cycle, name, waiting)


def _rest(project: Project, linked: Linked) -> None:
    """Both records have been judged."""
    project.mirror.snapshots.clean(Side.MARKETO, project.counterpart(linked.object), linked.keys.marketo)
    project.mirror.snapshots.clean(Side.CRM, linked.object, linked.keys.crm)


def _ties_others(project: Project, linked: Linked, pairs: Sequence[FieldPair]) -> bool:
    """Whether Marketo's record is told by something else than the CRM's: it has to be deleted and made again."""
    told = project.dedupe.get(linked.object, ()) if is_tie(project, linked.object) else ()
    mine = [pair for pair in pairs if pair.name in told]
    return any(not pair.same(now.marketo, now.crm) for pair in mine for now in [_now(linked, pair)])


def _judge_last(project: Project, cycle: int, linked: Linked, tally: TallyBuilder) -> None:
    """The last values of a lead that was converted into a contact the filter leaves out still reach the person."""
    pairs = [_as_it_stands(linked, pair) for pair in project.pairs[linked.object]]
    judged = _decided(linked, pairs)
    name = _name(project, linked)
    for pair, decision in judged:
        if decision.write_to is Side.MARKETO:
            _note(project, cycle, linked, name, pair, decision)
    _journal(project, cycle, linked, name, Side.MARKETO, judged, tally)
    project.mirror.snapshots.clean(Side.CRM, linked.object, linked.keys.crm)


def _decided(linked: Linked, pairs: Sequence[FieldPair]) -> Judged:
    return [(pair, decide(_base(linked, pair), _now(linked, pair), pair)) for pair in pairs]


def _as_it_stands(linked: Linked, pair: FieldPair) -> FieldPair:
    """The pair, if a quick sync has still to fill this record, or leaves it out. A link's first comparison is none."""
    state = _STATES.get(linked.pending.get(pair.name)) if linked.settled else None
    return replace(pair, state=state) if state else pair


def _now(linked: Linked, pair: FieldPair) -> Sides[Value]:
    return Sides(linked.now.marketo[pair.fields.marketo.name], linked.now.crm[pair.fields.crm.name])


def _base(linked: Linked, pair: FieldPair) -> Sides[Value] | None:
    if not linked.settled or pair.name in linked.pending:
        return None
    return Sides(linked.base.marketo[pair.fields.marketo.name], linked.base.crm[pair.fields.crm.name])


def _name(project: Project, linked: Linked) -> RecordName:
    text = label(project, linked.object, Side.CRM, linked.now.crm)
    return RecordName(linked.object, linked.ids.crm, linked.ids.marketo, text)


def _settle(project: Project, linked: Linked, judged: Judged) -> None:
    """Both sides were seen to agree on these fields: what each holds is its new base."""
    settled = [pair for pair, decision in judged if decision.rebase]
    for side in Side:
        values = {pair.fields[side].name: linked.now[side][pair.fields[side].name] for pair in settled}
        project.mirror.links.rebase(linked.link, linked.object, side, values)


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
    project: Project, cycle: int, linked: Linked, name: RecordName, side: Side, judged: Judged, tally: TallyBuilder
) -> None:
    """One sparse write to one side, if any field wants one."""
    fields = []
    for pair, decision in judged:
        if decision.write_to is not side:
            continue
        write = _field_write(linked, pair, decision, side, key=pair.name == project.key_field)
        if found := misfit(write.now, pair.fields[side]):
            _refuse(project, cycle, name, side, write, found)
            continue
        tally.decided(linked.link, pair, decision, _now(linked, pair))
        fields.append(write)
    if not fields:
        return
    project.mirror.journal.plan(
        PlannedWrite(
            cycle, linked.object, side, "update", name.label, tuple(fields), linked.link, linked.ids.marketo,
            linked.ids.crm, linked.version if side is Side.CRM else None,
        )
    )  # fmt: skip


def _field_write(linked: Linked, pair: FieldPair, decision: Decision, side: Side, *, key: bool) -> FieldWrite:
    now = _now(linked, pair)
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
