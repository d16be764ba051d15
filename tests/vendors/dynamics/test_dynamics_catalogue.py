"""What is known of Dynamics' objects beyond their metadata."""

import pytest

from mksync.core.pairs import Direction
from mksync.vendors.dynamics import VENDOR
from mksync.vendors.dynamics.one_way import ONE_WAY, PERSON_LINKS, custom

OBJECTS = {**VENDOR.catalogue, "team": custom("team", "Team", "team_c"), "new_event": custom("new_event", "E", "e_c")}


def test_the_keys_are_the_tables_own() -> None:
    assert {object: found.key for object, found in OBJECTS.items()} == {
        "user": "systemuserid",
        "account": "accountid",
        "lead": "leadid",
        "contact": "contactid",
        "opportunity": "opportunityid",
        "role": "roleid",
        "team": "teamid",
        "new_event": "new_eventid",
    }


def test_objects_stand_in_the_order_in_which_marketo_needs_them() -> None:
    assert list(VENDOR.catalogue) == ["user", "account", "lead", "contact", "opportunity", "role"]


def test_people_sync_both_ways_and_the_rest_one_way() -> None:
    assert {object for object, found in VENDOR.catalogue.items() if not found.one_way} == {"lead", "contact"}
    assert {pair.direction for found in ONE_WAY.values() for pair in found.pairs} == {Direction.TO_MARKETO}


def test_the_sync_filter_is_looked_for_wherever_marketo_documents_it() -> None:
    filtered = {object for object, found in OBJECTS.items() if found.filter == "new_synctomkto"}
    assert filtered == {"lead", "contact", "account", "opportunity", "new_event"}
    assert {found.filter for found in OBJECTS.values()} == {"new_synctomkto", None}


@pytest.mark.parametrize(
    ("object", "counterpart", "crm", "marketo"),
    [
        ("account", "company", "accountid", "externalCompanyId"),
        ("account", "company", "ownerid", "externalSalesPersonId"),
        ("user", "salesperson", "systemuserid", "externalSalesPersonId"),
        ("opportunity", "opportunity", "opportunityid", "externalOpportunityId"),
        ("opportunity", "opportunity", "customerid", "externalCompanyId"),
        ("opportunity", "opportunity", "ownerid", "externalSalesPersonId"),
        ("role", "role", "opportunityid", "externalOpportunityId"),
        ("role", "role", "personid", "leadId"),
        ("role", "role", "role", "role"),
    ],
)
def test_what_ties_records_together_is_paired(object: str, counterpart: str, crm: str, marketo: str) -> None:
    assert ONE_WAY[object].counterpart == counterpart
    assert (crm, marketo) in {(pair.crm, pair.marketo) for pair in ONE_WAY[object].pairs}


def test_people_are_tied_to_their_company_and_sales_person() -> None:
    ties = {object: {(pair.crm, pair.marketo) for pair in VENDOR.catalogue[object].ties} for object in PERSON_LINKS}
    assert ties == {
        "lead": {("ownerid", "externalSalesPersonId")},
        "contact": {("ownerid", "externalSalesPersonId"), ("parentcustomerid", "externalCompanyId")},
    }


def test_the_name_of_a_custom_record_is_offered() -> None:
    found = custom("new_event", "Event", "event_c")
    assert (found.object, found.label, found.counterpart, found.one_way) == ("new_event", "Event", "event_c", True)
    assert "new_name" not in found.not_offered


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
        ("opportunity", "statecode", "stage"),
        ("opportunity", "estimatedvalue", "amount"),
        ("account", "telephone1", "mainPhone"),
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


@pytest.mark.parametrize("object", ["lead", "contact"])
def test_opt_outs_are_known_by_either_field(object: str) -> None:
    catalogue = VENDOR.catalogue[object]
    assert catalogue.is_opt_out("donotbulkemail", "unsubscribed")
    assert catalogue.is_opt_out("donotemail", "somethingElse")
    assert catalogue.is_opt_out("Something_Else", "doNotCall")
    assert not catalogue.is_opt_out("jobtitle", "title")
