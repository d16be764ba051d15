"""Who holds a value, asked for many values at once, beside the question for a single one."""

from mksync.core.records import Side
from mksync.engine.project import PERSON
from mksync.mirror import Mirror
from tests.mirror.samples import KEY, link, see_person, see_record

PEOPLE = {
    "P1": "Ana@example.com",
    "P2": "ana@example.com",
    "P3": "ben@example.com",
    "P4": "q'uote\\@example.com",
    "P5": "zoë😀@example.com",
}


def test_many_values_are_answered_as_each_would_be_alone(mirror: Mirror) -> None:
    for id, email in PEOPLE.items():
        see_person(mirror, id, email=email)
    asked = [
        "ana@example.com",
        "ANA@example.com",
        "Ben@example.com",
        "q'uote\\@example.com",
        "zoë😀@example.com",
        "nobody@example.com",
    ]

    found = mirror.holders.of(Side.MARKETO, PERSON, "email", asked)

    alone = {one: mirror.snapshots.ids_where(Side.MARKETO, PERSON, "email", one) for one in asked}
    assert found == {one: ids for one, ids in alone.items() if ids}
    assert found["ana@example.com"] == ["P1", "P2"]


def test_of_a_value_that_everybody_holds_a_few_are_told(mirror: Mirror) -> None:
    for number in range(9):
        see_person(mirror, f"P{number}", email="info@example.com")
    assert mirror.holders.of(Side.MARKETO, PERSON, "email", ["info@example.com"]) == {
        "info@example.com": ["P0", "P1", "P2", "P3", "P4"]
    }


def test_records_that_the_filter_leaves_out_hold_nothing(mirror: Mirror) -> None:
    see_record(mirror, "L1", Email="ana@example.com", HasOptedOut=False)
    see_record(mirror, "L2", Email="ana@example.com", HasOptedOut=None)
    found = mirror.holders.of(Side.CRM, "lead", "Email", ["ana@example.com"], filter="HasOptedOut")
    assert found == {"ana@example.com": ["L2"]}


def test_a_person_is_told_with_what_it_carries_and_its_link(mirror: Mirror) -> None:
    number = link(mirror, "P1", "L1")
    pid = see_person(mirror, "P1", **{KEY: "L1"})
    carrier = mirror.holders.carriers(["P1"], KEY)["P1"]
    assert (carrier.pid, carrier.carries) == (pid, "L1")
    assert carrier.link is not None
    assert carrier.link.id == number
    assert mirror.holders.carriers(["P9"], KEY) == {}
