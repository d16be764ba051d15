"""What becomes of a write: altered values are listed, passing refusals tried again, bases move to what was seen."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from mksync.core.records import Refusal, Sides, Value
from mksync.core.report import RunReport
from mksync.engine.project import PERSON
from mksync.engine.run import Options, run_once
from tests.world import KEY, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def _cut(length: int, name: str) -> Any:
    """A server that keeps only so many characters of a field."""

    def habit(field: str, value: Value) -> Value:
        return value[:length] if field.casefold() == name and isinstance(value, str) else value

    return habit


def _held(report: RunReport) -> list[tuple[str | None, Value, Value, str]]:
    return [(row.field, row.marketo, row.crm, row.reason) for part in report.objects for row in part.held]


def test_a_value_that_the_crm_altered_while_saving_it_is_listed_with_what_both_sides_hold(world: World) -> None:
    world.lead(1, Title="CTO")
    world.cycle()
    world.crm.reformat = _cut(5, "title")
    world.marketo.put(PERSON, world.person_id("L1"), title="Chief of Staff")
    report = world.cycle()
    assert _held(report) == [
        ("title", "Chief of Staff", "Chief", "CRM changed the value while saving it: 'Chief of Staff' was sent")
    ]
    assert report.exit_code == 3


@pytest.mark.parametrize("created", [True, False])
def test_a_value_that_marketo_altered_is_listed_also_if_it_came_with_a_created_person(
    world: World, created: bool
) -> None:
    if not created:
        world.lead(1, Title="CTO")
        world.cycle()
    world.marketo.reformat = _cut(5, "title")
    world.crm.put("lead", "L1", Title="Chief of Staff")
    report = world.cycle()
    assert [row[:3] for row in _held(report)] == [("title", "Chief", "Chief of Staff")]
    assert len(report.objects[0].held) == 1
    (row,) = report.objects[0].held
    assert (row.record.id, row.record.person_id) == ("L1", world.person_id("L1"))


def test_an_altered_value_waits_unsent_until_both_sides_can_hold_it(world: World) -> None:
    world.lead(1, Title="CTO")
    world.cycle()
    world.crm.reformat = _cut(5, "title")
    world.marketo.put(PERSON, world.person_id("L1"), title="Chief of Staff")
    world.cycle()
    before = world.writes()
    assert len(_held(world.cycle())) == 1
    assert world.writes() == before
    world.marketo.put(PERSON, world.person_id("L1"), title="Chief")
    report = world.cycle()
    assert (_held(report), report.exit_code) == ([], 0)
    assert world.writes() == before


def test_another_spelling_of_the_same_value_is_no_alteration(world: World) -> None:
    world.marketo.reformat = lambda name, value: value.lower() if name == "email" and isinstance(value, str) else value
    world.lead(1, Email="Ana@Example.COM")
    assert world.cycle().exit_code == 0


def _lock(times: int, *, passing: bool) -> Any:
    left = [times]

    def refuse(id: str, values: Any) -> Refusal | None:
        left[0] -= 1
        return Refusal("ROW_LOCK", "locked", passing=passing) if left[0] >= 0 else None

    return refuse


@pytest.mark.parametrize("passing", [True, False])
def test_a_refusal_that_passes_is_tried_again_by_the_next_cycle_and_no_other_is(world: World, passing: bool) -> None:
    world.lead(1, Title="CTO")
    world.cycle()
    world.crm.refuse = _lock(1, passing=passing)
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO")
    assert world.cycle().exit_code == 3
    report = world.cycle()
    assert world.crm.records["lead"]["L1"]["Title"] == ("CEO" if passing else "CTO")
    assert report.exit_code == (0 if passing else 3)


def test_a_refused_record_is_listed_with_every_field_that_was_not_written(world: World) -> None:
    world.lead(1, Title="CTO", Phone="1")
    world.cycle()
    world.crm.refuse = lambda id, values: Refusal("TOO_LONG", "Title too long", ("Title",), "the title", "shorten it")
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO", phone="2")
    (row,) = world.cycle().objects[0].rejected
    assert sorted(row.fields) == ["Phone", "Title"]
    assert (row.code, row.message, row.cause, row.remedy) == (
        "TOO_LONG", "Title too long", "the title", "shorten it",
    )  # fmt: skip
    assert (row.record.id, row.record.person_id, row.since != "") == ("L1", world.person_id("L1"), True)


def test_a_refused_creation_is_listed_and_tried_again_when_the_record_changes(world: World) -> None:
    world.marketo.refuse = lambda id, values: Refusal("NO", "no") if values.get("title") == "bad" else None
    world.lead(1, Title="bad")
    assert world.cycle().exit_code == 3
    before = world.writes()
    world.cycle()
    assert world.writes() == before
    world.crm.put("lead", "L1", Title="good")
    assert world.cycle().exit_code == 0
    assert world.person_of("L1")["title"] == "good"


def test_a_record_that_went_while_it_was_to_be_written_is_looked_after_at_once(world: World) -> None:
    world.lead(1, Title="CTO")
    world.cycle()
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO")

    def drop_before_write(step: str) -> None:
        if step == "crm write":
            world.crm.at_step = lambda step: None
            world.crm.drop("lead", "L1")

    world.crm.at_step = drop_before_write
    world.cycle()
    (row,) = sqlite_utils.Database(world.mirror.db).table("crm_lead").rows
    assert (row["_id"], row["_gone"]) == ("L1", "deleted")
    assert [row["status"] for row in sqlite_utils.Database(world.mirror.db).table("write").rows][-1] == "gone"
    before = world.writes()
    assert world.cycle().exit_code == 0
    assert world.writes() == before


def test_a_creation_that_was_answered_with_somebody_elses_person_is_held_and_links_nobody_twice(world: World) -> None:
    world.lead(1, Title="one")
    world.cycle()
    person = world.person_id("L1")
    world.lead(2, Title="two")

    def claim_before_write(step: str) -> None:
        if step == "marketo write":
            world.marketo.at_step = lambda step: None
            world.marketo.put(PERSON, person, **{KEY: "L2"})

    world.marketo.at_step = claim_before_write
    report = world.cycle()
    assert [row[3] for row in _held(report)] == [
        f"Marketo answered with person {person}, who is linked to another lead"
    ]
    links = list(sqlite_utils.Database(world.mirror.db).table("link").rows)
    assert len(links) == 1


def test_an_edit_that_came_with_the_read_back_is_a_change_for_the_next_cycle(world: World) -> None:
    world.lead(1, Title="CTO", Phone="1")
    world.cycle()
    person = world.person_id("L1")
    world.crm.put("lead", "L1", Title="CEO")

    def edit_before_write(step: str) -> None:
        if step == "marketo write":
            world.marketo.at_step = lambda step: None
            world.marketo.put(PERSON, person, phone="2")

    world.marketo.at_step = edit_before_write
    world.cycle()
    world.cycle()
    assert world.crm.records["lead"]["L1"]["Phone"] == "2"
    assert world.person_of("L1")["title"] == "CEO"


def test_a_value_that_is_too_long_for_the_other_side_is_never_sent_and_nobody_has_lost_to_it(world: World) -> None:
    project = world.project()
    short = [
        replace(pair, fields=Sides(pair.fields.marketo, replace(pair.fields.crm, length=5)))
        if pair.name == "title"
        else pair
        for pair in project.pairs["lead"]
    ]
    project = replace(project, pairs={**project.pairs, "lead": short})
    world.lead(1, Title="CTO", Phone="1")
    run_once(project, Options())
    world.marketo.put(PERSON, world.person_id("L1"), title="Chief of Staff", phone="2")
    world.crm.put("lead", "L1", Title="CEO")
    report = run_once(project, Options())
    assert world.crm.records["lead"]["L1"]["Title"] == "CEO"
    assert world.crm.records["lead"]["L1"]["Phone"] == "2"
    assert [(row.code, row.fields) for row in report.objects[0].rejected] == [("TOO_LONG", ("Title",))]
    assert (report.objects[0].collisions, report.exit_code) == ((), 3)
