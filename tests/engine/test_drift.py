"""What becomes of a pair whose fields are changed in one of the systems."""

from dataclasses import replace
from pathlib import Path

import pytest

from mksync.core.pairs import Direction, FieldPair, Policy
from mksync.core.records import Catalogue, Field, FieldType, Refusal, Schema, Side, Sides
from mksync.engine.drift import SHOWN, Suspension, notes, required, seen_of, too_short, warnings
from mksync.engine.project import PERSON, Project
from mksync.engine.run import Options, run_once
from mksync.selection import Selected
from tests.world import World

TITLES = Sides("Marketo", "Salesforce")
CATALOGUE = Catalogue("lead", "Lead")


def pair(**crm: object) -> FieldPair:
    fields = Sides(Field("title", "Title", FieldType.TEXT, length=255), Field("Title", "Title", FieldType.TEXT))
    return FieldPair("lead", Sides(fields.marketo, replace(fields.crm, **crm)), Direction.BOTH, Policy.CRM)  # type: ignore[arg-type]


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.lead(1, FirstName="Ana", Title="Head of everything")
    world.cycle()
    return world


def test_a_field_that_was_cut_shorter_than_its_values_is_suspended_with_the_remedy(world: World) -> None:
    seen = seen_of(pair(length=128))
    found = too_short(pair(length=8), seen, world.mirror, PERSON)
    assert found is not None
    assert found.reason == "the CRM's Title now holds 8 characters, and there are longer values"
    assert found.remedy == (
        "make it as long as it was (128), or shorten the values and select it anew:"
        " --object lead --remove title, and --add Title again"
    )


@pytest.mark.parametrize(("length", "before"), [(128, 64), (128, 128), (64, 128), (8, None), (None, 128)])
def test_a_field_that_still_holds_its_values_goes_on(world: World, length: int | None, before: int | None) -> None:
    assert too_short(pair(length=length), seen_of(pair(length=before)), world.mirror, PERSON) is None


def test_what_is_too_long_for_a_pair_that_cuts_texts_is_no_reason_to_rest(world: World) -> None:
    short = replace(pair(length=8), truncate=True)
    assert too_short(short, seen_of(pair(length=128)), world.mirror, PERSON) is None


def test_new_choices_are_a_note_and_gone_ones_are_not() -> None:
    before = seen_of(pair(choices=("Hot", "Cold")))
    assert list(notes(pair(choices=("Hot", "Warm", "Tepid")), before, TITLES)) == [
        "lead.title: new in the list of Salesforce's Title: Warm, Tepid"
    ]
    assert list(notes(pair(choices=("Hot",)), before, TITLES)) == []
    assert list(notes(pair(choices=("Hot",)), seen_of(pair()), TITLES)) == []


def test_a_required_field_that_nobody_selected_is_a_warning() -> None:
    company = Field("Company", "Company", FieldType.TEXT, required=True)
    schema = Schema("lead", "Lead", {"Company": company, "Title": Field("Title", "Title", FieldType.TEXT)})
    title, own = Selected("title", "Title", Direction.BOTH), Selected("company", "Company", Direction.BOTH)
    (text,) = required("lead", schema, (title,), CATALOGUE, "Salesforce")
    assert text.startswith("Salesforce refuses a lead without Company, which is not selected. Remedy: mksync fields")
    assert required("lead", schema, (title, own), CATALOGUE, "Salesforce") == []
    account = replace(CATALOGUE, counterpart="company", one_way=True)
    assert required("lead", schema, (title,), account, "Salesforce") == []


def test_the_first_suspended_pairs_of_an_object_are_told_one_by_one() -> None:
    many = [Suspension("lead", f"f{number}", f"F{number}", "it is gone", "grant access") for number in range(SHOWN + 2)]
    told = list(warnings([*many, Suspension("contact", "title", "Title", "it is gone", "grant access")]))
    assert told[0] == "lead.f0 is suspended: it is gone; its values are kept. Remedy: grant access"
    assert told[SHOWN] == "2 more fields of lead are suspended: mksync fields list --object lead"
    assert len(told) == SHOWN + 2


def without_title(project: Project) -> Project:
    """The project with the title suspended."""
    pairs = {object: [one for one in found if one.name != "title"] for object, found in project.pairs.items()}
    suspended = tuple((object, "title", "Title") for object in pairs)
    return replace(project, pairs=pairs, suspended=suspended)


def test_a_record_that_was_refused_is_sent_again_without_the_field_that_came_to_rest(world: World) -> None:
    def refuse(_id: str, values: object) -> Refusal | None:
        assert isinstance(values, dict)
        return Refusal("READ_ONLY", "no", ("Title",)) if "Title" in values else None

    world.crm.refuse = refuse
    world.marketo.put(PERSON, world.person_id("L1"), title="CTO", phone="123")
    assert world.cycle().exit_code == 3
    report = run_once(without_title(world.project()), Options())
    assert (world.crm.records["lead"]["L1"]["Phone"], report.exit_code) == ("123", 0)
    assert world.crm.records["lead"]["L1"]["Title"] == "Head of everything"


def test_a_refusal_that_names_a_field_has_the_fields_described_again(world: World) -> None:
    schema = Schema("lead", "Lead", {})
    world.mirror.project.cache_schema(Side.CRM, schema, world.clock.now())
    world.crm.refuse = lambda _id, _values: Refusal("READ_ONLY", "no", ("Phone",))
    world.marketo.put(PERSON, world.person_id("L1"), phone="123")
    world.cycle()
    cached = world.mirror.project.cached_schema(Side.CRM, "lead")
    assert cached is not None
    assert cached[1] == 0
