"""Converting where accounts sync: the person has its company at once; and where the sync filter has its say."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.converting import WAYS, Sales, Way
from tests.scenarios.filters import FilterUser, filter_user
from tests.scenarios.one_way import ALL, Deals, OneWay
from tests.scenarios.sandbox_world import Ended, World, world

PAIRS = [(way, next(facts for facts in ALL if facts.facts is way.crm)) for way in WAYS]


@pytest.fixture(params=PAIRS, ids=lambda pair: pair[0].crm.system)
def pair(request: pytest.FixtureRequest) -> tuple[Way, OneWay]:
    found: tuple[Way, OneWay] = request.param
    return found


@pytest.fixture
def here(tmp_path: Path, pair: tuple[Way, OneWay]) -> Iterator[World]:
    with world(tmp_path, pair[0].crm) as made:
        made.init()
        yield made


@pytest.fixture
def sales(here: World, pair: tuple[Way, OneWay]) -> Sales:
    return Sales(here, pair[0])


@pytest.fixture
def deals(here: World, pair: tuple[Way, OneWay]) -> Deals:
    """Users and accounts sync."""
    deals = Deals(here, pair[1])
    deals.select("user", "account")
    return deals


def is_quiet(here: World) -> None:
    report = here.cycle()
    assert (report.exit_code, report.quiet) == (0, True), report


def test_the_person_gets_its_new_company_in_the_same_run(here: World, sales: Sales, deals: Deals) -> None:
    lead = sales.lead()
    ended = sales.whole("pat@example.com")
    assert ended.code == 0, ended.err
    account, contact = sales.only("account"), sales.only("contact")
    assert deals.kept("account", account)["company"] == "Acme"
    assert deals.person(contact)["externalCompanyId"] == account
    rows = [row.split() for row in ended.out.splitlines()]
    assert ["Acme", "(new)"] in [row[:2] for row in rows], "the company is told of in one row"
    assert ["externalCompanyId", "(empty)", account] in [row[3:6] for row in rows]
    assert "company" not in ended.err, "the account brings it, so it is not lost"
    assert lead not in sales.records_of_people().values()
    here.cycle()
    is_quiet(here)


def test_a_company_that_marketo_has_already_is_named(here: World, sales: Sales, deals: Deals) -> None:
    account = sales.account("Acme")
    sales.lead()
    assert len(deals.in_marketo("account")) == 1
    assert sales.convert("pat@example.com", "--account", "match", "--no-opportunity").code == 0
    assert deals.person(sales.only("contact"))["externalCompanyId"] == account
    assert len(deals.in_marketo("account")) == 1
    is_quiet(here)


def test_an_account_that_no_cycle_has_read_yet_is_no_hindrance(here: World, sales: Sales, deals: Deals) -> None:
    sales.lead()
    account = sales.account("Acme")
    assert sales.convert("pat@example.com", "--account", account, "--no-opportunity").code == 0
    assert deals.person(sales.only("contact"))["externalCompanyId"] == account
    is_quiet(here)


def test_nothing_else_that_waits_is_written_beside_it(here: World, sales: Sales, deals: Deals) -> None:
    """A conversion is no cycle: other people's changes are for the next one."""
    other = sales.lead("other@example.com", lastName="Other", title="CTO")
    sales.lead()
    here.crm.edit("lead", other, title="CEO")
    sales.account("Another")
    sales.whole("pat@example.com")
    people = here.marketo.people("title", "email").values()
    assert {row["email"]: row["title"] for row in people}["other@example.com"] == "CTO"
    assert [row["company"] for row in deals.in_marketo("account")] == ["Acme"]
    here.cycle()
    assert {row["company"] for row in deals.in_marketo("account")} == {"Acme", "Another"}


def filtered(here: World) -> FilterUser:
    them = filter_user(here.facts.system, here.sandbox)
    them.make_filter()
    with here.config.path.open("a") as file:
        file.write(f'\n[filter]\nlead = "{them.column}"\ncontact = "{them.column}"\n')
    return them


def test_a_lead_that_the_filter_leaves_out_is_left_alone(here: World, sales: Sales) -> None:
    lead = sales.lead()
    them = filtered(here)
    them.flag("lead", lead, False)
    ended = sales.convert("pat@example.com")
    column = them.column
    assert ended == Ended(
        2,
        "",
        f"error: Pat Roe <pat@example.com>: the sync filter leaves lead {lead} out, so mksync leaves it alone\n"
        f"hint: let {column} say Yes in {sales.way.crm.title}, or convert it there\n",
    )
    here.cycle()
    assert sales.convert("pat@example.com") == ended, "and so it is when a cycle has frozen the link"
    assert sales.all("contact") == {}


def test_a_lead_of_a_queue_needs_somebody_to_own_what_is_made(here: World, sales: Sales) -> None:
    if sales.way.crm.system != "salesforce":
        pytest.skip("Dynamics gives what it makes to the lead's owner, whoever that is")
    users = here.sandbox.salesforce.users
    lead = sales.lead()
    assert here.crm.user.edit("lead", lead, OwnerId=users["queue"])
    assert sales.convert("pat@example.com") == Ended(
        2,
        "",
        "error: a queue of Salesforce owns this lead: somebody has to own what is made\n"
        "hint: --owner, a user's id or e-mail address\n",
    )
    admin = here.crm.user.records("user", "Email")[users["admin_user"]]["Email"]
    assert sales.convert("pat@example.com", "--owner", admin, "--notify-owner").code == 0
    contact = sales.only("contact")
    assert here.crm.user.records("contact", "OwnerId")[contact]["OwnerId"] == users["admin_user"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--new-account", "--account", "match"), "--account and --new-account exclude each other"),
        (("--no-opportunity", "--opportunity-name", "x"), "--opportunity-name and --no-opportunity exclude each other"),
        (("--contact", "003"), "--contact needs the account that the contact belongs to"),
        (("--opportunity-name", "x" * 81), "--opportunity-name takes 80 characters at most"),
    ],
)
def test_flags_that_do_not_go_together_are_refused(sales: Sales, flags: tuple[str, ...], said: str) -> None:
    sales.lead()
    ended = sales.convert("pat@example.com", *flags)
    assert (ended.code, ended.err.partition("\n")[0]) == (2, f"error: {said}")


def test_what_a_crm_leaves_nobody_to_choose_is_refused(sales: Sales) -> None:
    sales.lead()
    mine = {
        "salesforce": (("--no-account",),),
        "dynamics": (("--owner", "x"), ("--notify-owner",), ("--opportunity-name", "x")),
    }
    for flags in mine[sales.way.crm.system]:
        ended = sales.convert("pat@example.com", *flags)
        assert ended.code == 2
        assert ended.err.startswith(f"error: {sales.way.crm.title} leaves {flags[0]} nobody to choose: ")


def test_an_existing_contact_takes_the_lead_in(here: World, sales: Sales) -> None:
    if sales.way.crm.system != "salesforce":
        pytest.skip("Dynamics makes a new contact of every lead")
    sales.lead()
    account = sales.account("Acme")
    contact = here.crm.named("contact", lastName="Roe")
    assert here.crm.user.edit("contact", contact, AccountId=account)
    ended = sales.convert("pat@example.com", "--account", account, "--contact", contact, "--no-opportunity")
    assert f"  contact      {contact}\n" in ended.out
    assert list(sales.records_of_people().values()) == [contact], "nobody is doubled"
    is_quiet(here)


def test_a_contact_of_somebody_else_leaves_the_two_people_to_a_human(here: World, sales: Sales) -> None:
    if sales.way.crm.system != "salesforce":
        pytest.skip("Dynamics makes a new contact of every lead")
    account = sales.account("Acme")
    contact = here.crm.named("contact", lastName="Roe", email="other@example.com")
    assert here.crm.user.edit("contact", contact, AccountId=account)
    sales.lead()
    people = {record: person for person, record in sales.records_of_people().items()}
    ended = sales.convert("pat@example.com", "--account", account, "--contact", contact)
    (pat,) = (person for record, person in people.items() if record != contact)
    assert ended.code == 3
    assert ended.out.endswith(
        f"note: contact {contact} has a person of its own: two people are left to be merged in Marketo:"
        f" mksync log --person {pat}\n"
    )
    assert sales.links() == {(people[contact], contact)}
    assert here.cycle().exit_code == 3
    assert f"merge person {pat} into person {people[contact]}" in here.command("log", "--person", pat).out


class Thoughtful:
    """Somebody who takes a long time to answer: others have to be able to work meanwhile."""

    def __init__(self, mirror: Path, *answers: str) -> None:
        self._work = mirror.with_name(f"{mirror.name}.work")
        self._answers = iter(answers)

    def readline(self) -> str:
        with self._work.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises BlockingIOError where somebody holds it
        return next(self._answers)


def test_on_a_terminal_it_asks_before_a_second_account_is_made(
    here: World, sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sales.way.crm.system != "salesforce":
        pytest.skip("Dynamics makes no account unless it is told to")
    sales.lead()
    sales.account("Acme")
    monkeypatch.setattr("mksync.cli.console.Console.of_process", classmethod(lambda cls, **_: cls(prompts=True)))
    monkeypatch.setattr("sys.stdin", Thoughtful(here.config.mirror, "n\n", "y\n"))
    asked = f"Salesforce has an account named Acme already ({sales.only('account')}). Make another one?"
    no = sales.convert("pat@example.com")
    assert (no.code, no.err.splitlines()[-2:]) == (
        2,
        [
            f"{asked} [y/N] error: nothing was converted",
            "hint: choose: --new-account for another one, --account ID, or --account match",
        ],
    )
    assert sales.all("contact") == {}
    assert sales.convert("pat@example.com").code == 0
    assert len(sales.all("account")) == 2
