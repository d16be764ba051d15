"""Whom an e-mail address or a Marketo id means, and where that person is in the CRM."""

from pathlib import Path

import pytest

from mksync.core.records import Gone, Record, Ref, Side
from mksync.engine.project import PERSON
from mksync.engine.whereabouts import Found, Lost, Nowhere, Several, There, find_records
from mksync.engine.who import Ambiguous, Left, MergedAway, Person, Unknown, checked, find_people
from mksync.errors import ConfigError
from tests.world import KEY, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def found(world: World, *people: str) -> Found:
    project = world.project()
    answers = find_people(project, people)
    return find_records(project, [one.record for one in answers if isinstance(one, Person)])


def test_many_people_take_one_call_for_ids_and_one_for_addresses(world: World) -> None:
    ids = [world.marketo.put(PERSON, str(number), email=f"{number}@example.com") for number in range(9)]
    before = world.marketo.calls
    answers = find_people(world.project(), [*ids[:4], *(f"{id}@EXAMPLE.com" for id in ids[4:])])
    assert [one.record.id for one in answers if isinstance(one, Person)] == ids
    assert world.marketo.calls == before + 2


def test_everybody_gets_an_answer_in_order(world: World) -> None:
    world.marketo.put(PERSON, "1", email="one@example.com")
    for id in ("2", "3"):
        world.marketo.put(PERSON, id, email="twin@example.com")
    for id in ("4", "5"):
        world.marketo.put(PERSON, id, email=f"{id}@example.com")
    world.cycle()
    world.marketo.drop(PERSON, "4", "merged", Ref(PERSON, "1"))
    world.cycle()
    world.marketo.drop(PERSON, "5")
    asked = ["twin@example.com", "1", "9", "4", "4@example.com", "5", "nobody@example.com"]
    one, two = (Record(PERSON, id, world.marketo.records[PERSON][id], "") for id in ("2", "3"))
    answers = find_people(world.project(), asked)
    assert isinstance(answers[0], Ambiguous)
    assert [person.id for person in answers[0].people] == [one.id, two.id]
    assert isinstance(answers[1], Person)
    assert answers[2:] == [
        Unknown("9"),
        MergedAway("4", "4", "1"),
        MergedAway("4@example.com", "4", "1"),
        Left("5", "5"),
        Unknown("nobody@example.com"),
    ]


def test_who_is_read_as_tables_print_people_and_nonsense_is_refused() -> None:
    assert checked(["Ana Ruiz <ana@example.com>", " 7 ", "7", ""]) == ["ana@example.com", "7"]
    with pytest.raises(ConfigError, match="neither an e-mail address nor a Marketo id"):
        checked(["Ana"])


def test_a_person_is_found_by_link_then_by_cross_id_then_by_address(world: World) -> None:
    world.lead(1, LastName="Linked", Email="linked@example.com")
    world.cycle()
    linked = world.person_id("L1")
    world.marketo.put(PERSON, "K", email="key@example.com", **{KEY: "C2"})
    world.contact(2, LastName="Key", Email="other@example.com")
    world.marketo.put(PERSON, "E", email="MAIL@example.com")
    world.lead(3, LastName="Mail", Email="mail@example.com")
    world.marketo.put(PERSON, "N", email="nowhere@example.com")
    project = world.project()
    people = list(project.ports.marketo.fetch(PERSON, [linked, "K", "E", "N"], project.names(Side.MARKETO, PERSON)))
    places = find_records(project, [one for one in people if isinstance(one, Record)]).places
    assert [(type(one), getattr(one, "by", "")) for one in places] == [
        (There, "link"), (There, "key"), (There, "e-mail"), (Nowhere, ""),
    ]  # fmt: skip
    assert [one.record.id for one in places if isinstance(one, There)] == ["L1", "C2", "L3"]


def test_a_converted_lead_leads_to_its_contact_and_a_merged_one_to_the_survivor(world: World) -> None:
    for number in (1, 2, 3):
        world.lead(number, LastName="X", Email=f"{number}@example.com")
    world.cycle()
    people = [world.person_id(f"L{number}") for number in (1, 2)]
    world.contact(1, LastName="X", Email="changed@example.com")
    world.crm.drop("lead", "L1", "converted", Ref("contact", "C1"))
    world.crm.drop("lead", "L2", "merged", Ref("lead", "L3"))
    emails = [str(world.marketo.records[PERSON][id]["email"]) for id in people]
    assert [one.record.id for one in found(world, *emails).places if isinstance(one, There)] == ["C1", "L3"]


def test_a_deleted_record_is_lost_and_twins_are_several(world: World) -> None:
    world.lead(1, LastName="Gone", Email="gone@example.com")
    world.lead(2, LastName="Other", Email="twin@example.com")
    world.cycle()
    world.crm.drop("lead", "L1")
    owner = world.person_id("L2")
    world.marketo.put(PERSON, "7", email="both@example.com")
    world.lead(7, Email="both@example.com")
    world.contact(7, Email="both@example.com")
    world.marketo.put(PERSON, "8", email="twin@example.com")
    project = world.project()
    people = [
        one.record
        for one in find_people(project, ["gone@example.com", "both@example.com", "8"])
        if isinstance(one, Person)
    ]
    lost, several, taken = find_records(project, people).places
    assert isinstance(lost, Lost)
    assert lost.gone == Gone("lead", "L1", "deleted")
    assert isinstance(several, Several)
    assert {one.id for one in several.records} == {"L7", "C7"}
    assert isinstance(taken, Several)
    assert taken.taken == {"L2": owner}
