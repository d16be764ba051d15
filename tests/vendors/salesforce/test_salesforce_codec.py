"""Salesforce's JSON and canonical values."""

import json
import string
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.records import Field, FieldType, Value
from mksync.core.values import canonical
from mksync.vendors.salesforce import codec
from mksync.wire import jsontext
from tests.vendors.salesforce.scripted_org import LEAD_FIELDS, wire_field

ids_of_15 = st.text(string.ascii_letters + string.digits, min_size=15, max_size=15)


def field(type: FieldType, scale: int | None = None) -> Field:
    return Field("F", "F", type, vendor_type="x", scale=scale)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001D000000IRFma", "001D000000IRFmaIAH"),  # the example of the REST API Developer Guide
        ("012000000000000", "012000000000000AAA"),  # the master record type
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaAAA"),
        ("AAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA555"),
        ("001D000000IRFmaIAH", "001D000000IRFmaIAH"),
    ],
)
def test_an_id_is_widened_to_eighteen_characters(short: str, long: str) -> None:
    assert codec.widen(short) == long


@given(ids_of_15, ids_of_15)
def test_widened_ids_differ_even_where_case_is_ignored(one: str, other: str) -> None:
    assert (codec.widen(one).lower() == codec.widen(other).lower()) is (one == other)


@given(ids_of_15)
def test_an_id_with_a_wrong_suffix_is_no_id(short: str) -> None:
    long = codec.widen(short)
    assert codec.is_id(short)
    assert codec.is_id(long)
    assert not codec.is_id(long[:-1] + ("A" if long[-1] != "A" else "B"))


@pytest.mark.parametrize(
    "wire",
    [
        "2026-01-31T09:15:00.000+0000",  # REST
        "2026-01-31T09:15:00.000Z",  # bulk, XML
        "2026-01-31T10:15:00.999+01:00",
        "2026-01-31T04:15:00-0500",
    ],
)
def test_a_stamp_is_read_in_every_rendering(wire: str) -> None:
    assert codec.instant(wire) == "2026-01-31T09:15:00Z"


@pytest.mark.parametrize(
    ("type", "scale", "wire", "value"),
    [
        (FieldType.TEXT, None, "  Roe\t", "Roe"),
        (FieldType.TEXT, None, "   ", None),
        (FieldType.TEXT, None, "Jose\u0301", "José"),
        (FieldType.TEXTAREA, None, "one\r\ntwo\rthree", "one\ntwo\nthree"),
        (FieldType.EMAIL, None, "Bob@Example.com", "Bob@Example.com"),
        (FieldType.BOOLEAN, None, None, False),
        (FieldType.BOOLEAN, None, True, True),
        (FieldType.INTEGER, None, 50, 50),
        (FieldType.INTEGER, None, Decimal("50.0"), 50),
        (FieldType.DECIMAL, 2, Decimal("1500.0"), "1500"),
        (FieldType.DECIMAL, 2, Decimal("0.125"), "0.13"),
        (FieldType.DECIMAL, 0, Decimal("-0.4"), "0"),
        (FieldType.DECIMAL, 0, Decimal("1E+7"), "10000000"),
        (FieldType.DATE, None, "2026-01-31", "2026-01-31"),
        (FieldType.DATETIME, None, "2026-01-31T00:30:00.000+0100", "2026-01-30T23:30:00Z"),
        (FieldType.MULTIPICKLIST, None, "Red;Blue; Red ;", "Blue;Red"),
        (FieldType.REFERENCE, None, "001D000000IRFma", "001D000000IRFmaIAH"),
        *((type, None, None, None) for type in FieldType if type is not FieldType.BOOLEAN),
    ],
)
def test_a_wire_value_is_read_as_its_canonical_value(
    type: FieldType, scale: int | None, wire: Any, value: Value
) -> None:
    assert codec.decode(field(type, scale), wire) == value


def test_a_value_of_another_type_is_an_error_that_keeps_the_value_to_itself() -> None:
    with pytest.raises(ValueError, match="F that is no x") as caught:
        codec.decode(field(FieldType.DATE), "Thursday")
    assert "Thursday" not in str(caught.value)


@pytest.mark.parametrize(
    ("type", "value", "wire"),
    [
        (FieldType.TEXT, None, "null"),
        (FieldType.BOOLEAN, None, "false"),
        (FieldType.INTEGER, 7, "7"),
        (FieldType.DECIMAL, "1234567890123456.78", "1234567890123456.78"),  # a binary float would end in .8
        (FieldType.DECIMAL, "1500", "1500"),
        (FieldType.DATETIME, "2026-01-31T09:15:00Z", '"2026-01-31T09:15:00Z"'),
        (FieldType.MULTIPICKLIST, "Blue;Red", '"Blue;Red"'),
    ],
)
def test_a_canonical_value_is_sent_as_json_of_its_type(type: FieldType, value: Value, wire: str) -> None:
    assert jsontext.dumps(codec.encode(field(type, 2), value)).decode() == wire


raw_values = {
    FieldType.BOOLEAN: st.booleans(),
    FieldType.INTEGER: st.integers(-(2**53), 2**53),
    FieldType.DECIMAL: st.decimals(-(10**15), 10**15, places=2),
    FieldType.DATE: st.dates().map(str),
    FieldType.DATETIME: st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z"),
    FieldType.REFERENCE: ids_of_15.map(codec.widen),
}


@given(st.sampled_from(FieldType).flatmap(lambda one: st.tuples(st.just(one), raw_values.get(one, st.text()))))
def test_what_is_sent_is_read_back_as_the_same_value(given: tuple[FieldType, Any]) -> None:
    type, raw = given
    value = canonical(type, raw, 2)
    wire = jsontext.loads(jsontext.dumps(codec.encode(field(type, 2), value)))
    assert codec.decode(field(type, 2), wire) == value


def test_a_row_becomes_a_record_with_the_stamp_as_its_version() -> None:
    row = {"Id": "001D000000IRFma", "SystemModstamp": "2026-01-31T09:15:00.000+0000", "Title": " CTO "}
    found = codec.record("lead", row, {"Title": field(FieldType.TEXT)})
    assert (found.id, found.values, found.version) == ("001D000000IRFmaIAH", {"Title": "CTO"}, "2026-01-31T09:15:00Z")


def test_required_are_the_fields_that_nobody_else_fills() -> None:
    described = [codec.described(one) for one in LEAD_FIELDS]
    assert {one.name for one in described if one and one.required} == {"LastName", "Company"}


@pytest.mark.parametrize(
    ("wire", "creatable", "writable"),
    [
        (wire_field("Title"), True, True),
        (wire_field("Hidden__c", flags="n"), False, False),  # read-only for this user
        (wire_field("Total__c", calculated=True), False, False),
        (wire_field("Number__c", autoNumber=True), False, False),
        (wire_field("Secret__c", "encryptedstring"), False, False),
        (wire_field("Secret__c", encrypted=True), False, False),
        (wire_field("IsConverted", "boolean", "cd"), True, False),
        (wire_field("Id", "id", "d"), False, False),
    ],
)
def test_a_field_is_writable_only_if_its_value_is_the_users_to_set(
    wire: dict[str, Any], creatable: bool, writable: bool
) -> None:
    described = codec.described(wire)
    assert described is not None
    assert (described.creatable, described.writable) == (creatable, writable)


def test_a_formula_is_calculated_and_a_number_that_is_drawn_is_not() -> None:
    wires = (wire_field("F__c", calculated=True), wire_field("F__c", autoNumber=True), wire_field("F__c"))
    found = [codec.described(wire) for wire in wires]
    assert [one and one.calculated for one in found] == [True, False, False]


@pytest.mark.parametrize("type", ["address", "location", "base64", "anyType", "complexvalue", "JunctionIdList"])
def test_a_field_without_a_single_value_is_skipped(type: str) -> None:
    assert codec.described(wire_field("F", type)) is None


def test_metadata_is_taken_over() -> None:
    choices = [{"value": "Hot", "active": True}, {"value": "Old", "active": False}]
    rating = codec.described(wire_field("Rating", "picklist", picklistValues=choices))
    revenue = codec.described(wire_field("Revenue__c", "currency", scale=2))
    key = codec.described(wire_field("Key__c", externalId=True))
    assert rating
    assert (rating.choices, rating.restricted) == (("Hot",), False)
    strict = codec.described(wire_field("Tier__c", "picklist", picklistValues=choices, restrictedPicklist=True))
    assert strict
    assert strict.restricted
    assert revenue
    assert (revenue.type, revenue.scale, revenue.custom, revenue.length) == (FieldType.DECIMAL, 2, True, None)
    assert key
    assert key.searchable
    assert json.dumps(key.length) == "255"


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        (wire_field("Sync__c", "boolean", defaultValue=True), True),
        (wire_field("Sync__c", "boolean", defaultValue=False), False),
        (wire_field("Title", defaultValue="CTO"), None),
    ],
)
def test_what_a_checkbox_of_a_new_record_holds_is_known(wire: dict[str, Any], expected: bool | None) -> None:
    described = codec.described(wire)
    assert described is not None
    assert described.default is expected
