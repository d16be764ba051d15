"""Deleted on one side: nothing is deleted on the other, nobody comes back by himself, and it is told."""

from pathlib import Path

import pytest

from tests.scenarios.crms import SALESFORCE
from tests.scenarios.lives import everybody, lives, person, quiet, record, run, said
from tests.scenarios.sandbox_world import World, world

OBJECTS = pytest.mark.parametrize("object", ["lead", "contact"])


def ana(here: World, object: str) -> tuple[str, str]:
    """A record and its person, in step."""
    id = here.crm.named(object, firstName="Ana", lastName="Ruiz", email="ana@example.com", title="CTO")
    here.cycle()
    return id, here.person_of(id)


@OBJECTS
def test_a_record_deleted_in_the_crm_leaves_its_person_alone_and_it_is_told(here: World, object: str) -> None:
    id, who = ana(here, object)
    here.crm.delete(object, id)
    out, crm = run(here), here.facts.title
    assert said(out, "deleted in") == [
        f"{object.title()}: 1 deleted in {crm}: the person stays in Marketo, and nothing flows any more",
        f"  Ana Ruiz <ana@example.com> ({id}, person {who})",
    ]
    assert out.splitlines()[-1].startswith(f"cycle 3: 1 deleted in {crm} · API calls:")
    assert (everybody(here), here.crm.records(object)) == ({who: id}, {})
    quiet(here)
    here.marketo.edit(who, title="CEO", phone="+1 555 0100")
    quiet(here)
    assert (everybody(here), here.crm.records(object)) == ({who: id}, {}), "an edit resurrects nobody"
    assert "crm deleted" in here.command("log", "--person", "ana@example.com").out


@OBJECTS
def test_an_undeleted_record_is_linked_again_and_edits_of_both_sides_flow(here: World, object: str) -> None:
    id, who = ana(here, object)
    here.crm.delete(object, id)
    assert lives(here) == [(object, "crm deleted", id, who, "")]
    here.marketo.edit(who, title="CEO")
    here.crm.undelete(object, id)
    here.crm.edit(object, id, phone="+1 555 0100")
    out = run(here)
    assert said(out, "undeleted in") == [
        f"{object.title()}: 1 undeleted in {here.facts.title}: the link is live again",
        f"  Ana Ruiz <ana@example.com> ({id}, person {who})",
    ]
    assert record(here, object, id, "title", "phone") == ("CEO", "+1 555 0100")
    assert person(here, who, "title", "phone") == ("CEO", "+1 555 0100")
    assert everybody(here) == {who: id}
    quiet(here)
    told = here.command("log", "--person", "ana@example.com").out
    assert [word for word in ("crm deleted", "crm undeleted") if word in told] == ["crm deleted", "crm undeleted"]


@OBJECTS
def test_an_undeletion_that_moves_no_stamp_is_seen_within_the_hour(tmp_path: Path, object: str) -> None:
    with world(tmp_path, SALESFORCE, quirks={"salesforce": frozenset({"delete_keeps_stamp"})}) as here:
        here.init()
        id, who = ana(here, object)
        here.cycle(minutes=60)  # by now no overlap of two reads shows the record again
        here.crm.delete(object, id)
        assert lives(here) == [(object, "crm deleted", id, who, "")]
        quiet(here)
        here.crm.undelete(object, id)
        here.marketo.edit(who, title="CEO")
        quiet(here)  # it was looked for just now
        here.clock.sleep(3600)
        assert lives(here) == [(object, "crm undeleted", id, who, "")]
        assert (everybody(here), here.crm.records(object, "title")[id]) == ({who: id}, {"title": "CEO"})


@OBJECTS
def test_what_both_sides_changed_around_a_deletion_is_a_collision(here: World, object: str) -> None:
    id, who = ana(here, object)
    here.crm.delete(object, id)
    here.cycle()
    here.marketo.edit(who, title="of Marketo")
    here.crm.undelete(object, id)
    here.crm.edit(object, id, title="of the CRM")
    report = here.cycle()
    (row,) = [row for part in report.objects for row in part.collisions]
    assert (row.kind, row.field, row.marketo, row.crm) == ("collision", "title", "of Marketo", "of the CRM")
    winner = "of Marketo" if object == "lead" else "of the CRM"
    assert (person(here, who, "title"), record(here, object, id, "title")) == ((winner,), (winner,))
    quiet(here)


@OBJECTS
def test_a_person_deleted_in_marketo_leaves_the_record_alone_and_does_not_come_back(here: World, object: str) -> None:
    id, who = ana(here, object)
    here.marketo.delete(who)
    out, crm = run(here), here.facts.title
    assert said(out, "deleted in") == [
        f"{object.title()}: 1 deleted in Marketo: the record stays in {crm}, and nothing flows any more",
        f"  Ana Ruiz <ana@example.com> ({id}, person {who})",
    ]
    assert out.splitlines()[-1].startswith("cycle 3: 1 deleted in Marketo · API calls:")
    for title in ("CEO", "CFO"):
        here.crm.edit(object, id, title=title)
        quiet(here)
    assert (everybody(here), record(here, object, id, "title")) == ({}, ("CFO",))
    assert "person deleted" in here.command("log", "--person", id).out


@OBJECTS
def test_where_it_is_configured_the_next_edit_in_the_crm_brings_the_person_back(here: World, object: str) -> None:
    id, who = ana(here, object)
    with here.config.path.open("a") as file:
        file.write("\n[deletes]\nrecreate_people = true\n")
    here.marketo.delete(who)
    here.cycle()
    quiet(here)
    assert everybody(here) == {}, "nobody edited the record yet"
    here.crm.edit(object, id, title="CEO")
    out = run(here)
    assert "(new person)" in out
    again = here.person_of(id)
    assert (list(everybody(here)), person(here, again, "title", "email")) == ([again], ("CEO", "ana@example.com"))
    assert again != who
    quiet(here)


@OBJECTS
def test_where_it_is_configured_somebody_of_the_same_address_is_taken_and_not_doubled(here: World, object: str) -> None:
    id, who = ana(here, object)
    with here.config.path.open("a") as file:
        file.write("\n[deletes]\nrecreate_people = true\n")
    here.marketo.delete(who)
    here.cycle()
    other = here.marketo.create(email="ANA@example.com", lastName="Ruiz")
    here.crm.edit(object, id, title="CEO")
    here.cycle()
    assert (everybody(here), person(here, other, "title")) == ({other: id}, ("CEO",))
    quiet(here)


@OBJECTS
def test_deleted_on_both_sides_nothing_is_left(here: World, object: str) -> None:
    id, who = ana(here, object)
    here.crm.delete(object, id)
    here.cycle()
    here.marketo.delete(who)
    assert lives(here) == [(object, "person deleted", id, who, "")]
    quiet(here)
    assert (everybody(here), here.crm.records(object)) == ({}, {})


def test_a_dry_run_tells_of_deletions_and_remembers_none(here: World) -> None:
    id, _ = ana(here, "lead")
    here.crm.delete("lead", id)
    told = [said(run(here, *dry), "deleted in") for dry in (("--dry-run",), ("--dry-run",), ())]
    assert told[0] == told[1] == told[2]
