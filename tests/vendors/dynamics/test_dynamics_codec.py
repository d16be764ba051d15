"""Dataverse's JSON and canonical values, both ways."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.records import Field, FieldType, Value
from mksync.core.values import canonical
from mksync.vendors.dynamics import codec, kinds
from mksync.vendors.dynamics.choices import OptionSet
from mksync.vendors.dynamics.codec import NoSuchChoice
from mksync.vendors.dynamics.ids import guid

WEB = OptionSet.of({1: "Advertisement", 8: "Web", 9: "Événement", 10: "Twin", 11: "twin", 12: "A;B", 13: "", 14: "8"})


class Names:
    """One option set for every field."""

    def of(self, field: Field) -> OptionSet:
        return WEB

    def name(self, field: Field, number: int) -> str:
        return WEB.name(number) or str(number)


NAMES = Names()


def field(kind: str, type: FieldType | None = None, scale: int | None = None) -> Field:
    return Field("x", "X", type or kinds.TYPES[kind], kind, scale=scale)


@pytest.mark.parametrize(
    ("kind", "wire", "value"),
    [
        ("String", " Ada ", "Ada"),
        ("String", "", None),
        ("String", None, None),
        ("Memo", "one\r\ntwo", "one\ntwo"),
        ("Boolean", True, True),
        ("Boolean", False, False),
        ("Boolean", None, None),
        ("Integer", 42, 42),
        ("BigInt", 8123411, 8123411),
        ("Money", Decimal("1200.5000"), "1200.5"),
        ("Double", Decimal("47.63958"), "47.63958"),
        ("Picklist", 8, "Web"),
        ("Picklist", 77, "77"),
        ("State", 1, "Advertisement"),
        ("MultiSelectPicklist", "8,1", "Advertisement;Web"),
        ("MultiSelectPicklist", "8, 1", "Advertisement;Web"),
        ("MultiSelectPicklist", "", None),
        ("Lookup", "5B5B0000-0000-4000-8000-000000000009", "5b5b0000-0000-4000-8000-000000000009"),
        ("Uniqueidentifier", "{5B5B0000-0000-4000-8000-000000000009}", "5b5b0000-0000-4000-8000-000000000009"),
        ("DateTime", "2026-03-04T10:11:12Z", "2026-03-04T10:11:12Z"),
        ("DateTime", "2026-03-04T10:11:12+02:00", "2026-03-04T08:11:12Z"),
        (kinds.FLOATING, "2026-03-04T10:11:12Z", "2026-03-04T10:11:12Z"),
        (kinds.FLOATING_DATE, "2026-03-04T00:00:00Z", "2026-03-04"),
        ("Date", "2026-03-04", "2026-03-04"),
    ],
)
def test_what_is_read_is_canonical(kind: str, wire: object, value: Value) -> None:
    decoded = codec.decode(field(kind), wire, NAMES)
    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize("hours", range(-11, 13))
def test_a_date_kept_as_somebodys_midnight_is_the_day_that_was_meant(hours: int) -> None:
    """Midnight of the fourth of March, in every time zone from eleven hours behind to twelve ahead."""
    hour = (24 - hours) % 24
    day = 3 if hours > 0 else 4
    wire = f"2026-03-{day:02d}T{hour:02d}:00:00Z"
    assert codec.decode(field(kinds.LOCAL_DATE), wire, NAMES) == "2026-03-04"


@pytest.mark.parametrize(
    ("kind", "value", "wire"),
    [
        ("String", "Ada", "Ada"),
        ("String", None, None),
        ("String", "", None),
        ("Boolean", None, False),
        ("Boolean", True, True),
        ("Integer", 42, 42),
        ("Integer", None, None),
        ("Money", "1200.5", Decimal("1200.5")),
        ("Picklist", "web", 8),
        ("Picklist", "8", 8),
        ("Picklist", "1", 1),
        ("Picklist", "événement", 9),
        ("Picklist", "10", 10),
        ("Picklist", None, None),
        ("MultiSelectPicklist", "Web;advertisement;12", "1,8,12"),
        ("Date", "2026-03-04", "2026-03-04"),
        (kinds.FLOATING_DATE, "2026-03-04", "2026-03-04T00:00:00Z"),
        ("DateTime", "2026-03-04T10:11:12Z", "2026-03-04T10:11:12Z"),
    ],
)
def test_what_is_written_is_what_the_api_takes(kind: str, value: Value, wire: object) -> None:
    encoded = codec.encode(field(kind), value, NAMES)
    assert encoded == wire
    assert type(encoded) is type(wire)


@pytest.mark.parametrize(("number", "name"), [(10, "10"), (11, "11"), (12, "12"), (13, "13"), (14, "14"), (8, "Web")])
def test_a_label_that_does_not_stand_for_one_option_alone_gives_way_to_the_integer(number: int, name: str) -> None:
    """Twins, a list, none at all, and one that reads like another option's integer."""
    assert WEB.name(number) == name
    assert WEB.number(name) == number


def test_a_label_that_is_its_own_integer_is_kept() -> None:
    years = OptionSet.of({1: "1", 100: "2026"})
    assert (years.name(1), years.name(100), years.number("2026"), years.number("100")) == ("1", "2026", 100, 100)


@pytest.mark.parametrize("text", ["Twin", "A;B", "Skywriting", "99", ""])
def test_a_text_that_names_no_option_is_none(text: str) -> None:
    assert WEB.number(text) is None


def test_an_unknown_choice_names_the_choices_there_are() -> None:
    with pytest.raises(NoSuchChoice) as caught:
        codec.encode(field("MultiSelectPicklist"), "Web;Skywriting", NAMES)
    assert "Skywriting" in str(caught.value)
    assert "Advertisement" in caught.value.options


@given(st.dictionaries(st.integers(0, 40), st.text("aAbB;19 é", max_size=3)))
def test_every_option_is_named_so_that_its_name_leads_back_to_it(labels: dict[int, str]) -> None:
    options = OptionSet.of(labels)
    for number in labels:
        name = options.name(number)
        assert name
        assert options.number(name) == number
        assert canonical(FieldType.PICKLIST, name) == name
        assert canonical(FieldType.MULTIPICKLIST, name) == name


@given(st.sets(st.sampled_from(sorted(WEB.names)), min_size=1))
def test_a_multi_select_comes_back_as_it_was(numbers: set[int]) -> None:
    wire = ",".join(map(str, sorted(numbers)))
    multi = field("MultiSelectPicklist")
    assert codec.encode(multi, codec.decode(multi, wire, NAMES), NAMES) == wire


@pytest.mark.parametrize(
    ("kind", "wire"),
    [("Integer", "many"), ("Boolean", "perhaps"), ("DateTime", "soon"), ("Picklist", "Web"), ("Money", [1])],
)
def test_nonsense_is_refused_without_quoting_it(kind: str, wire: Any) -> None:
    with pytest.raises(ValueError, match=f"in x that is no {kind}") as caught:
        codec.decode(field(kind), wire, NAMES)
    assert str(wire) not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "1a1a0000-0000-4000-8000-00000000000", "1a1a0000-0000-4000-8000-000000000001' or 1 eq 1"]
)
def test_what_is_no_record_id_is_none(text: str) -> None:
    assert guid(text) is None


def test_a_lookup_is_read_by_its_id() -> None:
    lookup = Field("ownerid", "Owner", FieldType.REFERENCE, "Owner")
    own = Field("leadid", "Lead", FieldType.REFERENCE, "Uniqueidentifier")
    assert (kinds.column(lookup), kinds.column(own)) == ("_ownerid_value", "leadid")
