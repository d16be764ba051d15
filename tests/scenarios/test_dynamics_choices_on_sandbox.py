"""Choices of Dynamics whose labels change places between two looks at the fields: nobody gets another choice by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.crms import DYNAMICS
from tests.scenarios.dynamics_user import DynamicsUser
from tests.scenarios.sandbox_world import World, world

TIERS = ("Bronze", "Gold", "Silver")  # Silver and Gold have changed places


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, DYNAMICS) as here:
        here.init()
        yield here


def seen(here: World, lead: str) -> tuple[object, object]:
    """The tier of a lead as Dynamics shows it, and of its person in Marketo."""
    in_crm = here.crm.records("lead", "customerTier")[lead]["customerTier"]
    return in_crm, here.marketo.people("customerTier")[here.person_of(lead)]["customerTier"]


def linked(here: World, count: int) -> list[str]:
    """Golden leads, each with a person; the fields were looked at just now."""
    leads = [here.crm.named("lead", email=f"p{n}@example.com", title="A", customerTier="Gold") for n in range(count)]
    here.clock.sleep(3_600)
    here.cycle()
    here.cycle()
    assert [seen(here, lead) for lead in leads] == [("Gold", "Gold")] * count
    return leads


def change_places(here: World) -> None:
    user = here.crm.user
    assert isinstance(user, DynamicsUser)
    for table in ("lead", "contact"):
        user.control("columns", table=table, name="new_tier", label="Tier", kind="PicklistType", labels=TIERS)


def test_a_label_that_changed_places_within_the_hour_is_written_as_it_is_now(here: World) -> None:
    lead, *_ = linked(here, 2)
    change_places(here)
    assert here.crm.records("lead", "customerTier")[lead]["customerTier"] == "Silver", "its number is the same"
    here.marketo.edit(here.person_of(lead), customerTier="Bronze")
    here.cycle()
    assert seen(here, lead) == ("Bronze", "Bronze")
    here.marketo.edit(here.person_of(lead), customerTier="Silver")
    here.cycle()
    assert seen(here, lead) == ("Silver", "Silver")
    for _ in range(2):
        here.cycle()
    assert seen(here, lead) == ("Silver", "Silver")


def test_a_record_that_is_read_is_called_as_it_is_now(here: World) -> None:
    lead, *_ = linked(here, 2)
    change_places(here)
    here.crm.edit("lead", lead, title="B")
    here.cycle()
    assert seen(here, lead) == ("Silver", "Silver")
    here.cycle()
    here.clock.sleep(3_600)
    here.cycle()
    assert seen(here, lead) == ("Silver", "Silver"), "nor does it change when the fields are looked at again"
