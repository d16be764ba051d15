"""How values are taken, refused, cleared and read back, type by type."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mksync.sandbox.marketo.catalogue import LeadField
from mksync.sandbox.marketo.values import BadValueError, present, to_store
from tests.sandbox.marketo.api import Api, reason
from tests.sandbox.marketo.conftest import Start

# field, value sent, value read back
TAKEN = [
    ("title", "CTO", "CTO"),
    ("title", " CTO ", " CTO "),
    ("title", 12, "12"),
    ("title", "x" * 255, "x" * 255),
    ("title", "Ana 🚀 ✓", "Ana 🚀 ✓"),
    ("address", "one\ntwo\r\nthree", "one\ntwo\r\nthree"),
    ("address", "é" * 15_000, "é" * 15_000),
    ("email", "Ana@Example.com", "Ana@Example.com"),
    ("phone", "+49 (0)89 123", "+49 (0)89 123"),
    ("doNotCall", True, True),
    ("doNotCall", "true", True),
    ("doNotCall", "False", False),
    ("numberOfEmployees", 12, 12),
    ("numberOfEmployees", -3, -3),
    ("numberOfEmployees", 14.0, 14),
    ("numberOfEmployees", 3_000_000_000, 3_000_000_000),
    ("leadScore", 40, 40),
    ("fitScore", 12.34, 12.34),
    ("fitScore", 7, 7.0),
    ("annualRevenue", 1_000_000.5, 1_000_000.5),
    ("dateOfBirth", "1980-02-29", "1980-02-29"),
    ("lastDemoAt", "2026-03-01T10:00:48Z", "2026-03-01T10:00:48Z"),
    ("lastDemoAt", "2026-03-01T10:00:48.999Z", "2026-03-01T10:00:48Z"),
    ("lastDemoAt", "2026-03-01T10:00:48+02:00", "2026-03-01T08:00:48Z"),
    ("lastDemoAt", "2026-03-01T10:00:48-0800", "2026-03-01T18:00:48Z"),
    ("lastDemoAt", "2026-03-01T10:00:48", "2026-03-01T16:00:48Z"),  # no zone: US Central
    ("lastDemoAt", "2026-07-01T10:00:48", "2026-07-01T15:00:48Z"),
]
REFUSED = [
    ("title", "x" * 256),
    ("title", ["a"]),
    ("title", {"a": 1}),
    ("title", "\ud83d"),
    ("address", "é" * 15_001),
    ("email", "bademail"),
    ("email", "a@b"),
    ("email", "ä@example.com"),
    ("email", "a b@example.com"),
    ("email", "a@example..com"),
    ("doNotCall", "other"),
    ("doNotCall", 2),
    ("numberOfEmployees", 14.1),
    ("numberOfEmployees", "many"),
    ("numberOfEmployees", True),
    ("numberOfEmployees", 1 << 63),
    ("leadScore", "1.5"),
    ("fitScore", "14c"),
    ("fitScore", "nan"),
    ("fitScore", "1e999"),
    ("dateOfBirth", "1981-02-29"),
    ("dateOfBirth", "29.02.1980"),
    ("dateOfBirth", "1980-02-28T00:00:00Z"),
    ("lastDemoAt", "yesterday"),
    ("lastDemoAt", "2026-03-01"),
    ("lastDemoAt", "2026-03-01T10:00:48.123456789Z"),
    ("lastDemoAt", "2026-13-01T10:00:48Z"),
]


@pytest.mark.parametrize(("field", "sent", "read"), TAKEN)
def test_a_good_value_is_taken_and_read_back(api: Api, field: str, sent: Any, read: Any) -> None:
    lead_id = api.create(**{field: sent})
    value = api.lead(lead_id, field)[field]
    assert value == read
    assert type(value) is type(read)


@pytest.mark.parametrize(("field", "sent"), REFUSED)
def test_a_bad_value_is_refused(api: Api, field: str, sent: Any) -> None:
    (item,) = api.sync({field: sent}, action="createDuplicate")
    assert reason(item) == "1003"
    assert item["reasons"][0]["message"].startswith(f"Invalid value for field '{field}' and value ")


def test_by_switch_a_value_of_a_wrong_type_is_1001(start: Start) -> None:
    (item,) = start("type_mismatch_1001").sync({"email": "a@example.com", "leadScore": "many"})
    assert item["reasons"] == [{"code": "1001", "message": "Invalid value 'many'. Required of type 'integer'"}]


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize(
    ("field", "value", "cleared"),
    [
        ("title", "CTO", None),
        ("address", "x", None),
        ("phone", "1", None),
        ("leadScore", 4, None),
        ("fitScore", 4.5, None),
        ("annualRevenue", 4.5, None),
        ("dateOfBirth", "1980-01-01", None),
        ("lastDemoAt", "2026-03-01T10:00:48Z", None),
        ("doNotCall", True, False),
    ],
)
def test_null_and_the_empty_text_clear_a_field(api: Api, field: str, value: Any, cleared: Any, empty: Any) -> None:
    api.sync({"email": "a@example.com", field: value})
    api.sync({"email": "a@example.com", field: empty})
    assert api.lead(1, field)[field] == cleared


def test_a_missing_key_leaves_its_field_alone(api: Api) -> None:
    api.sync({"email": "a@example.com", "title": "CTO"})
    api.sync({"email": "a@example.com", "phone": "1"})
    assert api.lead(1, "title")["title"] == "CTO"


def test_by_switch_an_empty_text_is_stored(start: Start) -> None:
    api = start("empty_string_kept")
    api.sync({"email": "a@example.com", "title": "", "leadScore": "", "doNotCall": ""})
    assert api.lead(1, "title", "leadScore", "doNotCall") == {
        "id": 1,
        "title": "",
        "leadScore": None,
        "doNotCall": False,
    }


def test_by_switch_any_text_is_an_e_mail(start: Start) -> None:
    api = start("any_email")
    assert api.sync({"email": "bad email"})[0]["status"] == "created"
    assert api.ids("email", "BAD EMAIL") == [1]


@pytest.mark.parametrize(("sent", "held"), [("Ana 🚀 x", "Ana "), ("🚀", ""), ("plain ✓", "plain ✓"), ("a😀b😀c", "a")])
def test_by_switch_text_ends_at_the_first_character_beyond_the_basic_plane(start: Start, sent: str, held: str) -> None:
    api = start("astral_truncates")
    assert api.lead(api.create(title=sent), "title")["title"] == held


TYPES = ("string", "text", "email", "phone", "url", "boolean", "integer", "score", "percent", "float", "currency")
FIELDS = st.sampled_from([LeadField(1, "x", "X", type) for type in (*TYPES, "date", "datetime")])
JSON = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.datetimes().map(str)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(FIELDS, JSON)
def test_what_is_read_back_can_be_written_again_and_stays_the_same(field: LeadField, value: Any) -> None:
    try:
        stored = to_store(field, value, frozenset())
    except BadValueError:
        return
    assert to_store(field, present(field, stored), frozenset()) == stored
