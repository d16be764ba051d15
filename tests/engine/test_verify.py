"""`verify` believes nothing that a cycle has concluded: it finds what the engine would never look at again."""

from pathlib import Path

import pytest

from mksync.core.pairs import Direction, Policy
from mksync.core.records import Refusal, Side
from mksync.core.verdict import Difference, Verdict
from mksync.engine.progress import Silent
from mksync.engine.project import PERSON
from mksync.engine.verify import verify
from mksync.errors import MirrorError
from tests.engine.one_way import OneWayWorld
from tests.world import KEY, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.lead(1, FirstName="Ana", Email="ana@example.com", Title="CTO")
    made.contact(2, FirstName="Bo", Email="bo@example.com")
    made.cycle()
    return made


def verdict(world: World | OneWayWorld, *, sample: int | None = None, rows: int = 100) -> Verdict:
    project = world.project()
    return verify(project, project.objects, sample, rows, Silent())


def found(world: World | OneWayWorld, **options: int) -> list[Difference]:
    return [row for part in verdict(world, **options).objects for row in part.differences]


def behind_the_engine(world: World, **values: str) -> None:
    """The person of lead L1 comes to hold other values, and no change log tells of it; the mirror agrees with it."""
    world.marketo.records[PERSON][world.person_id("L1")].update(values)


def test_two_sides_in_step_agree(world: World) -> None:
    both = verdict(world)
    assert [(part.object, part.compared, part.differences_total) for part in both.objects] == [
        ("lead", 1, 0),
        ("contact", 1, 0),
    ]
    assert both.differences == 0


def test_a_difference_that_no_feed_tells_of_is_found_where_a_cycle_stays_quiet(world: World) -> None:
    for number in range(3, 7):  # the feed overlaps, and is to have others to show
        world.lead(number)
    for _ in range(2):
        world.cycle()
    behind_the_engine(world, title="Janitor")
    assert world.cycle().quiet
    assert world.marketo.records[PERSON][world.person_id("L1")]["title"] == "Janitor"
    (row,) = found(world)
    assert (row.field, row.crm_field, row.marketo, row.crm) == ("title", "Title", "Janitor", "CTO")
    assert row.record.id == "L1"


def test_bases_and_snapshots_are_not_believed(world: World) -> None:
    """A mirror that says both sides hold the same, and hold it since they were settled, convinces nobody."""
    behind_the_engine(world, title="Janitor")
    for table in ("marketo_person", "marketo_lead_base"):
        world.mirror.db.execute(f"UPDATE {table} SET title = 'Janitor'")
    (row,) = found(world)
    assert (row.marketo, row.crm, row.edited) == ("Janitor", "CTO", ())


def test_nothing_is_written_anywhere(world: World) -> None:
    behind_the_engine(world, title="Janitor")
    before = world.writes(), list(world.mirror.db.iterdump())
    verdict(world)
    assert (world.writes(), list(world.mirror.db.iterdump())) == before


def test_an_edit_since_the_last_cycle_is_told_apart(world: World) -> None:
    world.crm.put("lead", "L1", Title="CEO")
    (row,) = found(world)
    assert row.edited == (Side.CRM,)
    assert verdict(world).objects[0].edited_total == 1


def test_a_person_who_lost_the_cross_id_is_a_record_that_marketo_has_not(world: World) -> None:
    behind_the_engine(world, **{KEY: ""})
    (row,) = found(world)
    assert (row.field, row.reason) == (None, "Marketo has nothing that bears its id")


def test_two_people_who_bear_one_id_are_named(world: World) -> None:
    first = world.person_id("L1")
    world.marketo.put(PERSON, "P9", **{KEY: "L1"})
    (row,) = found(world)
    assert row.reason == f"Marketo has it 2 times: {first}, P9"


def test_a_linked_record_that_the_crm_does_not_show_any_more_is_told(world: World) -> None:
    world.crm.records["lead"].pop("L1")
    (row,) = found(world)
    assert (row.record.id, row.reason, row.record.label) == (
        "L1",
        "CRM does not show it any more",
        "Ana <ana@example.com>",
    )


def test_what_is_rejected_or_held_is_counted_and_is_no_difference(tmp_path: Path) -> None:
    world = World(tmp_path, policies={"phone": Policy.HOLD})
    world.lead(1, Title="CTO", Phone="1")
    world.cycle()
    world.crm.refuse = lambda id, values: Refusal("NO", "no", ("Title",))
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO", phone="2")
    world.crm.put("lead", "L1", Phone="3")
    world.cycle()
    lead = verdict(world).objects[0]
    assert (lead.differences_total, lead.accounted) == (0, {"rejected": 1, "held": 1})


def test_a_refused_field_excuses_no_other_field(world: World) -> None:
    world.crm.refuse = lambda id, values: Refusal("NO", "no", ("Title",))
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO")
    world.cycle()
    behind_the_engine(world, firstName="Eve")
    assert [row.field for row in found(world)] == ["firstName"]


def test_what_the_filter_leaves_out_is_not_compared(tmp_path: Path) -> None:
    world = World(tmp_path, filtered=True)
    world.lead(1, Title="CTO")
    world.lead(2, Title="CFO")
    world.cycle()
    world.crm.put("lead", "L2", Sync__c=False, Title="none of your business")
    lead = verdict(world).objects[0]
    assert (lead.compared, lead.differences_total, lead.accounted) == (1, 0, {"filtered": 1})


def test_a_one_way_pair_with_an_empty_source_stands(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.directions["title"] = Direction.TO_MARKETO
    world.marketo.put(PERSON, "P1", email="ana@example.com", title="CTO")
    world.lead(1, Email="ana@example.com")
    world.cycle()
    lead = verdict(world).objects[0]
    assert (lead.differences_total, lead.accounted) == (0, {"standing": 1})


def test_a_sample_looks_at_so_many_of_each_object(world: World) -> None:
    for number in range(3, 20):
        world.lead(number, Email=f"{number}@example.com")
    world.cycle()
    both = verdict(world, sample=5)
    assert [part.compared for part in both.objects] == [5, 1]
    assert both.differences == 0


def test_rows_are_limited_and_counted(world: World) -> None:
    for number in range(3, 20):
        world.lead(number)
    lead = verdict(world, rows=4).objects[0]
    assert (len(lead.differences), lead.differences_total) == (4, 17)


def test_another_organisation_is_not_compared(world: World) -> None:
    world.crm.organisation = "org-2"
    with pytest.raises(MirrorError, match="another CRM organisation"):
        verdict(world)


def test_one_way_objects_are_told_by_what_marketo_tells_them_by(tmp_path: Path) -> None:
    world = OneWayWorld(tmp_path)
    world.deal()
    world.run()
    both = verdict(world)
    assert both.differences == 0
    assert {part.object: part.compared for part in both.objects if part.object in ("opportunity", "role")} == {
        "opportunity": 1,
        "role": 1,
    }
    (role,) = world.marketo.records["role"].values()
    role["leadId"] = "somebody else"
    (row,) = found(world)
    assert (row.record.object, row.reason) == ("role", "Marketo has nothing that bears its id")
