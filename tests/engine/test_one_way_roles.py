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


def test_a_role_that_is_deleted_in_the_crm_is_deleted_in_marketo(deal: OneWayWorld) -> None:
    deal.crm.drop("role", "R1")
    deal.run()
    assert deal.kept("role") == []
    assert deal.run().quiet
