"""An edit in Marketo between the reading and the writing of the same field: found afterwards, logged, and settled."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mksync.core.pairs import Direction, Policy
from mksync.core.records import Side, Value
from mksync.core.report import Collision, RunReport
from mksync.engine.project import PERSON
from mksync.mirror.history import Chosen
from tests.memory import PlugPulled
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.lead(1, Email="ana@example.com", Title="CTO")
    world.contact(2, Email="bo@example.com", Title="CTO")
    world.cycle()
    return world


def at_marketos_write(world: World, do: Callable[[], object], *, step: str = "marketo write") -> list[object]:
    """Somebody does this right before the next write to Marketo has its effect."""
    left: list[object] = [do]

    def at_step(name: str) -> None:
        if name == step and left:
            left.pop()
            do()

    world.marketo.at_step = at_step
    return left


def cycle_with_edit(world: World, record: str, **values: Value) -> RunReport:
    return _cycle_with_edit(world, record, "marketo write", values)


def _cycle_with_edit(world: World, record: str, step: str, values: Mapping[str, Value]) -> RunReport:
    person = world.person_id(record)
    left = at_marketos_write(world, lambda: world.marketo.put(PERSON, person, **values), step=step)
    report = world.cycle()
    assert left == [], "nothing was written to Marketo"
    return report


def logged(world: World) -> list[Collision]:
    return [row for *_, row in world.mirror.history.collisions(Chosen())]


def both(world: World, record: str, field: str = "title", crm_field: str = "Title") -> tuple[Value, Value]:
    of = world.crm.records["lead" if record.startswith("L") else "contact"]
    return world.person_of(record)[field], of[record][crm_field]


def test_on_a_lead_the_edit_is_written_back_to_both_sides_in_one_cycle(world: World) -> None:
    world.lead(1, Title="CEO")
    cycle_with_edit(world, "L1", title="typed meanwhile")
    assert both(world, "L1") == ("CEO", "CEO")
    report = world.cycle()
    assert both(world, "L1") == ("typed meanwhile", "typed meanwhile")
    [row] = logged(world)
    assert (row.field, row.marketo, row.crm, row.winner) == ("title", "typed meanwhile", "CEO", Side.MARKETO)
    assert (row.kind, row.rule) == ("late", "late: lead: Marketo wins")
    assert (report.exit_code, report.objects[0].collisions_total) == (0, 1)
    assert [(row.to, row.now, row.kind) for row in report.objects[0].changes] == [
        (Side.MARKETO, "typed meanwhile", "late"),
        (Side.CRM, "typed meanwhile", "one-sided"),
    ]


def test_it_is_told_once_and_then_there_is_silence(world: World) -> None:
    world.lead(1, Title="CEO")
    cycle_with_edit(world, "L1", title="typed meanwhile")
    world.cycle()
    before = world.writes()
    for _ in range(3):
        assert world.cycle().quiet
    assert (world.writes(), len(logged(world))) == (before, 1)


def test_on_a_contact_it_is_logged_and_the_crms_value_stands(world: World) -> None:
    world.contact(2, Title="CEO")
    cycle_with_edit(world, "C2", title="typed meanwhile")
    before = world.writes()
    world.cycle()
    assert (both(world, "C2"), world.writes()) == (("CEO", "CEO"), before)
    [row] = logged(world)
    assert (row.marketo, row.crm, row.winner, row.rule) == (
        "typed meanwhile", "CEO", Side.CRM, "late: contact: the CRM wins",
    )  # fmt: skip


def test_under_hold_it_is_listed_until_somebody_edits_the_field(world: World) -> None:
    world.policies["title"] = Policy.HOLD
    world.lead(1, Title="CEO")
    cycle_with_edit(world, "L1", title="typed meanwhile")
    report = world.cycle()
    [held] = report.objects[0].held
    assert (held.field, held.marketo, held.crm) == ("title", "typed meanwhile", "CEO")
    assert held.remedy == "enter it in Marketo again if it is meant, or edit the field as it should be"
    assert (report.exit_code, logged(world)[0].winner, both(world, "L1")) == (3, None, ("CEO", "CEO"))
    world.lead(1, Phone="1")  # judged again for another reason
    assert world.cycle().objects[0].held_total == 1
    world.marketo.put(PERSON, world.person_id("L1"), title="typed meanwhile")
    assert world.cycle().exit_code == 0
    assert both(world, "L1") == ("typed meanwhile", "typed meanwhile")


def test_a_pair_that_flows_to_marketo_only_keeps_the_crms_value(world: World) -> None:
    world.directions["title"] = Direction.TO_MARKETO
    world.lead(1, Title="CEO")
    cycle_with_edit(world, "L1", title="typed meanwhile")
    world.cycle()
    assert both(world, "L1") == ("CEO", "CEO")
    assert [(row.winner, row.rule) for row in logged(world)] == [
        (Side.CRM, "late: lead.title flows one way: the CRM wins")
    ]


def test_a_field_that_was_cleared_meanwhile_is_cleared_on_both_sides(world: World) -> None:
    world.lead(1, Title="CEO")
    cycle_with_edit(world, "L1", title=None)
    world.cycle()
    assert both(world, "L1") == (None, None)
    assert [(row.marketo, row.crm) for row in logged(world)] == [(None, "CEO")]


@pytest.mark.parametrize(("field", "crm_field", "was", "now", "edit"), [
    ("leadScore", "Score__c", 1, 2, 3),
    ("unsubscribed", "HasOptedOutOfEmail", False, True, False),
    ("phone", "Phone", None, "1", "2"),
])  # fmt: skip
def test_it_holds_for_fields_of_every_type(
    world: World, field: str, crm_field: str, was: Value, now: Value, edit: Value
) -> None:
    world.lead(1, **{crm_field: was})
    world.cycle()
    world.lead(1, **{crm_field: now})
    cycle_with_edit(world, "L1", **{field: edit})
    world.cycle()
    stays = edit if edit != was else now  # whoever edits a field to what it holds edits nothing
    assert both(world, "L1", field, crm_field) == (stays, stays)
    assert [row.marketo for row in logged(world)] == ([edit] if edit != was else [])


def test_two_edits_in_the_window_leave_the_second_one(world: World) -> None:
    world.lead(1, Title="CEO")
    person = world.person_id("L1")
    at_marketos_write(world, lambda: [world.marketo.put(PERSON, person, title=title) for title in ("first", "second")])
    world.cycle()
    world.cycle()
    assert both(world, "L1") == ("second", "second")
    assert [row.marketo for row in logged(world)] == ["second"]


def test_an_edit_of_another_field_in_the_window_is_an_ordinary_change(world: World) -> None:
    world.lead(1, Title="CEO")
    cycle_with_edit(world, "L1", phone="1")
    world.cycle()
    assert (both(world, "L1"), both(world, "L1", "phone", "Phone")) == (("CEO", "CEO"), ("1", "1"))
    assert logged(world) == []


def test_an_edit_right_after_the_write_is_an_ordinary_change(world: World) -> None:
    world.lead(1, Title="CEO")
    _cycle_with_edit(world, "L1", "marketo wrote", {"title": "typed after"})
    world.cycle()
    assert both(world, "L1") == ("typed after", "typed after")
    assert logged(world) == []


def test_whoever_edits_twice_after_the_write_and_comes_back_to_its_value_means_it(world: World) -> None:
    world.lead(1, Title="CEO")
    world.cycle()
    for title in ("typed after", "CEO"):
        world.marketo.put(PERSON, world.person_id("L1"), title=title)
    world.cycle()
    assert both(world, "L1") == ("CEO", "CEO")
    assert logged(world) == []


def test_an_edit_that_was_followed_by_another_one_is_only_logged(world: World) -> None:
    world.lead(1, Title="CEO")
    cycle_with_edit(world, "L1", title="typed meanwhile")
    world.marketo.put(PERSON, world.person_id("L1"), title="typed since")
    world.cycle()
    assert both(world, "L1") == ("typed since", "typed since")
    assert [(row.marketo, row.winner, row.rule) for row in logged(world)] == [
        ("typed meanwhile", Side.MARKETO, "late: edited again since")
    ]


def test_a_later_edit_in_the_crm_loses_against_it_and_is_logged(world: World) -> None:
    world.lead(1, Title="CEO")
    cycle_with_edit(world, "L1", title="typed meanwhile")
    world.lead(1, Title="sales again")
    world.cycle()
    assert both(world, "L1") == ("typed meanwhile", "typed meanwhile")
    assert [(row.kind, row.marketo, row.crm) for row in logged(world)] == [
        ("late", "typed meanwhile", "CEO"), ("collision", "typed meanwhile", "sales again"),
    ]  # fmt: skip


def test_an_edit_in_the_window_of_writing_it_back_wins_over_the_older_one(world: World) -> None:
    world.lead(1, Title="CEO")
    cycle_with_edit(world, "L1", title="first")
    cycle_with_edit(world, "L1", title="second")
    world.cycle()
    assert both(world, "L1") == ("second", "second")
    assert [row.marketo for row in logged(world)] == ["first", "second"]


@pytest.mark.parametrize("at", range(1, 14))
def test_a_kill_anywhere_in_the_cycle_that_finds_it_changes_nothing(world: World, at: int) -> None:
    world.lead(1, Title="CEO")
    cycle_with_edit(world, "L1", title="typed meanwhile")
    with world.dying(at):
        world.cycle()
    world.cycle()
    assert both(world, "L1") == ("typed meanwhile", "typed meanwhile")
    assert [row.marketo for row in logged(world)] == ["typed meanwhile"]


def test_a_write_whose_answer_was_lost_is_looked_after_all_the_same(world: World) -> None:
    world.lead(1, Title="CEO")
    person = world.person_id("L1")

    def at_step(step: str) -> None:
        if step == "marketo write":
            world.marketo.put(PERSON, person, title="typed meanwhile")
        if step == "marketo wrote":
            raise PlugPulled(step)

    world.marketo.at_step = at_step
    with pytest.raises(PlugPulled):
        world.cycle()
    world.marketo.at_step = lambda step: None
    world.reopen()
    world.cycle()
    assert both(world, "L1") == ("typed meanwhile", "typed meanwhile")
    assert [row.kind for row in logged(world)] == ["late"]


def test_a_dry_run_shows_it_and_leaves_it_to_the_next_cycle(world: World) -> None:
    world.lead(1, Title="CEO")
    cycle_with_edit(world, "L1", title="typed meanwhile")
    dry = world.cycle(dry=True)
    assert [(row.kind, row.now) for row in dry.objects[0].changes] == [("late", "typed meanwhile")]
    assert logged(world) == []
    world.cycle()
    assert both(world, "L1") == ("typed meanwhile", "typed meanwhile")


def test_what_the_log_told_is_forgotten_after_an_hour(world: World) -> None:
    world.lead(1, Title="CEO")
    world.cycle()
    world.cycle()
    world.clock.sleep(3600)
    world.cycle()
    kept = [world.mirror.db.execute(f"SELECT count(*) FROM {name}").fetchone() for name in ("window", "log_entry")]
    assert kept == [(0,), (0,)]
