"""What is refused is listed once and kept in mind, and tried again only when something speaks for it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from mksync.core.records import Field, Refusal, Schema, Value
from mksync.core.report import Rejected, RunReport
from mksync.engine.project import PERSON
from mksync.engine.refusals import try_again
from mksync.engine.run import run_once
from mksync.mirror.history import Chosen
from tests.memory import lost_answers
from tests.world import CRM, FIELDS, World

SHORT = Refusal("SHORT", "too short", ("Phone",), "the rule", "write more")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A lead whose phone number the CRM's rule has refused once, at 11:30."""
    world = World(tmp_path)
    world.lead(1, Phone="555 0100", Title="CTO")
    world.cycle()
    world.crm.refuse = _refuse
    world.marketo.put(PERSON, world.person_id("L1"), phone="12")
    assert _rejected(world.cycle())
    return world


def _refuse(_: str, values: Mapping[str, Value]) -> Refusal | None:
    return SHORT if values.get("Phone") in ("12", "13") else None


def _rejected(report: RunReport) -> list[Rejected]:
    return [row for part in report.objects for row in part.rejected]


def _only(report: RunReport) -> Rejected:
    (row,) = _rejected(report)
    return row


def test_a_refusal_waits_unsent_and_moves_no_base(world: World) -> None:
    before = world.crm.writes
    for _ in range(3):
        assert _only(world.cycle()).code == "SHORT"
    assert world.crm.writes == before
    world.crm.refuse = lambda _id, _values: None
    try_again(world.mirror)
    world.cycle()
    assert world.crm.records["lead"]["L1"]["Phone"] == "12"


def test_a_refusal_that_comes_back_keeps_its_first_moment_and_is_counted(world: World) -> None:
    first = _only(world.cycle())
    assert first.tries == 1
    for tries in (2, 3):
        row = _only(world.cycle(retry=True))
        assert (row.since, row.tries) == (first.since, tries)


def test_another_refusal_of_the_same_record_begins_anew(world: World) -> None:
    first = _only(world.cycle())
    world.crm.refuse = lambda _id, _values: replace(SHORT, code="OTHER")
    row = _only(world.cycle(retry=True))
    assert (row.code, row.tries) == ("OTHER", 1)
    assert row.since > first.since
    world.crm.refuse = _refuse
    assert _only(world.cycle(retry=True)).tries == 1


def test_a_refusal_that_was_over_begins_anew(world: World) -> None:
    first = _only(world.cycle())
    person = world.person_id("L1")
    world.marketo.put(PERSON, person, phone="555 0200")
    assert _rejected(world.cycle()) == []
    world.marketo.put(PERSON, person, phone="12")
    row = _only(world.cycle())
    assert (row.tries, row.since > first.since) == (1, True)


def test_a_passing_refusal_is_one_refusal_however_many_cycles_meet_it(world: World) -> None:
    world.crm.refuse = lambda _id, values: Refusal("LOCK", "locked", passing=True) if "Phone" in values else None
    first = _only(world.cycle(retry=True))
    assert (_only(world.cycle()).tries, _only(world.cycle()).tries) == (2, 3)
    assert _only(world.cycle()).since == first.since


def test_a_dry_run_counts_nothing(world: World) -> None:
    world.cycle(dry=True, retry=True)
    assert _only(world.cycle()).tries == 1


def test_a_refusal_outlives_a_cycle_whose_answer_was_lost(world: World) -> None:
    first = _only(world.cycle())
    world.crm.at_step = lost_answers({"crm wrote"})
    assert _rejected(world.cycle(retry=True)) == []
    assert _only(world.cycle()).since == first.since


@pytest.mark.parametrize(
    "changed", [{"length": 20}, {"choices": ("12",)}, {"required": True}, {"restricted": True}, {"highest": "12"}]
)
def test_metadata_that_changed_have_it_tried_again(
    world: World, changed: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.crm.writes
    world.cycle()
    _described(monkeypatch, **changed)
    assert _only(world.cycle()).tries == 2
    assert world.crm.writes == before + 1
    assert _only(world.cycle()).tries == 2


def _described(monkeypatch: pytest.MonkeyPatch, **changed: object) -> None:
    """The CRM's phone number is like this from now on."""
    fields: dict[str, Field] = {**CRM["lead"].fields}
    fields["Phone"] = replace(fields["Phone"], **changed)  # type: ignore[arg-type]
    monkeypatch.setitem(CRM, "lead", Schema("lead", "Lead", fields))


def test_a_field_that_the_crm_demands_no_longer_has_it_tried_again_though_nobody_selected_it(world: World) -> None:
    def cycle(*demanded: str) -> Rejected:
        world.clock.sleep(300)
        return _only(run_once(replace(world.project(), demanded={"lead": demanded})))

    assert (cycle("Company").tries, cycle("Company").tries) == (1, 1)
    assert (cycle().tries, cycle().tries) == (2, 2)


def test_a_field_that_is_selected_no_more_takes_its_refusal_along(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(FIELDS, "phone")
    report = world.cycle()
    assert (_rejected(report), report.exit_code) == ([], 0)


def test_an_object_that_syncs_no_more_takes_its_refusals_along(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.contact(1, Phone="555 0100")
    world.cycle()
    world.marketo.put(PERSON, world.person_id("C1"), phone="13")
    assert [row.record.id for row in _rejected(world.cycle())] == ["L1", "C1"]
    monkeypatch.delitem(CRM, "contact")
    world.cycle()
    assert [row.record.id for _, row in world.mirror.history.rejected(Chosen())] == ["L1"]


def test_another_field_that_is_selected_no_more_leaves_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _only(world.cycle())
    monkeypatch.delitem(FIELDS, "title")
    assert _only(world.cycle()).since == first.since


def test_a_choice_that_is_missing_costs_no_other_field(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _described(monkeypatch, choices=("555 0100",), restricted=True)
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO", phone="13")
    before = world.crm.writes
    row = _only(world.cycle())
    assert (row.code, row.fields, world.crm.writes) == ("NOT_A_CHOICE", ("Phone",), before + 1)
    assert world.crm.records["lead"]["L1"]["Title"] == "CEO"


def test_only_those_who_are_named_are_tried_again(world: World) -> None:
    assert try_again(world.mirror, ["nobody"]) == []
    person = world.person_id("L1")
    assert [row.record.person_id for row in try_again(world.mirror, [person])] == [person]
    assert _only(world.cycle()).tries == 2
