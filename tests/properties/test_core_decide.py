"""The rules of the program, as properties of the pure decision."""

from dataclasses import replace
from decimal import localcontext

from hypothesis import assume, given
from hypothesis import strategies as st

from mksync.core.decide import Decision, Kind, decide
from mksync.core.pairs import Direction, FieldPair, Policy, default_policy
from mksync.core.records import Field, FieldType, Side, Sides, Value
from mksync.core.values import canonical, same

from .core_model import held, pairs

BOTH_WAYS = (Direction.BOTH,)
MIRRORED_DIRECTION = {
    Direction.BOTH: Direction.BOTH,
    Direction.TO_CRM: Direction.TO_MARKETO,
    Direction.TO_MARKETO: Direction.TO_CRM,
}
MIRRORED_POLICY = {Policy.MARKETO: Policy.CRM, Policy.CRM: Policy.MARKETO}  # the others are the same from both sides


def bases(pair: FieldPair) -> st.SearchStrategy[Sides[Value] | None]:
    return st.none() | held(pair)


def both_changed(base: Sides[Value], now: Sides[Value], pair: FieldPair) -> bool:
    moved = [not same(pair.fields[side].type, base[side], now[side]) for side in Side]
    return all(moved) and not pair.same(now.marketo, now.crm)


@given(st.data())
def test_every_written_value_is_the_image_of_what_the_winner_holds(data: st.DataObject) -> None:
    pair = data.draw(pairs())
    now = data.draw(held(pair))

    decision = decide(data.draw(bases(pair)), now, pair)

    if decision.write_to is None:
        assert decision.value is None
        return
    written = replace_side(now, decision.write_to, decision.value)
    assert decision.winner is decision.write_to.other
    assert pair.same(written.marketo, written.crm)
    if pair.fields.marketo == pair.fields.crm:
        assert decision.value == now[decision.winner]


@given(st.data())
def test_a_value_is_written_only_where_the_direction_lets_it_flow(data: st.DataObject) -> None:
    pair = data.draw(pairs())
    decision = decide(data.draw(bases(pair)), data.draw(held(pair)), pair)
    allowed = {
        Direction.BOTH: {None, Side.MARKETO, Side.CRM},
        Direction.TO_CRM: {None, Side.CRM},
        Direction.TO_MARKETO: {None, Side.MARKETO},
    }
    assert decision.write_to in allowed[pair.direction]


@given(st.data())
def test_swapping_the_sides_and_the_rule_swaps_the_decision(data: st.DataObject) -> None:
    pair = data.draw(pairs())
    base, now = data.draw(bases(pair)), data.draw(held(pair))
    mirrored = replace(
        pair,
        fields=pair.fields.swapped(),
        direction=MIRRORED_DIRECTION[pair.direction],
        policy=MIRRORED_POLICY.get(pair.policy, pair.policy),
    )

    swapped = decide(base and base.swapped(), now.swapped(), mirrored)

    assert unworded(swapped) == mirror(unworded(decide(base, now, pair)))


@given(st.data())
def test_on_a_lead_marketo_wins_a_collision_and_on_a_contact_the_crm(data: st.DataObject) -> None:
    pair = data.draw(pairs(BOTH_WAYS))
    object, winner = data.draw(st.sampled_from([("lead", Side.MARKETO), ("contact", Side.CRM)]))
    pair = replace(pair, object=object, policy=default_policy(object))
    base, now = data.draw(held(pair)), data.draw(held(pair))
    assume(both_changed(base, now, pair))

    decision = decide(base, now, pair)

    assert (decision.kind, decision.winner, decision.loser) == (Kind.COLLISION, winner, winner.other)


@given(st.data())
def test_on_a_one_way_field_the_crm_wins_whoever_changed_it_and_whatever_the_policy(data: st.DataObject) -> None:
    pair = data.draw(pairs((Direction.TO_MARKETO,)))
    base, now = data.draw(held(pair)), data.draw(held(pair))
    assume(not pair.same(now.marketo, now.crm))
    assume(any(not same(pair.fields[side].type, base[side], now[side]) for side in Side))

    decision = decide(base, now, pair)

    assert (decision.write_to, decision.winner) == (Side.MARKETO, Side.CRM)


@given(st.data())
def test_a_held_difference_is_neither_written_nor_settled(data: st.DataObject) -> None:
    pair = data.draw(pairs(BOTH_WAYS, (Policy.HOLD,)))
    base, now = data.draw(held(pair)), data.draw(held(pair))
    assume(both_changed(base, now, pair))
    assert unworded(decide(base, now, pair)) == Decision(Kind.HELD)


@given(st.data())
def test_sticky_true_writes_false_only_where_one_side_alone_took_its_true_back(data: st.DataObject) -> None:
    checkbox = Field("field", "Field", FieldType.BOOLEAN)
    pair = FieldPair("lead", Sides(checkbox, checkbox), Direction.BOTH, Policy.STICKY_TRUE)
    pair = replace(pair, state=data.draw(st.sampled_from(["live", "new"])))
    base, now = data.draw(bases(pair)), data.draw(held(pair))

    decision = decide(base, now, pair)

    if decision.write_to is not None and decision.value is False:
        assert base is not None
        assert pair.state == "live"
        winner = decision.write_to.other
        assert (bool(base[winner]), bool(now[winner])) == (True, False)
        assert bool(base[decision.write_to]) is bool(now[decision.write_to])


@given(st.data())
def test_a_suspended_field_is_never_read_as_cleared(data: st.DataObject) -> None:
    pair = replace(data.draw(pairs()), state="suspended")
    now = replace_side(data.draw(held(pair)), data.draw(st.sampled_from(Side)), None)
    assert unworded(decide(data.draw(bases(pair)), now, pair)) == Decision(Kind.SUSPENDED)


@given(st.data())
def test_a_first_comparison_never_empties_a_field(data: st.DataObject) -> None:
    pair = data.draw(pairs())
    decision = decide(None, data.draw(held(pair)), pair)
    assert decision.write_to is None or decision.value is not None


@given(st.data())
def test_a_quick_sync_lets_the_source_win_also_where_it_has_nothing(data: st.DataObject) -> None:
    pair = replace(data.draw(pairs()), state="new")
    assume(pair.direction is not Direction.BOTH or pair.policy in (Policy.MARKETO, Policy.CRM))
    now = data.draw(held(pair))
    source = pair.direction.source or Side.CRM
    assume(not pair.same(now.marketo, now.crm) and pair.fields[source.other].writable)
    decision = decide(data.draw(bases(pair)), now, pair)
    assert (decision.winner, decision.value) == (source, pair.image(now[source], source))
    assert decision.loser is (source.other if now[source.other] is not None else None)


@given(st.data())
def test_a_quick_sync_leaves_records_outside_its_range_as_they_are(data: st.DataObject) -> None:
    pair = replace(data.draw(pairs()), state="kept")
    decision = decide(data.draw(bases(pair)), data.draw(held(pair)), pair)
    assert unworded(decision) == Decision(Kind.STANDING, rebase=True)


@given(st.data())
def test_the_decision_depends_on_its_arguments_only(data: st.DataObject) -> None:
    """Not on the caller's decimal context, and not on which equal objects it is given."""
    pair = data.draw(pairs())
    base, now = data.draw(bases(pair)), data.draw(held(pair))
    expected = decide(base, now, pair)
    with localcontext() as context:
        context.prec, context.rounding = 1, "ROUND_UP"
        assert decide(base and replace(base), replace(now), replace(pair)) == expected


def replace_side(sides: Sides[Value], side: Side, value: Value) -> Sides[Value]:
    return Sides(value, sides.crm) if side is Side.MARKETO else Sides(sides.marketo, value)


def unworded(decision: Decision) -> Decision:
    return replace(decision, rule="")


def mirror(decision: Decision) -> Decision:
    swapped = [side and side.other for side in (decision.write_to, decision.winner)]
    return replace(decision, write_to=swapped[0], winner=swapped[1])


@given(st.data())
def test_equal_values_of_a_plain_pair_need_no_decision(data: st.DataObject) -> None:
    pair = data.draw(pairs().filter(lambda one: one.plain))
    now = data.draw(held(pair).flatmap(lambda one: st.sampled_from([one, replace(one, crm=one.marketo)])))
    assume(now.marketo == now.crm and canonical(pair.fields.crm.type, now.crm, pair.fields.crm.scale) == now.crm)

    first, since = decide(None, now, pair), decide(now, now, pair)

    assert (first.kind, first.write_to, first.rebase) == (Kind.ADOPT, None, True)
    assert (since.kind, since.write_to, since.rebase) == (Kind.IN_SYNC, None, False)
