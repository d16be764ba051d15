"""Opportunity roles: they tie a person to an opportunity, and Marketo recognises them by what they tie."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.one_way import OneWayWorld


@pytest.fixture
def deal(tmp_path: Path) -> Iterator[OneWayWorld]:
    world = OneWayWorld(tmp_path)
    world.deal()
    yield world
    world.mirror.close()


def test_a_role_that_means_somebody_else_now_is_deleted_and_made_again(deal: OneWayWorld) -> None:
    deal.contact(2, LastName="Poe", Email="poe@example.com")
    deal.crm.put("role", "R1", ContactId="C2")
    assert deal.run().exit_code == 0
    assert [row["leadId"] for row in deal.kept("role")] == [deal.person_id("C2")]
    assert deal.run().quiet


def test_a_role_without_a_role_is_called_none_in_marketo(deal: OneWayWorld) -> None:
    deal.contact(2, LastName="Poe", Email="poe@example.com")
    deal.crm.put("role", "R2", OpportunityId="O1", ContactId="C2", Role=None)
    assert deal.run().exit_code == 0
    assert {row["role"]: row["leadId"] for row in deal.kept("role")} == {
        "Decision Maker": deal.person_id("C1"), "None": deal.person_id("C2"),
    }  # fmt: skip
    assert deal.run().quiet


def test_a_role_that_loses_its_role_is_made_again_and_gets_it_back_the_same_way(deal: OneWayWorld) -> None:
    for role, kept in ((None, "None"), ("Evaluator", "Evaluator")):
        deal.crm.put("role", "R1", Role=role)
        assert deal.run().exit_code == 0
        assert [row["role"] for row in deal.kept("role")] == [kept]
        assert deal.run().quiet


def test_a_role_that_names_nobody_waits_and_stops_no_other(deal: OneWayWorld) -> None:
    deal.crm.put("role", "R2", OpportunityId="O1", ContactId=None, Role="Other")
    (held,) = deal.of(deal.run(), "role").held
    assert held.reason == "waits: it names no contact"
    assert len(deal.kept("role")) == 1


def test_an_opportunity_that_no_role_leads_from_to_a_person_is_an_orphan(deal: OneWayWorld) -> None:
    assert deal.of(deal.run(), "opportunity").orphans_total == 0
    deal.crm.put("opportunity", "O2", Name="Nobody's")
    deal.crm.put("opportunity", "O3", Name="A stranger's")
    deal.crm.put("role", "R3", OpportunityId="O3", ContactId="C9", Role="Other")
    part = deal.of(deal.run(), "opportunity")
    assert [row.label for row in part.orphans] == ["Nobody's", "A stranger's"]
    assert (part.orphans_total, part.orphans_changed) == (2, True)
    again = deal.of(deal.run(), "opportunity")
    assert (again.orphans_total, again.orphans_changed) == (2, False)
    deal.contact(9, LastName="Nine")
    last = deal.of(report := deal.run(), "opportunity")
    assert ([row.id for row in last.orphans], last.orphans_changed, report.exit_code) == (["O2"], True, 0)


def test_an_orphan_is_told_once_and_a_dry_run_forgets_nobody(deal: OneWayWorld) -> None:
    deal.crm.drop("role", "R1")
    assert not deal.of(deal.run(dry=True), "opportunity").orphans_changed
    assert not deal.run().quiet
    assert deal.run().quiet


def test_a_role_that_is_deleted_in_the_crm_is_deleted_in_marketo(deal: OneWayWorld) -> None:
    deal.crm.drop("role", "R1")
    deal.run()
    assert deal.kept("role") == []
    assert deal.run().quiet


def test_two_roles_that_marketo_cannot_tell_apart_are_one_until_one_goes(deal: OneWayWorld) -> None:
    deal.crm.put("role", "R2", OpportunityId="O1", ContactId="C1", Role="Decision Maker")
    for _ in range(3):
        (held,) = deal.of(deal.run(), "role").held
    assert (held.record.id, held.reason) == (
        "R2", "Marketo tells it by externalOpportunityId, leadId, role, and has one that is the same: R001",
    )  # fmt: skip
    before = deal.writes()
    deal.run()
    assert deal.writes() == before
    deal.crm.drop("role", "R1")
    assert deal.run().exit_code == 0
    assert [row["role"] for row in deal.kept("role")] == ["Decision Maker"]
    assert deal.run().quiet


def test_two_such_roles_that_are_new_together_are_one_too(deal: OneWayWorld) -> None:
    for id in ("R2", "R3"):
        deal.crm.put("role", id, OpportunityId="O1", ContactId="C1", Role="Other")
    assert [row.record.id for row in deal.of(deal.run(), "role").held] == ["R3"]
    assert len(deal.kept("role")) == 2
    deal.crm.drop("role", "R2")
    assert deal.run().exit_code == 0
    assert len(deal.kept("role")) == 2
