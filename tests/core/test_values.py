"""Canonical values, against spellings that the vendors document or were recorded to use."""

from decimal import Decimal

import pytest

from mksync.core.records import FieldType, Value
from mksync.core.values import canonical, compatible, same, translate

from .samples import a_field

T = FieldType
NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("type", "raw", "value"),
    [
        (T.TEXT, " Anna \t", "Anna"),
        (T.TEXT, "", None),
        (T.TEXT, " \r\n ", None),
        (T.TEXT, None, None),
        (T.TEXT, f"{NBSP}Anna{NBSP}", f"{NBSP}Anna{NBSP}"),
        (T.TEXT, "Zoe\u0308", "Zo\u00eb"),
        (T.TEXT, 42, "42"),
        (T.TEXT, 1500.0, "1500"),
        (T.TEXT, True, "true"),
        (T.TEXT, False, "false"),
        (T.TEXT, "two\r\nlines", "two\r\nlines"),
        (T.TEXTAREA, "two\r\nlines\rand more\n", "two\nlines\nand more"),
        (T.EMAIL, " Anna@Example.ORG ", "Anna@Example.ORG"),
        (T.PHONE, "+49 (30) 123", "+49 (30) 123"),
        (T.URL, "https://example.org/ ", "https://example.org/"),
        (T.PICKLIST, "Hot", "Hot"),
        (T.REFERENCE, "0055g00000MmNnOAAV", "0055g00000MmNnOAAV"),
        (T.MULTIPICKLIST, "Red;Blue", "Blue;Red"),
        (T.MULTIPICKLIST, " Red ; Blue;;Red; ", "Blue;Red"),
        (T.MULTIPICKLIST, ";", None),
        (T.MULTIPICKLIST, None, None),
        (T.BOOLEAN, None, False),
        (T.BOOLEAN, "", False),
        (T.BOOLEAN, "true", True),
        (T.BOOLEAN, "True", True),
        (T.BOOLEAN, "FALSE", False),
        (T.BOOLEAN, 1, True),
        (T.BOOLEAN, 0, False),
        (T.BOOLEAN, 1.0, True),
        (T.BOOLEAN, "0", False),
        (T.INTEGER, 5.0, 5),
        (T.INTEGER, "5", 5),
        (T.INTEGER, "-5.00", -5),
        (T.INTEGER, Decimal("1E+3"), 1000),
        (T.INTEGER, "", None),
        (T.INTEGER, 2**53 + 1, 2**53 + 1),
        (T.INTEGER, -(2**63), -(2**63)),
        (T.DATE, "2026-01-31", "2026-01-31"),
        (T.DATE, "2026-01-31Z", "2026-01-31"),
        (T.DATE, "2026-01-31T00:00:00.000Z", "2026-01-31"),
        (T.DATE, "", None),
        (T.DATETIME, "2026-01-31T09:15:00Z", "2026-01-31T09:15:00Z"),
        (T.DATETIME, "2026-01-31T09:15:00.000+0000", "2026-01-31T09:15:00Z"),
        (T.DATETIME, "2026-01-31T09:15:00.999Z", "2026-01-31T09:15:00Z"),
        (T.DATETIME, "2026-01-31T01:15:00-08:00", "2026-01-31T09:15:00Z"),
        (T.DATETIME, "2026-01-31T14:45:00+0530", "2026-01-31T09:15:00Z"),
        (T.DATETIME, "2026-01-31T14:15:00+05", "2026-01-31T09:15:00Z"),
        (T.DATETIME, "2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
        (T.DATETIME, "2026-01-31T09:15:00Z+0000", "2026-01-31T09:15:00Z"),
        (T.DATETIME, "2014-11-13 12:43:04", "2014-11-13T12:43:04Z"),
        (T.DATETIME, "2026-01-31T09:15Z", "2026-01-31T09:15:00Z"),
        (T.DATETIME, "2026-01-31", "2026-01-31T00:00:00Z"),
        (T.DATETIME, "0987-01-31T09:15:00Z", "0987-01-31T09:15:00Z"),
        (T.DATETIME, None, None),
    ],
)
def test_a_value_has_one_canonical_spelling(type: FieldType, raw: object, value: Value) -> None:
    found = canonical(type, raw)
    assert found == value
    assert found.__class__ is value.__class__


@pytest.mark.parametrize(
    ("raw", "scale", "value"),
    [
        (1500.0, None, "1500"),
        ("1500.00", None, "1500"),
        (0.1, None, "0.1"),
        (".5", None, "0.5"),
        ("5.", None, "5"),
        ("1e3", None, "1000"),
        (1e22, None, "10000000000000000000000"),
        (1e-7, None, "0.0000001"),
        ("-0.00", None, "0"),
        (-0.0, None, "0"),
        ("-0.004", 2, "0"),
        (0.30000000000000004, 2, "0.3"),
        ("2.345", 2, "2.35"),
        ("2.3449", 2, "2.34"),
        ("-2.345", 2, "-2.35"),
        ("0.5", 0, "1"),
        ("123456789012345678.125", 2, "123456789012345678.13"),
        ("100", 2, "100"),
        ("", 2, None),
        (None, None, None),
    ],
)
def test_decimals_are_plain_text_rounded_half_up(raw: object, scale: int | None, value: Value) -> None:
    assert canonical(T.DECIMAL, raw, scale) == value


@pytest.mark.parametrize(
    ("type", "raw"),
    [
        (T.TEXT, ["a"]),
        (T.TEXT, {"street": "x"}),
        (T.TEXT, "half \ud83d"),
        (T.BOOLEAN, "maybe"),
        (T.BOOLEAN, 2),
        (T.INTEGER, 14.1),
        (T.INTEGER, "14c"),
        (T.INTEGER, True),
        (T.INTEGER, 2**63),
        (T.INTEGER, -(2**63) - 1),
        (T.INTEGER, "1_000"),
        (T.DECIMAL, "1,500.00"),
        (T.DECIMAL, "100%"),
        (T.DECIMAL, "٣"),
        (T.DECIMAL, float("nan")),
        (T.DECIMAL, float("inf")),
        (T.DECIMAL, "1e999999999"),
        (T.DECIMAL, "1e9999"),
        (T.DECIMAL, False),
        (T.DATE, "31.01.2026"),
        (T.DATE, "2026-02-30"),
        (T.DATE, 20260131),
        (T.DATETIME, "yesterday"),
        (T.DATETIME, "2026-01-31T25:00:00Z"),
        (T.DATETIME, "2026-W05-6"),
        (T.DATETIME, "0001-01-01T00:00:00+14:00"),
        (T.DATETIME, 1769850900),
    ],
)
def test_what_cannot_be_read_as_the_type_is_a_value_error(type: FieldType, raw: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        canonical(type, raw)


@pytest.mark.parametrize(
    ("type", "raw", "message"),
    [
        (T.TEXT, ["a"], "a list is not a single value"),
        (T.DECIMAL, "1,500.00", "'1,500.00' is not a number"),
        (T.INTEGER, 14.1, "14.1 is not a whole number"),
        (T.BOOLEAN, "Maybe", "'maybe' is neither true nor false"),
        (T.DATE, "31.01.2026", "'31.01.2026' is not a date or time"),
        (T.INTEGER, "x" * 5000, f"'{'x' * 40}' is not a number"),
    ],
)
def test_the_reason_is_short_and_names_the_value(type: FieldType, raw: object, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        canonical(type, raw)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("type", "a", "b", "expected"),
    [
        (T.EMAIL, "Anna@Example.org", "anna@example.ORG", True),
        (T.EMAIL, "anna@example.org", None, False),
        (T.TEXT, "Anna", "anna", False),
        (T.PICKLIST, "Hot", "hot", False),
        (T.TEXT, None, None, True),
        (T.BOOLEAN, 1, True, True),
        (T.BOOLEAN, 0, False, True),
        (T.BOOLEAN, None, False, True),
        (T.BOOLEAN, 0, True, False),
        (T.INTEGER, 1, True, False),
        (T.INTEGER, 0, False, False),
        (T.INTEGER, 1, 1, True),
        (T.INTEGER, 0, None, False),
    ],
)
def test_sameness_goes_by_the_type(type: FieldType, a: Value, b: Value, expected: bool) -> None:
    assert same(type, a, b) is expected
    assert same(type, b, a) is expected


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (T.PHONE, T.TEXT, True),
        (T.TEXT, T.PICKLIST, True),
        (T.INTEGER, T.DECIMAL, True),
        (T.DECIMAL, T.INTEGER, True),
        (T.MULTIPICKLIST, T.TEXT, True),
        (T.TEXT, T.MULTIPICKLIST, True),
        (T.DATETIME, T.DATE, True),
        (T.DATE, T.DATETIME, False),  # it has no time of day
        (T.INTEGER, T.TEXT, True),
        (T.TEXT, T.INTEGER, False),
        (T.BOOLEAN, T.TEXT, True),
        (T.TEXT, T.BOOLEAN, False),
        (T.BOOLEAN, T.INTEGER, False),
        (T.DATE, T.EMAIL, False),
    ],
)
def test_types_are_compatible_where_every_value_has_an_image(
    source: FieldType, target: FieldType, expected: bool
) -> None:
    assert compatible(source, target) is expected


@pytest.mark.parametrize(
    ("source", "value", "target", "scale", "image"),
    [
        (T.DECIMAL, "2.5", T.INTEGER, None, 3),
        (T.INTEGER, 3, T.DECIMAL, 2, "3"),
        (T.DECIMAL, "2.345", T.DECIMAL, 1, "2.3"),
        (T.DATETIME, "2026-01-31T23:59:59Z", T.DATE, None, "2026-01-31"),
        (T.MULTIPICKLIST, "Blue;Red", T.TEXT, None, "Blue;Red"),
        (T.TEXT, "Red;Blue", T.MULTIPICKLIST, None, "Blue;Red"),
        (T.TEXT, "a\r\nb", T.TEXTAREA, None, "a\nb"),
        (T.BOOLEAN, 1, T.TEXT, None, "true"),
        (T.BOOLEAN, 0, T.BOOLEAN, None, False),
        (T.TEXT, None, T.TEXT, None, None),
        (T.INTEGER, None, T.DECIMAL, 2, None),
    ],
)
def test_a_value_travels_as_its_image(
    source: FieldType, value: Value, target: FieldType, scale: int | None, image: Value
) -> None:
    found = translate(value, a_field(source), a_field(target, scale=scale))
    assert found == image
    assert found.__class__ is image.__class__
