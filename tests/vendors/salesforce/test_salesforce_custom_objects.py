"""Which custom objects hang off people, and how."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.custom import ROOTS, CustomObject, Hop, paths_to_people
from mksync.errors import AccessError
from mksync.ports.abilities import OffersCustomObjects
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.salesforce.scripted_org import (
    CONTACT_FIELDS,
    LEAD_FIELDS,
    OTHER_FIELDS,
    Org,
    described,
    error,
    wire_field,
)

RECORD = OTHER_FIELDS["Stop__c"][:-1]  # what every custom object has
LEAD_HOP, CONTACT_HOP = (Hop("Lead__c", "lead"),), (Hop("Contact__c", "contact"),)


def lookup(field: str, *sobjects: str) -> dict[str, Any]:
    return wire_field(field, "reference", referenceTo=list(sobjects))


def described_with(
    sobject: str, fields: list[dict[str, Any]], *children: tuple[str, str], **flags: bool
) -> dict[str, Any]:
    """A describe whose child relationships are these: child object and its field."""
    relations = [{"childSObject": child, "field": field, "relationshipName": None} for child, field in children]
    return described(sobject, fields, **flags) | {"childRelationships": relations, "label": sobject.removesuffix("__c")}


def serves(
    org: Org, sobject: str, *lookups: dict[str, Any], children: tuple[tuple[str, str], ...] = (), **flags: bool
) -> None:
    answer = described_with(sobject, [*RECORD, *lookups], *children, **flags)
    org.on("GET", f"/sobjects/{sobject}/describe", answer)


@pytest.fixture
def org(org: Org) -> Org:
    """Visits hang off leads and contacts, stops off visits; feeds and shares are what every object has besides."""
    of_lead = [("Visit__c", "Lead__c"), ("Task", "WhoId"), ("LeadFeed", "ParentId"), ("Visit__Share", "ParentId")]
    people = {"Lead": (LEAD_FIELDS, of_lead), "Contact": (CONTACT_FIELDS, [("Visit__c", "Contact__c")])}
    for sobject, (fields, children) in {**people, "Account": (OTHER_FIELDS["Account"], [])}.items():
        org.on("GET", f"/sobjects/{sobject}/describe", described_with(sobject, fields, *children))
    both = (lookup("Lead__c", "Lead"), lookup("Contact__c", "Contact"), lookup("OwnerId", "Group", "User"))
    serves(org, "Visit__c", *both, children=(("Stop__c", "Visit__c"), ("Visit__History", "ParentId")))
    serves(org, "Stop__c", lookup("Visit__c", "Visit__c"))
    return org


def offered(port: SalesforcePort) -> dict[str, tuple[tuple[Hop, ...], ...]]:
    return {one.name: one.paths for one in port.custom_objects()}


def test_the_port_offers_custom_objects(port: SalesforcePort) -> None:
    assert isinstance(port, OffersCustomObjects)


def test_objects_are_listed_with_their_label_and_every_way_to_a_person(org: Org, port: SalesforcePort) -> None:
    hop = Hop("Visit__c", "Visit__c")
    assert list(port.custom_objects()) == [
        CustomObject("Stop__c", "Stop", ((hop, *LEAD_HOP), (hop, *CONTACT_HOP))),
        CustomObject("Visit__c", "Visit", (LEAD_HOP, CONTACT_HOP)),
    ]


def test_the_listing_is_three_calls(org: Org, port: SalesforcePort) -> None:
    port.custom_objects()
    assert org.calls == ["POST /services/data/v67.0/composite"] * 3


def test_an_object_two_steps_away_from_another_is_not_offered(org: Org, port: SalesforcePort) -> None:
    serves(org, "Stop__c", lookup("Visit__c", "Visit__c"), children=(("Photo__c", "Stop__c"),))
    serves(org, "Photo__c", lookup("Stop__c", "Stop__c"))
    assert offered(port).keys() == {"Visit__c", "Stop__c"}


def test_a_lookup_that_the_sync_user_does_not_see_is_no_way(org: Org, port: SalesforcePort) -> None:
    serves(org, "Visit__c", lookup("Contact__c", "Contact"), children=(("Stop__c", "Visit__c"),))
    serves(org, "Stop__c")
    assert offered(port) == {"Visit__c": (CONTACT_HOP,)}


@pytest.mark.parametrize(
    "flags",
    [{"queryable": False}, {"retrieveable": False}, {"replicateable": False}, {"customSetting": True}],
    ids=lambda flags: next(iter(flags)),
)
def test_an_object_that_cannot_be_synced_is_not_offered(org: Org, port: SalesforcePort, flags: dict[str, bool]) -> None:
    serves(org, "Visit__c", lookup("Lead__c", "Lead"), children=(("Stop__c", "Visit__c"),), **flags)
    assert offered(port) == {}


def test_a_hidden_object_is_left_out_and_the_others_are_listed(org: Org, port: SalesforcePort) -> None:
    hidden = error("NOT_FOUND", "The requested resource does not exist")
    org.on("GET", "/sobjects/Stop__c/describe", hidden, 404)
    assert offered(port).keys() == {"Visit__c"}
    org.on("GET", "/sobjects/Account/describe", hidden, 404)
    assert offered(port).keys() == {"Visit__c"}


def test_any_other_trouble_is_no_reason_to_leave_an_object_out(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/sobjects/Visit__c/describe", error("INSUFFICIENT_ACCESS", "…"), 403)
    with pytest.raises(AccessError):
        port.custom_objects()


def test_more_than_twenty_five_are_asked_for_in_several_calls(org: Org, port: SalesforcePort) -> None:
    names = [f"Visit_{number:02}__c" for number in range(30)]
    for name in names:
        serves(org, name, lookup("Lead__c", "Lead"))
    children = [(name, "Lead__c") for name in names]
    org.on("GET", "/sobjects/Lead/describe", described_with("Lead", LEAD_FIELDS, *children))
    org.on("GET", "/sobjects/Contact/describe", described_with("Contact", CONTACT_FIELDS))
    assert list(offered(port)) == names
    assert len(org.calls) == 3


_NAMES = ("A__c", "B__c", "C__c")
_HOPS = st.lists(
    st.builds(Hop, st.sampled_from(("X__c", "Y__c")), st.sampled_from((*_NAMES, *ROOTS, "user"))), max_size=4
)


@given(st.dictionaries(st.sampled_from(_NAMES), _HOPS))
def test_every_way_is_one_of_hops_that_are_there_and_ends_at_a_person_or_account(hops: dict[str, list[Hop]]) -> None:
    for name, paths in paths_to_people(hops).items():
        assert paths
        assert [len(path) for path in paths] == sorted(len(path) for path in paths)
        for path in paths:
            steps = [name, *(hop.object for hop in path)]
            assert len(path) <= 2
            assert steps[-1] in ROOTS
            assert len(set(steps)) == len(steps)
            assert all(hop in hops[at] for at, hop in zip(steps, path, strict=False))


@given(st.dictionaries(st.sampled_from(_NAMES), _HOPS))
def test_no_way_of_one_hop_or_two_is_missed(hops: dict[str, list[Hop]]) -> None:
    near = {name for name, some in hops.items() if any(hop.object in ROOTS for hop in some)}
    far = {name for name, some in hops.items() if any(hop.object in near - {name} for hop in some)}
    assert paths_to_people(hops).keys() == near | far
