"""Reading both sides: a page with its cursor or neither, no gap in a feed, and nobody gone who was not looked for."""

import gc
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
import sqlite_utils

from mksync.core.records import Page, Selection, Side, Sides
from mksync.engine import pull as pull_module
from mksync.engine.progress import Silent
from mksync.engine.project import PERSON, Project
from mksync.engine.pull import full_read_needed, pull
from mksync.engine.run import Options, run_once
from mksync.errors import Temporary
from mksync.ports import CursorExpired, Port
from tests.memory import MemoryPort, System
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    for number in range(6):
        world.lead(number, Email=f"{number}@example.com")
    return world


def _seen(world: World, table: str = "crm_lead") -> set[str]:
    return {row["_id"] for row in sqlite_utils.Database(world.mirror.db).table(table).rows_where("_gone IS NULL")}


def _with_crm(world: World, port: Port) -> Project:
    project = world.project()
    return replace(project, ports=Sides(project.ports.marketo, port))


class Breaking(MemoryPort):
    """Its feed breaks off after so many pages."""

    def __init__(self, system: System, pages: int) -> None:
        super().__init__(system)
        self._pages = pages

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        for number, page in enumerate(super().changes(selection, cursor)):
            if number == self._pages:
                raise Temporary("the CRM does not answer")
            yield page


def test_a_read_that_breaks_off_keeps_what_it_has_and_concludes_nothing_from_it(world: World) -> None:
    world.cycle()
    full_read_needed(world.project(), Side.CRM)
    with pytest.raises(Temporary):
        run_once(_with_crm(world, Breaking(world.crm, 1)), Options())
    assert len(_seen(world)) == 6


def test_python_collects_its_garbage_as_before_once_a_read_has_ended_or_broken_off(world: World) -> None:
    usual = gc.get_threshold()
    world.cycle()
    full_read_needed(world.project(), Side.CRM)
    with pytest.raises(Temporary):
        run_once(_with_crm(world, Breaking(world.crm, 1)), Options())
    assert gc.get_threshold() == usual
    assert world.mirror.project.cursor(Side.CRM).full_read
    before = world.writes()
    assert world.cycle().exit_code == 0
    assert not world.mirror.project.cursor(Side.CRM).full_read
    assert (len(_seen(world)), world.writes()) == (6, before)


def test_a_page_is_kept_together_with_its_cursor_or_not_at_all(world: World) -> None:
    project = world.project()
    world.mirror.db.execute(
        "CREATE TRIGGER no_room BEFORE INSERT ON cursor WHEN new.side = 'crm' AND new.value IS NOT NULL"
        " BEGIN SELECT RAISE(ABORT, 'no room'); END"
    )
    with pytest.raises(sqlite3.IntegrityError, match="no room"):
        pull(project, 1, Silent())
    assert _seen(world) == set()
    world.mirror.db.execute("DROP TRIGGER no_room")
    pull(project, 1, Silent())
    assert len(_seen(world)) == 6


class Forgetful(MemoryPort):
    """Keeps no changes: only a full read is answered."""

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        if cursor is not None:
            raise CursorExpired
        yield from super().changes(selection, cursor)


def test_a_feed_that_forgot_what_it_had_to_tell_is_read_afresh_and_what_is_missing_is_gone(world: World) -> None:
    world.cycle()
    del world.crm.records["lead"]["L3"]  # deleted so long ago that the CRM does not know it any more
    world.crm.put("lead", "L4", Title="CEO")
    report = run_once(_with_crm(world, Forgetful(world.crm)), Options())
    assert list(report.warnings) == ["CRM no longer keeps changes as old as the last cycle: everything was read afresh"]
    assert world.person_of("L4")["title"] == "CEO"
    assert _seen(world) == {"L0", "L1", "L2", "L4", "L5"}
    assert len(world.marketo.records[PERSON]) == 6


def test_a_side_that_was_read_afresh_shows_nothing_new_where_nothing_is(world: World) -> None:
    world.cycle()
    before = world.writes()
    for side in Side:
        full_read_needed(world.project(), side)
    assert world.cycle().quiet
    assert world.writes() == before


class Stuck(MemoryPort):
    """Waits for an answer that does not come."""

    def __init__(self, system: System) -> None:
        super().__init__(system)
        self.asked, self.answer, self.left = Event(), Event(), Event()

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        self.asked.set()
        self.answer.wait()
        try:
            yield Page(cursor="late")
        finally:
            self.left.set()


class AfterTheOther(MemoryPort):
    """Fails once the other side is being waited for."""

    other: Stuck

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        if self.other.asked.wait():
            raise Temporary("Marketo does not answer")
        yield Page()


def test_a_failure_does_not_wait_for_the_other_sides_answer_which_then_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_module, "GRACE", 0.0)
    stuck, failing = Stuck(world.crm), AfterTheOther(world.marketo)
    failing.other = stuck
    with pytest.raises(Temporary, match="Marketo does not answer"):
        pull(replace(world.project(), ports=Sides(failing, stuck)), 1, Silent())
    assert not stuck.left.is_set()
    stuck.answer.set()
    assert stuck.left.wait(10)
    assert world.mirror.project.cursor(Side.CRM).value is None


class Counted(Silent):
    def __init__(self) -> None:
        self.records: dict[str, int] = {}

    def read(self, system: str, records: int) -> None:
        self.records[system] = self.records.get(system, 0) + records


def test_progress_tells_how_much_was_read(world: World) -> None:
    counted = Counted()
    pull(world.project(), 1, counted)
    assert counted.records == {"Marketo": 0, "CRM": 6}


def test_a_change_of_an_object_that_is_not_synced_is_passed_over(world: World) -> None:
    world.contact(1, Title="CFO")
    project = world.project()
    pull(replace(project, pairs={"lead": project.pairs["lead"]}), 1, Silent())
    assert (_seen(world), _seen(world, "crm_contact")) == ({f"L{number}" for number in range(6)}, set())


def _indexes(world: World, table: str) -> set[str]:
    return {index.name for index in sqlite_utils.Database(world.mirror.db).table(table).indexes}


def test_what_is_judged_and_matched_has_its_indexes_once_a_first_read_is_through(world: World) -> None:
    project = world.project()
    assert "marketo_person_email" not in _indexes(world, "marketo_person")
    pull(project, 1, Silent())
    assert {"marketo_person_email", "marketo_person_dirty"} <= _indexes(world, "marketo_person")
    assert "crm_lead_dirty" in _indexes(world, "crm_lead")


def test_a_first_read_that_broke_off_is_gone_on_with_among_indexes(world: World) -> None:
    with pytest.raises(Temporary):
        pull(_with_crm(world, Breaking(world.crm, 1)), 1, Silent())
    world.reopen()
    assert 0 < len(_seen(world)) < 6
    assert "crm_lead_dirty" not in _indexes(world, "crm_lead")
    project = world.project()
    assert "crm_lead_dirty" in _indexes(world, "crm_lead")
    pull(project, 2, Silent())
    assert len(_seen(world)) == 6
