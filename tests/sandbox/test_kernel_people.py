"""Demo people are invented once, the same for every emulator, and stand where the demo needs them."""

from collections import Counter
from dataclasses import fields

import pytest

from mksync.sandbox.people import Place, demo_people

MANY = list(demo_people(5_000, 1))


def test_the_same_count_and_seed_give_the_same_people() -> None:
    assert list(demo_people(300, 7)) == list(demo_people(300, 7))


def test_another_seed_gives_other_people() -> None:
    assert list(demo_people(300, 7)) != list(demo_people(300, 8))


@pytest.mark.parametrize(
    ("place", "percent"),
    [(Place.LEAD, 55), (Place.CONTACT, 25), (Place.CRM_LEAD, 8), (Place.CRM_CONTACT, 4), (Place.MARKETO, 8)],
)
def test_people_stand_where_the_demo_needs_them(place: Place, percent: int) -> None:
    share = 100 * sum(person.place is place for person in MANY) / len(MANY)
    assert share == pytest.approx(percent, abs=2)


def test_about_three_of_a_hundred_in_both_systems_differ_in_one_field() -> None:
    both = [person for person in MANY if person.place in (Place.LEAD, Place.CONTACT)]
    differing = [person for person in both if person.in_crm() != person]
    assert 0.015 < len(differing) / len(both) < 0.045
    for person in differing:
        there = person.in_crm()
        changed = [f.name for f in fields(person) if getattr(person, f.name) != getattr(there, f.name)]
        assert len([name for name in changed if name != "differs"]) == 1


def test_nobody_outside_both_systems_differs() -> None:
    assert not [p for p in MANY if p.differs and p.place not in (Place.LEAD, Place.CONTACT)]


@pytest.mark.parametrize("count", [20, 21, 100, 5_000])
def test_from_twenty_people_on_one_match_is_ambiguous(count: int) -> None:
    leads = [p for p in demo_people(count, 3) if p.place in (Place.LEAD, Place.CRM_LEAD)]
    shared = [email for email, times in Counter(p.email for p in leads).items() if times == 2]
    assert shared
    assert any(p.place is Place.LEAD for p in leads if p.email == shared[0])


def test_every_other_e_mail_is_unique_plain_and_of_an_example_domain() -> None:
    times = Counter(person.email for person in MANY)
    assert sum(count > 1 for count in times.values()) == 5  # one pair in a thousand
    for email in times:
        assert email.isascii()
        assert email.rpartition("@")[2] in ("example.com", "example.org", "example.net")


def test_there_are_about_ten_companies_for_a_hundred_people() -> None:
    assert len({person.company for person in MANY}) == pytest.approx(500, abs=15)
    assert len({(person.company, person.industry, person.city) for person in MANY}) < 520


@pytest.mark.parametrize("sign", ["'", ",", "é", "🚀", "נ", "[red]", "田"])
def test_some_names_hold_what_has_broken_integrations(sign: str) -> None:
    assert any(sign in person.first_name + person.last_name for person in MANY[:400])
