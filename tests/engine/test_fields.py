"""Which fields there are, which are selected, and which rest because a side no longer shows them."""

from dataclasses import replace
from pathlib import Path

import pytest

from mksync.core.pairs import Direction, Policy, default_policy
from mksync.core.records import Catalogue, DefaultPair, Field, FieldType, Schema, Side
from mksync.engine.fields import Offer, Schemas, describe, key_pair, offers, propose, resolve
from mksync.engine.project import PERSON
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
    found = offers(schemas(people, leads), CATALOGUE, selection, {KEY})
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
        "Title": ("selected", "title", BOTH),
        "Score__c": ("selectable", "leadScore", Direction.TO_CRM),
        "IsDeleted": ("not offered", None, None),
        "Web_Page__c": ("selectable", "webPage", BOTH),
        "Lonely__c": ("unpaired", None, None),
    }
    assert rows["IsDeleted"].reason == "mksync reads it itself"
    assert rows["Lonely__c"].reason == "Marketo has no field for it; name one with Lonely__c=marketoField"


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


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            Selected("title", "Gone__c", BOTH),
            "not visible in the CRM; its values are kept",
        ),
        (
            Selected("gone", "Title", BOTH),
            "not visible in Marketo; its values are kept",
        ),
    ],
)
def test_a_selected_field_that_a_side_hides_is_listed_as_suspended(line: Selected, reason: str) -> None:
    row = offered(Selection({"lead": (line,)}))[line.crm]
    assert (row.state, row.marketo, row.reason) == ("suspended", line.marketo, reason)


def test_a_selection_resolves_to_pairs_and_what_is_hidden_is_suspended() -> None:
    selection = Selection({"lead": (Selected("title", "Title", Direction.TO_CRM), Selected("fax", "Fax", BOTH))})
    pairs, suspended = resolve(selection, schemas(PEOPLE, LEADS), CATALOGUES, lambda _object, _field: Policy.HOLD, {})
    (found,) = pairs["lead"]
    assert (found.name, found.fields.crm.name, found.direction, found.policy) == (
        "title", "Title", Direction.TO_CRM, Policy.HOLD,
    )  # fmt: skip
    assert suspended == [("lead", "fax", "Fax")]


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ({}, "live"),  # before the first cycle nothing is new
        ({("lead", "title", "Title"): "live"}, "live"),
        ({("lead", "title", "Title"): "new"}, "new"),  # the cycle that was to fill it never ended
        ({("lead", "title", "Title"): "suspended"}, "new"),  # access came back
        ({("lead", "fax", "Fax"): "live"}, "new"),  # selected since
        ({("lead", "title", "Other"): "live"}, "new"),  # another partner is another pair
    ],
)
def test_a_pair_is_new_until_a_cycle_has_filled_it(states: dict[tuple[str, str, str], str], state: str) -> None:
    selection = Selection({"lead": (Selected("title", "Title", BOTH),)})
    pairs, _ = resolve(selection, schemas(PEOPLE, LEADS), CATALOGUES, lambda object, _: default_policy(object), states)
    assert pairs["lead"][0].state == state


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
