"""An object that turns out not to be had while a cycle runs: a warning, and the others go on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mksync.core.records import Refusal
from mksync.errors import OutcomeUnknown
from mksync.ports import Unavailable
from tests.engine.one_way import OneWayWorld
from tests.memory import PlugPulled

WHY = "Account is not synced: the role may not; grant it"


@pytest.fixture
def deal(tmp_path: Path) -> Iterator[OneWayWorld]:
    world = OneWayWorld(tmp_path)
    world.deal()
    yield world
    world.mirror.close()


def _refused(deal: OneWayWorld, number: int, call: str = "write") -> None:
    """The nth of Marketo's calls of this kind is refused as a whole."""
    left = [number]

    def at_step(step: str) -> None:
        left[0] -= step == f"marketo {call}"
        if left[0] == 0 and step == f"marketo {call}":
            raise Unavailable("the role may not", "grant it")

    deal.marketo.at_step = at_step


def _edited(deal: OneWayWorld) -> None:
    deal.crm.put("account", "A1", Name="Acme Corp")
    deal.crm.put("opportunity", "O1", Stage="Won")


@pytest.mark.parametrize("call", ["write", "fetch"])
def test_writes_that_are_refused_as_a_whole_stop_only_their_object(deal: OneWayWorld, call: str) -> None:
    _edited(deal)
    _refused(deal, {"write": 1, "fetch": 2}[call], call)  # users are looked at before accounts are
    report = deal.run()
    assert (report.warnings, report.exit_code) == ((WHY,), 0)
    assert [row["stage"] for row in deal.kept("opportunity")] == ["Won"]
    assert [row["company"] for row in deal.kept("company")] == ["Acme"]
    assert not deal.of(report, "account").changes, "what was not written is no change"
    deal.marketo.at_step = lambda step: None
    deal.run()
    assert [row["company"] for row in deal.kept("company")] == ["Acme Corp"]
    assert deal.run().quiet


def test_a_collision_whose_write_was_refused_is_logged_when_it_is_written(deal: OneWayWorld) -> None:
    deal.marketo.put("company", "C001", company="Other")
    _refused(deal, 1)
    assert not deal.of(deal.run(), "account").collisions
    deal.marketo.at_step = lambda step: None
    (collision,) = deal.of(deal.run(), "account").collisions
    assert (collision.marketo, collision.winner) == ("Other", "crm")


@pytest.mark.parametrize("object", ["contact", "opportunity"])
def test_a_parent_that_is_deleted_in_marketo_under_our_hands_is_made_again_before_its_children(
    deal: OneWayWorld, object: str
) -> None:
    deal.marketo.refuse_in = lambda object, values: (
        Refusal("1013", "no company")
        if object != "company" and values.get("externalCompanyId") and not deal.kept("company")
        else None
    )
    deal.crm.put(object, "N1", AccountId="A1", **({"LastName": "New"} if object == "contact" else {"Name": "New"}))

    def at_step(step: str) -> None:
        if step == "marketo write" and deal.marketo.records["company"]:
            deal.marketo.at_step = lambda step: None
            deal.marketo.drop("company", "C001")

    deal.marketo.at_step = at_step
    assert deal.run().exit_code == 0
    assert [row["company"] for row in deal.kept("company")] == ["Acme"]
    kept = deal.person_of("N1") if object == "contact" else deal.kept("opportunity")[-1]
    assert kept["externalCompanyId"] == "A1"
    assert deal.run().quiet


def test_a_write_of_unknown_outcome_waits_for_its_object_to_be_had_again(deal: OneWayWorld) -> None:
    _edited(deal)
    seen: list[str] = []

    def at_step(step: str) -> None:
        seen.append(step)
        if step == "marketo wrote" and seen.count(step) == 1:
            raise OutcomeUnknown(step)
        if step == "marketo fetch" and "marketo wrote" in seen:
            raise Unavailable("the role may not", "grant it")

    deal.marketo.at_step = at_step
    deal.run()
    deal.marketo.at_step = lambda step: None
    deal.run()
    assert [row["company"] for row in deal.kept("company")] == ["Acme Corp"]
    assert deal.run().quiet


def test_an_object_that_is_deselected_after_a_kill_leaves_nothing_behind_that_stops_a_run(deal: OneWayWorld) -> None:
    _edited(deal)

    def at_step(step: str) -> None:
        if step == "marketo wrote":
            raise PlugPulled

    deal.marketo.at_step = at_step
    with pytest.raises(PlugPulled):
        deal.run()
    deal.marketo.at_step = lambda step: None
    deal.objects = tuple(object for object in deal.objects if object != "account")
    deal.reopen()
    deal.run()
    assert deal.run().quiet
