"""Edits on both sides of one record: what survives, who wins, where the loser stands, and the quiet afterwards."""

import json
from typing import Any

import pytest

from tests.cli.desk import run_once, state
from tests.scenarios.sandbox_world import World


def record(here: World, object: str, **values: Any) -> str:
    id = here.crm.named(object, **{"email": "roe@example.com", **values})
    assert run_once(here).code == 0
    return id


def both(here: World, object: str, id: str, field: str) -> tuple[Any, Any]:
    """What Marketo and the CRM hold of a field, by Marketo's name."""
    person = here.marketo.people(field)[here.person_of(id)]
    return person[field], here.crm.records(object, field)[id][field]


def is_quiet(here: World) -> bool:
    before = state(here)
    ended = run_once(here)
    assert ended.code == 0, ended.out + ended.err
    assert "nothing to do, both sides agree" in ended.out
    return state(here) == before


@pytest.mark.parametrize("object", ["lead", "contact"])
def test_edits_of_different_fields_both_survive(here: World, object: str) -> None:
    id = record(here, object, title="CTO", phone="555 0100")
    here.crm.edit(object, id, phone="555 0199")
    here.marketo.edit(here.person_of(id), title="CEO")
    ended = run_once(here)
    assert (ended.code, "collision" in ended.out) == (0, False)
    assert both(here, object, id, "title") == ("CEO", "CEO")
    assert both(here, object, id, "phone") == ("555 0199", "555 0199")
    assert is_quiet(here)


@pytest.mark.parametrize("object", ["lead", "contact"])
def test_edits_of_the_same_field_are_decided_by_the_object_and_the_loser_is_kept_in_the_log(
    here: World, object: str
) -> None:
    id = record(here, object, title="CTO")
    here.crm.edit(object, id, title="Sales says")
    here.marketo.edit(here.person_of(id), title="Marketing says")
    run_once(here)
    winners = {"lead": ("Marketo", "lead: Marketo wins"), "contact": (here.facts.title, "contact: the CRM wins")}
    winner, rule = winners[object]
    wins = "Marketing says" if winner == "Marketo" else "Sales says"
    assert both(here, object, id, "title") == (wins, wins)
    line = f"Roe <roe@example.com>  title  Marketing says  Sales says  {winner:10}  {rule}"
    for asked in (["--collisions"], ["--person", "ROE@example.com"], ["--lead", id], ["--person", here.person_of(id)]):
        ended = here.command("log", *asked)
        assert " ".join(line.split()) in " ".join(ended.out.split()), asked
    assert is_quiet(here)


def test_both_sides_typing_the_same_is_no_collision(here: World) -> None:
    id = record(here, "lead", title="CTO")
    here.crm.edit("lead", id, title="CEO")
    here.marketo.edit(here.person_of(id), title="CEO")
    assert is_quiet(here)
    assert here.command("log", "--collisions").out == "Collisions: 0\n"


def test_a_policy_of_one_field_beats_that_of_its_object(here: World) -> None:
    id = record(here, "lead", title="CTO", phone="555 0100")
    here.config.path.write_text(here.config.path.read_text() + '[policy.fields.lead]\ntitle = "crm"\nphone = "hold"\n')
    here.crm.edit("lead", id, title="Sales says", phone="555 0111")
    here.marketo.edit(here.person_of(id), title="Marketing says", phone="555 0122")
    ended = run_once(here)
    assert ended.code == 3
    assert both(here, "lead", id, "title") == ("Sales says", "Sales says")
    assert both(here, "lead", id, "phone") == ("555 0122", "555 0111")
    assert "Lead: 1 held\n" in ended.out
    assert f"Marketo '555 0122', {here.facts.title} '555 0111'" in here.command("log", "--rejected").out


def test_an_edit_and_its_opposite_meanwhile_is_the_winners(here: World) -> None:
    """One side clears what the other changes: a cleared value is a value, and may win or lose like any other."""
    id = record(here, "lead", title="CTO")
    here.crm.edit("lead", id, title="CEO")
    here.marketo.edit(here.person_of(id), title=None)
    run_once(here)
    assert both(here, "lead", id, "title") == (None, None)
    (row,) = json.loads(here.command("log", "--collisions", "--json").out)["collisions"]
    assert (row["marketo"], row["crm"], row["winner"]) == (None, "CEO", "marketo")
    assert is_quiet(here)


REFORMATTED = {
    "title": "  CTO  ",
    "email": "Roe.New@Example.COM",
    "fitScore": 12.345,
    "lastDemoAt": "2026-03-02T12:00:00.999+0200",
    "interests": "Automation;Events;Mobile",
    "mktoPersonNotes": "one\r\ntwo\r\n",
    "firstName": "Zoe\u0308",
    "unsubscribed": True,
}


@pytest.mark.parametrize("object", ["lead", "contact"])
@pytest.mark.parametrize("side", ["marketo", "crm"])
def test_what_a_server_reformats_is_written_once(here: World, object: str, side: str) -> None:
    id = record(here, object)
    if side == "marketo":
        assert here.marketo.edit(here.person_of(id), **REFORMATTED)
    else:
        assert here.crm.edit(object, id, **REFORMATTED)
    ended = run_once(here)
    assert (ended.code, "1 updated" in ended.out) == (0, True), ended
    for field in REFORMATTED:
        assert not {None, "", False} & set(both(here, object, id, field)), field
    assert is_quiet(here)


def test_a_value_that_a_server_changed_while_saving_is_listed_and_not_written_again(here: World) -> None:
    """A CRM spells a choice its own way; the difference is for a human, and costs no more writes."""
    id = record(here, "lead")
    here.marketo.edit(here.person_of(id), customerTier="gold")
    assert run_once(here).code == 3
    assert both(here, "lead", id, "customerTier") == ("gold", "Gold")
    before = state(here)
    ended = run_once(here)
    assert (ended.code, state(here)) == (3, before)
    assert f"customerTier: Marketo 'gold', {here.facts.title} 'Gold'\n" in ended.out


@pytest.mark.parametrize("hold", [True, False])
def test_true_and_false_read_so_wherever_they_are_told(here: World, hold: bool) -> None:
    """The mirror's columns hold 1 and 0. Two switches differ only where two records meet for the first time."""
    if hold:
        here.config.path.write_text(here.config.path.read_text() + '[policy.fields.lead]\nunsubscribed = "hold"\n')
    here.marketo.create(email="roe@example.com", lastName="Roe", unsubscribed=True, company="Acme")
    here.crm.named("lead", email="roe@example.com")
    cycle, log = run_once(here), here.command("log", "--rejected" if hold else "--collisions")
    line = (
        f"unsubscribed: Marketo 'true', {here.facts.title} 'false'"
        if hold
        else "Roe <roe@example.com> unsubscribed true false Marketo unsubscribed is sticky-true: Marketo says true"
    )
    for told in (cycle, log):
        assert line in " ".join(told.out.split())
