"""`mksync convert` between both emulators, over real HTTP: what it makes, what it says, and what stays as it was."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.converting import WAYS, Sales, Way
from tests.scenarios.sandbox_world import Ended, World, world

LOSES = (
    "warning: no field of contacts is selected for these, so they will flow no more: company (Acme), numberOfEmployees"
)


@pytest.fixture(params=WAYS, ids=lambda way: way.crm.system)
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


@pytest.fixture
def here(tmp_path: Path, way: Way) -> Iterator[World]:
    with world(tmp_path, way.crm) as made:
        made.init()
        yield made


@pytest.fixture
def sales(here: World, way: Way) -> Sales:
    return Sales(here, way)


def converted(sales: Sales, lead: str, account: str, opportunity: str) -> str:
    (person,) = sales.records_of_people()
    return (
        f"Pat Roe <pat@example.com> ({lead}, person {person}) is converted\n"
        f"  contact      {sales.only('contact')}\n"
        f"  account      {account}\n"
        f"  opportunity  {opportunity}\n"
        f"  lead status  {sales.way.statuses[0]}\n"
    )


def is_quiet(here: World) -> None:
    report = here.cycle()
    assert (report.exit_code, report.quiet) == (0, True), report


def test_a_lead_becomes_a_contact_with_an_account_and_an_opportunity(here: World, sales: Sales) -> None:
    lead = sales.lead(numberOfEmployees=7)
    ended = sales.whole("pat@example.com")
    account, opportunity = sales.only("account"), sales.only("opportunity")
    assert ended == Ended(
        0,
        converted(sales, lead, f"Acme ({account}), new", f"{opportunity}, new"),
        f"{LOSES} (7)\n",
    )
    contact = sales.only("contact")
    assert (sales.all("contact")[contact], sales.all("account")[account]) == (account, "Acme")
    (person,) = sales.records_of_people()
    assert sales.links() == {(person, contact)}, "the link moved at once"
    assert sales.records_of_people() == {person: contact}, "and the cross-id with it"
    is_quiet(here)
    is_quiet(here)


def test_from_then_on_the_crm_wins_as_on_any_contact(here: World, sales: Sales) -> None:
    sales.lead(title="CTO")
    sales.whole("pat@example.com")
    here.crm.edit("contact", sales.only("contact"), title="of the CRM")
    (person,) = sales.records_of_people()
    here.marketo.edit(person, title="of Marketo")
    (collision,) = (row for part in here.cycle().objects for row in part.collisions)
    assert (collision.record.object, collision.winner) == ("contact", "crm")


def test_a_dry_run_shows_it_and_changes_nothing(here: World, sales: Sales) -> None:
    lead = sales.lead()
    sales.account("Acme")
    (person,) = sales.records_of_people()
    ended = sales.whole("pat@example.com", "--dry-run")
    assert ended == Ended(
        0,
        f"Pat Roe <pat@example.com> ({lead}, person {person}) would be converted\n"
        "  contact      new\n  account      Acme, new\n  opportunity  new\n"
        f"  lead status  {sales.way.statuses[0]}\n",
        f"{LOSES}\nwarning: {sales.way.crm.title} has an account named Acme already ({sales.only('account')})."
        " Another one would be made.\n",
    )
    assert sales.all("contact") == {}
    assert sales.records_of_people() == {person: lead}
    with here.mirror() as mirror:
        assert [cycle.command for cycle in mirror.history.cycles()] == ["run-once", "init"]
    is_quiet(here)


def test_a_second_account_of_a_name_is_made_on_the_admins_word_only(here: World, sales: Sales) -> None:
    lead = sales.lead()
    account = sales.account("ACME")
    if sales.way.crm.system == "salesforce":
        assert sales.convert("pat@example.com") == Ended(
            2,
            "",
            f"{LOSES}\nerror: Salesforce has an account named Acme already ({account}). Make another one?"
            " Nobody is here to answer\n"
            "hint: answer in advance with --new-account for another one, --account ID, or --account match\n",
        )
        assert list(sales.records_of_people().values()) == [lead]
    ended = sales.whole("pat@example.com", "--new-account")
    assert (ended.code, len(sales.all("account"))) == (0, 2)
    assert "Another one is made." in ended.err


def test_a_contact_that_has_the_address_already_is_told_of(here: World, sales: Sales) -> None:
    sales.lead()
    twin = here.crm.named("contact", email="PAT@example.com")
    ended = sales.convert("pat@example.com", "--dry-run")
    assert ended.err.endswith(
        f"warning: {sales.way.crm.title} has a contact with this e-mail address already: {twin}\n"
    )


@pytest.mark.parametrize("by", ["match", "id"])
def test_an_account_that_is_there_is_taken(here: World, sales: Sales, by: str) -> None:
    lead, account = sales.lead(), sales.account("ACME")
    ended = sales.convert("pat@example.com", "--no-opportunity", "--account", account if by == "id" else "match")
    assert ended == Ended(0, converted(sales, lead, f"ACME ({account})", "none"), f"{LOSES}\n")
    assert sales.all("contact") == {sales.only("contact"): account}
    assert sales.all("opportunity") == {}
    is_quiet(here)


def test_match_makes_a_new_account_where_there_is_none(here: World, sales: Sales) -> None:
    lead = sales.lead()
    ended = sales.convert("pat@example.com", "--no-opportunity", "--account", "match")
    assert ended.out == converted(sales, lead, f"Acme ({sales.only('account')}), new", "none")


def test_match_guesses_nothing(here: World, sales: Sales) -> None:
    sales.lead()
    accounts = [sales.account("Acme"), sales.account("acme")]
    assert sales.convert("pat@example.com", "--account", "match") == Ended(
        2,
        "",
        f"error: {sales.way.crm.title} has 2 accounts named Acme\nhint: --account, one of: {', '.join(accounts)}\n",
    )


@pytest.mark.parametrize("id", ["Acme", "0015g00000zzzzzAAA", "99999999-0000-4000-8000-000000000001"])
def test_an_account_that_is_not_there_is_said_to_be(here: World, sales: Sales, id: str) -> None:
    sales.lead()
    assert sales.convert("pat@example.com", "--account", id) == Ended(
        2,
        "",
        f"error: {sales.way.crm.title} has no account {id}, or the sync user may not see it\n"
        "hint: --account takes the id of an account, or match\n",
    )


def test_a_status_that_no_converted_lead_may_have_brings_the_list(here: World, sales: Sales) -> None:
    sales.lead()
    assert sales.convert("pat@example.com", "--status", "Won") == Ended(
        2,
        "",
        f"error: {sales.way.crm.title} has no status 'Won' for converted leads\n"
        f"hint: --status, one of: {', '.join(sales.way.statuses)}\n",
    )
    ended = sales.convert("pat@example.com", "--status", sales.way.statuses[-1].upper())
    assert f"lead status  {sales.way.statuses[-1]}\n" in ended.out


def test_who_is_a_contact_stays_one(here: World, sales: Sales) -> None:
    sales.lead()
    sales.whole("pat@example.com")
    contact = sales.only("contact")
    (person,) = sales.records_of_people()
    told = f"Pat Roe <pat@example.com> ({contact}, person {person}) is a contact already: there is nothing to convert\n"
    assert sales.convert(person) == Ended(0, told, "")
    assert len(sales.all("contact")) == 1


def test_a_lead_that_was_converted_since_the_last_cycle_takes_its_link_along(here: World, sales: Sales) -> None:
    sales.lead()
    lead = next(iter(sales.records_of_people().values()))
    contact = sales.converts(lead)
    (person,) = sales.records_of_people()
    told = f"Pat Roe <pat@example.com> ({contact}, person {person}) was converted already, into contact {contact}: "
    assert sales.convert("pat@example.com", "--dry-run").out == f"{told}the link would move there\n"
    assert sales.records_of_people() == {person: lead}
    assert sales.convert("pat@example.com") == Ended(0, f"{told}the link has moved there\n", "")
    assert (sales.links(), sales.records_of_people()) == ({(person, contact)}, {person: contact})
    is_quiet(here)


def test_what_a_rule_of_the_crm_refuses_is_not_converted(here: World, sales: Sales) -> None:
    assert here.command("init", "--create-activity-type").code == 0
    lead = sales.lead(title="CTO")
    here.crm.user.demand_titles("contact", 10, "Contacts need a longer title")
    refusal = sales.way.crm.refusal
    ended = sales.whole("pat@example.com")
    (person,) = sales.records_of_people()
    assert ended.code == 3
    assert ended.out.startswith(
        f"not converted: {sales.way.crm.title} refused it\n  Pat Roe <pat@example.com> ({lead}, person {person}): "
    )
    assert ended.out.endswith(
        f"    {refusal.code}: Contacts need a longer title\n    cause:  {refusal.cause}\n    remedy: {refusal.remedy}\n"
    )
    assert (sales.all("account"), sales.records_of_people()) == ({}, {person: lead})
    (entry,) = here.marketo.activity_log(person)
    told = (refusal.code, "Contacts need a longer title", "convert", lead)
    assert tuple(entry[name] for name in ("Code", "Message", "Operation", "CRM Record")) == told
    assert "conversion refused" in here.command("log", "--person", person).out
    is_quiet(here)


def test_without_the_right_to_convert_nothing_is_done(here: World, sales: Sales) -> None:
    lead = sales.lead()
    sales.way.forbid(here.crm.user)
    ended = sales.convert("pat@example.com", "--no-opportunity")
    assert ended.code == 8
    assert sales.way.no_right in ended.err
    assert list(sales.records_of_people().values()) == [lead]
    is_quiet(here)


@pytest.mark.parametrize("fault", ["reset_after", "truncated"])
def test_a_call_whose_answer_is_lost_is_looked_up_and_not_sent_twice(here: World, sales: Sales, fault: str) -> None:
    sales.lead()
    here.fails(fault, "crm", sales.way.call)
    ended = sales.whole("pat@example.com")
    assert ended.code == 0, ended.err
    assert (len(sales.all("contact")), len(sales.all("account")), len(sales.all("opportunity"))) == (1, 1, 1)
    assert sales.only("contact") in ended.out
    is_quiet(here)


def test_a_call_that_never_arrived_says_so_and_may_be_given_again(here: World, sales: Sales) -> None:
    lead = sales.lead()
    here.fails("reset_before", "crm", sales.way.call)
    ended = sales.whole("pat@example.com")
    assert ended.code == 5
    assert "the lead was read again, and it is not converted\nhint: run the same command again\n" in ended.err
    assert list(sales.records_of_people().values()) == [lead]
    assert sales.whole("pat@example.com").code == 0
    is_quiet(here)


def test_a_marketo_that_fails_afterwards_does_not_hide_the_conversion(here: World, sales: Sales) -> None:
    sales.lead()
    here.fails("reset_before", "marketo", r"/rest/v1/leads\.json", after=1, times=60)
    ended = sales.whole("pat@example.com")
    contact = sales.only("contact")
    assert ended.code == 5
    assert f"error: the lead is converted, into contact {contact}; then this went wrong: Marketo" in ended.err
    here.sandbox.faults.clear()
    assert here.cycle().exit_code == 0
    assert list(sales.records_of_people().values()) == [contact]
    is_quiet(here)


def test_a_crm_that_cannot_be_read_afterwards_does_not_hide_it_either(here: World, sales: Sales) -> None:
    sales.lead()
    path, before = sales.way.read_back
    here.fails("reset_before", "crm", path, after=before, times=60)
    ended = sales.convert("pat@example.com", "--no-opportunity")
    contact = sales.only("contact")
    assert ended.code == 5
    assert f"error: the lead is converted, into contact {contact}, and could not be read again: " in ended.err
    here.sandbox.faults.clear()
    assert here.cycle().exit_code == 0
    assert list(sales.records_of_people().values()) == [contact]
    is_quiet(here)


def test_nobody_is_converted_who_has_no_lead_or_is_not_told_apart(here: World, sales: Sales) -> None:
    lone = here.marketo.create(email="lone@example.com", lastName="Lone")
    twins = [here.marketo.create(email="twin@example.com", lastName=name) for name in ("One", "Two")]
    here.cycle()
    crm = sales.way.crm.title
    assert sales.convert(lone) == Ended(
        2, "", f"error: Lone <lone@example.com> has no lead in {crm}\nhint: mksync push-person {lone} makes one\n"
    )
    assert sales.convert("twin@example.com") == Ended(
        2,
        "",
        "error: Marketo has 2 people with the address twin@example.com\n"
        f"hint: name one by its id: {twins[0]}: One <twin@example.com>; {twins[1]}: Two <twin@example.com>\n",
    )
    unknown = "error: nobody@example.com: Marketo knows nobody of that address\n"
    assert sales.convert("nobody@example.com") == Ended(2, "", unknown)
    assert sales.all("contact") == {}


def test_a_lead_that_was_deleted_is_not_converted(here: World, sales: Sales) -> None:
    lead = sales.lead()
    here.crm.delete("lead", lead)
    ended = sales.convert("pat@example.com")
    assert (ended.code, ended.err.partition("\n")[0]) == (
        2, f"error: Pat Roe <pat@example.com> has no lead in {sales.way.crm.title} any more: lead {lead} was deleted",
    )  # fmt: skip


def test_an_edit_that_marketo_made_just_before_is_not_lost_on_the_way(here: World, sales: Sales) -> None:
    sales.lead(title="CTO")
    (person,) = sales.records_of_people()
    here.marketo.edit(person, title="VP Marketing")
    ended = sales.whole("pat@example.com")
    assert "VP Marketing" in ended.out
    assert [row["title"] for row in here.crm.records("contact", "title").values()] == ["VP Marketing"]
    is_quiet(here)


def test_the_readme_shows_what_is_really_said(here: World, sales: Sales) -> None:
    if sales.way.crm.system != "salesforce":
        pytest.skip("the README shows Salesforce")
    sales.lead()
    sales.account("Acme")
    asked = sales.convert("pat@example.com")
    done = sales.convert("pat@example.com", "--account", "match", "--opportunity-name", "Acme 2027")
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert asked.err in readme
    assert f"{done.err}{done.out}```\n" in readme


def test_machines_read_the_same(here: World, sales: Sales) -> None:
    lead = sales.lead(numberOfEmployees=7)
    document = json.loads(sales.whole("pat@example.com", "--json").out)
    assert document["mksync"]["command"] == "convert"
    assert document["record"]["id"] == lead
    assert (document["contact"], document["account"]) == (sales.only("contact"), sales.only("account"))
    assert {row["field"]: row["value"] for row in document["lost"]} == {"company": "Acme", "numberOfEmployees": 7}
