"""`mksync log retry`: whose refused writes the next cycle tries again."""

import json

import pytest

from tests.cli.desk import error, run_once
from tests.scenarios.sandbox_world import KEY, World

WHOSE = "log retry wants to know what to try again"
NOTHING = "nothing is rejected here: there is nothing to try again\n"


@pytest.fixture
def refused(here: World) -> World:
    """The leads Roe and Doe, whose phone numbers the CRM has refused; and the lead Poe, of whom nothing was."""
    for name in ("Roe", "Doe", "Poe"):
        here.crm.named("lead", lastName=name, email=f"{name.lower()}@example.com", phone="555 010 0100")
    run_once(here)
    for id, row in here.marketo.people(KEY, "lastName").items():
        here.marketo.edit(id, phone="12345678" if row["lastName"] == "Poe" else "12")
    assert run_once(here).code == 3
    return here


def waiting(here: World) -> list[tuple[str, int]]:
    """Who waits, and how many cycles have tried."""
    found = json.loads(here.command("log", "--rejected", "--json").out)["rejected"]
    return sorted((row["record"]["label"].partition(" ")[0], row["tries"]) for row in found)


def test_one_person_is_tried_again_by_the_next_cycle(refused: World) -> None:
    ended = refused.command("log", "retry", "Roe <roe@example.com>")
    field = refused.facts.fields["lead"]["phone"]
    roe = next(id for id, row in refused.crm.records("lead", "lastName").items() if row["lastName"] == "Roe")
    person = refused.person_of(roe)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "the next cycle tries 1 rejected write again: mksync run-once\n"
        f"  Roe <roe@example.com> ({roe}, person {person}): {refused.facts.title} refused it ({field})\n"
    )
    assert waiting(refused) == [("Doe", 1), ("Roe", 1)]
    assert run_once(refused).code == 3
    assert waiting(refused) == [("Doe", 1), ("Roe", 2)]


def test_everything_is_tried_again_and_goes_through_once_the_rule_is_gone(refused: World) -> None:
    refused.crm.user.drop_the_phone_rule()
    assert run_once(refused, "--quiet").code == 3
    assert waiting(refused) == [("Doe", 1), ("Roe", 1)]
    document = json.loads(refused.command("log", "retry", "--all", "--json").out)
    assert document["mksync"]["command"] == "log retry"
    assert sorted(row["record"]["label"].partition(" ")[0] for row in document["retry"]) == ["Doe", "Roe"]
    assert run_once(refused).code == 0
    assert refused.command("log", "retry", "--all").out == NOTHING


def test_a_refusal_that_comes_back_tells_since_when(refused: World) -> None:
    started = json.loads(refused.command("log", "--json").out)["cycles"][0]["started"]
    refused.command("log", "retry", "roe@example.com")
    refused.command("log", "retry", "roe@example.com")
    report = run_once(refused)
    assert f"    since:  {started}, tried in 2 cycles\n" in report.out


def test_somebody_of_whom_nothing_was_refused(refused: World) -> None:
    ended = refused.command("log", "retry", "poe@example.com")
    assert (ended.code, ended.out) == (0, NOTHING)


@pytest.mark.parametrize(
    ("flags", "message", "hint"),
    [
        (
            ("nobody@example.com",),
            "nobody in the mirror is called nobody@example.com",
            "give an e-mail, a Marketo id or a CRM id",
        ),
        ((), WHOSE, "name who it is about, or say --all"),
        (
            ("--all", "roe@example.com"),
            WHOSE,
            "name who it is about, or say --all",
        ),
    ],
)
def test_what_cannot_be_tried(here: World, flags: tuple[str, ...], message: str, hint: str) -> None:
    ended = here.command("log", "retry", *flags)
    assert (ended.code, ended.err) == (2, error(message, hint))
    said = json.loads(here.command("log", "retry", *flags, "--json").out)
    assert said["error"] == {"message": message, "hint": hint}
