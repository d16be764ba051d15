"""Brakes: plans that look like an accident are refused with their numbers; ordinary plans and small ones pass."""

import pytest

from mksync.core.brakes import Brake, Limits, judge
from mksync.core.decide import Decision, decide
from mksync.core.pairs import FieldPair
from mksync.core.records import FieldType, Side, Sides, Value
from mksync.core.tally import FieldCount, Read, Tally, TallyBuilder

from .samples import a_field, a_pair

PAIR = a_pair()
CITY = a_pair(a_field(name="city"), a_field(name="City"))
OLD: Sides[Value] = Sides("old", "old")


def planned(changes: int, *, of: int, now: Sides[Value], pair: FieldPair = PAIR, base: Sides[Value] = OLD) -> Tally:
    """What a plan amounts to in which the first `changes` of `of` links hold `now`, and the others are in sync."""
    builder = TallyBuilder()
    builder.linked("lead", of)
    for link in range(of):
        held = now if link < changes else base
        builder.decided(link, pair, decide(base, held, pair), held)
    return builder.tally()


def names(tally: Tally, limits: Limits | None = None) -> list[str]:
    return [brake.name for brake in judge(tally, limits or Limits())]


@pytest.mark.parametrize(("changes", "expected"), [(250, []), (251, ["changed"])])
def test_more_than_a_quarter_of_the_links_changing_towards_one_side_applies_the_brake(
    changes: int, expected: list[str]
) -> None:
    assert names(planned(changes, of=1000, now=Sides("m", "old"))) == expected


@pytest.mark.parametrize(("changes", "expected"), [(100, []), (101, ["blanked"])])
def test_a_field_emptied_on_more_than_a_tenth_of_the_links_applies_the_brake(changes: int, expected: list[str]) -> None:
    assert names(planned(changes, of=1000, now=Sides(None, "old"))) == expected


@pytest.mark.parametrize(("changes", "expected"), [(24, []), (25, ["blanked", "changed"])])
def test_a_few_records_never_apply_a_brake_whatever_share_they_are(changes: int, expected: list[str]) -> None:
    assert names(planned(changes, of=changes, now=Sides("old", None))) == expected


def test_a_brake_says_what_where_and_how_to_go_on() -> None:
    [brake] = judge(planned(101, of=1000, now=Sides("old", None)), Limits(), Sides("Marketo", "Salesforce"))
    assert brake == Brake(
        "blanked",
        "lead.phone would be emptied in Marketo on 101 of 1,000 linked records",
        101,
        "look whether the sync user can still read the field in Salesforce; "
        "if this is meant, run again with --confirm 101",
    )


def test_the_changed_brake_names_the_field_that_changes_most() -> None:
    builder = TallyBuilder()
    builder.linked("lead", 1200)
    for link in range(900):
        now: Sides[Value] = Sides("m", "old")
        builder.decided(link, PAIR, decide(OLD, now, PAIR), now)
        if link < 300:
            builder.decided(link, CITY, decide(OLD, now, CITY), now)
    [brake] = judge(builder.tally(), Limits())
    assert brake.message == "900 of 1,200 linked lead records would be changed in the CRM, most of them in phone"
    assert brake.number == 900
    assert brake.hint == (
        "look for a bulk edit or an import in Marketo; if this is meant, run again with --confirm 900"
    )


@pytest.mark.parametrize(("seen", "expected"), [(500, []), (499, ["emptied"]), (0, ["emptied"])])
def test_a_full_read_that_returns_less_than_half_of_what_is_known_applies_the_brake(
    seen: int, expected: list[str]
) -> None:
    builder = TallyBuilder()
    builder.read(Side.CRM, "contact", known=1000, seen=seen)
    assert names(builder.tally()) == expected


def test_an_emptied_side_is_told_with_both_numbers() -> None:
    [brake] = judge(Tally(reads={(Side.MARKETO, "person"): Read(known=1000, seen=12)}), Limits())
    assert brake.message == "a full read of Marketo returned 12 of 1,000 known person records"
    assert brake.number == 988


@pytest.mark.parametrize(("gone", "expected"), [(50, []), (51, ["gone"])])
def test_more_than_half_of_the_linked_records_deleted_applies_the_brake(gone: int, expected: list[str]) -> None:
    assert names(Tally(linked={"lead": 100 - gone}, gone={(Side.CRM, "lead"): gone})) == expected


@pytest.mark.parametrize(("frozen", "expected"), [(50, []), (51, ["frozen"])])
def test_more_than_half_of_the_links_frozen_by_the_filter_applies_the_brake(frozen: int, expected: list[str]) -> None:
    builder = TallyBuilder()
    builder.linked("contact", 100 - frozen)
    for _ in range(frozen):
        builder.froze("contact")
    found = judge(builder.tally(), Limits())
    assert [brake.name for brake in found] == expected
    assert [brake.message for brake in found] == ["51 of 100 linked contacts would be frozen by the filter"][
        : len(found)
    ]


def test_deleted_records_are_judged_against_the_links_of_their_own_object() -> None:
    [brake] = judge(Tally(linked={"lead": 10, "contact": 900}, gone={(Side.CRM, "lead"): 30}), Limits())
    assert brake.message == "30 of 40 linked lead records were deleted in the CRM"


def test_deleted_persons_are_judged_against_the_links_of_all_objects() -> None:
    linked = {"lead": 30, "contact": 30}
    assert names(Tally(linked=linked, gone={(Side.MARKETO, "person"): 60})) == []
    assert names(Tally(linked=linked, gone={(Side.MARKETO, "person"): 61})) == ["gone"]


def test_all_brakes_of_a_plan_are_let_pass_by_the_same_number() -> None:
    builder = TallyBuilder()
    builder.linked("lead", 100)
    for link in range(60):
        now: Sides[Value] = Sides("old", None if link < 30 else "c")
        builder.decided(link, PAIR, decide(OLD, now, PAIR), now)
    brakes = judge(builder.tally(), Limits())

    assert [(brake.name, brake.number) for brake in brakes] == [("blanked", 60), ("changed", 60)]
    assert brakes[0].message == "lead.phone would be emptied in Marketo on 30 of 100 linked records"


def test_limits_are_the_admins_to_set() -> None:
    tally = planned(10, of=100, now=Sides(None, "old"))
    assert names(tally) == []
    assert names(tally, Limits(blanked_share=0.05, least=5)) == ["blanked"]


def test_a_first_comparison_and_new_records_apply_no_brake() -> None:
    builder = TallyBuilder()
    builder.linked("lead", 100)
    builder.created("lead", Side.MARKETO, 5000)
    for link in range(100):
        now: Sides[Value] = Sides("m", "c" if link % 2 else None)
        builder.decided(link, PAIR, decide(None, now, PAIR), now)
    tally = builder.tally()

    assert judge(tally, Limits()) == []
    assert tally.initial == {("lead", Side.CRM): 100}
    assert tally.created == {("lead", Side.MARKETO): 5000}
    assert (tally.records, tally.fields) == ({}, {})


def test_what_is_told_one_by_one_adds_up() -> None:
    builder = TallyBuilder()
    for _ in range(3):
        builder.linked("lead")
        builder.gone(Side.CRM, "lead")
        builder.created("lead", Side.MARKETO)
    assert builder.tally() == Tally(
        linked={"lead": 3}, gone={(Side.CRM, "lead"): 3}, created={("lead", Side.MARKETO): 3}
    )


def test_a_record_is_counted_once_per_side_however_many_fields_change() -> None:
    builder = TallyBuilder()
    towards_crm: Sides[Value] = Sides("m", "old")
    towards_marketo: Sides[Value] = Sides("old", "c")
    for link in ("a", "b"):
        builder.decided(link, PAIR, decide(OLD, towards_crm, PAIR), towards_crm)
        builder.decided(link, CITY, decide(OLD, towards_crm, CITY), towards_crm)
        builder.decided(link, PAIR, decide(OLD, towards_marketo, PAIR), towards_marketo)
    tally = builder.tally()

    assert tally.records == {("lead", Side.CRM): 2, ("lead", Side.MARKETO): 2}
    assert tally.fields["lead", "phone", Side.CRM] == FieldCount(changed=2, blanked=0)
    assert tally.fields["lead", "city", Side.CRM] == FieldCount(changed=2, blanked=0)


@pytest.mark.parametrize(
    ("type", "base", "edited", "blanked"),
    [
        (FieldType.BOOLEAN, True, False, 1),  # an unreadable checkbox looks unticked
        (FieldType.BOOLEAN, False, True, 0),
        (FieldType.INTEGER, 0, None, 1),  # zero is not empty
        (FieldType.INTEGER, 5, 0, 0),
        (FieldType.TEXT, "a", None, 1),
        (FieldType.TEXT, None, "a", 0),
    ],
)
def test_what_counts_as_emptied(type: FieldType, base: Value, edited: Value, blanked: int) -> None:
    pair = a_pair(a_field(type), a_field(type))
    tally = planned(1, of=1, now=Sides(base, edited), pair=pair, base=Sides(base, base))
    assert tally.fields["lead", "phone", Side.MARKETO] == FieldCount(changed=1, blanked=blanked)


def test_a_decision_that_writes_nothing_counts_for_nothing() -> None:
    builder = TallyBuilder()
    builder.decided(1, PAIR, Decision(decide(OLD, OLD, PAIR).kind), OLD)
    assert builder.tally() == Tally()
