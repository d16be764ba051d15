"""What is known of leads and contacts beyond their metadata."""

import pytest

from mksync.core.pairs import Direction
from mksync.vendors.dynamics import VENDOR

OBJECTS = VENDOR.catalogue


def test_the_keys_are_the_tables_own() -> None:
    assert {object: found.key for object, found in OBJECTS.items()} == {"lead": "leadid", "contact": "contactid"}


@pytest.mark.parametrize("object", OBJECTS)
def test_no_field_is_paired_twice_and_none_that_is_not_offered(object: str) -> None:
    pairs = OBJECTS[object].pairs
    assert len({pair.crm for pair in pairs}) == len(pairs)
    assert len({pair.marketo for pair in pairs}) == len(pairs)
    assert not {pair.crm for pair in pairs} & OBJECTS[object].not_offered.keys()
    assert {pair.direction for pair in pairs} <= set(Direction)


@pytest.mark.parametrize("object", OBJECTS)
def test_columns_are_called_by_their_logical_names(object: str) -> None:
    names = [*OBJECTS[object].not_offered, *(pair.crm for pair in OBJECTS[object].pairs)]
    assert [name for name in names if name != name.lower() or name.startswith("_")] == []


@pytest.mark.parametrize(
    ("object", "crm", "marketo"),
    [
        ("lead", "emailaddress1", "email"),
        ("lead", "donotbulkemail", "unsubscribed"),
        ("lead", "leadsourcecode", "leadSource"),
        ("contact", "description", "mktoPersonNotes"),
        ("contact", "mkt_leadscore", "leadScore"),
    ],
)
def test_the_documented_pairs_are_proposed(object: str, crm: str, marketo: str) -> None:
    assert marketo in [pair.marketo for pair in OBJECTS[object].pairs if pair.crm == crm]


def test_what_belongs_to_a_contacts_account_is_not_the_persons() -> None:
    paired = {pair.marketo for pair in OBJECTS["contact"].pairs}
    assert not paired & {"company", "annualRevenue", "leadSource", "rating", "fax"}


@pytest.mark.parametrize("object", OBJECTS)
def test_every_reason_is_a_sentence_for_people(object: str) -> None:
    assert all(len(why) > 10 for why in OBJECTS[object].not_offered.values())
