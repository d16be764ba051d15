"""How a project stands is counted, and as quickly among a million links as among ten."""

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from mksync.mirror import Mirror, migrations
from mksync.mirror.standing import standings
from tests.mirror.samples import link

STATES = ("live", "filtered", "crm deleted")
COUNTED = "SELECT object, state, count(*) FROM link GROUP BY object, state"
KEPT = "SELECT object, state, links FROM link_count WHERE links > 0"


def test_links_are_counted_by_state(mirror: Mirror) -> None:
    for number in range(5):
        link(mirror, f"P{number}", f"L{number}")
    mirror.db.execute("UPDATE link SET state = 'filtered' WHERE id = 2")
    mirror.db.execute("UPDATE link SET state = 'crm deleted' WHERE id > 3")
    (leads,) = (one for one in standings(mirror.db) if one.object == "lead")
    assert leads.links == {"live": 2, "filtered": 1, "crm deleted": 2}


CHANGE = st.tuples(st.integers(0, 4), st.sampled_from([*STATES, "contact", "removed", "taken back"]))


@given(st.lists(CHANGE, max_size=20))
def test_the_numbers_that_are_kept_are_those_of_the_links(changes: list[tuple[int, str]]) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrations.migrate(db)
    for id in range(5):
        db.execute(
            "INSERT INTO link(id, object, person, record, matched_by, since) VALUES (?1, 'lead', ?1, ?1, '', 1)", (id,)
        )
    for id, change in changes:
        db.execute("SAVEPOINT before")
        if change == "contact":
            db.execute("UPDATE link SET object = 'contact', settled = 0 WHERE id = ?", (id,))
        elif change in STATES:
            db.execute("UPDATE link SET state = ? WHERE id = ?", (change, id))
        else:
            db.execute("DELETE FROM link WHERE id = ?", (id,))
        db.execute("ROLLBACK TO before" if change == "taken back" else "RELEASE before")
        assert sorted(db.execute(KEPT)) == sorted(db.execute(COUNTED))
    db.close()


def test_the_links_of_an_older_mirror_are_counted_once() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    at = next(number for number, statements in enumerate(migrations.MIGRATIONS) if "link_count" in statements)
    for statements in migrations.MIGRATIONS[:at]:
        db.executescript(statements)
    db.execute(f"PRAGMA user_version = {at}")
    db.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
    for id, state in enumerate(("live", "live", "filtered")):
        db.execute(
            "INSERT INTO link(object, person, record, matched_by, since, state) VALUES ('lead', ?1, ?1, '', 1, ?2)",
            (id, state),
        )
    migrations.migrate(db)
    assert sorted(db.execute(KEPT)) == [("lead", "filtered", 1), ("lead", "live", 2)]
    db.close()
