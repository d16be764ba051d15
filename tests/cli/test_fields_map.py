"""`mksync fields map`: values that the sides call differently, texts that are cut, and what cycles do with both."""

import json

import pytest

from tests.cli.desk import error, run_once
from tests.scenarios.sandbox_world import World

LONG = "Vice President of " + "Very " * 40 + "Long Titles"


def told(here: World, *words: str) -> dict[str, object]:
    ended = here.command("fields", "map", *words, "--json")
    assert ended.code == 0, ended.err
    found: dict[str, object] = json.loads(ended.out)
    return found


def quiet(here: World) -> bool:
    return "nothing to do" in run_once(here).out


def test_a_value_travels_under_its_own_name_on_each_side(here: World) -> None:
    assert here.command("fields", "map", "lead.customerTier", "Gold=1", "Silver=2").code == 0
    lead = here.crm.named("lead", email="roe@example.com", customerTier="Gold")
    run_once(here)
    person = here.person_of(lead)
    assert here.marketo.people("customerTier")[person]["customerTier"] == "1"
    assert quiet(here)

    here.marketo.edit(person, customerTier="2")
    assert run_once(here).code == 0
    assert here.facts.read("customerTier", here.crm.records("lead", "customerTier")[lead]["customerTier"]) == "Silver"
    assert quiet(here)

    here.marketo.edit(person, customerTier="Bronze")  # has no other name, and passes
    assert run_once(here).code == 0
    assert here.facts.read("customerTier", here.crm.records("lead", "customerTier")[lead]["customerTier"]) == "Bronze"
    assert quiet(here)


def test_a_map_that_comes_later_is_applied_to_what_is_there(here: World) -> None:
    lead = here.crm.named("lead", email="roe@example.com", customerTier="Gold")
    run_once(here)
    ended = here.command("fields", "map", "lead.customerTier", "Gold=1")
    assert ended.err.endswith("the next run-once compares this field of every record anew; --dry-run shows it before\n")
    run_once(here)
    assert here.marketo.people("customerTier")[here.person_of(lead)]["customerTier"] == "1"
    assert quiet(here)


def test_a_list_is_mapped_value_by_value(here: World) -> None:
    here.command("fields", "map", "lead.interests", "Events=E", "Automation=Z")
    lead = here.crm.named("lead", email="roe@example.com")
    run_once(here)
    here.marketo.edit(here.person_of(lead), interests="Z;E")
    assert run_once(here).code == 0
    held = str(here.crm.records("lead", "interests")[lead]["interests"])
    numbers = here.facts.numbers.get(here.fields["lead"]["interests"], {})
    labels = {str(number): label.title() for label, number in numbers.items()}
    assert {labels.get(one, one) for one in held.replace(",", ";").split(";")} == {"Automation", "Events"}
    assert quiet(here)


def test_a_long_text_is_cut_where_that_was_asked_for_and_stays_whole_at_home(here: World) -> None:
    lead = here.crm.named("lead", email="roe@example.com", title="CTO")
    run_once(here)
    person = here.person_of(lead)
    here.marketo.edit(person, title=LONG)
    rejected = run_once(here)
    assert rejected.code == 3
    assert "too long" in rejected.out
    assert here.crm.records("lead", "title")[lead]["title"] == "CTO"

    assert "long texts are cut" in here.command("fields", "map", "lead.title", "--truncate").out
    assert run_once(here).code == 0
    held = str(here.crm.records("lead", "title")[lead]["title"])
    assert LONG.startswith(held)
    assert len(held) in (99, 100, 127, 128)  # 100 in Dynamics, 128 in Salesforce; no space at the end
    assert quiet(here)
    assert here.marketo.people("title")[person]["title"] == LONG


def test_rules_are_kept_by_other_commands_and_taken_back_by_this_one(here: World) -> None:
    assert told(here, "lead.customerTier", "gold=1", "Silver=2", "--truncate")["values"] == {"Gold": "1", "Silver": "2"}
    field = here.fields["lead"]["customerTier"]
    here.command("fields", "select", "--object", "lead", "--add", f"{field}=customerTier:to-marketo")
    kept = told(here, "lead.customerTier")
    assert (kept["direction"], kept["changed"]) == ("to-marketo", False)
    assert (kept["values"], kept["truncate"]) == ({"Gold": "1", "Silver": "2"}, True)
    assert told(here, f"lead.{field}", "Silver=")["values"] == {"Gold": "1"}
    assert told(here, "lead.customerTier", "--clear", "Bronze=3", "--no-truncate")["values"] == {"Bronze": "3"}
    listed = json.loads(here.command("fields", "list", "--object", "lead", "--json").out)["fields"]
    (row,) = [row for row in listed if row["crm"] == field]
    assert (row["values"], row["truncate"], row["fit"]) == ({"Bronze": "3"}, False, "lossless")


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["rating", "Hot=1"], "'rating' names no field of an object", "write lead.rating"),
        (["lead.customerTeir", "Gold=1"], "lead: customerTeir is not selected", "did you mean customerTier?"),
        (
            ["lead.customerTier", "Gold"],
            "lead.customerTier: 'Gold' names no two values",
            'write "Hot=1": the value in the CRM, =, the value in Marketo',
        ),
        (
            ["lead.customerTier", "Gold=1", "Silver=1"],
            "lead.customerTier: Gold and Silver of the CRM are both 1 in Marketo, so that nothing can flow back",
            "give each a name of its own, or let it flow one way: {tier}=customerTier:to-marketo",
        ),
        (
            ["lead.customerTier", "Glod=1"],
            "lead.customerTier: 'Glod' is not one of the choices of {tier}",
            "did you mean Gold?",
        ),
        (
            ["lead.interests", "Events=a;b"],
            "lead.interests: 'a;b' is several values",
            "each value of a list is named by itself",
        ),
        (["lead.email", "a=b"], "lead.email: people are matched by it, so its values stay as they are", ""),
        (
            ["lead.phone", "--truncate"],
            "lead.phone: there is nothing to cut",
            "texts are cut; addresses, numbers and fixed choices never",
        ),
        (
            ["lead.fitScore", "1.5=high"],
            "lead.fitScore: fitScore cannot hold 'high': 'high' is not a number",
            "",
        ),
    ],
)
def test_a_rule_that_cannot_be_changes_nothing(here: World, words: list[str], message: str, hint: str) -> None:
    before = here.config.selection.read_bytes()
    tier = here.fields["lead"]["customerTier"]
    ended = here.command("fields", "map", *words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == error(message.format(tier=tier), hint.format(tier=tier))
    assert here.config.selection.read_bytes() == before
