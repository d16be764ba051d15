"""A lead is converted in the CRM: one person, who is the contact's from then on, and nobody's edit is lost."""

import pytest

from tests.scenarios.lives import (
    an_account,
    everybody,
    lives,
    of_account,
    person,
    quiet,
    record,
    run,
    said,
    sales,
)
from tests.scenarios.sandbox_world import World


def ana(here: World, **values: object) -> tuple[str, str]:
    """A lead and its person, in step."""
    lead = here.crm.named("lead", firstName="Ana", lastName="Ruiz", email="ana@example.com", title="CTO", **values)
    here.cycle()
    return lead, here.person_of(lead)


def in_step(here: World, contact: str, who: str) -> None:
    """Both sides are one, and stay so: what is edited flows both ways, and a collision is the contact's."""
    quiet(here)
    here.crm.edit("contact", contact, title="of the CRM", phone="+1 555 0100")
    here.marketo.edit(who, title="of Marketo", mktoPersonNotes="met in Berlin")
    report = here.cycle()
    (row,) = [row for part in report.objects for row in part.collisions]
    assert (row.record.object, row.field, row.rule) == ("contact", "title", "contact: the CRM wins")
    expected = ("of the CRM", "+1 555 0100", "met in Berlin")
    fields = ("title", "phone", "mktoPersonNotes")
    assert (person(here, who, *fields), record(here, "contact", contact, *fields)) == (expected, expected)
    quiet(here)


def test_a_new_contact_takes_the_person_over_and_an_edit_that_marketo_made_before_flows_to_it(here: World) -> None:
    lead, who = ana(here, phone="+1 555 0199")
    here.marketo.edit(who, title="CEO")
    contact = sales(here).convert(lead)
    out = run(here)
    assert said(out, "converted in") == [
        f"Lead: 1 converted in {here.facts.title}: the link goes to the contact",
        f"  Ana Ruiz <ana@example.com> ({lead}, person {who}) → {contact}",
    ]
    assert f"Contact: 1 person gets the {here.facts.title} id (mksyncCrmId)" in out
    assert "collision" not in out
    assert "difference" not in out
    assert f"1 converted in {here.facts.title}" in out.splitlines()[-1]
    assert everybody(here) == {who: contact}
    assert person(here, who, "title", "phone") == ("CEO", "+1 555 0199")
    assert record(here, "contact", contact, "title", "phone") == ("CEO", "+1 555 0199")
    told = here.command("log", "--person", "ana@example.com").out
    assert f"crm converted into {contact}" in told
    in_step(here, contact, who)


def test_edits_of_the_contact_since_the_conversion_flow_too(here: World) -> None:
    lead, who = ana(here)
    here.marketo.edit(who, phone="+1 555 0100")
    contact = sales(here).convert(lead)
    here.crm.edit("contact", contact, title="CEO")
    assert lives(here) == [("lead", "crm converted", lead, who, contact)]
    assert person(here, who, "title", "phone") == ("CEO", "+1 555 0100")
    assert record(here, "contact", contact, "title", "phone") == ("CEO", "+1 555 0100")
    in_step(here, contact, who)


def test_what_the_contact_does_not_take_over_is_not_read_as_cleared(here: World) -> None:
    """The organisation maps no field of the lead to the contact's tier: it is empty there after the conversion."""
    lead, who = ana(here, customerTier="Gold")
    contact = sales(here).convert(lead)
    here.crm.edit("contact", contact, customerTier=None)
    run(here)
    assert person(here, who, "customerTier") == ("Gold",)
    quiet(here)


def test_into_a_contact_that_nobody_was_linked_with(here: World) -> None:
    """It came with the account, and nobody in Marketo has its address."""
    lead, who = ana(here)
    account = an_account(here)
    contact = of_account(here, account, lastName="Ruiz", title="Head of Data")
    sales(here).convert(lead, contact=contact, account=account)
    out = run(here)
    assert [line.split()[-4:] for line in said(out, "1 first difference") if "title" in line] == [
        ["contact:", "the", "CRM", "wins"]
    ]
    assert everybody(here) == {who: contact}
    assert person(here, who, "title", "email") == ("Head of Data", "ana@example.com")
    in_step(here, contact, who)


def test_into_a_contact_of_an_account_that_is_there(here: World) -> None:
    lead, who = ana(here)
    contact = sales(here).convert(lead, account=an_account(here))
    assert lives(here) == [("lead", "crm converted", lead, who, contact)]
    assert everybody(here) == {who: contact}
    in_step(here, contact, who)


@pytest.mark.parametrize("survivor", ["the lead's", "the contact's"])
def test_into_a_contact_with_a_person_of_its_own_both_are_held_until_they_are_merged(
    here: World, survivor: str
) -> None:
    account = an_account(here)
    contact = of_account(here, account, lastName="Ruiz", email="ruiz@example.com", title="Head of Data")
    lead, one = ana(here)
    other = here.person_of(contact)
    sales(here).convert(lead, contact=contact, account=account)
    out = run(here, code=3)
    assert said(out, "1 held") == [
        "Lead: 1 held",
        (
            f"  Ana Ruiz <ana@example.com> ({lead}, person {one}): converted into {contact} in {here.facts.title},"
            " but Marketo still has a record for each"
        ),
        (
            f"    remedy: merge person {one} into person {other} in Marketo, or delete person {one} there;"
            f" Marketo's API merges with POST /rest/v1/leads/{other}/merge.json?leadId={one}"
        ),
    ]
    assert everybody(here) == {one: lead, other: contact}
    here.crm.edit("contact", contact, title="still in step")
    run(here, code=3)
    assert (person(here, other, "title"), person(here, one, "title")) == (("still in step",), ("CTO",))
    loser, winner = (other, one) if survivor == "the lead's" else (one, other)
    here.marketo.merge(loser, winner)
    run(here)
    assert everybody(here) == {winner: contact}
    in_step(here, contact, winner)
