"""Values that a field is known not to take, told before anything is sent."""

from dataclasses import replace

import pytest

from mksync.core.misfit import misfit
from mksync.core.records import Field, FieldType, Value
from mksync.core.values import translate
from tests.core.samples import a_field

T = FieldType
TIER = replace(a_field(T.PICKLIST), choices=("Gold", "Silver "), codes=("1", "2"), restricted=True)
SEVERAL = replace(TIER, type=T.MULTIPICKLIST)
FREE = replace(TIER, restricted=False)
AMOUNT = replace(a_field(T.DECIMAL, scale=2), lowest="-999.99", highest="999.99")


@pytest.mark.parametrize(
    ("type", "length", "required", "value", "why"),
    [
        (T.TEXT, 3, False, "abcd", "4 characters are too long for Phone, which holds 3"),
        (T.TEXT, 3, False, "abc", None),
        (T.TEXT, None, False, "a" * 99_999, None),
        (T.MULTIPICKLIST, 3, False, "a;bc", "4 characters are too long for Phone, which holds 3"),
        (T.DATETIME, 5, False, "2026-01-31T09:15:00Z", None),
        (T.TEXT, None, True, None, "Phone must not be empty"),
        (T.TEXT, None, False, None, None),
        (T.BOOLEAN, None, True, False, None),
        (T.INTEGER, None, False, 2**63, "9223372036854775808 is too large for the whole number Phone"),
        (T.INTEGER, None, False, 2**63 - 1, None),
    ],
)
def test_a_misfit_is_told_in_plain_words(
    type: FieldType, length: int | None, required: bool, value: Value, why: str | None
) -> None:
    found = misfit(value, a_field(type, length=length, required=required))
    assert (found and found.reason) == why


@pytest.mark.parametrize(
    ("field", "value", "code", "reason"),
    [
        (TIER, "Bronze", "NOT_A_CHOICE", "'Bronze' is none of the choices of Phone"),
        (SEVERAL, "Bronze;Gold;Tin", "NOT_A_CHOICE", "'Bronze', 'Tin' are none of the choices of Phone"),
        (AMOUNT, "1000", "TOO_LARGE", "1000 is more than 999.99, the most of Phone"),
        (AMOUNT, "-1000", "TOO_SMALL", "-1000 is less than -999.99, the least of Phone"),
    ],
)
def test_what_the_metadata_speak_against_is_not_sent(field: Field, value: Value, code: str, reason: str) -> None:
    found = misfit(value, field)
    assert found is not None
    assert (found.code, found.reason) == (code, reason)


def test_a_remedy_names_the_choices_there_are() -> None:
    found = misfit("Bronze", replace(TIER, choices=tuple("ABCDEFGHIJ")))
    assert found is not None
    assert found.remedy == "use one of A, B, C, D, E, F, G, H, …; or add it to the list"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (TIER, "gold"), (TIER, "2"), (TIER, "Silver"), (TIER, None), (SEVERAL, "2;gold"), (FREE, "Bronze"),
        (replace(TIER, choices=(), codes=()), "Bronze"), (AMOUNT, "999.99"), (AMOUNT, "-999.99"), (AMOUNT, None),
    ],
)  # fmt: skip
def test_what_a_vendor_may_take_is_left_to_the_vendor(field: Field, value: Value) -> None:
    assert misfit(value, field) is None


def test_a_number_too_large_for_the_other_side_is_a_misfit_and_stops_nothing() -> None:
    image = translate("1" + "0" * 30, a_field(T.DECIMAL), a_field(T.INTEGER))
    assert misfit(image, a_field(T.INTEGER)) is not None
