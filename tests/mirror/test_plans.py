"""What is asked for one record at a time is found by an index on that record: never by going through a whole cycle.

SQLite chooses among indexes without knowing how many rows a cycle has; a wrong choice makes the square of them.
"""

import sqlite3
from collections.abc import Callable

import pytest

from mksync.core.records import PERSON, Side
from mksync.mirror import Mirror
from mksync.mirror.windows import Spot
from tests.mirror.samples import PAIRS

SPOT = Spot(Side.MARKETO, PERSON, "P1", "title")
QUESTIONS: dict[str, tuple[Callable[[Mirror], object], str]] = {
    "collisions of a write that is taken back": (
        lambda mirror: mirror.history.withdraw_collisions(1, "lead", "P1", ["title"]),
        "collision_person",
    ),
    "leftovers of a record": (lambda mirror: mirror.history.clear_leftovers("lead", "L1"), "leftover_record"),
    "a create that is planned": (lambda mirror: mirror.journal.creates("lead", "L1"), "write_record"),
    "writes that a log tells of": (lambda mirror: mirror.windows.at(SPOT), "window_record"),
    "what a log tells": (lambda mirror: mirror.windows.entries(SPOT), "log_entry_record"),
    "an update that is planned": (lambda mirror: mirror.journal.planned_update(1, "lead", "L1"), "write_record"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_one_record_is_found_by_its_own_index(mirror: Mirror, question: str) -> None:
    ask, index = QUESTIONS[question]
    said: list[str] = []
    mirror.db.set_trace_callback(said.append)
    ask(mirror)
    mirror.db.set_trace_callback(None)
    plans = [_plan(mirror.db, sql) for sql in said]
    assert len(plans) == 1
    assert f"USING INDEX {index} " in plans[0] or f"USING COVERING INDEX {index} " in plans[0], plans[0]


def _plan(db: sqlite3.Connection, sql: str) -> str:
    return "; ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}"))


MANY: dict[str, tuple[Callable[[Mirror], object], str]] = {
    "records that are settled": (
        lambda mirror: mirror.snapshots.clean_known(Side.MARKETO, PERSON, ["P1"]),
        "marketo_person USING INDEX sqlite_autoindex_marketo_person_1 (_id=?)",
    ),
    "records that are judged": (
        lambda mirror: mirror.snapshots.clean_all(Side.MARKETO, PERSON, [1]),
        "marketo_person USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    "our own keys": (
        lambda mirror: mirror.snapshots.pids(Side.MARKETO, PERSON, ["P1"]),
        "marketo_person USING COVERING INDEX sqlite_autoindex_marketo_person_1 (_id=?)",
    ),
    "links of people": (
        lambda mirror: mirror.links.of_people([1], PERSON),
        "link USING INDEX sqlite_autoindex_link_2 (person=? AND counterpart=?)",
    ),
    "links of what was created": (
        lambda mirror: mirror.links.load_all("lead", PAIRS["lead"], [1]),
        "link USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    "writes that are sent": (lambda mirror: mirror.journal.mark([1], "sent"), "write USING INTEGER PRIMARY KEY"),
}


@pytest.mark.parametrize("question", MANY)
def test_many_records_are_each_found_by_its_own_index(mirror: Mirror, question: str) -> None:
    ask, search = MANY[question]
    said: list[str] = []
    mirror.db.set_trace_callback(said.append)
    ask(mirror)
    mirror.db.set_trace_callback(None)
    assert f"SEARCH {search}" in _plan(mirror.db, said[0])


def test_people_of_a_chunk_are_looked_up_by_the_index_of_the_value_that_they_hold(mirror: Mirror) -> None:
    said: list[str] = []
    mirror.db.set_trace_callback(said.append)
    mirror.holders.of(Side.MARKETO, PERSON, "email", ["ana@example.com"])
    mirror.db.set_trace_callback(None)
    assert "SEARCH marketo_person USING INDEX marketo_person_email " in _plan(mirror.db, said[0])
