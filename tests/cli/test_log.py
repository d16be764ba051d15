"""`mksync log`: what was done, to whom, who won, what waits; asked in every way."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from mksync.cli.since import instant
from mksync.errors import ConfigError
from tests.cli.desk import agrees_with_golden, error, run_once
from tests.scenarios.crms import Crm
from tests.scenarios.sandbox_world import World, world

NOON = 1_772_452_800.0  # 2026-03-02T12:00:00Z


@dataclass(frozen=True)
class Told:
    """A world with a past: ids of the lead Roe, and of the lead Twin whom nobody could match."""

    here: World
    roe: str
    twin: str


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, crm: Crm) -> Iterator[Told]:
    """Five cycles: two people are made, edits and a collision, a refusal, a match that is not unique.

    Nothing in it is changed by a test.
    """
    with world(tmp_path_factory.mktemp("told"), crm) as here:
        here.init()
        roe = here.crm.named("lead", email="roe@example.com", title="CTO")
        doe = here.crm.named("contact", lastName="Doe", email="doe@example.com", title="CFO")
        run_once(here)
        here.crm.edit("lead", roe, title="CEO")
        here.marketo.edit(here.person_of(roe), title="VP", fitScore=7.5, unsubscribed=True)
        run_once(here)
        here.marketo.edit(here.person_of(roe), phone="12")
        here.crm.edit("contact", doe, title="Chief")
        run_once(here)
        for name in ("A", "B"):
            here.marketo.create(email="twin@example.com", lastName=name)
        twin = here.crm.named("lead", lastName="Twin", email="twin@example.com")
        here.marketo.create(email="only@example.com", lastName="Only")
        run_once(here)
        yield Told(here, roe, twin)


@pytest.fixture
def told(past: Told) -> World:
    return past.here


@pytest.fixture
def roe(past: Told) -> str:
    return past.roe


def log(here: World, *flags: str) -> str:
    ended = here.command("log", *flags)
    assert (ended.code, ended.err) == (0, "")
    return ended.out


def asked_json(here: World, *flags: str) -> Any:
    document = json.loads(log(here, *flags, "--json"))
    assert document.pop("mksync") == {"schema": 1, "command": "log", "exit": {"code": 0, "name": "done"}}
    return document


@pytest.mark.parametrize(
    ("golden", "flags"),
    [
        ("log", ()),
        ("log_cycle", ("--cycle", "3")),
        ("log_collisions", ("--collisions",)),
        ("log_rejected", ("--rejected",)),
        ("log_person", ("--person", "roe@example.com")),
    ],
)
def test_every_question_has_its_answer(told: World, golden: str, flags: tuple[str, ...]) -> None:
    assert agrees_with_golden(golden, log(told, *flags), told.facts)


@pytest.mark.parametrize("who", ["ROE@Example.COM", "1", "{id}", "Roe <roe@example.com>", " roe@example.com "])
def test_a_person_is_found_by_whatever_an_admin_has_at_hand(told: World, roe: str, who: str) -> None:
    expected = log(told, "--person", "roe@example.com")
    for spelt in {who.format(id=roe), who.format(id=told.facts.short(roe))}:
        assert log(told, "--person", spelt) == expected
        assert log(told, "--lead", spelt) == expected


@pytest.mark.parametrize("who", ["nobody@example.com", "Roe", "4711", "00Q5g000000000", "' OR 1=1 --", "", "<>"])
def test_somebody_whom_nobody_knows_is_told_so(told: World, who: str) -> None:
    ended = told.command("log", "--person", who)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == error(f"nobody in the mirror is called {who}", "give an e-mail, a Marketo id or a CRM id")


def test_people_who_are_not_linked_are_told_apart(told: World, past: Told) -> None:
    title, twin = told.facts.title, past.twin
    assert log(told, "--person", "only@example.com") == (f"person 5, not linked in {title}\nnothing was done yet\n")
    assert log(told, "--person", "twin@example.com") == (
        f"person 3, not linked in {title}\n"
        "nothing was done yet\n"
        f"person 4, not linked in {title}\n"
        "nothing was done yet\n"
        f"person (none), {title} {twin}\n"
        "Held for a human: 1\n"
        f"  Twin <twin@example.com> ({twin}): 2 people in Marketo hold the email 'twin@example.com':"
        " person 3, person 4\n"
        f"    remedy: merge people 3 and 4 in Marketo; or put {twin} into mksyncCrmId of the person it belongs to\n"
    )


# Only so much of it


def test_since_and_limit_hold_for_every_list(told: World) -> None:
    assert [row["id"] for row in asked_json(told)["cycles"]] == [5, 4, 3, 2, 1]
    assert [row["id"] for row in asked_json(told, "--limit", "2")["cycles"]] == [5, 4]
    assert [row["id"] for row in asked_json(told, "--since", "7m")["cycles"]] == [5, 4]
    assert asked_json(told, "--collisions", "--since", "7m")["collisions"] == []
    assert len(asked_json(told, "--collisions", "--since", "1h")["collisions"]) == 1
    assert [row["cycle"] for row in asked_json(told, "--rejected", "--since", "7m")["rejected"]] == [4]
    assert asked_json(told, "--rejected", "--since", "1m")["rejected"] == []


def test_a_persons_history_can_be_cut_too(told: World, roe: str) -> None:
    (story,) = asked_json(told, "--person", roe, "--since", "7m")["people"]
    assert ([row["cycle"] for row in story["changes"]], story["collisions"]) == ([4], [])
    (story,) = asked_json(told, "--person", roe, "--limit", "2")["people"]
    assert [row["field"] for row in story["changes"]] == ["fitScore", "phone"]
    assert story["changes_total"] == 9
    assert "Changes: 9, the latest 2 of them (--limit shows more)\n" in log(told, "--person", roe, "--limit", "2")


def test_of_many_collisions_the_latest_are_shown(here: World) -> None:
    roe = here.crm.named("lead", email="roe@example.com")
    run_once(here)
    for number in range(3):
        here.crm.edit("lead", roe, title=f"sales {number}")
        here.marketo.edit(here.person_of(roe), title=f"marketing {number}")
        run_once(here)
    shown = log(here, "--collisions", "--limit", "2")
    assert shown.startswith("Collisions: 3, the latest 2 of them (--limit shows more)\n")
    assert ("sales 0" in shown, "sales 1" in shown, "sales 2" in shown) == (False, True, True)


def test_nothing_to_tell_is_told(here: World) -> None:
    assert log(here, "--collisions") == "Collisions: 0\n"
    assert log(here, "--rejected") == "nothing is rejected or held\n"


# For machines


def test_json_of_a_person(told: World, roe: str) -> None:
    (story,) = asked_json(told, "--person", roe)["people"]
    phone = told.fields["lead"]["phone"]
    record = {"object": "lead", "id": roe, "person_id": "1", "label": "Roe <roe@example.com>"}
    assert (story["person_id"], story["record_id"]) == ("1", roe)
    assert story["changes"][-1] == {
        "cycle": 4, "object": "lead", "record": record, "field": "phone", "crm_field": phone, "was": None,
        "now": "12", "to": "crm", "kind": "one-sided", "state": "refused",
    }  # fmt: skip
    assert [row["now"] for row in story["changes"] if row["field"] == "unsubscribed"] == [True]
    (collision,) = story["collisions"]
    assert (collision["cycle"], collision["marketo"], collision["crm"], collision["winner"]) == (
        3,
        "VP",
        "CEO",
        "marketo",
    )
    (rejected,) = story["rejected"]
    assert (rejected["code"], rejected["fields"]) == (told.facts.refusal.code, [phone])


def test_json_of_a_cycle_is_its_report(told: World) -> None:
    cycle = asked_json(told, "--cycle", "3")
    assert (cycle["cycle"], cycle["dry"], cycle["exit_code"]) == (3, False, 0)
    assert {part["object"]: part["changes_total"] for part in cycle["objects"] if part["changes_total"]} == {"lead": 3}


def test_json_of_an_answer_that_is_empty(told: World) -> None:
    ended = told.command("log", "--person", "nobody", "--json")
    document = json.loads(ended.out)
    assert document["mksync"]["exit"] == {"code": 2, "name": "usage"}
    assert document["error"]["message"] == "nobody in the mirror is called nobody"


# Questions that make no sense


@pytest.mark.parametrize(
    ("flags", "message", "hint"),
    [
        (
            ("--cycle", "3", "--collisions"),
            "--cycle, --person, --collisions and --rejected are different questions",
            "ask only one",
        ),
        (("--cycle", "99"), "there is no cycle 99", "mksync log lists the latest ones"),
        (
            ("--since", "yesterday"),
            "--since yesterday: this is no date",
            "write a date (2026-03-02), a moment (2026-03-02T10:00) or how long ago (90m, 12h, 7d, 2w)",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_asked_back(
    told: World, flags: tuple[str, ...], message: str, hint: str
) -> None:
    ended = told.command("log", *flags)
    assert (ended.code, ended.out, ended.err) == (2, "", error(message, hint))


# Times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", "2026-03-02T10:30:00Z"),
        ("12h", "2026-03-02T00:00:00Z"),
        ("7d", "2026-02-23T12:00:00Z"),
        ("2w", "2026-02-16T12:00:00Z"),
        (" 1h ", "2026-03-02T11:00:00Z"),
        ("2026-03-02", "2026-03-01T23:00:00Z"),
        ("2026-03-02T10:00", "2026-03-02T09:00:00Z"),
        ("2026-03-02 10:00:30", "2026-03-02T09:00:30Z"),
        ("2026-03-02T10:00Z", "2026-03-02T10:00:00Z"),
        ("2026-03-02T10:00-05:00", "2026-03-02T15:00:00Z"),
        ("2026-07-01T10:00", "2026-07-01T08:00:00Z"),
        ("0900-01-01T00:00Z", "0900-01-01T00:00:00Z"),
    ],
)
def test_since_is_read_in_every_spelling_and_in_local_time(
    text: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        assert instant(text, NOON) == expected
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", ["", "12", "h", "1y", "-1h", "999999w", "2026-02-30", "12 h", "١h", "now"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="this is no date"):
        instant(text, NOON)
