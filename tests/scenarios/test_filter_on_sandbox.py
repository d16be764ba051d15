"""The sync filter between both emulators, over real HTTP: its truth tables, what an admin reads, and its gates."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.crms import CRMS, DYNAMICS, Crm
from tests.scenarios.filters import SYSTEMS, FilterUser, filter_user
from tests.scenarios.sandbox_world import KEY, World, world


@pytest.fixture(params=[crm for crm in CRMS if crm.system in SYSTEMS], ids=lambda crm: crm.system)
def fresh(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """An organisation with a filter, which mksync.toml names, before `init`."""
    facts: Crm = request.param
    with world(tmp_path, facts) as made:
        them = filter_user(facts.system, made.sandbox)
        them.make_filter()
        say(made, f'lead = "{them.column}"\ncontact = "{them.column}"')
        yield made


@pytest.fixture
def here(fresh: World) -> World:
    fresh.init()
    return fresh


@pytest.fixture
def them(fresh: World) -> FilterUser:
    return filter_user(fresh.facts.system, fresh.sandbox)


def say(here: World, text: str) -> None:
    """What mksync.toml says of the filter."""
    here.prepare()
    with here.config.path.open("a") as file:
        file.write(f"\n[filter]\n{text}\n")


def made(here: World, them: FilterUser, object: str, flag: Any, **values: Any) -> str:
    id = here.crm.named(object, **values)
    them.flag(object, id, flag)
    return id


def titles(here: World) -> dict[Any, Any]:
    """CRM record id -> the title its person has."""
    return {row[KEY]: row["title"] for row in here.marketo.people("title", KEY).values()}


@pytest.mark.parametrize("object", ["lead", "contact"])
def test_who_says_no_is_neither_matched_nor_created_and_the_others_are(
    here: World, them: FilterUser, object: str
) -> None:
    here.marketo.create(email="known@example.com", lastName="Known", title="of Marketo")
    left_out = made(here, them, object, False, email="known@example.com", title="left out")
    synced = {made(here, them, object, flag, title="synced") for flag in them.flags if flag is not False}
    report = here.cycle()
    assert titles(here) == dict.fromkeys(synced, "synced") | {None: "of Marketo"}
    assert (report.exit_code, here.cycle().quiet) == (0, True)
    them.flag(object, left_out, True)
    here.cycle()
    assert len(titles(here)) == len(synced) + 1
    assert left_out in titles(here), "matched in the same cycle"


@pytest.mark.parametrize("object", ["lead", "contact"])
def test_a_no_freezes_and_a_yes_lets_go_on_with_what_was_edited_meanwhile(
    here: World, them: FilterUser, object: str
) -> None:
    id = made(here, them, object, True, title="CTO", firstName="Ana", email="ana@example.com")
    here.cycle()
    person = here.person_of(id)
    here.crm.edit(object, id, title="CEO")
    them.flag(object, id, False)
    ended = here.command("run-once")
    assert ended.code == 0
    title = f"{here.facts.title} says No"
    assert f"{object.title()}: 1 filtered: {title}, and they are left as they are\n" in ended.out
    assert f"({id}, person {person})\n" in ended.out
    assert "1 filtered" in ended.out.splitlines()[-1]
    here.marketo.edit(person, firstName="Bo")
    assert here.cycle().quiet
    assert (titles(here)[id], here.crm.records(object, "firstName")[id]["firstName"]) == ("CTO", "Ana")
    them.flag(object, id, True)
    here.clock.sleep(300)
    ended = here.command("run-once", "--json")
    (part,) = [part for part in json.loads(ended.out)["objects"] if part["object"] == object]
    assert (part["started_total"], part["started"][0]["id"], part["collisions_total"]) == (1, id, 0)
    assert (titles(here)[id], here.crm.records(object, "firstName")[id]["firstName"]) == ("CEO", "Bo")
    told = here.command("log", "--person", "ana@example.com").out
    assert [word for word in ("filtered", "sync started") if word in told] == ["filtered", "sync started"]
    assert here.cycle().quiet


@pytest.mark.parametrize(
    ("lead", "contact", "synced", "state"),
    [
        (False, False, None, None),
        (True, True, "contact", "live"),
        (False, True, "contact", "live"),
        (True, False, "lead", "filtered converted"),
    ],
)
def test_qualifying_or_converting_a_lead(
    here: World, them: FilterUser, lead: bool, contact: bool, synced: str | None, state: str | None
) -> None:
    before = made(here, them, "lead", lead, title="CTO", email="ana@example.com")
    here.cycle()
    after = them.convert(before)
    them.flag("contact", after, contact)
    here.crm.edit("contact", after, title="of the contact")
    here.cycle()
    expected = {"lead": {before: "CTO"}, "contact": {after: "of the contact"}}
    assert titles(here) == (expected[synced] if synced else {})
    with here.mirror() as mirror:
        assert mirror.db.execute("SELECT object, state FROM link").fetchall() == ([(synced, state)] if synced else [])
    assert here.cycle().quiet
    them.flag("contact", after, True)
    here.cycle()
    assert titles(here) == expected["contact"]
    assert here.cycle().quiet


@pytest.mark.parametrize("object", ["lead", "contact"])
@pytest.mark.parametrize("winner", [True, False])
def test_of_a_merge_the_winners_flag_alone_decides(here: World, them: FilterUser, object: str, winner: bool) -> None:
    loses = made(here, them, object, True, title="one", email="one@example.com")
    here.cycle()
    wins = made(here, them, object, winner, title="two", email="two@example.com")
    them.merge(object, loses, wins)
    here.cycle()
    with here.mirror() as mirror:
        assert mirror.db.execute("SELECT state FROM link").fetchall() == [("live" if winner else "filtered",)]
    assert len(titles(here)) == 1
    assert titles(here).get(wins if winner else loses) == ("one" if object == "lead" or not winner else "two")
    assert here.cycle().quiet


def test_a_column_that_goes_out_of_sight_stops_the_run_and_says_how_to_go_on(here: World, them: FilterUser) -> None:
    left_out = made(here, them, "lead", False, title="left out")
    frozen = made(here, them, "lead", True, title="CTO")
    here.cycle()
    them.flag("lead", frozen, False)
    here.cycle()
    them.hide_filter("lead")
    here.crm.edit("lead", left_out, title="edited")
    for _ in range(2):
        here.clock.sleep(3_600)
        ended = here.command("run-once")
        assert ended.code == 8
        assert f"{them.column}, is not visible to the sync user in {here.facts.title} any more" in ended.err
        assert "write lead = false into [filter]" in ended.err
    assert titles(here) == {frozen: "CTO"}
    them.show_filter("lead")
    assert here.command("run-once").code == 0, "seen at once"
    assert titles(here) == {frozen: "CTO"}
    them.hide_filter("lead")
    say(here, f'lead = false\ncontact = "{them.column}"')
    assert here.command("run-once").code == 0
    assert titles(here) == {frozen: "CTO", left_out: "edited"}


def test_init_tells_which_column_filters_and_how_many_it_leaves_out(fresh: World, them: FilterUser) -> None:
    for flag in (True, False, False):
        made(fresh, them, "lead", flag)
    ended = fresh.command("init", "--no-input")
    assert ended.code == 0
    assert f"{them.column}: who says No is left out" in ended.out
    assert "left out by the filter: 2 leads, 0 contacts\n" in ended.out


@pytest.mark.parametrize(
    ("column", "code", "said", "hint"),
    [
        ("Nowhere", 8, "Nowhere, is not visible to the sync user", "grant the sync user read access to it, or write"),
        (None, 2, "only a yes/no field can say what is synced", "write contact = false into [filter]"),
    ],
)
def test_init_refuses_a_column_that_cannot_filter(
    fresh: World, them: FilterUser, column: str | None, code: int, said: str, hint: str
) -> None:
    say(fresh, f'contact = "{column or them.other}"')
    ended = fresh.command("init", "--no-input")
    assert ended.code == code
    assert said in ended.err
    assert hint in ended.err


def test_the_column_may_be_selected_too_and_is_never_written(here: World, them: FilterUser) -> None:
    id = made(here, them, "lead", True)
    here.cycle()
    ended = here.command("fields", "select", "--object", "lead", "--remove", "unsubscribed")
    assert ended.code == 0, ended.err
    ended = here.command("fields", "select", "--object", "lead", "--add", f"{them.column}=unsubscribed")
    assert ended.code == 0, ended.err
    here.cycle()
    person = here.person_of(id)
    assert here.marketo.people("unsubscribed")[person]["unsubscribed"] is True
    here.marketo.edit(person, unsubscribed=False)
    here.cycle()
    assert here.marketo.people("unsubscribed")[person]["unsubscribed"] is True


def test_a_crms_own_column_filters_without_a_line_in_mksync_toml_from_the_day_it_is_there(tmp_path: Path) -> None:
    with world(tmp_path, DYNAMICS) as here:
        here.init()
        out, kept = here.crm.named("lead", title="CTO"), here.crm.named("lead", title="CTO")
        here.cycle()
        them = filter_user("dynamics", here.sandbox)
        them.make_filter()
        them.flag("lead", out, False)
        for id in (out, kept):
            here.crm.edit("lead", id, title="CEO")
        here.cycle(minutes=120)  # what fields there are is looked up once an hour
        assert titles(here) == {out: "CTO", kept: "CEO"}
        assert here.cycle().quiet
