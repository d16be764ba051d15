"""Values that are called something else on the other side, and texts that are cut to fit."""

from dataclasses import replace

import pytest

from mksync.core.cut import cut
from mksync.core.pairs import Direction, FieldPair
from mksync.core.records import Field, FieldType, Side, Sides, Value
from mksync.core.value_map import ValueMap

from .samples import a_field, a_pair

T = FieldType
RATING = (("Hot", "1"), ("Cold", "3"))


def mapped(
    rows: tuple[tuple[str, str], ...] = RATING,
    marketo: FieldType = T.TEXT,
    crm: FieldType = T.PICKLIST,
    direction: Direction = Direction.BOTH,
) -> FieldPair:
    pair = a_pair(a_field(marketo), a_field(crm), direction=direction)
    return replace(pair, values=ValueMap.of(rows, pair.fields))


@pytest.mark.parametrize(("crm", "marketo"), [("Hot", "1"), ("Cold", "3"), ("Warm", "Warm"), (None, None)])
def test_a_value_has_its_own_name_on_each_side_and_others_pass(crm: Value, marketo: Value) -> None:
    pair = mapped()
    assert pair.image(crm, Side.CRM) == marketo
    assert pair.image(marketo, Side.MARKETO) == crm
    assert pair.same(marketo, crm)


@pytest.mark.parametrize(("marketo", "crm"), [("1", "Cold"), ("3", "Hot"), ("Warm", "Hot"), (None, "Hot"), ("1", None)])
def test_other_values_are_not_the_same(marketo: Value, crm: Value) -> None:
    assert not mapped().same(marketo, crm)


@pytest.mark.parametrize(("marketo", "crm"), [("Hot", "Hot"), ("1", "1")])
def test_a_value_that_means_another_one_over_there_is_not_the_same(marketo: Value, crm: Value) -> None:
    """Before there was a map both sides held "Hot"; that is a difference now."""
    assert not mapped().same(marketo, crm)


def test_where_nothing_flows_back_an_image_is_as_good_as_any() -> None:
    pair = mapped(direction=Direction.TO_MARKETO)
    assert pair.same("1", "1")
    assert not pair.same("Hot", "Hot")


def test_two_values_may_change_places() -> None:
    pair = mapped((("A", "B"), ("B", "A")))
    assert [pair.image(value, side) for side in Side for value in ("A", "B")] == ["B", "A", "B", "A"]
    assert pair.same("A", "B")
    assert not pair.same("A", "A")


def test_of_a_multi_select_every_value_is_looked_up_by_itself() -> None:
    pair = mapped((("Events", "e"), ("Automation", "z")), crm=T.MULTIPICKLIST)
    assert pair.image("Automation;Events;Other", Side.CRM) == "Other;e;z"
    assert pair.image("z; Other ;e", Side.MARKETO) == "Automation;Events;Other"
    assert pair.same("z;e", "Automation;Events")
    assert not pair.same("z", "Automation;Events")
    assert not pair.same("Events;z", "Automation;Events")
    assert pair.image(None, Side.CRM) is None


@pytest.mark.parametrize("yes", [True, 1])
def test_a_checkbox_may_be_two_words(yes: Value) -> None:
    """SQLite gives a checkbox back as a number."""
    pair = mapped((("true", "Yes"), ("false", "No")), crm=T.BOOLEAN, direction=Direction.TO_MARKETO)
    assert [pair.image(value, Side.CRM) for value in (yes, False, None)] == ["Yes", "No", "No"]
    assert pair.same("Yes", yes)
    assert not pair.same("true", yes)


def test_several_values_may_stand_for_one_where_nothing_flows_back() -> None:
    pair = mapped((("Hot", "1"), ("Boiling", "1")), direction=Direction.TO_MARKETO)
    assert [pair.image(value, Side.CRM) for value in ("Hot", "Boiling")] == ["1", "1"]
    assert pair.same("1", "Hot")
    assert pair.same("1", "Boiling")
    with pytest.raises(ValueError, match="1 stands for several values"):
        pair.image("1", Side.MARKETO)


def test_a_value_that_a_field_can_never_hold_is_never_met() -> None:
    pair = mapped((("Hot", "1"), ("7", "2")), crm=T.INTEGER, direction=Direction.TO_MARKETO)
    assert pair.image(7, Side.CRM) == "2"
    assert pair.image(8, Side.CRM) == "8"


E_ACUTE, FAMILY = "e\u0301", "\U0001f468\u200d\U0001f469"


@pytest.mark.parametrize(
    ("value", "length", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcde"),
        ("abc def", 4, "abc"),  # no space is left at the end
        ("abcq\u0323x", 4, "abc"),  # q with a dot below has no character of its own
        (f"ab{FAMILY}", 4, "ab"),
        ("ab\U0001f44d\U0001f3fd", 3, "ab"),  # a thumb and its skin
        ("ab\u2764\ufe0f", 3, "ab"),
        ("\u0323\u0323\u0323", 2, "\u0323\u0323"),  # nothing but marks: cut all the same
        (None, 2, None),
    ],
)
def test_a_text_is_cut_between_characters_as_people_see_them(value: Value, length: int, expected: Value) -> None:
    assert cut(value, a_field(), a_field(length=length)) == expected


def test_a_limit_in_bytes_is_kept_in_bytes() -> None:
    area = Field("notes", "Notes", T.TEXTAREA, length=10, byte_length=10)
    assert cut("\u20ac" * 4, a_field(), area) == "\u20ac" * 3
    assert cut("a" * 11, a_field(), area) == "a" * 10


def test_of_a_multi_select_whole_choices_are_left_out() -> None:
    several, short = a_field(T.MULTIPICKLIST), a_field(length=10)
    assert cut("Automation;Events", several, short) == "Automation"
    assert cut("Automation;Events", several, a_field(length=9)) == "Automation;Events"  # to be rejected


@pytest.mark.parametrize("type", [T.EMAIL, T.PHONE, T.URL, T.REFERENCE])
def test_addresses_and_numbers_are_never_cut(type: FieldType) -> None:
    assert cut("ana@example.com", a_field(type), a_field(length=5)) == "ana@example.com"
    assert cut("ana@example.com", a_field(), a_field(type, length=5)) == "ana@example.com"


def test_a_cut_text_is_the_same_as_the_long_one() -> None:
    fields = Sides(a_field(length=255), a_field(length=5))
    pair = replace(a_pair(), fields=fields, truncate=True)
    assert pair.image("a long one", Side.MARKETO) == "a lon"
    assert pair.same("a long one", "a lon")
    assert not pair.same("a long one", "a lot")
    assert not replace(pair, truncate=False).same("a long one", "a lon")
