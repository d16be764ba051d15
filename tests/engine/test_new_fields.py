"""What a Marketo field is called that is made for a field of the CRM."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.records import Field, FieldType
from mksync.engine.new_fields import name_for


def crm(name: str) -> Field:
    return Field(name, name, FieldType.TEXT, custom=True)


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("Customer_Tier__c", (), "customerTier"),
        ("CustomerTier__c", (), "customerTier"),
        ("AOV__c", (), "aov"),
        ("AOVInUSD__c", (), "aovInUSD"),
        ("Score_2024__c", (), "score2024"),
        ("acme__Tier__c", (), "acmeTier"),  # a package's own prefix keeps two packages apart
        ("new_tier", (), "tier"),
        ("cr4f1_plan_type", (), "planType"),
        ("new_tier", ("tier",), "newTier"),
        ("new_tier", ("tier", "newtier"), "newTier2"),
        ("Tier__c", ("tier", "tier2"), "tier3"),
        ("new_2nd_phone", (), "crm2ndPhone"),
    ],
)
def test_a_name_is_in_marketos_manner_and_nobody_elses(name: str, taken: tuple[str, ...], expected: str) -> None:
    assert name_for(crm(name), taken) == expected


@given(
    st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,20}(__c)?", fullmatch=True),
    st.lists(st.sampled_from(["tier", "newtier", "a", "b", "crm"])),
)
def test_every_name_is_one_that_marketo_takes_and_is_free(name: str, taken: list[str]) -> None:
    found = name_for(crm(name), taken)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", found)
    assert found.casefold() not in taken
    assert name_for(crm(name), [*taken, found.casefold()]) != found
