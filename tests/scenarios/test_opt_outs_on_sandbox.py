"""Opt-outs: where the two sides differ, the one that says no more wins, whoever wins else; and who may undo it."""

import pytest

from tests.scenarios.lives import an_account, of_account, person, quiet, record, run, said, sales
from tests.scenarios.sandbox_world import World

OBJECTS = pytest.mark.parametrize("object", ["lead", "contact"])
SIDES = pytest.mark.parametrize("says", ["Marketo", "the CRM"])


def ana(here: World, object: str, *, unsubscribed: bool) -> tuple[str, str]:
    """A record and its person, in step."""
    values = {"unsubscribed": True} if unsubscribed else {}
    id = here.crm.named(object, email="ana@example.com", **values)
    here.cycle()
    return id, here.person_of(id)


def both(here: World, object: str, id: str, who: str) -> tuple[bool, bool]:
    """What Marketo and the CRM say."""
    marketo, crm = person(here, who, "unsubscribed"), record(here, object, id, "unsubscribed")
    return bool(marketo[0]), bool(crm[0])


@OBJECTS
@SIDES
def test_an_opt_out_of_either_side_survives_the_first_comparison(here: World, object: str, says: str) -> None:
    opted_out = says == "the CRM"
    who = here.marketo.create(email="ana@example.com", lastName="Roe", unsubscribed=not opted_out)
    id = here.crm.named(object, email="ana@example.com", unsubscribed=opted_out)
    out = run(here)
    winner = here.facts.title if opted_out else "Marketo"
    (row,) = [line for line in said(out, "1 first difference") if "unsubscribed" in line]
    assert row.split("  ")[-1].strip() == f"unsubscribed is sticky-true: {says} says true"
    assert winner in row
    assert both(here, object, id, who) == (True, True)
    quiet(here)


@OBJECTS
@SIDES
def test_an_opt_out_flows_and_so_does_one_that_is_taken_back_on_one_side(here: World, object: str, says: str) -> None:
    id, who = ana(here, object, unsubscribed=False)
    for value in (True, False):
        if says == "Marketo":
            here.marketo.edit(who, unsubscribed=value)
        else:
            here.crm.edit(object, id, unsubscribed=value)
        here.cycle()
        assert both(here, object, id, who) == (value, value)
    quiet(here)


@OBJECTS
@SIDES
def test_a_quick_sync_undoes_no_opt_out(here: World, object: str, says: str) -> None:
    """Whatever else it fills comes from the CRM."""
    select = ("fields", "select", "--object", object)
    assert here.command(*select, "--remove", "unsubscribed").code == 0
    id, who = ana(here, object, unsubscribed=says == "the CRM")
    if says == "Marketo":
        here.marketo.edit(who, unsubscribed=True)
    assert here.command(*select, "--add", here.fields[object]["unsubscribed"]).code == 0
    run(here)
    assert both(here, object, id, who) == (True, True)
    quiet(here)


@pytest.mark.parametrize("says", ["lead", "contact"])
def test_a_conversion_into_a_contact_that_says_otherwise_undoes_no_opt_out(here: World, says: str) -> None:
    account = an_account(here)
    lead, who = ana(here, "lead", unsubscribed=says == "lead")
    contact = of_account(here, account, unsubscribed=says == "contact")
    sales(here).convert(lead, contact=contact, account=account)
    run(here)
    assert both(here, "contact", contact, who) == (True, True)
    quiet(here)


@pytest.mark.parametrize(("object", "winner"), [("lead", "marketo"), ("contact", "crm")])
def test_another_policy_for_the_field_undoes_it(here: World, object: str, winner: str) -> None:
    with here.config.path.open("a") as file:
        file.write(f'\n[policy.fields.{object}]\nunsubscribed = "{winner}"\n')
    loses = object == "lead"  # what the side that loses says: here it is the CRM's no
    who = here.marketo.create(email="ana@example.com", lastName="Roe", unsubscribed=not loses)
    id = here.crm.named(object, email="ana@example.com", unsubscribed=loses)
    here.cycle()
    assert both(here, object, id, who) == (False, False)
    quiet(here)


def test_fields_list_says_that_opt_outs_are_sticky(here: World) -> None:
    out = here.command("fields", "list", "--object", "lead").out
    (row,) = [line for line in out.splitlines() if " unsubscribed " in line]
    assert "sticky-true" in row


def test_what_is_no_checkbox_cannot_be_sticky_and_a_warning_says_so(here: World) -> None:
    with here.config.path.open("a") as file:
        file.write('\n[policy.fields.lead]\ntitle = "sticky-true"\n')
    ended = here.command("run-once")
    text = "title is no yes/no field; [policy] lead decides, and not sticky-true"
    assert (ended.code, text in ended.err) == (0, True), ended.err
