"""How a project stands, counted: what is linked and rests, what waits, what is still to be filled. Reads only."""

import sqlite3
from collections.abc import Mapping

from mksync.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """One object of the CRM. `links` by state: "live", "filtered", "crm deleted" …"""

    object: str
    links: Mapping[str, int]
    rejected: int
    held: int
    suspended: int  # pairs of fields that rest
    filling: int  # values that a quick sync has still to bring


def standings(db: sqlite3.Connection) -> list[Standing]:
    """Every object that syncs or has synced, by name."""
    links: dict[str, dict[str, int]] = {}
    for object, state, number in db.execute("SELECT object, state, links FROM link_count WHERE links > 0"):
        links.setdefault(object, {"live": 0})[state] = number
    left: dict[tuple[str, str], int] = {
        (object, kind): number
        for object, kind, number in db.execute("SELECT object, kind, count(*) FROM leftover GROUP BY object, kind")
    }
    suspended = dict(
        db.execute("SELECT object, count(*) FROM pair WHERE state = 'suspended' GROUP BY object").fetchall()
    )
    filling = dict(
        db.execute(
            "SELECT link.object, count(*) FROM pending JOIN link ON link.id = pending.link"
            " WHERE how = 'quick' GROUP BY link.object"
        ).fetchall()
    )
    synced = {object for (object,) in db.execute("SELECT DISTINCT object FROM pair")}
    objects = sorted(synced | links.keys() | {object for object, _ in left})
    return [
        Standing(
            object, links.get(object, {}), left.get((object, "rejected"), 0), left.get((object, "held"), 0),
            suspended.get(object, 0), filling.get(object, 0),
        )
        for object in objects
    ]  # fmt: skip
