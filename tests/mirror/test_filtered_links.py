"""What the mirror keeps for the sync filter: the column, frozen links, events; and mirrors that are older than it."""

import sqlite3
from pathlib import Path

import pytest
import sqlite_utils

from mksync.core.filter import FROZEN, LIVE, STARTED, WAITING
from mksync.core.records import Field, FieldType, Record, Side, Value
from mksync.core.report import Event, RecordName
from mksync.engine.project import PERSON
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen
from mksync.mirror.migrations import APPLICATION_ID, M001, MIGRATIONS
from tests.mirror.samples import KEY, PAIRS, RECORDS, link, see_person

FLAG = Field("Sync__c", "Sync", FieldType.BOOLEAN)
ANA = RecordName("lead", "L1", "P1", "Ana")


@pytest.fixture
def mirror(mirror: Mirror) -> Mirror:
    mirror.shape(PAIRS, [(Side.MARKETO, PERSON, KEY), (Side.CRM, "lead", "Email")], {"lead": FLAG})
    return mirror


def see(mirror: Mirror, id: str, flag: Value, **values: Value) -> None:
    record = Record("lead", id, {**values, "Sync__c": flag})
    mirror.snapshots.stage(Side.CRM, "lead", [*RECORDS, FLAG], [record], 1)


def clean(mirror: Mirror) -> None:
    for table in ("marketo_person", "crm_lead", "crm_contact"):
        mirror.db.execute(f"UPDATE {table} SET _dirty = 0")


@pytest.mark.parametrize(("before", "after"), [(None, False), (False, None), (True, None), (None, True), (True, False)])
def test_a_record_is_judged_again_when_its_flag_moves_also_to_and_from_nothing(
    mirror: Mirror, before: Value, after: Value
) -> None:
    see(mirror, "L1", before)
    clean(mirror)
    see(mirror, "L1", before)
    assert not mirror.db.execute("SELECT _dirty FROM crm_lead").fetchone()[0]
    see(mirror, "L1", after)
    assert mirror.db.execute("SELECT _dirty FROM crm_lead").fetchone()[0]


def test_the_flag_has_a_column_only_where_its_object_is_filtered(mirror: Mirror) -> None:
    db = sqlite_utils.Database(mirror.db)
    assert ["Sync__c" in db.table(table).columns_dict for table in ("crm_lead", "crm_contact", "crm_lead_base")] == [
        True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("state", [LIVE, FROZEN, WAITING, "crm deleted"])
def test_the_flags_of_live_and_frozen_links_are_told_once_each_while_something_of_them_is_to_be_judged(
    mirror: Mirror, state: str
) -> None:
    number = link(mirror, "P1", "L1")
    see(mirror, "L1", False)
    mirror.links.set_state(number, state)
    told = [(one.id, one.state, flag) for one, flag in mirror.links.flagged("lead", "Sync__c")]
    assert told == ([(number, state, 0)] if state in (LIVE, FROZEN) else [])
    assert len(list(mirror.links.flagged("lead", None))) == (state == FROZEN)
    clean(mirror)
    assert list(mirror.links.flagged("lead", "Sync__c")) == []
    see_person(mirror, "P1", title="edited")
    assert len(list(mirror.links.flagged("lead", "Sync__c"))) == (state in (LIVE, FROZEN))


def test_a_search_by_value_leaves_out_who_says_no_before_it_counts_to_its_limit(mirror: Mirror) -> None:
    for number in range(6):
        see(mirror, f"N{number}", False, Email="a@example.com")
    see(mirror, "Yes", True, Email="A@example.com")
    see(mirror, "Empty", None, Email="a@example.com")
    find = mirror.snapshots.ids_where
    assert find(Side.CRM, "lead", "Email", "a@example.com", filter="Sync__c") == ["Yes", "Empty"]
    assert find(Side.CRM, "lead", "Email", "a@example.com") == [f"N{number}" for number in range(5)]
    assert mirror.snapshots.left_out("lead", "Sync__c") == 6


def test_nothing_in_the_column_is_noticed_as_long_as_the_record_is_to_be_judged(mirror: Mirror) -> None:
    see(mirror, "L1", False)
    assert not mirror.snapshots.empty_and_waiting("lead", "Sync__c")
    see(mirror, "L2", None)
    assert mirror.snapshots.empty_and_waiting("lead", "Sync__c")
    clean(mirror)
    assert not mirror.snapshots.empty_and_waiting("lead", "Sync__c")


def test_waiting_links_are_found_by_an_index_and_frozen_ones_slow_nothing_down(mirror: Mirror) -> None:
    asked: list[str] = []
    number = link(mirror, "P1", "L1")
    mirror.links.set_state(number, WAITING)
    mirror.db.set_trace_callback(asked.append)
    assert [one.id for one in mirror.links.waiting("lead")] == [number]
    assert mirror.links.revived("lead") == []
    assert mirror.links.bereft("lead", "person") == []
    mirror.db.set_trace_callback(None)
    for statement in asked:
        plan = [row[3] for row in mirror.db.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert plan[0].startswith("SEARCH link USING"), plan
        assert "link_resting" in plan[0] or "link_not_live (object=? AND state=?)" in plan[0], plan


def test_events_are_kept_with_their_cycle_and_told_by_person_record_or_cycle(mirror: Mirror) -> None:
    first, second = mirror.history.begin("run-once", 0), mirror.history.begin("run-once", 300)
    mirror.events.note(first, Event(ANA, FROZEN))
    mirror.events.note(second, Event(ANA, STARTED))
    mirror.events.note(second, Event(RecordName("contact", "C1", "P2", ""), FROZEN))
    for ids in (["P1"], ["L1"], ["L1", "P1"]):
        assert [(cycle, event.kind) for cycle, _, event in mirror.events.all(Chosen(ids=ids))] == [
            (first, FROZEN),
            (second, STARTED),
        ]
    assert [when for _, when, _ in mirror.events.all(Chosen(object="contact"))] == ["1970-01-01T00:05:00Z"]
    mirror.events.note(second, Event(ANA, "crm merged", "L9"))
    assert mirror.events.of_cycle(first, "lead", [FROZEN], 10) == [Event(ANA, FROZEN)]
    assert mirror.events.of_cycle(first, "lead", [FROZEN], 0) == []
    assert mirror.events.of_cycle(second, "lead", ["crm merged"], 10) == [Event(ANA, "crm merged", "L9")]
    assert mirror.events.count(second, "lead") == {STARTED: 1, "crm merged": 1}


def test_a_mirror_from_before_there_was_a_filter_is_brought_up_to_date_with_its_links(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    db = sqlite3.connect(path)
    db.executescript(f"{M001}; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version=1")
    db.execute("INSERT INTO link(object, person, record, matched_by, since) VALUES ('lead', 1, 1, 'key', 1)")
    db.commit()
    db.close()
    mirror = Mirror.open(path)
    mirror.shape(PAIRS, [], {"lead": FLAG})
    assert mirror.links.count("lead") == 1
    assert mirror.events.count(1, "lead") == {}
    assert mirror.db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    mirror.close()
