"""Fields that are selected later are filled from the CRM once; fields that vanish rest untouched."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mksync.core.pairs import Direction, default_policy
from mksync.core.records import Schema, Side
from mksync.core.report import RunReport
from mksync.engine.fields import resolve
from mksync.engine.progress import Silent
from mksync.engine.project import PERSON, Project
from mksync.engine.run import Options, run_once
from mksync.engine.setup import pin, set_up
from mksync.selection import Selected, Selection
from tests.memory import PlugPulled
from tests.world import CRM, FIELDS, KEY, PEOPLE, World

USUAL = ("firstName", "email", "phone")
ALL = Options()


class Chooser:
    """A world whose admin chooses fields, and whose CRM hides some."""

    def __init__(self, world: World) -> None:
        self.world = world

    def project(self, *names: str, hidden: Sequence[str] = ()) -> Project:
        lines = tuple(Selected(name, FIELDS[name][0], Direction.BOTH) for name in names)
        schemas = {(Side.CRM, object): _without(schema, hidden) for object, schema in CRM.items()}
        pairs, suspended = resolve(
            Selection(dict.fromkeys(CRM, lines)),
            {(Side.MARKETO, PERSON): PEOPLE, **schemas},
            self.world.project().catalogue,
            lambda object, name, **_: default_policy(object),
            self.world.mirror,
        )
        usual = self.world.project()
        for object in pairs:
            pairs[object].insert(0, usual.pairs[object][0])  # the cross-id, which nobody selects
        return replace(usual, pairs=pairs, suspended=tuple(one.key for one in suspended))

    def cycle(self, *names: str, hidden: Sequence[str] = (), options: Options = ALL) -> RunReport:
        self.world.clock.sleep(300)
        return run_once(self.project(*names, hidden=hidden), options)


def _without(schema: Schema, hidden: Sequence[str]) -> Schema:
    return replace(schema, fields={name: field for name, field in schema.fields.items() if name not in hidden})


@pytest.fixture
def world(tmp_path: Path) -> World:
    """L1 and C1 are in step in the usual fields, and their titles differ, which nobody syncs."""
    world = World(tmp_path)
    world.lead(1, FirstName="Ana", Title="CRM title")
    world.contact(1, FirstName="Bo", Title="CRM title")
    Chooser(world).cycle(*USUAL)
    for record in ("L1", "C1"):
        world.marketo.put(PERSON, world.person_id(record), title="Marketo title")
    Chooser(world).cycle(*USUAL)
    return world


@pytest.fixture
def admin(world: World) -> Chooser:
    return Chooser(world)


def test_a_field_selected_later_is_filled_from_the_crm_also_on_a_lead(world: World, admin: Chooser) -> None:
    report = admin.cycle(*USUAL, "title")
    assert [world.person_of(record)["title"] for record in ("L1", "C1")] == ["CRM title", "CRM title"]
    assert [(row.kind, row.marketo) for row in report.objects[0].collisions] == [("initial", "Marketo title")]
    assert world.crm.records["lead"]["L1"]["Title"] == "CRM title"


def test_once_filled_it_is_a_field_like_any_other(world: World, admin: Chooser) -> None:
    admin.cycle(*USUAL, "title")
    world.crm.put("lead", "L1", Title="again from the CRM")
    world.marketo.put(PERSON, world.person_id("L1"), title="again from Marketo")
    admin.cycle(*USUAL, "title")
    assert world.crm.records["lead"]["L1"]["Title"] == "again from Marketo"
    before = world.writes()
    assert admin.cycle(*USUAL, "title").quiet
    assert world.writes() == before


def test_where_the_crm_has_nothing_marketos_value_is_cleared_and_kept_in_the_log(world: World, admin: Chooser) -> None:
    world.marketo.put(PERSON, world.person_id("L1"), leadScore=7)
    admin.cycle(*USUAL)
    report = admin.cycle(*USUAL, "leadScore")
    assert (world.person_of("L1")["leadScore"], world.crm.records["lead"]["L1"]["Score__c"]) == (None, None)
    assert [(row.kind, row.marketo, row.crm) for row in report.objects[0].collisions] == [("initial", 7, None)]


def test_a_cycle_of_one_object_fills_the_other_objects_field_in_a_later_one(world: World, admin: Chooser) -> None:
    admin.cycle(*USUAL, "title", options=Options(objects=("contact",)))
    assert world.person_of("C1")["title"] == "CRM title"
    assert world.person_of("L1")["title"] == "Marketo title"
    admin.cycle(*USUAL, "title")
    assert world.person_of("L1")["title"] == "CRM title"


def test_an_init_in_between_leaves_the_field_to_be_filled(world: World, admin: Chooser) -> None:
    project = admin.project(*USUAL, "title")
    set_up(project, pin(world.mirror, project.ports), 10, Silent())
    assert world.person_of("L1")["title"] == "Marketo title"
    admin.cycle(*USUAL, "title")
    assert world.person_of("L1")["title"] == "CRM title"


def test_a_cycle_that_died_before_it_had_filled_everything_is_made_up_for(world: World, admin: Chooser) -> None:
    def die(step: str) -> None:
        if step == "marketo write":
            raise PlugPulled(step)

    world.marketo.at_step = die
    with pytest.raises(PlugPulled):
        admin.cycle(*USUAL, "title")
    world.marketo.at_step = lambda step: None
    world.reopen()
    admin.cycle(*USUAL, "title")
    assert [world.person_of(record)["title"] for record in ("L1", "C1")] == ["CRM title", "CRM title"]


def test_a_dry_run_of_a_new_selection_chooses_nothing(world: World, admin: Chooser) -> None:
    before = world.mirror.project.pairs()
    report = admin.cycle(*USUAL, "title", options=Options(dry=True))
    assert [change.field for change in report.objects[0].changes] == ["title"]
    assert world.mirror.project.pairs() == before


def test_a_field_deselected_and_selected_again_is_filled_again(world: World, admin: Chooser) -> None:
    admin.cycle(*USUAL, "title")
    admin.cycle(*USUAL)
    world.marketo.put(PERSON, world.person_id("L1"), title="meanwhile")
    admin.cycle(*USUAL)
    assert world.crm.records["lead"]["L1"]["Title"] == "CRM title"
    admin.cycle(*USUAL, "title")
    assert world.person_of("L1")["title"] == "CRM title"


def test_a_field_that_vanishes_is_never_read_as_cleared_and_the_others_go_on(world: World, admin: Chooser) -> None:
    admin.cycle(*USUAL, "title")
    world.crm.put("lead", "L1", Phone="123")
    report = admin.cycle(*USUAL, "title", hidden=["Title"])
    person = world.person_of("L1")
    assert (person["title"], person["phone"], report.exit_code) == ("CRM title", "123", 0)
    assert world.mirror.project.pairs()["lead", "title", "Title"].state == "suspended"


@pytest.mark.parametrize(
    ("in_crm", "in_marketo", "lead", "contact"),
    [
        ("sales", None, "sales", "sales"),
        (None, "marketing", "marketing", "marketing"),
        ("sales", "marketing", "marketing", "sales"),
        (None, None, "CRM title", "CRM title"),
    ],
)
def test_a_field_that_is_back_is_judged_by_the_bases_that_were_kept(
    world: World, admin: Chooser, in_crm: str | None, in_marketo: str | None, lead: str, contact: str
) -> None:
    admin.cycle(*USUAL, "title")
    admin.cycle(*USUAL, "title", hidden=["Title"])
    for object, record in (("lead", "L1"), ("contact", "C1")):
        if in_crm:
            world.crm.put(object, record, Title=in_crm)
        if in_marketo:
            world.marketo.put(PERSON, world.person_id(record), title=in_marketo)
    admin.cycle(*USUAL, "title", hidden=["Title"])
    report = admin.cycle(*USUAL, "title")
    assert [world.person_of(record)["title"] for record in ("L1", "C1")] == [lead, contact]
    assert [world.crm.records[of][id]["Title"] for of, id in (("lead", "L1"), ("contact", "C1"))] == [lead, contact]
    both = bool(in_crm and in_marketo)
    assert [row.kind for part in report.objects for row in part.collisions] == ["collision"] * 2 * both
    assert admin.cycle(*USUAL, "title").quiet


def test_a_link_made_while_a_field_was_hidden_compares_it_for_the_first_time(world: World, admin: Chooser) -> None:
    admin.cycle(*USUAL, "title")
    world.lead(2, FirstName="Cy", Title="hers")
    world.lead(3, FirstName="Di")
    admin.cycle(*USUAL, "title", hidden=["Title"])
    for record in ("L2", "L3"):
        world.marketo.put(PERSON, world.person_id(record), title="his")
    report = admin.cycle(*USUAL, "title")
    assert [world.crm.records["lead"][record]["Title"] for record in ("L2", "L3")] == ["his", "his"]
    assert [(row.kind, row.crm) for row in report.objects[0].collisions] == [("initial", "hers")]
    assert admin.cycle(*USUAL, "title").quiet


def test_a_field_that_is_hidden_before_it_was_filled_is_filled_once_it_is_seen(world: World, admin: Chooser) -> None:
    admin.cycle(*USUAL, "title", hidden=["Title"])
    assert world.person_of("L1")["title"] == "Marketo title"
    admin.cycle(*USUAL, "title")
    assert world.person_of("L1")["title"] == "CRM title"


def test_a_link_that_is_made_in_the_very_cycle_is_compared_for_the_first_time(world: World, admin: Chooser) -> None:
    world.marketo.put(PERSON, "P9", email="di@example.com", title="from Marketo")
    world.lead(9, Email="di@example.com")
    admin.cycle(*USUAL, "title")
    assert world.crm.records["lead"]["L9"]["Title"] == "from Marketo"
    assert world.person_of("L1")["title"] == "CRM title"


def test_an_edit_made_after_a_record_was_filled_is_an_edit_also_if_the_rest_is_not_filled_yet(
    world: World, admin: Chooser
) -> None:
    for number in range(2, 8):
        world.lead(number, FirstName=f"Ana {number}", Title="CRM title")
    admin.cycle(*USUAL)
    writes = iter(range(100))

    def die(step: str) -> None:
        if step == "marketo write" and next(writes) == 1:
            raise PlugPulled(step)

    world.marketo.at_step = die
    with pytest.raises(PlugPulled):
        admin.cycle(*USUAL, "title")
    world.marketo.at_step = lambda step: None
    done = [row for row in world.marketo.records[PERSON].values() if row["title"] == "CRM title"]
    record = str(next(row[KEY] for row in done if str(row[KEY]).startswith("L")))
    world.marketo.put(PERSON, world.person_id(record), title="an edit")
    world.reopen()
    admin.cycle(*USUAL, "title")
    assert (world.crm.records["lead"][record]["Title"], world.person_of(record)["title"]) == ("an edit", "an edit")
    rest = [row["title"] for row in world.marketo.records[PERSON].values() if row[KEY] != record]
    assert set(rest) == {"CRM title"}
    assert admin.cycle(*USUAL, "title").quiet


def test_other_fields_edits_sync_in_the_cycle_of_a_quick_sync(world: World, admin: Chooser) -> None:
    world.crm.put("lead", "L1", Phone="123")
    world.marketo.put(PERSON, world.person_id("C1"), firstName="Bob")
    report = admin.cycle(*USUAL, "title")
    assert (world.person_of("L1")["phone"], world.crm.records["contact"]["C1"]["FirstName"]) == ("123", "Bob")
    assert [part.collisions_total for part in report.objects] == [0, 0]
    assert report.notes == (
        "quick sync: lead.title is taken from CRM on 1 linked record",
        "quick sync: contact.title is taken from CRM on 1 linked record",
    )


def test_filling_a_new_field_everywhere_applies_no_brake(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(40):
        world.lead(number, FirstName="Ana", Title="CTO")
    admin = Chooser(world)
    admin.cycle(*USUAL)
    admin.cycle(*USUAL, "title")
    assert {person["title"] for person in world.marketo.records[PERSON].values()} == {"CTO"}
