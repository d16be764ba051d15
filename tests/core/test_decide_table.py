"""The decision table, row by row: every case that can be seen, under every direction and policy."""

from itertools import product
from typing import Literal, NamedTuple

import pytest

from mksync.core.decide import Kind, decide
from mksync.core.pairs import Direction, FieldPair, Policy
from mksync.core.records import FieldType, Side, Sides, Value
from mksync.core.table import TABLE, Case, Seen, render_table

from .samples import a_field, a_pair, closed

State = Literal["live", "new", "again", "kept", "suspended"]


class Example(NamedTuple):
    seen: Seen
    base: Sides[Value] | None
    now: Sides[Value]
    state: State = "live"


def since(seen: Seen, base: tuple[Value, Value], now: tuple[Value, Value]) -> Example:
    return Example(seen, Sides(*base), Sides(*now))


def first(seen: Seen, now: tuple[Value, Value], state: State = "live", base: Sides[Value] | None = None) -> Example:
    return Example(seen, base, Sides(*now), state)


def again(seen: Seen, base: tuple[Value, Value], now: tuple[Value, Value]) -> Example:
    return Example(seen, Sides(*base), Sides(*now), "again")


STALE: Sides[Value] = Sides("stale", "stale")

EXAMPLES = [
    since(Seen.UNCHANGED_SAME, ("a", "a"), ("a", "a")),
    since(Seen.UNCHANGED_SAME, (None, None), (None, None)),
    since(Seen.UNCHANGED_DIFFERS, ("A ltd", "A Ltd"), ("A ltd", "A Ltd")),
    since(Seen.UNCHANGED_DIFFERS, ("a", None), ("a", None)),
    since(Seen.CHANGED_SAME, ("a", "a"), ("b", "b")),
    since(Seen.CHANGED_SAME, ("a", "b"), ("b", "b")),
    since(Seen.CHANGED_SAME, ("b", "a"), ("b", "b")),
    since(Seen.CHANGED_SAME, ("a", "a"), (None, None)),
    since(Seen.MARKETO_CHANGED, ("a", "a"), ("m", "a")),
    since(Seen.MARKETO_CHANGED, ("a", "a"), (None, "a")),
    since(Seen.MARKETO_CHANGED, (None, None), ("m", None)),
    since(Seen.MARKETO_CHANGED, ("a", "A"), ("b", "A")),
    since(Seen.CRM_CHANGED, ("a", "a"), ("a", "c")),
    since(Seen.CRM_CHANGED, ("a", "a"), ("a", None)),
    since(Seen.CRM_CHANGED, ("a", "A"), ("a", "B")),
    since(Seen.BOTH_CHANGED, ("a", "a"), ("m", "c")),
    since(Seen.BOTH_CHANGED, ("a", "a"), (None, "c")),
    since(Seen.BOTH_CHANGED, ("a", "a"), ("m", None)),
    since(Seen.BOTH_CHANGED, ("a", "b"), ("b", "a")),
    first(Seen.FIRST_SAME, ("a", "a")),
    first(Seen.FIRST_SAME, (None, None)),
    first(Seen.FIRST_CRM_EMPTY, ("m", None)),
    first(Seen.FIRST_MARKETO_EMPTY, (None, "c")),
    first(Seen.FIRST_DIFFERS, ("m", "c")),
    *(
        example
        for base in (None, STALE)
        for example in (
            first(Seen.QUICK_SAME, ("a", "a"), "new", base),
            first(Seen.QUICK_SAME, (None, None), "new", base),
            first(Seen.QUICK_CRM_EMPTY, ("m", None), "new", base),
            first(Seen.QUICK_MARKETO_EMPTY, (None, "c"), "new", base),
            first(Seen.QUICK_DIFFERS, ("m", "c"), "new", base),
            first(Seen.LEFT_OUT, ("a", "a"), "kept", base),
            first(Seen.LEFT_OUT, ("m", None), "kept", base),
            first(Seen.LEFT_OUT, ("m", "c"), "kept", base),
        )
    ),
    again(Seen.EMPTIED, ("m", "c"), ("m", None)),
    again(Seen.EMPTIED, ("m", "c"), (None, "c")),
    again(Seen.EMPTIED, ("m", "c"), ("n", None)),
    again(Seen.EMPTIED, ("m", None), (None, "c")),
    again(Seen.FIRST_SAME, ("m", "c"), (None, None)),
    again(Seen.FIRST_SAME, ("m", "c"), ("c", "c")),
    again(Seen.FIRST_DIFFERS, ("m", "c"), ("m", "c")),
    again(Seen.FIRST_DIFFERS, ("m", "c"), ("m", "d")),
    again(Seen.FIRST_CRM_EMPTY, ("m", None), ("m", None)),
    again(Seen.FIRST_CRM_EMPTY, ("m", None), ("n", None)),
    again(Seen.FIRST_MARKETO_EMPTY, (None, "c"), (None, "c")),
]
TICKED, UNTICKED = (True, False), (False, True)
CHECKBOXES = [
    since(Seen.UNCHANGED_SAME, (True, True), (True, True)),
    since(Seen.UNCHANGED_SAME, (None, False), (False, None)),
    since(Seen.UNCHANGED_DIFFERS, TICKED, TICKED),
    since(Seen.CHANGED_SAME, (False, False), (True, True)),
    since(Seen.CHANGED_SAME, TICKED, (False, False)),
    since(Seen.MARKETO_CHANGED, (False, False), TICKED),
    since(Seen.MARKETO_CHANGED, (True, True), UNTICKED),
    since(Seen.MARKETO_CHANGED, (True, True), (None, True)),
    since(Seen.CRM_CHANGED, (False, False), UNTICKED),
    since(Seen.CRM_CHANGED, (True, True), TICKED),
    since(Seen.BOTH_CHANGED, TICKED, UNTICKED),
    since(Seen.BOTH_CHANGED, UNTICKED, TICKED),
    since(Seen.BOTH_CHANGED, UNTICKED, (True, None)),
    first(Seen.FIRST_SAME, (True, True)),
    first(Seen.FIRST_SAME, (None, False)),
    first(Seen.FIRST_CRM_EMPTY, (True, None)),
    first(Seen.FIRST_MARKETO_EMPTY, (None, True)),
    first(Seen.FIRST_DIFFERS, TICKED),
    first(Seen.FIRST_DIFFERS, UNTICKED),
    first(Seen.QUICK_SAME, (None, False), "new"),
    first(Seen.QUICK_CRM_EMPTY, (True, None), "new"),
    first(Seen.QUICK_MARKETO_EMPTY, (None, True), "new"),
    first(Seen.QUICK_DIFFERS, TICKED, "new"),
    first(Seen.QUICK_DIFFERS, UNTICKED, "new", Sides(*TICKED)),
    first(Seen.LEFT_OUT, TICKED, "kept"),
    again(Seen.EMPTIED, TICKED, (None, True)),
    again(Seen.EMPTIED, UNTICKED, (True, None)),
    again(Seen.FIRST_MARKETO_EMPTY, UNTICKED, (None, True)),
    again(Seen.FIRST_DIFFERS, TICKED, UNTICKED),
]
RULES = list(product(Direction, Policy))
# sticky-true is for checkboxes only; every other policy is for any pair.
CASES = [
    *product([(FieldType.TEXT, one) for one in EXAMPLES], [rule for rule in RULES if Policy.STICKY_TRUE not in rule]),
    *product([(FieldType.BOOLEAN, one) for one in CHECKBOXES], RULES),
]


def pair_of(type: FieldType, direction: Direction, policy: Policy, state: State) -> FieldPair:
    return a_pair(a_field(type), a_field(type, "Phone"), direction=direction, policy=policy, state=state)


def rows_for(seen: Seen, direction: Direction, policy: Policy) -> list[Case]:
    return [case for case in TABLE if case.seen is seen and direction in case.directions and policy in case.policies]


@pytest.mark.parametrize(("typed", "rule"), CASES, ids=str)
def test_decide_answers_what_the_table_says(typed: tuple[FieldType, Example], rule: tuple[Direction, Policy]) -> None:
    type, example = typed
    pair = pair_of(type, *rule, example.state)

    decision = decide(example.base, example.now, pair)

    [row] = rows_for(example.seen, *rule)
    winner = row.won_by(example.now)
    written = pair.image(example.now[winner], winner) if winner else None
    assert (decision.kind, decision.winner) == (row.kind, winner)
    assert decision.write_to is (winner.other if winner else None)
    assert (decision.value, decision.rebase) == (written, row.rebase)


@pytest.mark.parametrize(("typed", "rule"), CASES, ids=str)
def test_a_field_that_may_not_be_written_stands_as_it_is(
    typed: tuple[FieldType, Example], rule: tuple[Direction, Policy]
) -> None:
    type, example = typed
    pair = pair_of(type, *rule, example.state)
    shut = closed(closed(pair, Side.MARKETO), Side.CRM)

    decision = decide(example.base, example.now, shut)

    [row] = rows_for(example.seen, *rule)
    [shut_row] = rows_for(Seen.CLOSED, *rule)
    assert decision.kind is (shut_row.kind if row.writes else row.kind)
    assert (decision.write_to, decision.value, decision.winner) == (None, None, None)
    assert decision.rebase is (shut_row.rebase if row.writes else row.rebase)


@pytest.mark.parametrize(("typed", "rule"), CASES, ids=str)
def test_a_suspended_field_is_left_alone(typed: tuple[FieldType, Example], rule: tuple[Direction, Policy]) -> None:
    type, example = typed
    decision = decide(example.base, example.now, pair_of(type, *rule, "suspended"))

    assert (decision.kind, decision.write_to, decision.rebase) == (Kind.SUSPENDED, None, False)


@pytest.mark.parametrize("seen", Seen)
@pytest.mark.parametrize(("direction", "policy"), RULES)
def test_every_case_has_exactly_one_row(seen: Seen, direction: Direction, policy: Policy) -> None:
    assert len(rows_for(seen, direction, policy)) == 1


@pytest.mark.parametrize("examples", [EXAMPLES, CHECKBOXES], ids=["texts", "checkboxes"])
def test_the_examples_reach_every_row(examples: list[Example]) -> None:
    assert {example.seen for example in examples} | {Seen.CLOSED, Seen.HIDDEN} == set(Seen)


def test_row_names_are_unique() -> None:
    assert len({case.name for case in TABLE}) == len(TABLE)


def test_rows_that_write_never_move_bases_on_their_own() -> None:
    assert not [case.name for case in TABLE if case.rebase and case.writes]


def test_the_published_table_says_it_in_words() -> None:
    head, rule, *rows = render_table().splitlines()

    assert head == "| What is seen | Direction | Policy | Decision | What is done |"
    assert rule == "| --- | --- | --- | --- | --- |"
    assert len(rows) == len(TABLE)
    assert rows[7] == (
        "| both changed, they differ | both | marketo | collision | Marketo's value is written to the CRM |"
    )
    assert rows[2] == (
        "| one side or both changed, now the same | any | any | agreed | nothing is written; settled as it is |"
    )
    assert rows[3] == (
        "| only Marketo changed | both or to-crm | any | one-sided | Marketo's value is written to the CRM |"
    )


def test_the_published_table_says_that_true_is_not_undone() -> None:
    row = "| both changed, they differ | both | sticky-true | collision | true is written to the side that says false |"
    assert row in render_table().splitlines()


def test_the_default_of_a_lead_and_of_a_contact_are_rows_of_the_table() -> None:
    [lead] = rows_for(Seen.BOTH_CHANGED, Direction.BOTH, Policy.MARKETO)
    [contact] = rows_for(Seen.BOTH_CHANGED, Direction.BOTH, Policy.CRM)
    assert (lead.winner, contact.winner) == (Side.MARKETO, Side.CRM)
