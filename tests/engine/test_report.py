"""What a cycle did as data: the first rows, and how many there are in all; and the story of one person."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from mksync.core.pairs import Policy
from mksync.core.records import Refusal, Side
from mksync.core.report import RunReport
from mksync.engine.instants import instant
from mksync.engine.labels import label
from mksync.engine.project import PERSON
from mksync.engine.report import report
from mksync.engine.story import stories
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Three leads and a contact in step; then edits, a collision, a refusal and a held field, and one cycle more."""
    world = World(tmp_path, {"phone": Policy.HOLD})
    for number in (1, 2, 3):
        world.lead(number, FirstName="Ana", LastName=f"No {number}", Email=f"{number}@example.com", Title="CTO")
    world.contact(1, Title="CFO")
    world.cycle()
    world.crm.put("lead", "L1", Title="from the CRM", Phone="1")
    world.marketo.put(PERSON, world.person_id("L1"), title="from Marketo", phone="2")
    world.crm.put("lead", "L2", Title="CEO", FirstName="Bea")
    world.crm.refuse = lambda id, values: Refusal("NO", "no") if id == "L3" else None
    world.marketo.put(PERSON, world.person_id("L3"), title="refused")
    world.marketo.put(PERSON, world.person_id("C1"), title="COO")
    world.cycle()
    return world


def _report(world: World, rows: int = 100, cycle: int = 2, *, past: bool = False) -> RunReport:
    row = world.mirror.history.cycle(cycle)
    assert row is not None
    return report(world.mirror, {"lead": "Lead", "contact": "Contact"}, row, dry=False, rows=rows, past=past)


def _changes(found: RunReport) -> list[Any]:
    return [(row.record.id, row.field, row.was, row.now, str(row.to), row.state) for row in found.objects[0].changes]


def test_every_field_that_was_written_is_a_row_of_its_object(world: World) -> None:
    found = _report(world)
    assert [(part.object, part.label) for part in found.objects] == [("lead", "Lead"), ("contact", "Contact")]
    assert sorted(_changes(found)) == [
        ("L1", "title", "from the CRM", "from Marketo", "crm", "written"),
        ("L2", "firstName", "Ana", "Bea", "marketo", "written"),
        ("L2", "title", "CTO", "CEO", "marketo", "written"),
        ("L3", "title", "CTO", "refused", "crm", "refused"),
    ]
    assert [(row.record.id, row.now) for row in found.objects[1].changes] == [("C1", "COO")]


def test_collisions_refusals_and_held_fields_have_their_lists(world: World) -> None:
    part = _report(world).objects[0]
    assert [(row.record.id, row.field, row.crm, row.winner) for row in part.collisions] == [
        ("L1", "title", "from the CRM", Side.MARKETO)
    ]
    assert [(row.record.id, row.code) for row in part.rejected] == [("L3", "NO")]
    assert [(row.record.id, row.field, row.marketo, row.crm) for row in part.held] == [("L1", "phone", "2", "1")]
    assert (part.created, part.updated) == (0, 2)


def test_totals_count_what_the_rows_leave_out(world: World) -> None:
    whole, short = _report(world).objects[0], _report(world, rows=1).objects[0]
    assert [len(rows) for rows in (short.changes, short.collisions, short.rejected, short.held)] == [1, 1, 1, 1]
    assert short.changes == whole.changes[:1]
    assert (short.changes_total, short.collisions_total, short.rejected_total, short.held_total) == (4, 1, 1, 1)
    none = _report(world, rows=0).objects[0]
    assert (none.changes, none.held, none.changes_total) == ((), (), 4)


def test_leftovers_are_told_by_every_later_cycle_but_only_of_their_own_when_it_is_past(world: World) -> None:
    world.cycle()
    assert len(_report(world, cycle=3).objects[0].held) == 1
    assert len(_report(world, cycle=3, past=True).objects[0].held) == 0
    assert len(_report(world, cycle=2, past=True).objects[0].held) == 1
    assert _report(world, cycle=1, past=True).objects[0].created == 3


def test_a_story_has_everything_that_happened_to_one_person_with_its_cycle(world: World) -> None:
    person = world.person_id("L1")
    by_any = [stories(world.mirror, who) for who in ("1@example.com", person, "L1")]
    assert [asdict(one[0]) for one in by_any[1:]] == [asdict(by_any[0][0])] * 2
    ((story,),) = by_any[:1]
    assert (story.person_id, story.record_id) == (person, "L1")
    assert [(cycle, row.field, row.now) for cycle, row in story.changes if row.field == "title"] == [
        (1, "title", "CTO"),
        (2, "title", "from Marketo"),
    ]
    assert [(cycle, started, row.crm) for cycle, started, row in story.collisions] == [
        (2, instant(world.clock.now()), "from the CRM")
    ]
    assert [(cycle, row.field) for cycle, row in story.held] == [(2, "phone")]
    assert story.rejected == []


def test_the_story_of_a_refused_write_says_so(world: World) -> None:
    (story,) = stories(world.mirror, "L3")
    assert [(cycle, row.code) for cycle, row in story.rejected] == [(2, "NO")]
    assert [(row.field, row.state) for _, row in story.changes][-1] == ("title", "refused")


def test_nobody_has_no_story(world: World) -> None:
    assert stories(world.mirror, "nobody@example.com") == []


def test_an_address_of_several_tells_a_story_for_each(world: World) -> None:
    world.marketo.put(PERSON, "P900", email="1@example.com")
    world.cycle()
    assert [story.person_id for story in stories(world.mirror, "1@example.com")] == [world.person_id("L1"), "P900"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"FirstName": "Ana", "LastName": "Ruiz", "Email": "ana@example.com"}, "Ana Ruiz <ana@example.com>"),
        ({"LastName": "Ruiz", "Email": "ana@example.com"}, "Ruiz <ana@example.com>"),
        ({"FirstName": "Ana", "LastName": "Ruiz"}, "Ana Ruiz"),
        ({"Email": "ana@example.com"}, "ana@example.com"),
        ({"FirstName": None, "Title": "CTO"}, ""),
        ({}, ""),
    ],
)
def test_a_record_is_called_by_its_name_and_address(world: World, values: dict[str, Any], expected: str) -> None:
    assert label(world.project(), "lead", Side.CRM, values) == expected


@pytest.mark.parametrize(
    ("epoch", "text"),
    [(0, "1970-01-01T00:00:00Z"), (1_772_445_631.999, "2026-03-02T10:00:31Z"), (951_782_400, "2000-02-29T00:00:00Z")],
)
def test_a_moment_is_written_in_utc_to_the_second(epoch: float, text: str) -> None:
    assert instant(epoch) == text
