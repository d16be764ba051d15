"""Canonical values: reading twice changes nothing, sameness is an equivalence, and values survive the way over."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import assume, given
from hypothesis import strategies as st

from mksync.core.records import Field, FieldType
from mksync.core.values import canonical, compatible, same, translate

from .core_model import fields, pairs, values

T = FieldType
TEXT_TYPES = [T.TEXT, T.TEXTAREA, T.EMAIL, T.PHONE, T.URL, T.PICKLIST, T.REFERENCE, T.MULTIPICKLIST]
FINITE = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18)
WHEN = st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9999, 12, 30))
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SEPARATED = "{:%Y-%m-%dT%H:%M:%S}"


@given(st.sampled_from(TEXT_TYPES), st.text())
def test_reading_a_text_twice_changes_nothing(type: FieldType, raw: str) -> None:
    once = canonical(type, raw)
    assert canonical(type, once) == once
    assert once != ""


@given(fields(), st.data())
def test_reading_a_canonical_value_changes_nothing(field: Field, data: st.DataObject) -> None:
    value = data.draw(values(field))
    again = canonical(field.type, value, field.scale)
    assert again == value
    assert again.__class__ is value.__class__


@given(FINITE)
def test_a_decimal_is_plain_text_of_the_same_number(number: Decimal) -> None:
    text = canonical(T.DECIMAL, number)
    assert isinstance(text, str)
    assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?", text)
    assert Fraction(text) == Fraction(number)


@given(FINITE, st.integers(0, 6))
def test_a_decimal_is_rounded_half_up_to_its_scale(number: Decimal, scale: int) -> None:
    text = canonical(T.DECIMAL, number, scale)
    exact = abs(Fraction(number)) * 10**scale
    assert abs(Fraction(str(text))) == Fraction(floor(exact + Fraction(1, 2)), 10**scale)


@given(WHEN, OFFSETS, st.sampled_from(["colon", "plain"]))
def test_an_instant_is_the_same_in_every_spelling(when: datetime, zone: timezone, style: str) -> None:
    local = when.replace(tzinfo=zone)
    expected = SEPARATED.format(local.astimezone(UTC)) + "Z"
    offset = f"{local:%z}"
    spelled = f"{offset[:3]}:{offset[3:]}" if style == "colon" else offset

    found = canonical(T.DATETIME, f"{SEPARATED.format(local)}.{local.microsecond // 1000:03}{spelled}")

    assert found == expected


@given(st.lists(st.sampled_from(["Red", "Blue", "Green", "red", ""])), st.randoms(use_true_random=False))
def test_a_multi_select_is_a_set(choices: list[str], random: st.DataObject) -> None:
    shuffled = sorted(choices + choices[:1], key=lambda _: random.random())  # type: ignore[attr-defined]
    found = canonical(T.MULTIPICKLIST, ";".join(choices))
    assert found == canonical(T.MULTIPICKLIST, " ; ".join(shuffled))
    assert set(str(found or "").split(";")) - {""} == set(choices) - {""}


@given(fields(), st.data())
def test_sameness_is_an_equivalence(field: Field, data: st.DataObject) -> None:
    a, b, c = (data.draw(values(field)) for _ in range(3))
    assert same(field.type, a, a)
    assert same(field.type, a, b) is same(field.type, b, a)
    assert same(field.type, a, c) or not (same(field.type, a, b) and same(field.type, b, c))


@given(fields(), fields(), st.data())
def test_every_value_of_a_compatible_field_has_a_canonical_image(
    source: Field, target: Field, data: st.DataObject
) -> None:
    assume(compatible(source.type, target.type))
    image = translate(data.draw(values(source)), source, target)
    assert canonical(target.type, image, target.scale) == image


@given(st.sampled_from(TEXT_TYPES), st.text())
def test_any_text_survives_the_way_into_any_text_field(type: FieldType, raw: str) -> None:
    source, target = Field("a", "A", T.TEXT), Field("b", "B", type)
    assume(compatible(T.TEXT, type))
    image = translate(canonical(T.TEXT, raw), source, target)
    assert image == canonical(type, raw)


@given(st.data())
def test_a_value_and_its_image_are_the_same_for_their_pair(data: st.DataObject) -> None:
    pair = data.draw(pairs())
    source = pair.direction.source or data.draw(st.sampled_from(["marketo", "crm"]))
    if source == "marketo":
        value = data.draw(values(pair.fields.marketo))
        assert pair.same(value, translate(value, pair.fields.marketo, pair.fields.crm))
    else:
        value = data.draw(values(pair.fields.crm))
        assert pair.same(translate(value, pair.fields.crm, pair.fields.marketo), value)
