"""Plans that look like an accident are stopped before the first write, and pass on the number that was printed."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from mksync.config import FILE
from mksync.core.report import RunReport
from mksync.mirror.history import Chosen
from mksync.mirror.last import beside
from tests.scenarios.sandbox_world import KEY, World

DAY = 86_400.0
PEOPLE = 10
ALL_BUT_ONE = PEOPLE - 1


@pytest.fixture
def leads(here: World) -> list[str]:
    """Ten leads that both systems know; brakes that mind from five records on."""
    with (here.folder / FILE).open("a") as file:
        file.write("[brakes]\nleast = 5\n")
    ids = [here.crm.named("lead", email=f"p{number}@example.com", title="CTO") for number in range(PEOPLE)]
    here.cycle()
    return ids


def state(here: World) -> Any:
    """Everything both systems hold."""
    return here.marketo.people("title", "email", KEY), here.crm.everything("lead")


def stops(here: World, message: str, hint: str, number: int) -> None:
    """The next run is stopped with these words, also by a number that is not theirs; nothing is written."""
    here.clock.sleep(300)
    before = state(here)
    for flags in ((), ("--confirm", str(number - 1))):
        ended = here.command("run-once", *flags)
        assert (ended.code, ended.out) == (6, "")
        told = ended.err.split("error: ", 1)[1]
        assert " ".join(told.split()) == f"{message} hint: {hint}; if this is meant, run again with --confirm {number}"
        assert state(here) == before


def passes(here: World, number: int) -> None:
    ended = here.command("run-once", "--confirm", str(number))
    assert ended.code == 0, ended.err


def gone_in_the_crm(here: World, ids: list[str]) -> None:
    for id in ids:
        here.crm.delete("lead", id)


def gone_in_marketo(here: World, ids: list[str]) -> None:
    for id in ids:
        here.marketo.delete(here.person_of(id))


GONE = pytest.mark.parametrize(("side", "disappear"), [
    ("crm", gone_in_the_crm), ("marketo", gone_in_marketo),
])  # fmt: skip


@GONE
def test_a_side_of_which_a_tenth_is_left(
    here: World, leads: list[str], side: str, disappear: Callable[[World, list[str]], None]
) -> None:
    title = here.facts.title if side == "crm" else "Marketo"
    disappear(here, leads[1:])
    stops(
        here, f"9 of 10 linked lead records were deleted in {title}",
        f"find out what was deleted in {title}, and by whom", ALL_BUT_ONE,
    )  # fmt: skip
    passes(here, ALL_BUT_ONE)
    assert len(state(here)[0 if side == "crm" else 1]) == PEOPLE, "what is gone in one system stays in the other"


@GONE
def test_a_full_read_that_comes_back_almost_empty(
    here: World, leads: list[str], side: str, disappear: Callable[[World, list[str]], None]
) -> None:
    title = here.facts.title if side == "crm" else "Marketo"
    records = "lead" if side == "crm" else "person"
    disappear(here, leads[1:])
    here.clock.sleep(20 * DAY)  # no log tells of these deletions any more
    stops(
        here, f"a full read of {title} returned 1 of 10 known {records} records;"
        f" 9 of 10 linked lead records were deleted in {title}",
        f"check the sync user's access to {title}", ALL_BUT_ONE,
    )  # fmt: skip
    passes(here, ALL_BUT_ONE)
    assert here.cycle().quiet


def test_a_field_that_is_empty_almost_everywhere(here: World, leads: list[str]) -> None:
    for id in leads[1:]:
        here.crm.edit("lead", id, title=None)
    stops(
        here, "lead.title would be emptied in Marketo on 9 of 10 linked records;"
        " 9 of 10 linked lead records would be changed in Marketo, most of them in title",
        f"look whether the sync user can still read the field in {here.facts.title}", ALL_BUT_ONE,
    )  # fmt: skip
    passes(here, ALL_BUT_ONE)
    assert sum(row["title"] is None for row in here.marketo.people("title").values()) == ALL_BUT_ONE


def test_far_more_records_changed_than_usual(here: World, leads: list[str]) -> None:
    for id in leads[1:]:
        here.marketo.edit(here.person_of(id), title="bulk")
    stops(
        here, f"9 of 10 linked lead records would be changed in {here.facts.title}, most of them in title",
        "look for a bulk edit or an import in Marketo", ALL_BUT_ONE,
    )  # fmt: skip
    passes(here, ALL_BUT_ONE)
    assert sum(row["title"] == "bulk" for row in here.crm.records("lead", "title").values()) == ALL_BUT_ONE


def test_the_share_is_the_admins(here: World, leads: list[str]) -> None:
    with (here.folder / FILE).open("a") as file:
        file.write("changed_share = 0.9\n")
    for id in leads[1:]:
        here.marketo.edit(here.person_of(id), title="bulk")
    assert here.command("run-once").code == 0


def test_a_pause_longer_than_the_vendors_keep_changes_reads_everything_afresh(here: World, leads: list[str]) -> None:
    here.crm.edit("lead", leads[0], title="of the CRM")
    here.marketo.edit(here.person_of(leads[1]), title="of Marketo")
    here.crm.delete("lead", leads[2])
    here.marketo.delete(here.person_of(leads[3]))
    here.clock.sleep(100 * DAY)
    report: RunReport = here.cycle()
    assert sorted(report.warnings) == sorted(
        f"{title} no longer keeps changes as old as the last cycle: everything was read afresh"
        for title in ("Marketo", here.facts.title)
    )
    people, records = here.marketo.people("title", KEY), here.crm.records("lead", "title")
    told = {row[KEY]: row["title"] for row in people.values()}
    assert (told[leads[0]], records[leads[1]]["title"]) == ("of the CRM", "of Marketo")
    assert (len(people), len(records)) == (ALL_BUT_ONE, ALL_BUT_ONE), "a deletion is of one system"
    assert here.cycle().quiet


def restored(here: World) -> Callable[[], None]:
    """Copy the mirror, with the file that tells of its last cycle; what is given back puts both in their place."""
    files = here.config.mirror, beside(here.config.mirror)
    copies = {path: path.with_name(f"{path.name}.copy") for path in files}
    for path, copy in copies.items():
        shutil.copy(path, copy)

    def restore() -> None:
        for path in here.folder.glob(f"{here.config.mirror.name}-*"):
            path.unlink()  # WAL and its index are the newer mirror's
        for path, copy in copies.items():
            shutil.copy(copy, path)

    return restore


def test_a_mirror_restored_from_a_copy_finds_its_way_back(here: World, leads: list[str]) -> None:
    """What was synced since is the same on both sides, whatever the copy thinks it was before."""
    restore = restored(here)
    here.crm.edit("lead", leads[0], title="first")
    here.marketo.edit(here.person_of(leads[1]), title="first")
    new = here.crm.named("lead", email="new@example.com", title="new")
    here.cycle()
    here.crm.edit("lead", leads[1], title="second")
    here.cycle()
    here.marketo.edit(here.person_of(leads[2]), title="not synced yet")
    before = state(here)
    restore()
    here.cycle()
    people, records = state(here)
    titles = {row[KEY]: row["title"] for row in people.values()}
    assert [records[id]["title"] for id in leads[:3]] == ["first", "second", "not synced yet"]
    assert [titles[id] for id in (*leads[:3], new)] == ["first", "second", "not synced yet", "new"]
    assert set(people) == set(before[0]), "nobody is made twice"
    assert here.cycle().quiet
    with here.mirror() as mirror:
        assert list(mirror.history.collisions(Chosen())) == []


def test_an_edit_that_a_restored_mirror_takes_for_one_of_two_is_kept_in_the_log(here: World, leads: list[str]) -> None:
    restore = restored(here)
    here.marketo.edit(here.person_of(leads[0]), title="synced since the copy")
    here.cycle()
    here.crm.edit("lead", leads[0], title="not synced yet")
    restore()
    here.cycle()
    assert here.crm.records("lead", "title")[leads[0]]["title"] == "synced since the copy"
    with here.mirror() as mirror:
        [row] = [row for *_, row in mirror.history.collisions(Chosen())]
    assert (row.crm, row.rule) == ("not synced yet", "lead: Marketo wins")


def test_a_mirror_so_old_that_it_would_undo_half_of_the_records_is_stopped(here: World, leads: list[str]) -> None:
    restore = restored(here)
    for id in leads[1:]:
        here.marketo.edit(here.person_of(id), title="synced since the copy")
    passes(here, ALL_BUT_ONE)
    for id in leads[1:]:
        here.crm.edit("lead", id, title="not synced yet")
    restore()
    stops(
        here, f"9 of 10 linked lead records would be changed in {here.facts.title}, most of them in title",
        "look for a bulk edit or an import in Marketo", ALL_BUT_ONE,
    )  # fmt: skip


@pytest.mark.parametrize("kept", [True, False])
def test_another_organisation_behind_the_same_address(here: World, leads: list[str], kept: bool) -> None:
    with (here.folder / FILE).open("a") as file:
        file.write(f"[mirror]\nkeep_tokens = {str(kept).lower()}\n")
    replace_organisation(here)
    here.crm.edit("lead", leads[0], title="of the other one")
    before = state(here)
    ended = here.command("run-once")
    assert ended.code == 7
    assert f"this mirror belongs to another {here.facts.title} organisation" in " ".join(ended.err.split())
    assert here.command("run-once", "--confirm", "10").code == 7, "no number passes it"
    assert state(here) == before
    with here.mirror() as mirror:
        titles = {title for (title,) in mirror.db.execute(f"SELECT {here.fields['lead']['title']} FROM crm_lead")}
    assert titles == {"CTO"}, "nothing of the other organisation was taken over"


def test_a_person_is_not_pushed_into_another_organisation(here: World, leads: list[str]) -> None:
    here.marketo.create(email="new@example.com", lastName="Roe", company="Acme")
    replace_organisation(here)
    before = state(here)
    ended = here.command("push-person", "new@example.com")
    assert ended.code == 7
    assert f"this mirror belongs to another {here.facts.title} organisation" in " ".join(ended.err.split())
    assert state(here) == before


def replace_organisation(here: World) -> None:
    """As when a sandbox is refreshed."""
    emulator = here.sandbox.salesforce if here.facts.system == "salesforce" else here.sandbox.dynamics
    other = here.facts.organisation.replace("0001", "0009")
    assert other != here.facts.organisation
    emulator._org.settings.put("organization", other)
