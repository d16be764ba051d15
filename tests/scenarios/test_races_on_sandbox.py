"""Somebody edits a record of the CRM after it was read and before it is written: nothing is written over unseen."""

from typing import Any

import pytest

from mksync.mirror.history import Chosen
from tests.scenarios.plug import plugged
from tests.scenarios.sandbox_world import World


def cycle_while_somebody_edits(here: World, object: str, id: str, **values: Any) -> None:
    """The edit comes right before the first write to the CRM."""
    left = [values]

    def at_write(side: str) -> None:
        if side == "crm" and left:
            here.clock.sleep(2)  # a stamp that guards writes may have no fractions of a second
            assert here.crm.edit(object, id, **left.pop())

    with plugged(here) as plug:
        plug.at_write = at_write
        here.cycle()
    assert left == [], "nothing was written to the CRM"


def both(here: World, object: str, id: str, *fields: str) -> list[list[Any]]:
    person, record = here.marketo.people(*fields)[here.person_of(id)], here.crm.records(object, *fields)[id]
    return [[row[field] for field in fields] for row in (person, record)]


@pytest.mark.parametrize(("object", "winner"), [("lead", "of Marketo"), ("contact", "meanwhile")])
def test_an_edit_of_the_same_field_is_a_collision_of_the_next_cycle(here: World, object: str, winner: str) -> None:
    id = here.crm.named(object, email="roe@example.com", title="CTO")
    here.cycle()
    here.marketo.edit(here.person_of(id), title="of Marketo")
    cycle_while_somebody_edits(here, object, id, title="meanwhile")
    assert here.crm.records(object, "title")[id]["title"] == "meanwhile", "written over"
    here.cycle()
    assert both(here, object, id, "title") == [[winner], [winner]]
    with here.mirror() as mirror:
        rows = [row for *_, row in mirror.history.collisions(Chosen())]
    assert [(row.marketo, row.crm) for row in rows] == [("of Marketo", "meanwhile")]


@pytest.mark.parametrize("object", ["lead", "contact"])
def test_an_edit_of_another_field_survives_beside_what_is_written(here: World, object: str) -> None:
    id = here.crm.named(object, email="roe@example.com", title="CTO")
    here.cycle()
    here.marketo.edit(here.person_of(id), title="of Marketo")
    cycle_while_somebody_edits(here, object, id, phone="+1 555 0100 200")
    here.cycle()
    here.cycle()
    assert both(here, object, id, "title", "phone") == [["of Marketo", "+1 555 0100 200"]] * 2
