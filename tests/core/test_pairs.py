"""Field pairs: what can be paired, which way it flows, who wins, and when two sides' values are the same."""

import pytest

from mksync.core.pairs import Direction, Policy, default_policy, natural_direction, problems
from mksync.core.records import FieldType, Side, Sides, Value

from .samples import a_field, a_pair

T = FieldType
OPEN, SHUT = True, False


@pytest.mark.parametrize(
    ("marketo", "crm", "expected"),
    [
        ((T.TEXT, OPEN), (T.TEXT, OPEN), Direction.BOTH),
        ((T.TEXT, OPEN), (T.TEXT, SHUT), Direction.TO_MARKETO),
        ((T.TEXT, SHUT), (T.TEXT, OPEN), Direction.TO_CRM),
        ((T.TEXT, SHUT), (T.TEXT, SHUT), None),
        ((T.TEXT, OPEN), (T.INTEGER, OPEN), Direction.TO_MARKETO),  # a number is a text, a text is no number
        ((T.INTEGER, OPEN), (T.TEXT, OPEN), Direction.TO_CRM),
        ((T.TEXT, SHUT), (T.INTEGER, OPEN), None),
        ((T.DATE, OPEN), (T.DATETIME, OPEN), Direction.TO_MARKETO),
        ((T.BOOLEAN, OPEN), (T.DATE, OPEN), None),
    ],
)
def test_the_natural_direction_is_all_that_types_and_permissions_allow(
    marketo: tuple[FieldType, bool], crm: tuple[FieldType, bool], expected: Direction | None
) -> None:
    fields = [a_field(type, writable=writable) for type, writable in (marketo, crm)]
    assert natural_direction(*fields) is expected


def test_a_pair_without_problems_has_none() -> None:
    assert problems(a_field(), a_field(T.PHONE), Direction.BOTH) == []


def test_a_field_that_cannot_be_written_names_the_direction_that_remains() -> None:
    crm = a_field(name="CreatedDate", writable=False)
    assert problems(a_field(), crm, Direction.BOTH) == [
        "the CRM's CreatedDate cannot be written by the sync user",
        "what remains is direction 'to-marketo'",
    ]
    assert problems(a_field(), crm, Direction.TO_MARKETO) == []


def test_types_that_do_not_fit_are_named_with_both_fields() -> None:
    [why] = problems(a_field(T.BOOLEAN, "unsubscribed"), a_field(T.DATE, "Birthdate"), Direction.TO_CRM)
    assert why == "boolean values of Marketo's unsubscribed do not fit the CRM's date field Birthdate"


@pytest.mark.parametrize(
    ("object", "policy"),
    [("lead", Policy.MARKETO), ("contact", Policy.CRM), ("account", Policy.CRM), ("Asset__c", Policy.CRM)],
)
def test_marketo_wins_on_leads_and_the_crm_on_everything_else(object: str, policy: Policy) -> None:
    assert default_policy(object) is policy


@pytest.mark.parametrize("now", [Sides("m", "c"), Sides("", "c"), Sides(True, False)])
def test_a_policy_names_its_winner_and_hold_names_none(now: Sides[Value]) -> None:
    winners = [a_pair(policy=policy).winner(now) for policy in (Policy.MARKETO, Policy.CRM, Policy.HOLD)]
    assert winners == [Side.MARKETO, Side.CRM, None]


@pytest.mark.parametrize(
    ("now", "winner"),
    [
        (Sides(True, False), Side.MARKETO),
        (Sides(True, None), Side.MARKETO),
        (Sides(False, True), Side.CRM),
        (Sides(0, 1), Side.CRM),  # as a column of the mirror gives them back
    ],
)
def test_sticky_true_prefers_the_side_that_says_true(now: Sides[Value], winner: Side) -> None:
    assert a_pair(a_field(T.BOOLEAN), a_field(T.BOOLEAN), policy=Policy.STICKY_TRUE).winner(now) is winner


@pytest.mark.parametrize(
    ("direction", "from_marketo", "from_crm"),
    [(Direction.BOTH, True, True), (Direction.TO_CRM, True, False), (Direction.TO_MARKETO, False, True)],
)
def test_a_direction_says_from_which_sides_values_flow(
    direction: Direction, from_marketo: bool, from_crm: bool
) -> None:
    assert (direction.flows_from(Side.MARKETO), direction.flows_from(Side.CRM)) == (from_marketo, from_crm)


@pytest.mark.parametrize(
    ("marketo", "m", "crm", "c", "expected"),
    [
        (T.TEXT, "Anna", T.TEXT, "Anna", True),
        (T.TEXT, "Anna", T.TEXT, "anna", False),
        (T.EMAIL, "A@x.org", T.TEXT, "a@x.org", True),  # the coarser field does not tell them apart
        (T.TEXT, "Red;Blue", T.MULTIPICKLIST, "Blue;Red", True),
        (T.TEXT, "Red;Green", T.MULTIPICKLIST, "Blue;Red", False),
        (T.INTEGER, 5, T.DECIMAL, "5.4", True),
        (T.INTEGER, 5, T.DECIMAL, "5.5", False),
        (T.DATE, "2026-01-31", T.DATETIME, "2026-01-31T23:00:00Z", True),
        (T.DATE, "2026-02-01", T.DATETIME, "2026-01-31T23:00:00Z", False),
        (T.TEXT, "5", T.INTEGER, 5, True),
        (T.TEXT, "five", T.INTEGER, 5, False),
        (T.TEXT, "true", T.BOOLEAN, 1, True),
        (T.BOOLEAN, False, T.BOOLEAN, 0, True),
        (T.TEXT, None, T.BOOLEAN, False, True),
        (T.TEXT, None, T.TEXT, None, True),
        (T.TEXT, None, T.TEXT, "a", False),
    ],
)
def test_two_sides_are_the_same_if_the_coarser_field_cannot_tell_them_apart(
    marketo: FieldType, m: Value, crm: FieldType, c: Value, expected: bool
) -> None:
    assert a_pair(a_field(marketo), a_field(crm)).same(m, c) is expected
    assert a_pair(a_field(crm), a_field(marketo)).same(c, m) is expected


@pytest.mark.parametrize(("marketo_scale", "crm_scale"), [(None, 2), (2, None), (4, 2), (2, 4)])
def test_decimals_are_compared_at_the_coarser_scale(marketo_scale: int | None, crm_scale: int | None) -> None:
    pair = a_pair(a_field(T.DECIMAL, scale=marketo_scale), a_field(T.DECIMAL, scale=crm_scale))
    fine, coarse = ("2.345", "2.35") if crm_scale == 2 else ("2.35", "2.345")
    assert pair.same(fine, coarse)
    assert not pair.same("2.34", "2.35")


def test_a_pair_is_known_by_marketos_name() -> None:
    assert a_pair(a_field(name="mobilePhone"), a_field(name="MobilePhone")).name == "mobilePhone"
