"""Which fields there are, which are selected, and which rest because a side no longer shows them."""

from dataclasses import replace
from pathlib import Path

import pytest

from mksync.core.pairs import Direction, FieldPair, Policy
from mksync.core.records import Catalogue, DefaultPair, Field, FieldType, Schema, Side
from mksync.engine.drift import Suspension
from mksync.engine.fields import Schemas, describe, key_pair, propose, resolve
from mksync.engine.offers import Doing, Offer, offers
from mksync.engine.project import PERSON
from mksync.mirror import Mirror
from mksync.selection import Selected, Selection
from tests.world import KEY, World

CATALOGUES = {"lead": Catalogue("lead", "Lead")}
CATALOGUE = Catalogue(
    "lead",
    "Lead",
    pairs=(DefaultPair("Title", "title"), DefaultPair("Score__c", "leadScore", "to-crm"), DefaultPair("Fax", "fax")),
    not_offered={"IsDeleted": "mksync reads it itself"},
)
BOTH = Direction.BOTH
DOING = Doing(
    suspended={"fax": Suspension("lead", "fax", "Fax", "it is gone", "grant access")},
    policies={"title": Policy.HOLD},
    left={"webPage": 3},
    changed={"title": "2026-03-02T10:00:00Z"},
)


def field(name: str, type: FieldType = FieldType.TEXT, *, writable: bool = True) -> Field:
    return Field(name, name, type, custom=name.endswith("__c"), writable=writable)


def schemas(people: list[Field], leads: list[Field]) -> Schemas:
    return {
        (Side.MARKETO, PERSON): Schema(PERSON, "Person", {one.name: one for one in people}),
        (Side.CRM, "lead"): Schema("lead", "Lead", {one.name: one for one in leads}),
    }


PEOPLE = [field("title"), field("leadScore", FieldType.INTEGER), field("fax"), field("webPage"), field(KEY)]
LEADS = [
    field("Title"),
    field("Score__c", FieldType.INTEGER),
    field("IsDeleted", FieldType.BOOLEAN),
    field("Web_Page__c"),
    field("Lonely__c"),
]


def offered(selection: Selection, people: list[Field] = PEOPLE, leads: list[Field] = LEADS) -> dict[str, Offer]:
    found = offers(schemas(people, leads), CATALOGUE, selection, {KEY}, DOING)
    return {offer.name: offer for offer in found}


def test_the_proposal_is_the_catalogues_pairs_that_both_sides_show() -> None:
    assert propose(schemas(PEOPLE, LEADS), {"lead": CATALOGUE}, ("lead",)) == Selection(
        {"lead": (Selected("title", "Title", BOTH), Selected("leadScore", "Score__c", Direction.TO_CRM))}
    )


def test_a_proposed_pair_takes_the_way_that_the_sync_users_may_write() -> None:
    leads = [replace(LEADS[0], writable=False), replace(LEADS[1], writable=False)]
    proposed = propose(schemas(PEOPLE, leads), {"lead": CATALOGUE}, ("lead",)).of("lead")
    assert proposed[0] == Selected("title", "Title", Direction.TO_MARKETO)


def test_every_field_is_offered_with_its_state() -> None:
    rows = offered(Selection({"lead": (Selected("title", "Title", BOTH),)}))
    assert {name: (row.state, row.marketo, row.direction) for name, row in rows.items()} == {
        "Title": ("active", "title", BOTH),
        "Score__c": ("selectable", "leadScore", Direction.TO_CRM),
        "IsDeleted": ("not offered", None, None),
        "Web_Page__c": ("selectable", "webPage", BOTH),
        "Lonely__c": ("unpaired", None, None),
    }
    assert rows["IsDeleted"].reason == "mksync reads it itself"
    why = "Marketo has no field for it; name one with Lonely__c=marketoField, or --create-in-marketo"
    assert rows["Lonely__c"].reason == why


def test_a_field_whose_partner_is_taken_says_by_whom() -> None:
    rows = offered(Selection({"lead": (Selected("webPage", "Title", BOTH),)}))
    assert rows["Web_Page__c"].state == "unpaired"
    assert rows["Web_Page__c"].reason == "webPage is paired already; name one with Web_Page__c=marketoField"


def test_fields_that_neither_side_may_write_say_so() -> None:
    people = [replace(one, writable=False) for one in PEOPLE]
    leads = [replace(one, writable=False) for one in LEADS]
    row = offered(Selection({}), people, leads)["Title"]
    assert row.state == "unpaired"
    assert row.reason == (
        "the CRM's Title cannot be written by the sync user; Marketo's title cannot be written by the sync user"
    )


def test_what_is_selected_says_how_it_is_doing() -> None:
    lines = (Selected("title", "Title", BOTH), Selected("webPage", "Web_Page__c", BOTH), Selected("fax", "Fax", BOTH))
    rows = offered(Selection({"lead": lines}))
    assert [rows[line.crm].state for line in lines] == ["active", "backfilling", "suspended"]
    assert (rows["Title"].policy, rows["Title"].changed) == (Policy.HOLD, "2026-03-02T10:00:00Z")
    assert rows["Web_Page__c"].left == 3
    assert rows["Fax"].reason == "it is gone; its values are kept. Remedy: grant access"


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return World(tmp_path).mirror


def resolved(
    mirror: Mirror, *lines: Selected, people: list[Field] = PEOPLE, leads: list[Field] = LEADS
) -> tuple[list[FieldPair], list[Suspension]]:
    wish = Selection({"lead": lines})
    pairs, suspended = resolve(
        wish, schemas(people, leads), CATALOGUES, lambda _object, _field, **_: Policy.HOLD, mirror
    )
    return pairs["lead"], suspended


def test_a_selection_resolves_to_pairs_and_what_is_hidden_is_suspended(mirror: Mirror) -> None:
    lines = (Selected("title", "Title", Direction.TO_CRM), Selected("fax", "Fax", BOTH))
    (found,), (rests,) = resolved(mirror, *lines)
    assert (found.name, found.fields.crm.name, found.direction, found.policy) == (
        "title", "Title", Direction.TO_CRM, Policy.HOLD,
    )  # fmt: skip
    assert (rests.key, rests.reason, rests.remedy) == (
        ("lead", "fax", "Fax"),
        "the CRM's Fax is gone or not visible to the sync user any more",
        "grant access again; if it was renamed or deleted: mksync fields select --object lead --remove fax",
    )


def test_a_pair_whose_types_go_together_no_more_is_suspended_alone(mirror: Mirror) -> None:
    lines = (Selected("title", "Title", BOTH), Selected("webPage", "Web_Page__c", BOTH))
    (found,), (rests,) = resolved(mirror, *lines, leads=[field("Title", FieldType.BOOLEAN), field("Web_Page__c")])
    assert (found.name, rests.key) == ("webPage", ("lead", "title", "Title"))
    assert "text values of Marketo's title do not fit the CRM's boolean field Title" in rests.reason


def test_a_pair_that_can_flow_one_way_only_from_now_on_is_suspended_and_the_remedy_says_which(mirror: Mirror) -> None:
    (), (rests,) = resolved(mirror, Selected("title", "Title", BOTH), leads=[field("Title", writable=False)])
    assert "the CRM's Title cannot be written by the sync user" in rests.reason
    assert rests.remedy.endswith("mksync fields select --object lead --add Title=title:to-marketo")
    (found,), () = resolved(
        mirror, Selected("title", "Title", Direction.TO_MARKETO), leads=[field("Title", writable=False)]
    )
    assert found.direction is Direction.TO_MARKETO


def test_the_cross_id_is_filled_from_the_crm_only() -> None:
    found = key_pair("lead", schemas(PEOPLE, [*LEADS, field("Id")]), KEY, "Id")
    assert found is not None
    assert (found.name, found.direction, found.policy) == (KEY, Direction.TO_MARKETO, Policy.CRM)
    assert key_pair("lead", schemas([], [field("Id")]), KEY, "Id") is None


def test_fields_are_described_again_once_the_mirrors_copy_is_old(tmp_path: Path) -> None:
    world = World(tmp_path)
    project = world.project()
    before = describe(world.mirror, project.ports, world.clock, {"lead": PERSON})
    schema = world.crm.schemas["lead"]
    world.crm.schemas = {
        **world.crm.schemas,
        "lead": replace(schema, fields={**schema.fields, "New__c": field("New__c")}),
    }
    assert describe(world.mirror, project.ports, world.clock, {"lead": PERSON}) == before
    assert "New__c" in describe(world.mirror, project.ports, world.clock, {"lead": PERSON}, 0)[Side.CRM, "lead"].fields
    world.clock.sleep(3_600)
    assert "New__c" in describe(world.mirror, project.ports, world.clock, {"lead": PERSON})[Side.CRM, "lead"].fields
