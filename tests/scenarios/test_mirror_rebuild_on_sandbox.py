"""A mirror that is not to be trusted is made anew from both systems, and neither system sees a write."""

import json
from pathlib import Path

import pytest

from mksync.mirror import Mirror
from mksync.mirror.lock import Lock
from tests.scenarios.sandbox_world import KEY, World


def settled(here: World) -> str:
    """A lead in step, whose title was edited on both sides once. Returns its id."""
    ana = {**here.facts.needed["lead"], "firstName": "Ana", "lastName": "Ruiz", "email": "ana@example.com"}
    lead = here.crm.create("lead", **ana, title="CTO")
    here.crm.create("contact", lastName="Lind", email="bo@example.com")
    here.cycle()
    here.crm.edit("lead", lead, title="CEO")
    here.marketo.edit(here.person_of(lead), title="Chief")
    assert here.cycle().objects[0].collisions_total == 1
    assert here.cycle().quiet
    return lead


def both_systems(here: World) -> object:
    people = here.marketo.people(KEY, *here.marketo_fields)
    return people, {object: here.crm.records(object) for object in here.fields}


def damage(here: World) -> None:
    path = here.config.mirror
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))


def files(here: World) -> set[str]:
    return {path.name for path in here.folder.iterdir()}


def test_a_damaged_mirror_ends_every_command_with_7_and_the_command_that_mends_it(here: World) -> None:
    settled(here)
    damage(here)
    for command in (["run-once"], ["log"], ["mirror", "check"], ["verify"]):
        ended = here.command(*command)
        assert (command, ended.code, ended.out) == (command, 7, "")
        assert f"error: the mirror at {here.config.mirror} is damaged" in ended.err
        assert ended.err.endswith(
            "hint: make a new one from both systems; this one is kept beside it: mksync mirror rebuild\n"
        )


@pytest.mark.parametrize("damaged", [False, True])
def test_rebuilding_writes_to_neither_system_and_the_next_cycle_is_quiet(here: World, damaged: bool) -> None:
    settled(here)
    if damaged:
        damage(here)
    before = both_systems(here)
    ended = here.command("mirror", "rebuild", "--json")
    assert ended.code == 0, ended
    assert json.loads(ended.out)["linked"] == {"lead": 1, "contact": 1}
    assert here.cycle().quiet
    assert both_systems(here) == before
    assert here.command("mirror", "check").code == 0


def test_the_log_of_a_readable_mirror_is_taken_over(here: World) -> None:
    settled(here)
    before = json.loads(here.command("log", "--collisions", "--json").out)["collisions"]
    history = json.loads(here.command("log", "--json").out)["cycles"]
    assert here.command("mirror", "rebuild").code == 0
    assert json.loads(here.command("log", "--collisions", "--json").out)["collisions"] == before
    rebuilt, *rest = json.loads(here.command("log", "--json").out)["cycles"]
    assert (rebuilt["command"], rebuilt["id"], rest) == ("mirror rebuild", history[0]["id"] + 1, history)


def test_who_was_deleted_in_marketo_stays_away(here: World) -> None:
    lead = settled(here)
    here.marketo.delete(here.person_of(lead))
    here.cycle()
    before = set(here.marketo.people())
    assert here.command("mirror", "rebuild").code == 0
    assert here.cycle().quiet
    here.crm.edit("lead", lead, title="COO")
    assert here.cycle().quiet
    assert set(here.marketo.people()) == before
    assert "person deleted" in here.command("log", "--person", lead).out
    assert here.command("verify").code == 0


def test_whoever_came_back_to_marketo_meanwhile_is_linked_again(here: World) -> None:
    lead = settled(here)
    here.marketo.delete(here.person_of(lead))
    here.cycle()
    person = here.marketo.create(email="ana@example.com", lastName="Ruiz", mksyncCrmId=lead)
    assert here.command("mirror", "rebuild").code == 0
    here.cycle()
    assert here.person_of(lead) == person
    assert here.cycle().quiet


def test_the_old_mirror_is_kept_beside_the_new_one(here: World) -> None:
    settled(here)
    before, old = files(here), here.config.mirror.read_bytes()
    ended = here.command("mirror", "rebuild")
    (kept,) = files(here) - before
    assert f"The old mirror is kept at {here.folder / kept}.\n" in ended.err
    assert (here.folder / kept).read_bytes() == old
    assert (here.folder / kept).stat().st_mode & 0o777 == 0o600


def test_an_edit_that_no_cycle_had_seen_is_a_first_difference_and_is_logged(here: World) -> None:
    lead = settled(here)
    here.crm.edit("lead", lead, title="COO")
    ended = here.command("mirror", "rebuild", "--json")
    (part, _) = json.loads(ended.out)["first_cycle"]["objects"]
    assert part["initial_total"] == 1
    report = here.cycle()
    (row,) = report.objects[0].collisions
    assert (row.marketo, row.crm, row.kind) == ("Chief", "COO", "initial")


def test_broken_off_everything_is_as_it_was(here: World) -> None:
    settled(here)
    before, old = files(here), here.config.mirror.read_bytes()
    here.fails("unavailable", "crm", times=1000)
    ended = here.command("mirror", "rebuild")
    assert (ended.code, files(here), here.config.mirror.read_bytes()) == (5, before, old)


def test_what_a_killed_rebuild_left_is_no_hindrance(here: World) -> None:
    settled(here)
    half = here.config.mirror.with_name("mksync.db.new")
    Mirror.open(half, create=True).project.set("half", "made")
    assert here.command("mirror", "rebuild").code == 0
    assert not half.exists()


def test_another_organisations_mirror_is_not_replaced(here: World) -> None:
    settled(here)
    with here.mirror() as mirror:
        mirror.project.set("crm_organisation", "somebody else's")
    ended = here.command("mirror", "rebuild")
    assert ended.code == 7
    assert ended.err == (
        f"error: the mirror was made from another {here.facts.title} organisation: somebody else's,"
        f" and this is {here.facts.organisation}\n"
        "hint: point mksync.toml at the old organisation, or start in an empty folder with mksync init\n"
    )


def test_while_another_run_works_nothing_is_rebuilt(here: World) -> None:
    settled(here)
    with Lock(here.config.mirror):
        ended = here.command("mirror", "rebuild")
    assert ended.code == 9


def test_without_a_selection_there_is_nothing_to_rebuild(here: World) -> None:
    Path(here.config.selection).unlink()
    ended = here.command("mirror", "rebuild")
    assert (ended.code, ended.err.splitlines()[-1]) == (2, "hint: mksync init")
