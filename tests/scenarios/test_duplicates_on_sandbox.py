"""Several people or several records with one e-mail: nobody is linked by guess or multiplied, and one pairing links."""

import pytest

from tests.scenarios.lives import everybody, person, quiet, run, said
from tests.scenarios.sandbox_world import KEY, World

OBJECTS = pytest.mark.parametrize("object", ["lead", "contact"])
EMAIL = "ana@example.com"


def two_people(here: World) -> tuple[str, str]:
    one, other = (here.marketo.create(email=EMAIL, lastName="Ruiz", title=title) for title in ("one", "other"))
    return one, other


def named(id: str) -> str:
    """The remedy that always helps."""
    return f"put {id} into {KEY} of the person it belongs to"


@OBJECTS
@pytest.mark.parametrize("way", ["one is deleted", "one gets another address", "they are merged", "one is named"])
def test_two_people_of_one_address_are_held_until_it_is_clear_which_is_meant(
    here: World, object: str, way: str
) -> None:
    one, other = two_people(here)
    id = here.crm.named(object, firstName="Ana", lastName="Ruiz", email=EMAIL)
    for _ in range(2):
        out = run(here, code=3)
        assert said(out, "1 held") == [
            f"{object.title()}: 1 held",
            f"  Ana Ruiz <{EMAIL}> ({id}): 2 people in Marketo hold the email '{EMAIL}': person {one}, person {other}",
            f"    remedy: merge people {one} and {other} in Marketo; or {named(id)}",
        ]
        assert everybody(here) == {one: None, other: None}
    if way == "one is deleted":
        here.marketo.delete(other)
    elif way == "one gets another address":
        here.marketo.edit(other, email="other@example.com")
    elif way == "they are merged":
        here.marketo.merge(other, one)
    else:
        here.marketo.edit(one, **{KEY: id})
    run(here)
    assert everybody(here)[one] == id
    assert person(here, one, "firstName") == ("Ana",)
    assert set(everybody(here).values()) <= {id, None}
    quiet(here)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("twin", ["lead", "contact"])
@pytest.mark.parametrize("way", ["one is deleted", "one gets another address"])
def test_two_records_of_one_address_are_held_and_neither_gets_a_person(
    here: World, twin: str, known: bool, way: str
) -> None:
    who = here.marketo.create(email=EMAIL, lastName="Ruiz") if known else None
    lead, other = here.crm.named("lead", email=EMAIL), here.crm.named(twin, email=EMAIL)
    out, crm = run(here, code=3), here.facts.title
    assert f"{lead}" in out
    tie = f"1 person in Marketo and 1 other CRM record hold the email '{EMAIL}' too: person {who}, {twin} {other}"
    alone = f"1 other CRM record without a person holds the email '{EMAIL}' too: {twin} {other}"
    assert (tie if known else alone) in out
    rest = f"; or {named(lead)}" if known else ""
    assert f"    remedy: merge {lead} and {other} in {crm}, or delete or change one{rest}\n" in out
    before = {who: None} if who else {}
    assert everybody(here) == before
    run(here, code=3)
    assert everybody(here) == before
    if way == "one is deleted":
        here.crm.delete(twin, other)
    else:
        here.crm.edit(twin, other, email="other@example.com")
    run(here)
    people = everybody(here)
    assert here.person_of(lead) == (who or here.person_of(lead))
    assert sorted(filter(None, people.values())) == sorted({lead} if way == "one is deleted" else {lead, other})
    quiet(here)


@OBJECTS
def test_a_new_record_of_an_address_that_is_linked_takes_nobodys_person(here: World, object: str) -> None:
    first = here.crm.named(object, email=EMAIL)
    here.cycle()
    who = here.person_of(first)
    second = here.crm.named(object, email=EMAIL)
    out = run(here, code=3)
    assert f"hold the email '{EMAIL}' too: person {who}, {object} {first}" in out
    assert everybody(here) == {who: first}
    here.crm.edit(object, second, email="second@example.com")
    run(here)
    assert everybody(here) == {who: first, here.person_of(second): second}
    quiet(here)


def test_two_people_who_carry_the_same_id_are_held_until_one_of_them_does(here: World) -> None:
    lead = here.crm.named("lead", email="somebody@example.com")
    one, other = (here.marketo.create(lastName=name, **{KEY: lead}) for name in ("One", "Other"))
    out = run(here, code=3)
    assert f"2 people in Marketo hold the key '{lead}': person {one}, person {other}" in out
    assert f"remedy: merge people {one} and {other} in Marketo, or empty {KEY} of all but one" in out
    here.marketo.edit(other, **{KEY: None})
    run(here)
    assert everybody(here) == {one: lead, other: None}
    quiet(here)
