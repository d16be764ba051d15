"""Fields of settled links that no base tells of yet."""

import sqlite3
from pathlib import Path

from mksync.core.plan import Pending
from mksync.core.records import Side
from mksync.mirror import Mirror, migrations
from mksync.mirror.project import KnownPair
from tests.mirror.samples import link, see_person, see_record

QUICK, FIRST, KEPT = Pending.QUICK, Pending.FIRST, Pending.KEPT


def linked(mirror: Mirror, number: int, *, settled: bool = True) -> int:
    see_person(mirror, f"P{number}")
    see_record(mirror, f"L{number}")
    id = link(mirror, f"P{number}", f"L{number}")
    if settled:
        mirror.links.mark_settled(id)
    return id


def rows(mirror: Mirror) -> set[tuple[int, str, str]]:
    return set(mirror.db.execute("SELECT link, field, how FROM pending").fetchall())


def test_a_quick_sync_is_begun_on_every_settled_link_and_on_no_other(mirror: Mirror) -> None:
    live, resting, _ = linked(mirror, 1), linked(mirror, 2), linked(mirror, 3, settled=False)
    mirror.links.set_state(resting, "filtered")
    mirror.pending.begin("lead", "title")
    mirror.pending.begin("contact", "title")
    assert rows(mirror) == {(live, "title", "quick"), (resting, "title", "quick")}
    assert mirror.pending.left("lead") == {"title": 1}, "a frozen link waits, and is not counted"


def test_a_field_waits_no_longer_once_its_bases_move(mirror: Mirror) -> None:
    one = linked(mirror, 1)
    for field in ("title", "score"):
        mirror.pending.begin("lead", field)
    mirror.links.rebase(one, "lead", Side.MARKETO, {"title": "CTO"})
    mirror.links.rebase(one, "lead", Side.CRM, {"Title": "CTO"})
    assert rows(mirror) == {(one, "score", "quick")}
    assert mirror.pending.of([one, 77]) == {one: {"score": QUICK}}


def test_a_link_that_moves_or_goes_takes_what_waits_along(mirror: Mirror) -> None:
    moved, gone = linked(mirror, 1), linked(mirror, 2)
    mirror.pending.begin("lead", "title")
    found = mirror.links.of_record("lead", mirror.snapshots.pid(Side.CRM, "lead", "L1") or 0)
    assert found is not None
    mirror.links.move(found)
    mirror.links.remove(gone, "lead")
    assert (found.id, rows(mirror)) == (moved, set())


def test_a_link_that_is_settled_while_a_field_rests_compares_it_for_the_first_time_later(mirror: Mirror) -> None:
    mirror.project.keep_pairs({
        ("lead", "title", "Title"): KnownPair("suspended"),
        ("lead", "score", "Score__c"): KnownPair("live"),
        ("contact", "email", "Email"): KnownPair("suspended"),
    })  # fmt: skip
    one = linked(mirror, 1)
    assert rows(mirror) == {(one, "title", "first")}
    mirror.pending.add([one], ["title"], QUICK)
    mirror.links.mark_settled(one)
    assert rows(mirror) == {(one, "title", "quick")}, "it was settled before"


def test_a_range_leaves_out_who_waits_and_is_not_in_it(mirror: Mirror) -> None:
    one, two = linked(mirror, 1), linked(mirror, 2)
    for field in ("title", "score"):
        mirror.pending.begin("lead", field)
    mirror.pending.keep("lead", ["title"])
    mirror.pending.add([two], ["title"], QUICK)
    assert mirror.pending.of([one, two]) == {
        one: {"title": KEPT, "score": QUICK}, two: {"title": QUICK, "score": QUICK},
    }  # fmt: skip
    mirror.pending.forget("lead", "score")
    assert rows(mirror) == {(one, "title", "kept"), (two, "title", "quick")}


def test_what_is_due_is_on_records_that_are_to_be_judged(mirror: Mirror) -> None:
    one, two = linked(mirror, 1), linked(mirror, 2)
    mirror.pending.begin("lead", "title")
    mirror.snapshots.clean(Side.CRM, "lead", mirror.snapshots.pid(Side.CRM, "lead", "L1") or 0)
    assert (mirror.pending.due("lead"), mirror.pending.left("lead")) == ({"title": 1}, {"title": 2})
    assert {one, two} == {link for link, _, _ in rows(mirror)}
    assert FIRST not in {how for _, _, how in rows(mirror)}


def test_a_mirror_whose_pairs_were_new_as_a_whole_fills_every_link_of_theirs(tmp_path: Path) -> None:
    path = tmp_path / "mksync.db"
    old = sqlite3.connect(path)
    for statements in migrations.MIGRATIONS[:3]:
        old.executescript(statements)
    old.executescript(
        f"PRAGMA application_id={migrations.APPLICATION_ID}; PRAGMA user_version=3;"
        "INSERT INTO pair VALUES ('lead', 'title', 'Title', 'new'), ('lead', 'phone', 'Phone', 'live'),"
        " ('contact', 'title', 'Title', 'suspended');"
        "INSERT INTO link(id, object, person, record, matched_by, settled, since) VALUES"
        " (1, 'lead', 1, 1, 'email', 1, 1), (2, 'lead', 2, 2, 'email', 0, 1), (3, 'contact', 3, 1, 'email', 1, 1)"
    )
    old.close()
    mirror = Mirror.open(path)
    assert rows(mirror) == {(1, "title", "quick"), (3, "title", "quick")}
    assert {key: pair.state for key, pair in mirror.project.pairs().items()} == {
        ("lead", "title", "Title"): "live", ("lead", "phone", "Phone"): "live",
        ("contact", "title", "Title"): "suspended",
    }  # fmt: skip
    mirror.close()
