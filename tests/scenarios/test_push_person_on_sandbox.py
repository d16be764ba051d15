"""`mksync push-person` between both emulators, over real HTTP: what an admin types, reads and ends up with."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.crms import DYNAMICS, SALESFORCE
from tests.scenarios.filters import filter_user
from tests.scenarios.sandbox_world import KEY, World, world

ANA = {"email": "ana@example.com", "firstName": "Ana", "lastName": "Ruiz", "company": "Acme"}


@pytest.fixture
def salesforce(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, SALESFORCE) as made:
        made.init()
        yield made


@pytest.fixture
def dynamics(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, DYNAMICS) as made:
        made.init()
        yield made


def pushed(here: World, *argv: str, code: int = 0) -> list[dict[str, Any]]:
    """What `--json` says of everybody who is named."""
    ended = here.command("push-person", "--json", *argv)
    assert ended.code == code, ended.out + ended.err
    answer = json.loads(ended.out)
    assert answer["mksync"]["exit"]["code"] == code
    return list(answer["people"])


def calls(here: World, *argv: str) -> int:
    return sum(json.loads(here.command("push-person", "--json", *argv).out)["calls"].values())


def in_step(here: World) -> bool:
    """Nothing is left for the next two cycles, and nothing was lost."""
    first, second = here.cycle(), here.cycle()
    return (first.quiet, first.exit_code, second.quiet) == (True, 0, True)


def the_lead(here: World) -> tuple[str, dict[str, Any]]:
    (found,) = here.crm.everything("lead").items()
    return found


def test_who_is_new_becomes_a_lead_at_once(here: World) -> None:
    person = here.marketo.create(**ANA)
    ended = here.command("push-person", "ana@example.com")
    id, lead = the_lead(here)
    way = f"Marketo → {here.facts.title}"
    line = f"{way}  new\n"
    rows = "".join(
        f"Ana Ruiz <ana@example.com>  {field:<9}  (empty)  {ANA[field]:<15}  {line}"
        for field in ("firstName", "lastName", "email", "company")
    )
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Ana Ruiz <ana@example.com>: lead {id} was made in {here.facts.title}\n\n")
    assert rows in ended.out
    assert f"Lead: 1 person gets the {here.facts.title} id (mksyncCrmId)\n" in ended.out
    assert {name: lead[name] for name in ANA} == ANA
    assert here.person_of(id) == person
    assert in_step(here)


def test_a_linked_person_goes_both_ways_in_four_calls_and_so_does_a_new_one(salesforce: World) -> None:
    here = salesforce
    lead = here.crm.named("lead", email="old@example.com", title="CTO")
    here.cycle()
    person = here.person_of(lead)
    here.marketo.edit(person, title="CEO")
    here.crm.edit("lead", lead, phone="5551234567")
    assert calls(here, person) == 4
    assert here.crm.records("lead", "title")[lead] == {"title": "CEO"}
    assert here.marketo.people("phone")[person]["phone"] == "5551234567"
    here.marketo.create(**ANA)
    assert calls(here, "ana@example.com") == 4
    assert calls(here, "ana@example.com") == 2
    assert in_step(here)


def test_a_collision_is_decided_and_logged_as_in_a_cycle(salesforce: World) -> None:
    here = salesforce
    lead = here.crm.named("lead", email="old@example.com", title="CTO")
    here.cycle()
    here.marketo.edit(here.person_of(lead), title="of Marketo")
    here.crm.edit("lead", lead, title="of Salesforce")
    ended = here.command("push-person", "old@example.com")
    assert "Roe <old@example.com>  title  of Marketo  of Salesforce  Marketo  lead: Marketo wins" in ended.out
    assert here.crm.records("lead", "title")[lead] == {"title": "of Marketo"}
    assert "of Salesforce" in here.command("log", "--collisions").out


def test_the_background_sync_carries_what_is_there_unless_the_admin_insists(dynamics: World) -> None:
    here = dynamics
    lead = here.crm.named("lead", email="old@example.com", title="CTO")
    here.cycle()
    here.marketo.edit(here.person_of(lead), title="CEO")
    ended = here.command("push-person", "old@example.com")
    assert (ended.code, ended.out.splitlines()[:2]) == (
        3,
        [
            f"Roe <old@example.com>: Dynamics has lead {lead} of theirs, which run-once and watch bring into step",
            "  hint: to do it now: --force",
        ],
    )
    assert here.crm.records("lead", "title")[lead] == {"title": "CTO"}
    (told,) = pushed(here, "old@example.com", code=3)
    assert told["kind"] == "background"
    (told,) = pushed(here, "--force", "old@example.com")
    assert (told["kind"], here.crm.records("lead", "title")[lead]) == ("synced", {"title": "CEO"})
    assert in_step(here)


def test_a_contact_is_a_lead_that_is_qualified_without_an_account(dynamics: World) -> None:
    here = dynamics
    person = here.marketo.create(**ANA, phone="5551234567")
    (told,) = pushed(here, "--as", "contact", "ana@example.com")
    ((contact, row),) = here.crm.everything("contact").items()
    assert (told["kind"], told["record"]["id"], row["email"]) == ("created", contact, "ana@example.com")
    assert here.person_of(contact) == person
    here.cycle()
    assert in_step(here)


def test_salesforce_makes_no_contact_without_an_account(salesforce: World) -> None:
    ended = salesforce.command("push-person", "--as", "contact", "ana@example.com")
    assert (ended.code, ended.err) == (
        2,
        (
            "error: Salesforce makes contacts of leads, and only in an account\n"
            "hint: mksync push-person WHO, and then mksync convert WHO, which asks for the account\n"
        ),
    )


def test_what_is_required_is_named_and_a_default_fills_it_the_first_time_only(salesforce: World) -> None:
    here = salesforce
    person = here.marketo.create(email="bo@example.com", firstName="Bo")
    ended = here.command("push-person", "bo@example.com")
    assert (ended.code, ended.out.splitlines()[:2]) == (
        3,
        [
            (
                "Bo <bo@example.com>: Salesforce takes no lead without LastName and Company (LastName: the person's"
                " lastName is empty; Company: the person's company is empty)"
            ),
            (
                "  hint: fill it in in Marketo, or write into mksync.toml: [push.defaults.lead] LastName ="
                ' "[not provided]"'
            ),
        ],
    )
    assert here.crm.everything("lead") == {}
    with here.config.path.open("a") as file:
        file.write('\n[push.defaults.lead]\nLastName = "[unknown]"\nCompany = "[not provided]"\nFirstName = "never"\n')
    (told,) = pushed(here, person)
    id, lead = the_lead(here)
    assert (told["kind"], lead["lastName"], lead["company"], lead["firstName"]) == (
        "created", "[unknown]", "[not provided]", "Bo",
    )  # fmt: skip
    assert here.marketo.people("company")[person]["company"] == "[not provided]"
    here.marketo.edit(person, company="Acme")
    pushed(here, person)
    assert here.crm.records("lead", "company")[id] == {"company": "Acme"}
    assert in_step(here)


def test_a_default_that_cannot_be_is_told_before_anything_is_done(salesforce: World) -> None:
    with salesforce.config.path.open("a") as file:
        file.write('\n[push.defaults.lead]\nCompani = "x"\n')
    ended = salesforce.command("push-person", "ana@example.com")
    assert (ended.code, ended.err.splitlines()[0]) == (
        2, "error: [push.defaults.lead] Compani: Salesforce lets nobody set that field on a new lead",
    )  # fmt: skip


def test_twins_are_shown_and_nobody_is_linked_or_made(here: World) -> None:
    here.marketo.create(**ANA)
    lead = here.crm.named("lead", email="ana@example.com")
    contact = here.crm.named("contact", email="ana@example.com")
    (told,) = pushed(here, "--force", "ana@example.com", code=3)
    assert told["kind"] == "several"
    assert f"lead {lead}" in told["message"]
    assert f"contact {contact}" in told["message"]
    assert (len(here.crm.everything("lead")), here.marketo.people(KEY)) == (1, {"1": {KEY: None, "id": 1}})


def test_who_is_there_by_address_is_linked_and_not_made_twice(salesforce: World) -> None:
    here = salesforce
    person = here.marketo.create(**{**ANA, "email": "ANA@Example.com"}, title="CEO")
    contact = here.crm.named("contact", email="ana@example.com", phone="5551234567")
    (told,) = pushed(here, person)
    assert (told["kind"], told["record"]["id"], here.person_of(contact)) == ("synced", contact, person)
    assert here.crm.everything("lead") == {}
    assert in_step(here)


def test_a_converted_lead_leads_to_its_contact(salesforce: World) -> None:
    here = salesforce
    lead = here.crm.named("lead", email="ana@example.com", title="CTO")
    here.cycle()
    person = here.person_of(lead)
    contact = filter_user("salesforce", here.sandbox).convert(lead)
    here.marketo.edit(person, title="CEO")
    (told,) = pushed(here, person)
    assert (told["record"]["object"], told["record"]["id"]) == ("contact", contact)
    assert here.person_of(contact) == person
    assert here.cycle().exit_code == 0
    assert here.cycle().quiet


def test_a_deleted_record_is_made_anew_only_if_asked_to(here: World) -> None:
    here.marketo.create(**ANA)
    pushed(here, "ana@example.com")
    lead, _ = the_lead(here)
    here.crm.delete("lead", lead)
    (told,) = pushed(here, "ana@example.com", code=3)
    assert (told["kind"], told["hint"]) == (
        "deleted", f"to make a new lead: --recreate; or undelete it in {here.facts.title}",
    )  # fmt: skip
    here.cycle()
    pushed(here, "ana@example.com", code=3)
    (told,) = pushed(here, "--recreate", "ana@example.com")
    again, _ = the_lead(here)
    assert (told["kind"], again != lead, here.person_of(again)) == ("created", True, "1")
    here.cycle()
    assert here.cycle().quiet


def test_everybody_who_is_not_one_person_is_told_and_the_others_are_done(here: World) -> None:
    here.marketo.create(**ANA)
    for name in ("One", "Two"):
        here.marketo.create(email="twin@example.com", lastName=name)
    told = pushed(here, "twin@example.com", "nobody@example.com", "99", "ana@example.com", code=2)
    assert [(one["who"], one["kind"], one["exit_code"]) for one in told] == [
        ("twin@example.com", "ambiguous", 2),
        ("nobody@example.com", "unknown", 2),
        ("99", "unknown", 2),
        ("ana@example.com", "created", 0),
    ]
    assert told[0]["message"] == "2 people in Marketo have that address: 2, 3"


def test_a_validation_rule_is_respected_and_its_words_are_shown(here: World) -> None:
    here.marketo.create(**ANA, phone="12")
    ended = here.command("push-person", "ana@example.com")
    assert (ended.code, here.crm.everything("lead")) == (3, {})
    assert str(here.facts.refusal) in ended.out
    assert "Ana Ruiz <ana@example.com>: a write was refused\n" in ended.out
    here.marketo.edit("1", phone="5551234567")
    (told,) = pushed(here, "1")
    assert told["kind"] == "created"
    assert here.cycle().exit_code == 0


def test_a_dry_run_shows_the_same_and_writes_nothing(here: World) -> None:
    here.marketo.create(**ANA)
    before = here.marketo.people(KEY, *here.marketo_fields)
    ended = here.command("push-person", "--dry-run", "ana@example.com")
    assert ended.out.startswith(f"Ana Ruiz <ana@example.com>: a lead would be made in {here.facts.title}\n")
    assert "dry run, nothing written: 1 to create · " in ended.out
    assert (here.crm.everything("lead"), here.marketo.people(KEY, *here.marketo_fields)) == ({}, before)
    with here.mirror() as mirror:
        assert list(mirror.journal.of_record(["1"])) == []


def test_people_come_from_stdin_too(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        here.marketo.create(**{**ANA, "email": f"{number}@example.com"})
    monkeypatch.setattr("sys.stdin", io.StringIO("0@example.com\n\nAna Ruiz <1@example.com>\n3\n"))
    assert [one["kind"] for one in pushed(here, "-")] == ["created"] * 3
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    ended = here.command("push-person", "-")
    assert (ended.code, ended.err.splitlines()[0]) == (2, "error: nobody is named")


def test_a_lost_answer_makes_no_second_lead(here: World) -> None:
    here.marketo.create(**ANA)
    path = "/composite" if here.facts is SALESFORCE else r"/\$batch"
    here.fails("reset_after", "crm", path, after=1 if here.facts is SALESFORCE else 0)
    here.command("push-person", "ana@example.com")
    here.cycle()
    pushed(here, "--force", "ana@example.com")
    assert len(here.crm.everything("lead")) == 1
    assert here.person_of(the_lead(here)[0]) == "1"
    assert in_step(here)


@pytest.mark.parametrize("crm", [SALESFORCE, DYNAMICS], ids=lambda crm: crm.system)
def test_what_marketo_cuts_off_is_no_edit_and_reaches_nobody(tmp_path: Path, crm: Any) -> None:
    with world(tmp_path, crm, quirks={"marketo": frozenset({"astral_truncates"})}) as here:
        here.init()
        lead = here.crm.named("lead", email="old@example.com")
        here.cycle()
        here.crm.edit("lead", lead, title="CTO \N{ROCKET} of Acme")
        (told,) = pushed(here, "--force", "old@example.com")
        assert told["kind"] == "synced"
        report = here.cycle()
        assert here.crm.records("lead", "title")[lead] == {"title": "CTO \N{ROCKET} of Acme"}
        assert [row.reason for part in report.objects for row in part.held] == [
            "Marketo changed the value while saving it: 'CTO \N{ROCKET} of Acme' was sent"
        ]


def test_an_edit_between_a_push_and_the_next_run_flows(here: World) -> None:
    lead = here.crm.named("lead", email="old@example.com")
    here.cycle()
    here.crm.edit("lead", lead, title="CTO")
    pushed(here, "--force", "old@example.com")
    here.clock.sleep(60)
    here.marketo.edit(here.person_of(lead), title="CEO")
    here.cycle()
    assert here.crm.records("lead", "title")[lead] == {"title": "CEO"}
    assert in_step(here)


def test_a_filtered_record_is_left_as_it_is(tmp_path: Path) -> None:
    with world(tmp_path, SALESFORCE) as here:
        them = filter_user("salesforce", here.sandbox)
        them.make_filter()
        with here.config.path.open("a") as file:
            file.write(f'\n[filter]\nlead = "{them.column}"\ncontact = false\n')
        here.init()
        lead = here.crm.named("lead", email="old@example.com", title="CTO")
        them.flag("lead", lead, True)
        here.cycle()
        here.marketo.edit(here.person_of(lead), title="CEO")
        them.flag("lead", lead, False)
        ended = here.command("push-person", "old@example.com")
        assert (ended.code, ended.out.splitlines()[0]) == (
            3, f"Roe <old@example.com>: lead {lead} is left out of the sync: {them.column} says No",
        )  # fmt: skip
        assert here.crm.records("lead", "title")[lead] == {"title": "CTO"}
