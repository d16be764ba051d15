"""The default pairs and the fields that are not offered."""

import pytest

from mksync.core.pairs import Direction
from mksync.core.records import Catalogue
from mksync.vendors.salesforce import VENDOR
from mksync.vendors.salesforce.one_way import ONE_WAY, PERSON_LINKS, custom

EACH = {**VENDOR.catalogue, **ONE_WAY, "Visit__c": custom("Visit__c", "Visit", "visit_c")}
EVERY = pytest.mark.parametrize("catalogue", EACH.values(), ids=EACH.keys())
COMPANY = {"company", "website", "industry", "annualRevenue", "numberOfEmployees", "mainPhone", "site", "sicCode"}


def test_objects_stand_in_the_order_in_which_marketo_needs_them() -> None:
    assert list(VENDOR.catalogue) == ["user", "account", "lead", "contact", "opportunity", "role"]


@EVERY
def test_a_field_is_paired_once_on_each_side(catalogue: Catalogue) -> None:
    assert len({pair.crm for pair in catalogue.pairs}) == len(catalogue.pairs)
    assert len({pair.marketo for pair in catalogue.pairs}) == len(catalogue.pairs)


@EVERY
def test_what_is_not_offered_is_not_paired_and_has_a_reason(catalogue: Catalogue) -> None:
    assert not {pair.crm for pair in catalogue.pairs} & set(catalogue.not_offered)
    assert all(catalogue.not_offered.values())


@EVERY
def test_custom_fields_are_always_offered(catalogue: Catalogue) -> None:
    assert not [name for name in catalogue.not_offered if name.endswith("__c")]


@EVERY
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


def test_people_sync_both_ways_and_the_rest_one_way() -> None:
    people = {object for object, catalogue in VENDOR.catalogue.items() if not catalogue.one_way}
    assert people == {"lead", "contact"}
    assert {VENDOR.catalogue[object].counterpart for object in people} == {"person"}
    assert set(VENDOR.catalogue) - people == set(ONE_WAY)


@pytest.mark.parametrize("object", ONE_WAY)
def test_no_value_of_a_one_way_object_flows_to_the_crm(object: str) -> None:
    assert {pair.direction for pair in ONE_WAY[object].pairs} == {Direction.TO_MARKETO}


@pytest.mark.parametrize(
    ("object", "counterpart", "crm", "marketo"),
    [
        ("account", "company", "Id", "externalCompanyId"),
        ("user", "salesperson", "Id", "externalSalesPersonId"),
        ("opportunity", "opportunity", "Id", "externalOpportunityId"),
        ("opportunity", "opportunity", "AccountId", "externalCompanyId"),
        ("opportunity", "opportunity", "OwnerId", "externalSalesPersonId"),
        ("role", "role", "OpportunityId", "externalOpportunityId"),
        ("role", "role", "ContactId", "leadId"),
    ],
)
def test_what_ties_records_together_is_paired(object: str, counterpart: str, crm: str, marketo: str) -> None:
    assert ONE_WAY[object].counterpart == counterpart
    assert (crm, marketo) in {(pair.crm, pair.marketo) for pair in ONE_WAY[object].pairs}


def test_people_are_tied_to_their_company_and_sales_person() -> None:
    assert {object: {(pair.crm, pair.marketo) for pair in pairs} for object, pairs in PERSON_LINKS.items()} == {
        "lead": {("OwnerId", "externalSalesPersonId")},
        "contact": {("OwnerId", "externalSalesPersonId"), ("AccountId", "externalCompanyId")},
    }


def test_an_object_comes_after_those_it_refers_to() -> None:
    assert list(ONE_WAY) == ["user", "account", "opportunity", "role"]


def test_the_name_of_a_custom_record_is_offered() -> None:
    found = custom("Visit__c", "Visit", "visit_c")
    assert (found.object, found.label, found.counterpart, found.one_way) == ("Visit__c", "Visit", "visit_c", True)
    assert "Name" not in found.not_offered


@pytest.mark.parametrize("object", ["lead", "contact"])
def test_opt_outs_are_known_by_either_field(object: str) -> None:
    catalogue = VENDOR.catalogue[object]
    assert catalogue.is_opt_out("HasOptedOutOfEmail", "unsubscribed")
    assert catalogue.is_opt_out("DoNotCall", "somethingElse")
    assert catalogue.is_opt_out("Something_Else", "doNotCall")
    assert not catalogue.is_opt_out("Title", "title")
