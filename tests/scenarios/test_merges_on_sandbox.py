"""Records are merged in the CRM, people in Marketo: links follow the survivor; what only a human settles is held."""

import pytest

from tests.scenarios.lives import everybody, lives, person, quiet, record, run, said, sales
from tests.scenarios.sandbox_world import World

OBJECTS = pytest.mark.parametrize("object", ["lead", "contact"])


def named(here: World, object: str, name: str) -> str:
    return here.crm.named(object, lastName=name, email=f"{name.lower()}@example.com", title=f"{name}'s")


def two(here: World, object: str) -> tuple[str, str, str, str]:
    """Two records, and their people, in step."""
    first, second = named(here, object, "One"), named(here, object, "Two")
    here.cycle()
    return first, second, here.person_of(first), here.person_of(second)


def in_step(here: World, object: str, id: str, who: str) -> None:
    quiet(here)
    here.crm.edit(object, id, title="of the CRM")
    here.marketo.edit(who, mktoPersonNotes="of Marketo")
    here.cycle()
    fields = ("title", "mktoPersonNotes")
    assert person(here, who, *fields) == record(here, object, id, *fields) == ("of the CRM", "of Marketo")
    quiet(here)


def held(id: str, who: str, into: str, here: str, there: str) -> str:
    name = f"  One <one@example.com> ({id}, person {who})"
    return f"{name}: merged into {into} in {here}, but {there} still has a record for each"


def merged(one: str, other: str) -> str:
    """The remedy for two people."""
    return (
        f"    remedy: merge person {one} into person {other} in Marketo, or delete person {one} there; Marketo's API"
        f" merges with POST /rest/v1/leads/{other}/merge.json?leadId={one}"
    )


@OBJECTS
def test_in_the_crm_a_person_goes_with_the_survivor(here: World, object: str) -> None:
    loser = named(here, object, "One")
    here.cycle()
    who = here.person_of(loser)
    here.marketo.edit(who, phone="+1 555 0100")
    winner = here.crm.named(object, lastName="One", title="One's")
    sales(here).merge(object, loser, winner)
    out = run(here)
    assert said(out, "merged in") == [
        f"{object.title()}: 1 merged in {here.facts.title}: the link goes to the survivor",
        f"  One <one@example.com> ({loser}, person {who}) → {winner}",
    ]
    assert everybody(here) == {who: winner}
    assert record(here, object, winner, "phone") == ("+1 555 0100",), "an edit that Marketo made before flows"
    in_step(here, object, winner, who)


@OBJECTS
@pytest.mark.parametrize("survives", ["the loser's", "the winner's"])
def test_in_the_crm_two_with_a_person_each_are_held_until_the_people_are_merged(
    here: World, object: str, survives: str
) -> None:
    loser, winner, one, other = two(here, object)
    sales(here).merge(object, loser, winner)
    out = run(here, code=3)
    assert said(out, "merged in")[1] == f"  One <one@example.com> ({loser}, person {one}) → {winner}"
    assert said(out, "1 held") == [
        f"{object.title()}: 1 held",
        held(loser, one, winner, here.facts.title, "Marketo"),
        merged(one, other),
    ]
    told = here.command("log", "--rejected").out
    assert f"merge person {one} into person {other} in Marketo" in told
    assert everybody(here) == {one: loser, other: winner}
    gone, stays = (other, one) if survives == "the loser's" else (one, other)
    here.marketo.merge(gone, stays)
    run(here)
    assert everybody(here) == {stays: winner}
    in_step(here, object, winner, stays)
    assert f"crm merged into {winner}" in here.command("log", "--person", loser).out


@OBJECTS
def test_in_the_crm_deleting_the_person_that_is_too_much_settles_it_too(here: World, object: str) -> None:
    loser, winner, one, other = two(here, object)
    sales(here).merge(object, loser, winner)
    run(here, code=3)
    here.marketo.delete(one)
    run(here)
    assert everybody(here) == {other: winner}
    in_step(here, object, winner, other)


@OBJECTS
def test_in_marketo_a_record_goes_with_the_winner(here: World, object: str) -> None:
    id = named(here, object, "One")
    here.cycle()
    loser = here.person_of(id)
    winner = here.marketo.create(email="elsewhere@example.com", lastName="One", title="One's")
    here.marketo.merge(loser, winner)
    out = run(here)
    assert said(out, "merged in") == [
        f"{object.title()}: 1 merged in Marketo: the link goes to the survivor",
        f"  One <one@example.com> ({id}, person {loser}) → {winner}",
    ]
    assert everybody(here) == {winner: id}
    in_step(here, object, id, winner)


@OBJECTS
@pytest.mark.parametrize("way", ["merged", "the other way round", "deleted"])
def test_in_marketo_two_with_a_record_each_the_losers_is_not_touched_and_both_are_held(
    here: World, object: str, way: str
) -> None:
    first, second, loser, winner = two(here, object)
    before = here.crm.everything(object)
    here.marketo.merge(loser, winner)
    out, crm = run(here, code=3), here.facts.title
    assert said(out, "1 held") == [
        f"{object.title()}: 1 held",
        held(first, loser, winner, "Marketo", crm),
        f"    remedy: merge {first} into {second} in {crm}, or delete {first} there",
    ]
    assert here.crm.everything(object) == before
    run(here, code=3)
    if way == "deleted":
        here.crm.delete(object, first)
    else:
        sales(here).merge(object, *((first, second) if way == "merged" else (second, first)))
    stays = first if way == "the other way round" else second
    run(here)
    assert everybody(here) == {winner: stays}
    in_step(here, object, stays, winner)


@OBJECTS
def test_a_record_that_was_merged_twice_goes_to_the_last_survivor(here: World, object: str) -> None:
    loser = named(here, object, "One")
    here.cycle()
    who = here.person_of(loser)
    between, last = (here.crm.named(object, lastName="One", title="One's") for _ in range(2))
    sales(here).merge(object, loser, between)
    sales(here).merge(object, between, last)
    assert lives(here) == [(object, "crm merged", loser, who, last)]
    assert everybody(here) == {who: last}
    in_step(here, object, last, who)
