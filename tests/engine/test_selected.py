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
from tests.world import CRM, FIELDS, PEOPLE, World

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
            lambda object, name: default_policy(object),
            self.world.mirror.project.pair_states(),
        )
        usual = self.world.project()
        for object in pairs:
            pairs[object].insert(0, usual.pairs[object][0])  # the cross-id, which nobody selects
        return replace(usual, pairs=pairs, suspended=tuple(suspended))

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


def test_where_the_crm_has_nothing_marketos_value_fills_it(world: World, admin: Chooser) -> None:
    world.marketo.put(PERSON, world.person_id("L1"), leadScore=7)
    admin.cycle(*USUAL)
    admin.cycle(*USUAL, "leadScore")
    assert world.crm.records["lead"]["L1"]["Score__c"] == 7


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
    before = world.mirror.project.pair_states()
    report = admin.cycle(*USUAL, "title", options=Options(dry=True))
    assert [change.field for change in report.objects[0].changes] == ["title"]
    assert world.mirror.project.pair_states() == before


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
    assert world.mirror.project.pair_states()["lead", "title", "Title"] == "suspended"


def test_a_field_that_is_back_is_filled_from_the_crm(world: World, admin: Chooser) -> None:
    admin.cycle(*USUAL, "title")
    admin.cycle(*USUAL, "title", hidden=["Title"])
    world.crm.put("lead", "L1", Title="while it was hidden")
    world.marketo.put(PERSON, world.person_id("L1"), title="Marketo, meanwhile")
    admin.cycle(*USUAL, "title", hidden=["Title"])
    report = admin.cycle(*USUAL, "title")
    assert world.person_of("L1")["title"] == "while it was hidden"
    assert [row.marketo for row in report.objects[0].collisions] == ["Marketo, meanwhile"]


def test_filling_a_new_field_everywhere_applies_no_brake(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(40):
        world.lead(number, FirstName="Ana", Title="CTO")
    admin = Chooser(world)
    admin.cycle(*USUAL)
    admin.cycle(*USUAL, "title")
    assert {person["title"] for person in world.marketo.records[PERSON].values()} == {"CTO"}
