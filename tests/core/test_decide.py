"""Claims about the decision that the table's rows do not show: what counts as a change, and the reasons given."""

from typing import Literal

import pytest

from mksync.core.decide import Decision, Kind, decide
from mksync.core.pairs import Direction, Policy
from mksync.core.records import FieldType, Side, Sides, Value

from .samples import a_field, a_pair, closed

EMAIL = a_field(FieldType.EMAIL, "email")
CHECKBOX = a_field(FieldType.BOOLEAN, "unsubscribed")
OLD: Sides[Value] = Sides("old", "old")


def test_what_a_server_made_of_our_write_is_not_a_change() -> None:
    """We sent "ACME ltd", the CRM keeps "Acme Ltd": its base is what it holds, so the next cycle is quiet."""
    held: Sides[Value] = Sides("ACME ltd", "Acme Ltd")
    assert decide(held, held, a_pair()).kind is Kind.STANDING


def test_an_email_written_in_other_letters_is_no_change() -> None:
    decision = decide(Sides("a@x.org", "a@x.org"), Sides("A@X.org", "a@x.org"), a_pair(EMAIL, EMAIL))
    assert decision.kind is Kind.IN_SYNC


def test_an_email_travels_with_its_letters_as_written() -> None:
    decision = decide(Sides("a@x.org", "a@x.org"), Sides("B@X.org", "a@x.org"), a_pair(EMAIL, EMAIL))
    assert (decision.kind, decision.write_to, decision.value) == (Kind.ONE_SIDED, Side.CRM, "B@X.org")


@pytest.mark.parametrize("stored", [(0, 1), (False, True)])
def test_a_checkbox_read_from_the_mirror_as_a_number_is_the_checkbox(stored: tuple[Value, Value]) -> None:
    off, on = stored
    pair = a_pair(CHECKBOX, CHECKBOX)

    assert decide(Sides(False, False), Sides(off, False), pair).kind is Kind.IN_SYNC
    ticked = decide(Sides(False, False), Sides(on, False), pair)
    assert (ticked.write_to, ticked.value) == (Side.CRM, True)
    assert isinstance(ticked.value, bool)


def test_a_first_comparison_of_checkboxes_is_never_a_fill() -> None:
    """No cell of a checkbox is empty: an unticked one is somebody's word, so the policy decides."""
    decision = decide(None, Sides(False, True), a_pair(CHECKBOX, CHECKBOX, object="contact", policy=Policy.CRM))
    assert (decision.kind, decision.write_to, decision.value) == (Kind.INITIAL, Side.MARKETO, True)


def test_a_held_collision_is_released_when_one_side_takes_its_edit_back() -> None:
    pair = a_pair(policy=Policy.HOLD)
    held = decide(OLD, Sides("m", "c"), pair)
    released = decide(OLD, Sides("old", "c"), pair)

    assert held == Decision(Kind.HELD, rule="field rule phone: held for a human")
    assert (released.kind, released.write_to, released.value) == (Kind.ONE_SIDED, Side.MARKETO, "c")


def test_a_change_that_met_a_closed_field_flows_once_the_field_is_open() -> None:
    now: Sides[Value] = Sides("m", "old")
    blocked = decide(OLD, now, closed(a_pair(), Side.CRM))

    assert blocked == Decision(Kind.STANDING, rule="the CRM's Phone cannot be written")
    assert decide(OLD, now, a_pair()).value == "m"


@pytest.mark.parametrize("type", [FieldType.TEXT, FieldType.DECIMAL])
def test_a_value_without_an_image_on_the_other_side_stands_and_stops_nothing(type: FieldType) -> None:
    """A CRM admin made a number of a text field, or a side holds what its own type does not allow."""
    pair = a_pair(a_field(type), a_field(FieldType.INTEGER, "Phone"))
    decision = decide(Sides("1", 1), Sides("about ten", 1), pair)
    assert decision == Decision(Kind.STANDING, rule="the CRM's Phone cannot hold it: 'about ten' is not a number")


def test_a_number_is_rounded_to_what_the_receiving_field_keeps() -> None:
    pair = a_pair(a_field(FieldType.DECIMAL, "revenue"), a_field(FieldType.DECIMAL, "AnnualRevenue", scale=2))
    assert decide(Sides("1", "1"), Sides("2.345", "1"), pair).value == "2.35"


def test_a_change_below_the_other_sides_precision_is_agreed_and_not_written() -> None:
    pair = a_pair(a_field(FieldType.DECIMAL, "revenue"), a_field(FieldType.DECIMAL, "AnnualRevenue", scale=2))
    decision = decide(Sides("2.35", "2.35"), Sides("2.3512", "2.35"), pair)
    assert (decision.kind, decision.write_to, decision.rebase) == (Kind.AGREED, None, True)


@pytest.mark.parametrize(
    ("base", "now", "kept"),
    [
        (OLD, Sides("m", "c"), Side.CRM),  # collision
        (None, Sides("m", "c"), Side.CRM),  # first difference
        (OLD, Sides("m", "old"), None),  # one-sided: nobody's edit goes under
        (None, Sides("m", None), None),  # fill
        (OLD, Sides("n", "n"), None),  # agreed
    ],
)
def test_the_loser_is_named_where_a_value_of_its_own_goes_under(
    base: Sides[Value] | None, now: Sides[Value], kept: Side | None
) -> None:
    assert decide(base, now, a_pair()).loser is kept


def test_an_edit_on_the_receiving_side_of_a_one_way_field_is_a_loser() -> None:
    decision = decide(OLD, Sides("edited", "old"), a_pair(object="account", direction=Direction.TO_MARKETO))
    assert (decision.loser, decision.value) == (Side.MARKETO, "old")
    assert decision.rule == "account.phone flows one way: the CRM wins"


@pytest.mark.parametrize(
    ("object", "policy", "direction", "rule"),
    [
        ("lead", Policy.MARKETO, Direction.BOTH, "lead: Marketo wins"),
        ("contact", Policy.CRM, Direction.BOTH, "contact: the CRM wins"),
        ("lead", Policy.CRM, Direction.BOTH, "field rule phone: the CRM wins"),
        ("contact", Policy.MARKETO, Direction.BOTH, "field rule phone: Marketo wins"),
        ("account", Policy.CRM, Direction.TO_MARKETO, "account.phone flows one way: the CRM wins"),
        ("lead", Policy.HOLD, Direction.BOTH, "field rule phone: held for a human"),
    ],
)
def test_a_collision_says_which_rule_decided_it(object: str, policy: Policy, direction: Direction, rule: str) -> None:
    pair = a_pair(object=object, policy=policy, direction=direction)
    assert decide(OLD, Sides("m", "c"), pair).rule == rule


def test_a_one_sided_change_says_who_changed_it() -> None:
    assert decide(OLD, Sides("old", "c"), a_pair()).rule == "only the CRM changed it"


@pytest.mark.parametrize("base", [None, Sides(True, False), Sides(False, True)])
@pytest.mark.parametrize("state", ["live", "new"])
def test_an_opt_out_is_undone_by_no_collision_first_difference_or_quick_sync(
    base: Sides[Value] | None, state: Literal["live", "new"]
) -> None:
    pair = a_pair(CHECKBOX, CHECKBOX, object="contact", policy=Policy.STICKY_TRUE, state=state)
    decision = decide(base, Sides(True, False), pair)
    if base == Sides(True, False) and state == "live":
        assert decision.kind is Kind.STANDING  # nobody changed anything
        return
    assert (decision.write_to, decision.value, decision.loser) == (Side.CRM, True, Side.CRM)
    assert decision.rule == "unsubscribed is sticky-true: Marketo says true"


def test_somebody_who_subscribes_again_on_one_side_is_subscribed_on_the_other() -> None:
    pair = a_pair(CHECKBOX, CHECKBOX, policy=Policy.STICKY_TRUE)
    decision = decide(Sides(True, True), Sides(True, False), pair)
    assert (decision.kind, decision.write_to, decision.value) == (Kind.ONE_SIDED, Side.MARKETO, False)


def test_a_one_way_opt_out_goes_by_its_source() -> None:
    pair = a_pair(CHECKBOX, CHECKBOX, policy=Policy.STICKY_TRUE, direction=Direction.TO_MARKETO)
    assert decide(None, Sides(True, False), pair).value is False
