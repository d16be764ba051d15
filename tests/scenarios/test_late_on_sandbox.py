"""Somebody edits a person in Marketo after it was read and before mksync writes the same field.

Marketo cannot be told to write only what was read, so such an edit is written over; its log tells, and it is settled.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mksync.core.report import Collision
from mksync.mirror.history import Chosen
from tests.scenarios.crms import CRMS, Crm
from tests.scenarios.plug import plugged
from tests.scenarios.sandbox_world import World, world


def cycle_while(here: World, do: Callable[[], object], *, before: str = "write") -> None:
    """A cycle in which somebody does this right before its first write to Marketo, or before that is read back."""
    left, written = [do], []

    def at_write(side: str) -> None:
        if side != "marketo":
            return
        written.append(side)
        if before == "write" and left:
            left.pop()()

    def at_step(name: str) -> None:
        if name.startswith("marketo before") and written and before == "read-back" and left:
            left.pop()()

    with plugged(here) as plug:
        plug.at_write, plug.at_step = at_write, at_step
        here.cycle()
    assert left == [], "nothing was written to Marketo"


def somebody_edits(here: World, id: str, **values: Any) -> Callable[[], object]:
    person = here.person_of(id)
    return lambda: here.marketo.edit(person, **values)


def both(here: World, object: str, id: str, field: str = "title") -> list[Any]:
    rows = here.marketo.people(field)[here.person_of(id)], here.crm.records(object, field)[id]
    return [row[field] for row in rows]


def logged(here: World) -> list[Collision]:
    with here.mirror() as mirror:
        return [row for *_, row in mirror.history.collisions(Chosen())]


def words(out: str) -> list[str]:
    """What was printed, without the widths of columns and the lines between them."""
    return [" ".join(line.split()) for line in out.splitlines() if line and not line.startswith("─")]


def known(here: World, object: str = "lead", **values: Any) -> str:
    """A record that both systems know."""
    id = here.crm.named(object, email="roe@example.com", **values)
    here.cycle()
    return id


def test_on_a_lead_the_edit_comes_back_to_both_systems(here: World) -> None:
    id = known(here, title="CTO")
    here.crm.edit("lead", id, title="CEO")
    cycle_while(here, somebody_edits(here, id, title="typed meanwhile"))
    assert both(here, "lead", id) == ["CEO", "CEO"], "Marketo guards no write"
    here.clock.sleep(300)
    ended = here.command("run-once")
    crm = here.facts.title
    calls = "2 (114,989 of 115,000 left)" if crm == "Salesforce" else "4"
    assert (ended.code, words(ended.out)) == (0, [
        "Lead: 2 changes",
        "record field was now direction why",
        "Roe <roe@example.com> title CEO typed meanwhile back to Marketo late collision",
        f"Roe <roe@example.com> title CEO typed meanwhile Marketo → {crm} changed",
        "Lead: 1 collision",
        f"record field Marketo {crm} winner rule",
        "Roe <roe@example.com> title typed meanwhile CEO Marketo late: lead: Marketo wins",
        f"cycle 4: 2 updated, 1 collision · API calls: Marketo 5, {crm} {calls}",
    ])  # fmt: skip
    assert both(here, "lead", id) == ["typed meanwhile", "typed meanwhile"]
    assert here.cycle().quiet


def test_on_a_contact_it_is_logged_with_its_value(here: World) -> None:
    id = known(here, "contact", title="CTO")
    here.crm.edit("contact", id, title="CEO")
    cycle_while(here, somebody_edits(here, id, title="typed meanwhile"))
    here.cycle()
    assert both(here, "contact", id) == ["CEO", "CEO"]
    ended = here.command("log", "--collisions")
    assert "typed meanwhile" in ended.out
    assert "late: contact: the CRM wins" in ended.out
    assert [(row.marketo, row.crm) for row in logged(here)] == [("typed meanwhile", "CEO")]


def test_news_that_come_late_are_judged_when_they_come_and_once(here: World) -> None:
    id = known(here, title="CTO")
    here.sandbox.marketo.activity_delay = 500.0
    here.crm.edit("lead", id, title="CEO")
    cycle_while(here, somebody_edits(here, id, title="typed meanwhile"))
    here.cycle(minutes=0)
    here.sandbox.marketo.activity_delay = 0.0
    for _ in range(4):
        here.cycle(minutes=4)
    assert both(here, "lead", id) == ["typed meanwhile", "typed meanwhile"]
    assert [row.marketo for row in logged(here)] == ["typed meanwhile"]


@pytest.mark.parametrize(("field", "was", "sent", "edit"), [
    ("fitScore", 1, 2.5, 3.25),
    ("unsubscribed", False, True, False),
    ("customerTier", "Gold", "Silver", None),
    ("phone", None, "+1 555 0100 200", "+44 20 7946 0958"),
])  # fmt: skip
def test_values_of_every_type_come_back_as_they_were(here: World, field: str, was: Any, sent: Any, edit: Any) -> None:
    id = known(here, **{field: was})
    here.crm.edit("lead", id, **{field: sent})
    cycle_while(here, somebody_edits(here, id, **{field: edit}))
    here.cycle()
    now = sent if edit == was else edit
    assert both(here, "lead", id, field) == [now, now]
    assert [row.kind for row in logged(here)] == ([] if edit == was else ["late"])


@pytest.mark.parametrize(("field", "was", "sent", "edit", "told"), [
    ("lastDemoAt", "2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z", "2026-07-04T10:00:00Z", "2026-07-04T10:00:00Z"),
    ("mktoPersonNotes", "a" * 300, "b" * 300, "c" * 400, "c" * 400),
])  # fmt: skip
def test_a_value_that_the_log_may_not_tell_whole_is_listed_and_not_guessed(
    here: World, field: str, was: str, sent: str, edit: str, told: str
) -> None:
    id = known(here, **{field: was})
    here.crm.edit("lead", id, **{field: sent})
    cycle_while(here, somebody_edits(here, id, **{field: edit}))
    report = here.cycle()
    stands = here.crm.records("lead", field)[id][field]
    assert here.marketo.people(field)[here.person_of(id)][field][:10] == stands[:10] == sent[:10]
    [held] = next(part for part in report.objects if part.object == "lead").held
    assert (held.field, held.marketo, report.exit_code) == (field, told, 3)
    assert held.reason == "Marketo's log does not tell the whole value, and it was written over before it was seen"
    assert [(row.marketo, row.winner) for row in logged(here)] == [(told, None)]
    here.marketo.edit(here.person_of(id), **{field: edit})
    assert here.cycle().exit_code == 0


def test_an_edit_before_the_read_back_is_an_ordinary_change(here: World) -> None:
    id = known(here, title="CTO")
    here.crm.edit("lead", id, title="CEO")
    written: list[int] = []

    def edit_once() -> None:
        written.append(1)
        here.marketo.edit(here.person_of(id), title="typed after")

    cycle_while(here, edit_once, before="read-back")
    here.cycle()
    assert both(here, "lead", id) == ["typed after", "typed after"]
    assert logged(here) == []


def test_a_value_that_came_by_a_merge_in_the_window_comes_back(here: World) -> None:
    id = known(here)
    person, twin = here.person_of(id), here.marketo.create(email="roe@example.com", title="of the twin")
    here.cycle()
    here.crm.edit("lead", id, title="CEO")
    cycle_while(here, lambda: here.marketo.merge(twin, person))
    here.cycle()
    assert both(here, "lead", id) == ["of the twin", "of the twin"]
    assert [row.marketo for row in logged(here)] == ["of the twin"]


@pytest.mark.parametrize("quirk", ["modifying_user", "no_activity_ids", "empty_pages", "tokens_by_date", "omits_nulls"])
@pytest.mark.parametrize("crm", CRMS[:1], ids=lambda crm: crm.system)
def test_it_is_found_whatever_else_the_log_tells(tmp_path: Path, crm: Crm, quirk: str) -> None:
    with world(tmp_path, crm, quirks={"marketo": frozenset({quirk})}) as here:
        here.init()
        id = known(here, title="CTO")
        here.crm.edit("lead", id, title="CEO")
        cycle_while(here, somebody_edits(here, id, title="typed meanwhile"))
        here.cycle()
        assert both(here, "lead", id) == ["typed meanwhile", "typed meanwhile"]
