"""How a project stands is counted, and quickly among a million links."""

from mksync.mirror import Mirror
from mksync.mirror.standing import ALL_LINKS, RESTING_LINKS, standings
from tests.mirror.samples import link


def test_links_are_counted_by_state(mirror: Mirror) -> None:
    for number in range(5):
        link(mirror, f"P{number}", f"L{number}")
    mirror.db.execute("UPDATE link SET state = 'filtered' WHERE id = 2")
    mirror.db.execute("UPDATE link SET state = 'crm deleted' WHERE id > 3")
    (leads,) = (one for one in standings(mirror.db) if one.object == "lead")
    assert leads.links == {"live": 2, "filtered": 1, "crm deleted": 2}


def test_counting_links_reads_indexes_alone(mirror: Mirror) -> None:
    plans = [mirror.db.execute(f"EXPLAIN QUERY PLAN {query}").fetchall() for query in (ALL_LINKS, RESTING_LINKS)]
    told = [[detail for *_, detail in plan] for plan in plans]
    assert all("COVERING INDEX" in detail for details in told for detail in details), told
