"""The default pairs and the fields that are not offered."""

import pytest

from mksync.core.pairs import Direction
from mksync.core.records import Catalogue
from mksync.vendors.salesforce import VENDOR

BOTH = pytest.mark.parametrize("catalogue", VENDOR.catalogue.values(), ids=VENDOR.catalogue.keys())
COMPANY = {"company", "website", "industry", "annualRevenue", "numberOfEmployees", "mainPhone", "site", "sicCode"}


def test_leads_and_contacts_are_known() -> None:
    assert set(VENDOR.catalogue) == {"lead", "contact"}


@BOTH
def test_a_field_is_paired_once_on_each_side(catalogue: Catalogue) -> None:
    assert len({pair.crm for pair in catalogue.pairs}) == len(catalogue.pairs)
    assert len({pair.marketo for pair in catalogue.pairs}) == len(catalogue.pairs)


@BOTH
def test_what_is_not_offered_is_not_paired_and_has_a_reason(catalogue: Catalogue) -> None:
    assert not {pair.crm for pair in catalogue.pairs} & set(catalogue.not_offered)
    assert all(catalogue.not_offered.values())


@BOTH
def test_custom_fields_are_always_offered(catalogue: Catalogue) -> None:
    assert not [name for name in catalogue.not_offered if name.endswith("__c")]


@BOTH
def test_every_pair_flows_in_a_direction_there_is(catalogue: Catalogue) -> None:
    assert {pair.direction for pair in catalogue.pairs} <= set(Direction)


def test_a_contact_has_no_company_pairs() -> None:
    assert not COMPANY & {pair.marketo for pair in VENDOR.catalogue["contact"].pairs}


@pytest.mark.parametrize(
    ("object", "crm", "marketo"),
    [
        ("lead", "HasOptedOutOfEmail", "unsubscribed"),
        ("lead", "Description", "mktoPersonNotes"),
        ("lead", "Street", "address"),
        ("lead", "Status", "leadStatus"),
        ("contact", "MailingStreet", "address"),
        ("contact", "Birthdate", "dateOfBirth"),
    ],
)
def test_pairs_are_those_of_marketos_own_sync(object: str, crm: str, marketo: str) -> None:
    assert (crm, marketo, "both") in {
        (pair.crm, pair.marketo, pair.direction) for pair in VENDOR.catalogue[object].pairs
    }
