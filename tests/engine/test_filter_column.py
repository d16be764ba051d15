"""Which column filters, what happens when it comes, goes or changes, and the brake on freezing."""

from dataclasses import replace
from pathlib import Path

import pytest

from mksync.core.brakes import Limits
from mksync.core.filter import FROZEN
from mksync.core.pairs import Direction
from mksync.core.records import Catalogue, Field, FieldType, Schema, Side, Value
from mksync.engine.filter_column import filter_column, finding
from mksync.engine.progress import Silent
from mksync.engine.project import PERSON
from mksync.engine.setup import pin, set_up
from mksync.errors import AccessError, BrakeApplied, ConfigError, MksyncError
from tests.engine.test_filter import events, people
from tests.engine.test_relink import links
from tests.world import CRM, FILTER, FILTERED, World

SCHEMA = Schema(
    "lead",
    "Lead",
    {
        "new_synctomkto": Field("new_synctomkto", "Sync", FieldType.BOOLEAN),
        "Sync__c": FILTER,
        "Title": Field("Title", "Title", FieldType.TEXT, "string"),
    },
)
OPEN = "without it, every lead would look as if it were to be synced"
OFF = "write lead = false into [filter] to sync every lead there is"


def chosen(wish: str | bool | None, default: str | None = None, before: str = "") -> str | None:
    field = filter_column(SCHEMA, Catalogue("lead", "Lead", filter=default), wish, before, "Salesforce")
    return field.name if field else None


@pytest.mark.parametrize(
    ("wish", "default", "before", "expected"),
    [
        (None, None, "", None),
        (None, "new_synctomkto", "", "new_synctomkto"),
        (None, "absent", "", None),
        (None, "absent", "Sync__c", None),
        ("Sync__c", None, "", "Sync__c"),
        ("sync__C", None, "", "Sync__c"),
        ("Sync__c", "new_synctomkto", "new_synctomkto", "Sync__c"),
        ("Sync__c", "new_synctomkto", "absent", "Sync__c"),
        (False, "new_synctomkto", "new_synctomkto", None),
        (False, "absent", "absent", None),
    ],
)
def test_the_column_is_the_one_that_is_named_else_the_crms_own_if_it_is_there(
    wish: str | bool | None, default: str | None, before: str, expected: str | None
) -> None:
    assert chosen(wish, default, before) == expected


@pytest.mark.parametrize(
    ("wish", "default", "before", "kind", "message", "hint"),
    [
        (
            "Sync_c", None, "", AccessError,
            "the filter of leads, Sync_c, is not visible to the sync user in Salesforce",
            f"did you mean Sync__c? Else grant the sync user read access to it, or {OFF}",
        ),
        (
            "Elsewhere", None, "", AccessError,
            "the filter of leads, Elsewhere, is not visible to the sync user in Salesforce",
            f"grant the sync user read access to it, or {OFF}",
        ),
        (
            None, "absent", "absent", AccessError,
            "the filter of leads, absent, is not visible to the sync user in Salesforce any more: " + OPEN,
            f"grant the sync user read access to it again, or {OFF}",
        ),
        (
            "Title", None, "", ConfigError,
            "the filter of leads, Title, is a string field: only a yes/no field can say what is synced",
            OFF,
        ),
    ],
)  # fmt: skip
def test_a_column_that_cannot_filter_stops_with_a_remedy(
    wish: str | None, default: str | None, before: str, kind: type[MksyncError], message: str, hint: str
) -> None:
    with pytest.raises(kind) as caught:
        chosen(wish, default, before)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("column", "says", "advises"),
    [
        (None, "there is none: every lead is synced", ""),
        (FILTER, "Sync__c: who says No is left out", ""),
        (replace(FILTER, default=False), "Sync__c: who says No is left out", ""),
        (
            replace(FILTER, default=True),
            "Sync__c is Yes in new records: what sets it to No later comes too late",
            "make No the default of Sync__c, and let what is to be synced set it to Yes",
        ),
    ],
)
def test_set_up_warns_of_a_column_that_is_yes_until_somebody_says_no(
    column: Field | None, says: str, advises: str
) -> None:
    assert finding("lead", column) == (says, advises)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, filtered=True)


def test_a_filter_that_is_set_up_later_freezes_who_says_no_and_changes_nobody_else(world: World) -> None:
    world.filters = {}
    for number, flag in enumerate((True, None, False)):
        world.lead(number, Title="CTO", Sync__c=flag)
    world.cycle()
    world.filters = dict.fromkeys(CRM, FILTER)
    writes = world.writes()
    report = world.cycle()
    assert (events(report), world.writes()) == ([(FROZEN, "L2")], writes)
    assert world.cycle().quiet


def test_a_filter_that_is_switched_off_lets_everybody_in(world: World) -> None:
    world.lead(1, Title="CTO", Sync__c=True)
    world.lead(2, Sync__c=False)
    world.cycle()
    world.lead(1, Title="CEO", Sync__c=False)
    world.cycle()
    world.filters = {}
    world.cycle()
    assert world.person_of("L1")["title"] == "CEO"
    assert world.person_of("L2")
    assert world.cycle().quiet


def test_another_column_is_read_of_every_record_before_anything_is_judged_by_it(world: World) -> None:
    world.crm.schemas = {
        object: replace(schema, fields={**schema.fields, "Other__c": replace(FILTER, name="Other__c")})
        for object, schema in FILTERED.items()
    }
    world.lead(1, Title="CTO", Sync__c=True, Other__c=False)
    world.lead(2, Title="CTO", Sync__c=False, Other__c=True)
    for number in range(90, 95):  # the change feed does not come back to the first two
        world.lead(number, Sync__c=False, Other__c=False)
    world.cycle()
    assert [values["mksyncCrmId"] for values in people(world).values()] == ["L1"]
    world.filters = dict.fromkeys(CRM, replace(FILTER, name="Other__c"))
    report = world.cycle()
    assert events(report) == [(FROZEN, "L1")]
    assert world.person_of("L2")["title"] == "CTO"


@pytest.mark.parametrize("linked", [True, False])
def test_a_hidden_column_that_is_answered_with_nothing_does_not_open_the_gates(world: World, linked: bool) -> None:
    world.lead(1, Title="CTO", Sync__c=linked)
    world.cycle()
    world.lead(1, Title="CEO", Sync__c=False)
    world.cycle()
    world.crm.schemas = CRM
    hidden = world.crm.put("lead", "L1", Title="edited", Sync__c=None)
    for number in range(90, 95):  # the change feed does not come back to the first one
        world.crm.put("contact", f"C{number}", Sync__c=False)
    before = (world.writes(), links(world))
    with pytest.raises(AccessError, match=r"Sync__c, is not visible to the sync user in CRM any more") as caught:
        world.cycle()
    assert "[filter]" in caught.value.hint
    assert (world.writes(), links(world)) == before
    world.crm.schemas = FILTERED
    world.crm.records["lead"][hidden]["Sync__c"] = False  # as it was all the time: nothing tells of it
    world.cycle()
    assert (world.writes(), links(world)) == before


def test_records_without_a_value_are_judged_where_the_column_is_there(world: World) -> None:
    world.lead(1, Title="CTO", Sync__c=None)
    world.cycle()
    assert world.person_of("L1")["title"] == "CTO"


def freezing(folder: Path, number: int, of: int, *, limits: Limits | None = None) -> World:
    world = World(folder, limits=limits, filtered=True)
    for lead in range(of):
        world.lead(lead, Title="CTO", Sync__c=True)
    world.cycle()
    for lead in range(number):
        world.lead(lead, Sync__c=False)
    return world


def test_freezing_more_than_half_of_the_links_is_stopped_by_a_brake(tmp_path: Path) -> None:
    world = freezing(tmp_path, 26, of=50)
    with pytest.raises(BrakeApplied) as caught:
        world.cycle()
    assert caught.value.message == "26 of 50 linked leads would be frozen by the filter"
    assert caught.value.hint == (
        "find out what set the filter to No in CRM; if this is meant, run again with --confirm 26"
    )
    assert {state for *_, state in links(world)} == {"live"}
    assert len(events(world.cycle(confirm=26))) == 26
    assert world.cycle().quiet


@pytest.mark.parametrize(("number", "of"), [(25, 50), (24, 24)])
def test_freezing_half_of_them_or_few_is_not(tmp_path: Path, number: int, of: int) -> None:
    assert len(events(freezing(tmp_path, number, of).cycle())) == number


def test_thawing_everybody_is_no_reason_for_a_brake(tmp_path: Path) -> None:
    world = freezing(tmp_path, 30, of=30)
    world.cycle(confirm=30)
    for lead in range(30):
        world.lead(lead, Sync__c=None)
    assert len(events(world.cycle())) == 30


def test_a_dry_run_names_the_brake(tmp_path: Path) -> None:
    report = freezing(tmp_path, 30, of=30).cycle(dry=True)
    assert report.warnings == ("a brake would stop this run: 30 of 30 linked leads would be frozen by the filter",)


def test_the_first_set_up_tells_how_many_are_left_out_and_rehearses_without_them(world: World) -> None:
    for number, flag in enumerate((True, None, False, False)):
        world.lead(number, Sync__c=flag)
    world.contact(1, Sync__c=False)
    project = world.project()
    report = set_up(project, pin(world.mirror, project.ports), 10, Silent())
    assert report.left_out == {"lead": 2, "contact": 1}
    assert [part.created for part in report.first_cycle.objects] == [2, 0]


def test_a_set_up_over_an_old_mirror_freezes_too_and_does_not_count_the_frozen_as_marketos_own(world: World) -> None:
    world.lead(1, Sync__c=True)
    world.cycle()
    world.lead(1, Sync__c=False)
    project = world.project()
    report = set_up(project, pin(world.mirror, project.ports), 10, Silent())
    assert (report.only_marketo, report.linked["lead"], links(world)[0][-1]) == (0, 0, FROZEN)


@pytest.mark.parametrize("object", ["lead", "contact"])
@pytest.mark.parametrize(("flag", "stored"), [(None, None), (True, 1), (False, 0)])
def test_the_mirror_tells_nothing_from_no(world: World, object: str, flag: Value, stored: int | None) -> None:
    world.crm.put(object, "R1", Sync__c=flag)
    world.cycle()
    assert world.mirror.db.execute(f"SELECT Sync__c FROM crm_{object}").fetchall() == [(stored,)]
    read = world.mirror.snapshots.get(Side.CRM, object, "R1", [FILTER])
    assert read is not None
    assert read.values["Sync__c"] is flag


def test_a_no_that_is_first_seen_when_our_own_write_is_read_back_freezes_in_the_next_cycle(world: World) -> None:
    world.lead(1, Title="CTO", Sync__c=None)
    world.cycle()
    world.marketo.put(PERSON, "P001", title="CEO")

    def flip(step: str) -> None:
        if step == "crm write":
            world.crm.at_step = lambda step: None
            world.crm.records["lead"]["L1"]["Sync__c"] = False  # no stamp moves: the write is not stopped by it

    world.crm.at_step = flip
    world.cycle()
    assert world.crm.records["lead"]["L1"]["Title"] == "CEO"
    assert events(world.cycle()) == [(FROZEN, "L1")]


def test_the_column_may_be_a_selected_pair_too_and_then_it_flows_to_marketo_only(world: World) -> None:
    world.selected_filter = "unsubscribed"
    world.lead(1, Sync__c=None)
    world.cycle()
    world.lead(1, Sync__c=True)
    world.cycle()
    assert world.person_of("L1")["unsubscribed"] is True
    world.marketo.put(PERSON, "P001", unsubscribed=False)
    world.cycle()
    assert world.person_of("L1")["unsubscribed"] is True
    world.lead(1, Sync__c=False)
    world.cycle()
    assert (world.person_of("L1")["unsubscribed"], links(world)[0][-1]) == (True, FROZEN)
    assert world.crm.records["lead"]["L1"]["Sync__c"] is False


def test_a_pair_that_would_only_write_the_column_is_refused(world: World) -> None:
    world.selected_filter = "unsubscribed"
    world.directions["unsubscribed"] = Direction.TO_CRM
    with pytest.raises(ConfigError, match="says what is synced and is never written") as caught:
        world.cycle()
    assert caught.value.hint == "mksync fields select --object lead --add Sync__c=unsubscribed:to-marketo"
