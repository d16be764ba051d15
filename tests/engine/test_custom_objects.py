"""Custom objects in memory: whom their records belong to, and what moves them; and what one would be in Marketo."""

from pathlib import Path

import pytest

from mksync.core.custom import CustomObject, Hop
from mksync.core.records import PERSON, Ref, Value
from mksync.engine.custom_objects import KEY, candidate, new_type, passed_over
from mksync.selection import Custom
from tests.engine.custom import STOP, VISIT, CustomWorld

LEAD, CONTACT, ACCOUNT = Hop("Lead__c", "lead"), Hop("Contact__c", "contact"), Hop("Account__c", "account")


@pytest.fixture
def world(tmp_path: Path) -> CustomWorld:
    """A visit to a lead, and a stop on its way; all are in Marketo."""
    world = CustomWorld(tmp_path)
    world.lead(1, LastName="Roe")
    world.crm.put(VISIT, "V1", Name="Visit", Lead__c="L1")
    world.crm.put(STOP, "S1", Name="Stop", Visit__c="V1")
    assert world.run().exit_code == 0
    return world


def owners(world: CustomWorld) -> tuple[Value, Value]:
    """The people that Marketo shows the visit and the stop with."""
    (visit,), (stop,) = world.kept("visit"), world.kept("stop")
    return visit[PERSON], stop[PERSON]


def settled(world: CustomWorld) -> bool:
    before = world.writes()
    return world.run().exit_code == 0 and world.writes() == before


def test_a_stop_belongs_to_the_person_of_its_visit(world: CustomWorld) -> None:
    assert owners(world) == (world.person_id("L1"),) * 2
    assert settled(world)


def test_a_visit_that_moves_takes_its_stops_along(world: CustomWorld) -> None:
    world.contact(2, LastName="Poe")
    world.crm.put(VISIT, "V1", Contact__c="C2")
    assert world.run().exit_code == 0
    assert owners(world) == (world.person_id("C2"),) * 2
    assert settled(world)


def test_a_merge_in_marketo_takes_visits_along_also_those_of_a_lead_that_was_converted(world: CustomWorld) -> None:
    world.contact(2, LastName="Roe")
    world.crm.drop("lead", "L1", "converted", Ref("contact", "C2"))
    world.run()
    loser = world.person_id("C2")
    world.marketo.put(PERSON, "W1", lastName="Roe")
    world.marketo.drop(PERSON, loser, "merged", Ref(PERSON, "W1"))
    world.run()
    world.run()
    assert owners(world) == ("W1", "W1")
    assert settled(world)


def test_a_new_visit_of_a_lead_that_was_converted_is_its_contacts(world: CustomWorld) -> None:
    world.contact(2, LastName="Roe")
    world.crm.drop("lead", "L1", "converted", Ref("contact", "C2"))
    world.crm.put(VISIT, "V2", Name="Again", Lead__c="L1")
    assert world.run().exit_code == 0
    assert {row[PERSON] for row in world.kept("visit")} == {world.person_id("C2")}


def test_a_person_that_is_made_anew_has_its_visits_again(world: CustomWorld) -> None:
    """Its record in the CRM was deleted, and made again under the same id (undeleted)."""
    world.marketo.drop(PERSON, world.person_id("L1"))
    world.crm.put(VISIT, "V1", Name="Later")
    report = world.run()
    assert report.exit_code == 3
    (part,) = (one for one in report.objects if one.object == VISIT)
    assert [row.reason for row in part.held] == ["waits: its lead L1 has no person in Marketo"]
    assert [row["name"] for row in world.kept("visit")] == ["Later"], "the rest of it is written"


@pytest.mark.parametrize(
    ("paths", "person", "company"),
    [
        (((LEAD,), (CONTACT,)), ("Contact__c", "Lead__c"), ()),
        (((ACCOUNT,),), (), ("Account__c",)),
        (((Hop("Visit__c", VISIT), LEAD), (Hop("Visit__c", VISIT), CONTACT)), ("Visit__c",), ()),
        (((LEAD,), (Hop("Visit__c", VISIT), CONTACT)), ("Lead__c",), ()),
        ((), (), ()),
    ],
)
def test_the_shortest_ways_to_a_person_count_the_contacts_first(
    paths: tuple[tuple[Hop, ...], ...], person: tuple[str, ...], company: tuple[str, ...]
) -> None:
    found = candidate(CustomObject("Site_Visit__c", "Site Visit", paths))
    assert (found.person, found.company) == (person, company)


def test_a_second_lookup_to_the_same_object_is_told(world: CustomWorld) -> None:
    paths = ((CONTACT,), (Hop("Referrer__c", "contact"),), (ACCOUNT,))
    found = CustomObject(VISIT, "Visit", paths)
    assert candidate(found).person == ("Contact__c",)
    assert passed_over(found) == ["Referrer__c"]


def test_the_name_of_the_type_is_nobody_elses() -> None:
    found = CustomObject("new_contact", "Contact", ((LEAD,),))
    assert candidate(found, ["contact", "Lead"]).marketo == "newContact"


def test_the_type_is_recognised_by_the_crms_id_and_linked_by_marketos() -> None:
    type = new_type(Custom("visit", "Visit", ("Lead__c",), ("Account__c",)), ())
    assert (type.dedupe, [field.name for field in type.fields]) == ((KEY,), [KEY])
    assert [(link.field, link.object, link.to) for link in type.links] == [
        ("person", "person", "id"), ("company", "company", "id"),
    ]  # fmt: skip
