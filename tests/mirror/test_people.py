"""Finding somebody by what an admin has at hand."""

import pytest

from mksync.mirror import Mirror
from mksync.mirror.people import named
from mksync.mirror.project import KnownPair
from tests.mirror.samples import link, see_person, see_record


@pytest.fixture
def mirror_of_three(mirror: Mirror) -> Mirror:
    """Ana is linked with a lead, Bo with a contact, Cy is in Marketo only, Di in the CRM only."""
    mirror.project.keep_pairs({(object, "email", "Email"): KnownPair("live") for object in ("lead", "contact")})
    link(mirror, "P1", "L1")
    see_person(mirror, "P1", email="ana@example.com")
    see_record(mirror, "L1", Email="ana@work.example.com")
    link(mirror, "P2", "C1", "contact")
    see_person(mirror, "P2", email="bo@example.com")
    see_record(mirror, "C1", object="contact", Email="bo@example.com")
    see_person(mirror, "P3", email="cy@example.com")
    see_record(mirror, "L4", Email="Di@example.com")
    return mirror


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("ana@example.com", [("P1", "L1")]),
        ("ANA@EXAMPLE.COM", [("P1", "L1")]),
        ("ana@work.example.com", [("P1", "L1")]),  # as the CRM spells it
        ("P1", [("P1", "L1")]),
        ("L1", [("P1", "L1")]),
        ("l1", [("P1", "L1")]),
        ("bo@example.com", [("P2", "C1")]),  # found on both sides, named once
        ("C1", [("P2", "C1")]),
        ("cy@example.com", [("P3", None)]),
        ("di@example.com", [(None, "L4")]),
        ("nobody", []),
        ("", []),
    ],
)
def test_everybody_who_is_meant_is_named_once_linked_or_not(
    mirror_of_three: Mirror, who: str, expected: list[tuple[str | None, str | None]]
) -> None:
    assert named(mirror_of_three.db, who) == expected


def test_an_address_may_mean_several(mirror_of_three: Mirror) -> None:
    see_person(mirror_of_three, "P9", email="Ana@example.com")
    assert named(mirror_of_three.db, "ana@example.com") == [("P1", "L1"), ("P9", None)]


def test_somebody_is_found_by_id_where_no_email_is_selected(mirror: Mirror) -> None:
    mirror.db.execute("DROP INDEX crm_lead_Email")
    mirror.db.execute("ALTER TABLE crm_lead DROP COLUMN Email")
    mirror.db.execute("INSERT INTO crm_lead(_id) VALUES ('L1')")
    assert named(mirror.db, "L1") == [(None, "L1")]
