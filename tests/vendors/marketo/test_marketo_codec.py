"""Values survive the way to Marketo and back; metadata becomes fields."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.records import Field, FieldType, Value
from mksync.core.values import canonical, same
from mksync.errors import ConfigError
from mksync.vendors.marketo import codec
from mksync.wire import jsontext
from tests.vendors.marketo.conftest import DESCRIBE, DESCRIBE2

in_bmp = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF))
raw_values: dict[FieldType, st.SearchStrategy[object]] = {
    **dict.fromkeys((FieldType.TEXT, FieldType.TEXTAREA, FieldType.EMAIL, FieldType.URL, FieldType.PHONE), in_bmp),
    FieldType.REFERENCE: in_bmp,
    FieldType.BOOLEAN: st.booleans() | st.none(),
    FieldType.INTEGER: st.integers(-(2**62), 2**62) | st.none(),
    FieldType.DECIMAL: st.decimals(-(10**15), 10**15, places=4) | st.none(),
    FieldType.DATE: st.dates().map(lambda date: f"{date:%Y-%m-%d}".rjust(10, "0")),
    FieldType.DATETIME: st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z"),
}
typed = st.sampled_from(list(raw_values)).flatmap(
    lambda type: raw_values[type].map(lambda raw: (type, canonical(type, raw)))
)


@given(typed)
def test_what_marketo_stores_unchanged_is_read_back_the_same(pair: tuple[FieldType, Value]) -> None:
    type, value = pair
    sent = jsontext.dumps(codec.to_wire(type, value))
    assert codec.from_wire(type, jsontext.loads(sent)) == value


@given(typed)
def test_what_is_sent_is_of_the_json_type_that_the_field_takes(pair: tuple[FieldType, Value]) -> None:
    type, value = pair
    sent = json.loads(jsontext.dumps(codec.to_wire(type, value)))
    if type is FieldType.BOOLEAN:
        assert isinstance(sent, bool)
    elif value is None:
        assert sent is None
    elif type in (FieldType.INTEGER, FieldType.DECIMAL):
        assert isinstance(sent, int | float)
        assert not isinstance(sent, bool)
    else:
        assert isinstance(sent, str)


@given(st.sampled_from(list(FieldType)), st.none() | st.booleans() | st.integers() | st.text() | st.just([1]))
def test_whatever_marketo_sends_is_read_as_something_that_sqlite_can_hold(type: FieldType, raw: object) -> None:
    value = codec.from_wire(type, raw)
    if isinstance(value, str):
        value.encode()


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("boolean", None, False),
        ("boolean", True, True),
        ("string", "", None),
        ("string", "  CTO ", "CTO"),
        ("text", "one\r\ntwo", "one\ntwo"),
        ("integer", Decimal("14.0"), 14),
        ("score", 7, 7),
        ("percent", Decimal("99.50"), "99.5"),
        ("currency", Decimal("12345678901234567.89"), "12345678901234567.89"),
        ("date", "2026-03-02", "2026-03-02"),
        ("datetime", "2026-03-02T10:00:31Z", "2026-03-02T10:00:31Z"),
        ("datetime", "2026-03-02T10:00:31.123Z", "2026-03-02T10:00:31Z"),
        ("datetime", "2026-03-02T02:00:31-08:00", "2026-03-02T10:00:31Z"),
        ("datetime", "2026-03-02T10:00:31Z+0000", "2026-03-02T10:00:31Z"),
        ("integer", "not a number", "not a number"),
    ],
)
def test_marketo_values_are_read_canonically(kind: str, raw: object, value: Value) -> None:
    assert codec.from_wire(codec.TYPES[kind], raw) == value


@pytest.mark.parametrize(
    ("type", "value", "sent"),
    [
        (FieldType.BOOLEAN, None, False),
        (FieldType.BOOLEAN, 1, True),  # as SQLite gives it
        (FieldType.DECIMAL, "1500", Decimal(1500)),
        (FieldType.INTEGER, 3, 3),
        (FieldType.TEXT, None, None),
        (FieldType.TEXT, "Zoë 🎉 party", "Zoë 🎉 party"),
        (FieldType.DATETIME, "2026-03-02T10:00:31Z", "2026-03-02T10:00:31Z"),
    ],
)
def test_values_are_sent_in_marketos_form(type: FieldType, value: Value, sent: object) -> None:
    assert codec.to_wire(type, value) == sent


def test_half_a_character_that_marketo_cut_is_readable() -> None:
    assert codec.from_wire(FieldType.TEXT, jsontext.loads(b'"party \\ud83c"')) == "party \ufffd"


def test_email_keeps_its_case_and_compares_without() -> None:
    value = codec.from_wire(FieldType.EMAIL, "Ana.Ruiz@Example.com")
    assert value == "Ana.Ruiz@Example.com"
    assert same(FieldType.EMAIL, value, "ana.ruiz@example.com")


def test_metadata_of_both_calls_becomes_one_schema() -> None:
    fields = codec.schema(DESCRIBE, DESCRIBE2).fields
    assert fields["email"] == Field(
        "email",
        "Email Address",
        FieldType.EMAIL,
        "email",
        255,
        searchable=True,
        creatable=True,
        writable=True,
        number=56,
    )
    assert fields["mksyncCrmId"].custom
    assert fields["mksyncCrmId"].searchable
    assert fields["newer"].type is FieldType.INTEGER  # only describe2 knows it
    assert fields["mktoPersonNotes"].type is FieldType.TEXTAREA
    assert fields["mktoPersonNotes"].byte_length == 30_000
    assert [name for name in ("mktoPersonNotes", "email", "newer") if fields[name].bmp] == ["mktoPersonNotes"]


@pytest.mark.parametrize("name", ["id", "createdAt", "unsubscribed", "leadPartitionId"])
def test_fields_that_the_api_does_not_write_are_not_writable(name: str) -> None:
    field = codec.schema(DESCRIBE, DESCRIBE2).fields[name]
    assert not field.writable
    assert not field.creatable


@pytest.mark.parametrize("name", ["fullName", "OnlySoap"])
def test_fields_that_rest_does_not_return_are_not_described(name: str) -> None:
    assert name not in codec.schema(DESCRIBE, DESCRIBE2).fields


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        (FieldType.TEXT, "string"),
        (FieldType.DECIMAL, "float"),
        (FieldType.DATETIME, "datetime"),
        (FieldType.URL, "url"),
    ],
)
def test_a_new_field_is_asked_for_in_marketos_words(type: FieldType, kind: str) -> None:
    made = codec.new_field(Field("crmKey", "CRM id (mksync)!", type))
    assert made == {"displayName": "CRM id mksync", "name": "crmKey", "dataType": kind}


def test_a_text_area_cannot_be_created_by_the_api() -> None:
    with pytest.raises(ConfigError, match="cannot create notes"):
        codec.new_field(Field("notes", "Notes", FieldType.TEXTAREA))
