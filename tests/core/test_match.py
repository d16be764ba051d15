"""Matching: an unlinked CRM record belongs to a person only if that is unique on both sides."""

import pytest

from mksync.core.match import Ambiguous, Candidate, Matched, New, judge
from mksync.core.records import Ref

LEAD = Ref("lead", "00Q1")
TWIN, CONTACT = Ref("lead", "00Q2"), Ref("contact", "0031")


def step(by: str, *people: str, rivals: tuple[Ref, ...] = (), value: str = "a@x.org") -> Candidate:
    return Candidate(LEAD, by, value, people, rivals)


def test_a_record_that_nobody_knows_is_new() -> None:
    assert judge([step("key"), step("e-mail")]) == New()
    assert judge([]) == New()


def test_one_person_without_rivals_is_matched() -> None:
    assert judge([step("key"), step("e-mail", "17")]) == Matched("17", "e-mail")


def test_the_cross_id_comes_before_the_email() -> None:
    assert judge([step("key", "4"), step("e-mail", "17")]) == Matched("4", "key")


def test_the_cross_id_matches_whoever_shares_the_email() -> None:
    assert judge([step("key", "4", rivals=(TWIN,)), step("e-mail", "4", "17", rivals=(TWIN,))]) == Matched("4", "key")


def test_a_step_that_finds_somebody_is_not_rescued_by_a_later_one() -> None:
    match = judge([step("e-mail", "17", "18"), step("phone", "17", value="030")])
    assert isinstance(match, Ambiguous)


def test_a_later_step_decides_where_the_earlier_ones_found_nobody() -> None:
    assert judge([step("key"), step("e-mail"), step("phone", "17", value="030")]) == Matched("17", "phone")


@pytest.mark.parametrize(
    ("by", "people", "rivals", "reason"),
    [
        ("e-mail", ("17", "18"), (), "2 people in Marketo hold the e-mail 'a@x.org': person 17, person 18"),
        ("key", ("17", "18"), (), "2 people in Marketo hold the key 'a@x.org': person 17, person 18"),
        (
            "e-mail",
            ("17",),
            (TWIN,),
            "1 person in Marketo and 1 other CRM record hold the e-mail 'a@x.org' too: person 17, lead 00Q2",
        ),
        ("e-mail", (), (TWIN,), "1 other CRM record without a person holds the e-mail 'a@x.org' too: lead 00Q2"),
        (
            "e-mail",
            (),
            (TWIN, CONTACT),
            "2 other CRM records without a person hold the e-mail 'a@x.org' too: lead 00Q2, contact 0031",
        ),
        (
            "e-mail",
            ("1", "2"),
            (TWIN,),
            "2 people in Marketo and 1 other CRM record hold the e-mail 'a@x.org' too: person 1, person 2, lead 00Q2",
        ),
    ],
)
def test_whatever_is_not_unique_is_left_to_a_human(
    by: str, people: tuple[str, ...], rivals: tuple[Ref, ...], reason: str
) -> None:
    assert judge([step(by, *people, rivals=rivals)]) == Ambiguous(by, "a@x.org", people, rivals, reason)
