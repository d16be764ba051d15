"""`push-person` in memory: the rules of a cycle for a few people, and nothing for anybody else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mksync.core.plan import PlannedWrite
from mksync.core.records import Refusal, Side
from mksync.engine.project import PERSON
from mksync.errors import ConfigError
from mksync.mirror.history import Chosen
from tests.engine.test_crash import FragileMirror
from tests.memory import PlugPulled, fatal, lost_answers
from tests.world import CRM, KEY, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def kinds(world: World, *whos: str, **wish: Any) -> list[str]:
    return [one.kind for one in world.push(*whos, **wish).people]


def linked(world: World) -> str:
    """A person whose lead L1 is in step."""
    world.lead(1, LastName="Ruiz", Email="ana@example.com", Title="CTO")
    world.cycle()
    return world.person_id("L1")


def ana(world: World, **values: str) -> str:
    """Somebody whom only Marketo knows."""
    return world.marketo.put(PERSON, "P9", **{"lastName": "Ruiz", "email": "ana@example.com", **values})


def leads(world: World) -> dict[str, dict[str, object]]:
    return world.crm.records.get("lead", {})  # type: ignore[return-value]


def test_both_sides_edits_meet_at_once_and_the_next_cycle_is_quiet(world: World) -> None:
    person = linked(world)
    world.marketo.put(PERSON, person, title="CEO")
    world.crm.put("lead", "L1", Phone="1")
    steps: list[str] = []
    world.marketo.at_step = world.crm.at_step = steps.append
    assert kinds(world, "ana@example.com") == ["synced"]
    assert [step for step in steps if not step.endswith(("organisation", "wrote"))] == [
        "marketo find", "crm fetch", "crm find", "crm fetch", "crm find", "marketo write", "crm write",
    ]  # fmt: skip
    assert (leads(world)["L1"]["Title"], world.marketo.records[PERSON][person]["phone"]) == ("CEO", "1")
    assert (world.cycle().quiet, world.cycle().quiet) == (True, True)


def test_collisions_are_decided_and_logged_as_in_a_cycle(world: World) -> None:
    person = linked(world)
    world.marketo.put(PERSON, person, title="M")
    world.crm.put("lead", "L1", Title="C")
    world.push("ana@example.com")
    assert leads(world)["L1"]["Title"] == "M"
    ((_, _, row),) = world.mirror.history.collisions(Chosen())
    assert (row.marketo, row.crm, row.winner) == ("M", "C", Side.MARKETO)


def test_nobody_else_is_judged_and_nothing_of_others_is_taken_back(world: World) -> None:
    person = linked(world)
    other = world.lead(2, LastName="Lind", Email="bo@example.com")
    world.cycle()
    world.mirror.snapshots.soil(Side.CRM, "lead", other)
    world.mirror.journal.plan(PlannedWrite(2, "lead", Side.CRM, "update", "", (), 2, "x", other))
    world.mirror.journal.plan(PlannedWrite(2, "lead", Side.CRM, "update", "", (), 1, person, "L1"))
    writes = world.writes()
    world.push("ana@example.com")
    assert world.writes() == writes
    assert [write.record_id for write in world.mirror.journal.batch(2, Side.CRM, "lead", "update", 9)] == [other]
    assert world.mirror.db.execute("SELECT _id FROM crm_lead WHERE _dirty").fetchall() == [(other,)]


def test_who_is_new_becomes_a_lead_and_gets_its_id_and_the_next_cycle_is_quiet(world: World) -> None:
    person = ana(world, title="CTO")
    report = world.push("ana@example.com")
    ((id, lead),) = leads(world).items()
    assert report.people[0].kind == "created"
    assert (lead["LastName"], lead["Title"]) == ("Ruiz", "CTO")
    assert world.marketo.records[PERSON][person][KEY] == id
    assert (kinds(world, "ana@example.com"), len(leads(world)), world.cycle().quiet) == (["in step"], 1, True)


def test_what_the_crm_made_of_a_new_lead_is_no_edit_and_overrules_nothing(world: World) -> None:
    ana(world, title="Chief Technology Officer", phone="1")
    world.crm.reformat = lambda name, value: value[:5] if name == "Title" and isinstance(value, str) else value
    world.push("ana@example.com")
    person = world.marketo.records[PERSON]["P9"]
    assert (person["title"], person["phone"]) == ("Chief Technology Officer", "1")
    world.cycle()
    assert person["title"] == "Chief Technology Officer"
    before = world.writes()
    world.cycle()
    assert world.writes() == before


def needing(world: World, name: str) -> None:
    known = CRM["lead"]
    lead = replace(known, fields={**known.fields, name: replace(known.fields[name], required=True)})
    world.crm.schemas = {**world.crm.schemas, "lead": lead}


def test_a_required_field_is_named_and_a_default_fills_it_and_flows_back(world: World) -> None:
    person = ana(world)
    needing(world, "Title")
    report = world.push("ana@example.com")
    assert (report.people[0].kind, report.exit_code, leads(world)) == ("incomplete", 3, {})
    assert "Title: the person's title is empty" in report.people[0].message
    world.push("ana@example.com", defaults={"lead": {"Title": "[not provided]", "Phone": "0"}})
    ((_, lead),) = leads(world).items()
    assert (lead["Title"], lead["Phone"]) == ("[not provided]", "0")
    assert world.marketo.records[PERSON][person]["title"] == "[not provided]"
    assert world.cycle().quiet


def test_a_default_never_replaces_a_value_and_is_checked(world: World) -> None:
    ana(world, title="CTO")
    world.push("ana@example.com", defaults={"lead": {"Title": "x"}})
    ((_, lead),) = leads(world).items()
    assert lead["Title"] == "CTO"
    with pytest.raises(ConfigError, match=r"\[push.defaults.lead\] Nope"):
        world.push("ana@example.com", defaults={"lead": {"Nope": "x"}})


def test_a_dry_run_writes_nothing_anywhere(world: World) -> None:
    person = linked(world)
    ana(world, email="new@example.com")
    world.marketo.put(PERSON, person, title="CEO")
    before = (world.marketo.snapshot(), world.crm.snapshot(), list(world.mirror.db.iterdump()))
    assert kinds(world, "ana@example.com", "new@example.com", dry=True) == ["synced", "created"]
    assert (world.marketo.snapshot(), world.crm.snapshot(), list(world.mirror.db.iterdump())) == before


def test_a_deleted_record_needs_recreate_and_then_the_link_is_the_new_ones(world: World) -> None:
    person = linked(world)
    world.crm.drop("lead", "L1")
    assert kinds(world, "ana@example.com") == ["deleted"]
    world.cycle()
    assert kinds(world, "ana@example.com") == ["deleted"]
    assert kinds(world, "ana@example.com", recreate=True) == ["created"]
    ((id, _),) = leads(world).items()
    assert world.marketo.records[PERSON][person][KEY] == id
    world.crm.put("lead", id, Title="flows")
    world.cycle()
    assert world.marketo.records[PERSON][person]["title"] == "flows"


def test_twins_are_left_alone_unless_somebody_chooses(world: World) -> None:
    person = ana(world)
    world.lead(1, Email="ana@example.com", LastName="Ruiz")
    world.contact(1, Email="ana@example.com", LastName="Ruiz", Title="CFO")
    assert kinds(world, "ana@example.com") == ["several"]
    report = world.push(
        "ana@example.com", choose=lambda place: next(one for one in place.records if one.object == "contact")
    )
    assert report.people[0].kind == "synced"
    assert world.marketo.records[PERSON][person]["title"] == "CFO"
    assert world.marketo.records[PERSON][person][KEY] == "C1"


def test_whoever_shares_an_address_with_another_person_is_held_and_not_linked(world: World) -> None:
    ana(world)
    world.marketo.put(PERSON, "P8", email="ana@example.com")
    world.cycle()
    world.lead(1, Email="ana@example.com", LastName="Ruiz")
    report = world.push("ana@example.com")
    assert (report.people[0].kind, report.exit_code) == ("ambiguous", 2)
    assert world.mirror.links.count("lead") == 0


def test_a_refused_create_is_listed_once_and_cleared_when_it_succeeds(world: World) -> None:
    ana(world)
    world.crm.refuse_in = lambda object, values: Refusal("NO", "no")
    assert kinds(world, "ana@example.com") == ["refused"]
    assert kinds(world, "ana@example.com") == ["refused"]
    assert world.mirror.history.count_leftovers("rejected", Chosen()) == 1
    world.crm.refuse_in = lambda object, values: None
    assert kinds(world, "ana@example.com") == ["created"]
    assert not world.mirror.history.anything_left()


def test_a_filtered_record_is_left_as_it_is(tmp_path: Path) -> None:
    world = World(tmp_path, filtered=True)
    world.lead(1, LastName="Ruiz", Email="ana@example.com", Sync__c=True)
    world.cycle()
    person = world.person_id("L1")
    world.crm.put("lead", "L1", Sync__c=False, Title="no")
    report = world.push("ana@example.com")
    assert (report.people[0].kind, report.exit_code) == ("filtered", 3)
    assert world.marketo.records[PERSON][person]["title"] is None


def test_a_new_pair_waits_for_its_quick_sync(world: World) -> None:
    person = linked(world)
    known = world.mirror.project.pairs()
    world.mirror.project.keep_pairs({key: pair for key, pair in known.items() if key[1] != "phone"})
    world.marketo.put(PERSON, person, phone="1", title="CEO")
    world.push("ana@example.com")
    assert (leads(world)["L1"]["Phone"], leads(world)["L1"]["Title"]) == (None, "CEO")


def test_a_lost_create_is_found_by_the_next_run_and_never_made_twice(world: World) -> None:
    ana(world)
    world.crm.at_step = lost_answers({"crm wrote"})
    report = world.push("ana@example.com")
    assert (len(leads(world)), report.exit_code) == (1, 0)
    assert kinds(world, "ana@example.com") == ["in step"]
    assert world.cycle().quiet


Edit = Callable[[World, str], object]


def pushed_phone(world: World, reformat: bool) -> str:
    """A person into whom the phone number of the lead was pushed, and not read back."""
    person = linked(world)
    if reformat:
        world.marketo.reformat = lambda name, value: f"+{value}" if name == "phone" and value == "1" else value
    world.crm.put("lead", "L1", Phone="1")
    world.push("ana@example.com")
    assert world.mirror.journal.unread()
    return person


def test_what_marketo_made_of_a_pushed_value_is_no_edit(world: World) -> None:
    person = pushed_phone(world, reformat=True)
    report = world.cycle()
    assert leads(world)["L1"]["Phone"] == "1"
    assert world.marketo.records[PERSON][person]["phone"] == "+1"
    assert [row.reason for part in report.objects for row in part.held] == [
        "Marketo changed the value while saving it: '1' was sent"
    ]
    before = world.writes()
    world.cycle()
    assert (world.writes(), world.mirror.journal.unread()) == (before, [])


def test_an_edit_after_a_push_flows_though_the_push_was_not_read_back(world: World) -> None:
    person = pushed_phone(world, reformat=False)
    world.marketo.put(PERSON, person, phone="2")
    world.cycle()
    assert leads(world)["L1"]["Phone"] == "2"
    before = world.writes()
    assert (world.cycle().quiet, world.writes()) == (True, before)


def test_an_edit_after_a_push_meets_the_next_push(world: World) -> None:
    person = pushed_phone(world, reformat=True)
    world.marketo.put(PERSON, person, phone="2")
    world.push("ana@example.com")
    assert leads(world)["L1"]["Phone"] == "2"
    assert world.cycle().quiet


def test_a_person_deleted_after_a_push_is_no_trouble(world: World) -> None:
    person = pushed_phone(world, reformat=False)
    world.marketo.drop(PERSON, person)
    world.cycle()
    assert world.mirror.journal.unread() == []


def _end(world: World) -> object:
    people = sorted((sorted((k, repr(v)) for k, v in p.items())) for p in world.marketo.records[PERSON].values())
    return people, world.crm.snapshot()


def test_a_kill_at_any_step_of_a_push_leaves_the_same_end(tmp_path: Path) -> None:
    """The next run settles it, and the same command does what was not done; nobody is made twice."""

    def scenario(name: str) -> World:
        (tmp_path / name).mkdir()
        world = World(tmp_path / name)
        person = linked(world)
        ana(world, email="new@example.com", title="T")
        world.marketo.put(PERSON, person, title="CEO")
        world.crm.put("lead", "L1", Phone="1")
        world.mirror.close()
        world.mirror = FragileMirror.open(world.path)
        return world

    def work(world: World, hook: Callable[[str], None]) -> None:
        assert isinstance(world.mirror, FragileMirror)
        world.marketo.at_step = world.crm.at_step = world.mirror.at_step = hook
        world.push("ana@example.com", "new@example.com")

    undisturbed = scenario("undisturbed")
    steps: list[str] = []
    work(undisturbed, steps.append)
    assert len(steps) > 30, "there have to be steps worth killing at"
    expected = _end(undisturbed)
    for number in range(len(steps)):
        world = scenario(str(number))
        with pytest.raises(PlugPulled):
            work(world, fatal(number + 1))
        world.marketo.at_step = world.crm.at_step = lambda step: None
        world.reopen()
        world.cycle()
        world.push("ana@example.com", "new@example.com")
        world.cycle()
        assert _end(world) == expected, f"killed at step {number}: {steps[number]}"
        assert world.cycle().quiet
