"""Who belongs to whom, and what both sides were last seen to hold when they were settled."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mksync.core.filter import FROZEN, LIVE, WAITING
from mksync.core.frozen import dataclass
from mksync.core.pairs import FieldPair
from mksync.core.plan import Linked
from mksync.core.records import PERSON, Side, Value
from mksync.mirror.bases import Bases
from mksync.mirror.judging import Row, judging, linking
from mksync.mirror.pending import Pendings
from mksync.mirror.schema import base_table, quoted, snapshot_table


@dataclass(frozen=True, slots=True)
class Link:
    """A row of `link`: the mirror's keys of a person and of the CRM record that is theirs."""

    id: int
    object: str
    person: int
    record: int
    state: str


class Links:
    """The tables `link` and `<side>_<object>_base`.

    `counterparts`: the CRM's object -> what Marketo keeps of it, where that is not a person.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.counterparts: Mapping[str, str] = {}

    def add(self, object: str, person: int, record: int, matched_by: str, cycle: int) -> int:
        row = self._db.execute(
            "INSERT INTO link(object, counterpart, person, record, matched_by, since) VALUES (?, ?, ?, ?, ?, ?)"
            " RETURNING id",
            (object, self._counterpart(object), person, record, matched_by, cycle),
        ).fetchone()
        return int(row[0])

    def _counterpart(self, object: str) -> str:
        return self.counterparts.get(object, PERSON)

    def _table(self, side: Side, object: str) -> str:
        """The table of what a side holds of an object of the CRM."""
        return snapshot_table(side, self._counterpart(object) if side is Side.MARKETO else object)

    def of_person(self, person: int, counterpart: str = PERSON) -> Link | None:
        """The link of a person, or of another record of Marketo."""
        return self._one("person = ? AND counterpart = ?", person, counterpart)

    def of_people(self, people: Iterable[int], counterpart: str) -> dict[int, Link]:
        """The same of many, by our own key; one without a link is not there."""
        rows = self._db.execute(
            "SELECT id, object, person, record, state FROM link"
            " WHERE person IN (SELECT value FROM json_each(?)) AND counterpart = ?",
            (json.dumps(list(people)), counterpart),
        )
        return {row[2]: Link(*row) for row in rows.fetchall()}

    def of_record(self, object: str, record: int) -> Link | None:
        return self._one("object = ? AND record = ?", object, record)

    def _one(self, where: str, *values: str | int) -> Link | None:
        row = self._db.execute(f"SELECT id, object, person, record, state FROM link WHERE {where}", values).fetchone()
        return Link(*row) if row else None

    def is_live(self, link: int) -> bool:
        """Whether there still is such a link, and values flow through it."""
        row = self._db.execute("SELECT 1 FROM link WHERE id = ? AND state = ?", (link, LIVE)).fetchone()
        return row is not None

    def is_of(self, link: int, object: str) -> bool:
        """Whether there is this link, and it is of this object."""
        return self._db.execute("SELECT 1 FROM link WHERE id = ? AND object = ?", (link, object)).fetchone() is not None

    def count(self, object: str, state: str = LIVE) -> int:
        """Links of an object in this state."""
        kept = "SELECT links FROM link_count WHERE object = ? AND state = ?"
        row = self._db.execute(kept, (object, state)).fetchone()
        return int(row[0]) if row else 0

    def set_state(self, link: int, state: str) -> None:
        """live, or why nothing is written through this link: "crm deleted", "person merged", "filtered", …"""
        self._db.execute("UPDATE link SET state = ? WHERE id = ?", (state, link))

    def move(
        self,
        link: Link,
        state: str = LIVE,
        *,
        object: str | None = None,
        record: int | None = None,
        person: int | None = None,
    ) -> None:
        """Let the link follow a merge or a conversion. Its bases spoke of other records and are dropped."""
        self._forget_bases(link.id, link.object)
        self._db.execute(
            "UPDATE link SET object = ?, record = ?, person = ?, settled = 0, state = ? WHERE id = ?",
            (object or link.object, record or link.record, person or link.person, state, link.id),
        )

    def bereft(self, object: str, end: str) -> list[Link]:
        """Links that rest as this end ("crm", "person") was deleted."""
        return self._resting(object, "state = ?", f"{end} deleted")

    def bereft_since(self, object: str, kind: str, since: str, limit: int) -> list[str]:
        """Ids of records that went this way since then (an instant) and whose links still rest so, the latest ones."""
        rows = self._db.execute(
            f"SELECT DISTINCT r._id FROM link JOIN {quoted(snapshot_table(Side.CRM, object))} AS r"
            " ON r._pid = link.record JOIN event ON event.record_id = r._id AND event.object = link.object"
            " JOIN cycle ON cycle.id = event.cycle"
            " WHERE link.object = ?1 AND link.state = ?2 AND link.state <> 'live' AND link.state <> 'filtered'"
            " AND r._gone IS NOT NULL AND event.kind = ?2 AND cycle.started >= ?3 ORDER BY event.id DESC LIMIT ?4",
            (object, kind, since, limit),
        )
        return [id for (id,) in rows]

    def revived(self, object: str) -> list[Link]:
        """Links that rest as an end was deleted, and that have both their records again. Their bases still hold."""
        return self._resting(
            object,
            "state LIKE '%deleted'"
            f" AND EXISTS (SELECT 1 FROM {quoted(self._table(Side.MARKETO, object))} AS p"
            " WHERE p._pid = person AND p._gone IS NULL)"
            f" AND EXISTS (SELECT 1 FROM {quoted(self._table(Side.CRM, object))} AS r"
            " WHERE r._pid = record AND r._gone IS NULL)",
        )

    def _resting(self, object: str, where: str, *values: str) -> list[Link]:
        rows = self._db.execute(
            "SELECT id, object, person, record, state FROM link"  # the conditions of the index come first
            f" WHERE object = ? AND state <> 'live' AND state <> 'filtered' AND {where}",
            (object, *values),
        )
        return [Link(*row) for row in rows.fetchall()]

    def remove(self, link: int, object: str) -> None:
        self._forget_bases(link, object)
        self._db.execute("DELETE FROM link WHERE id = ?", (link,))

    def _forget_bases(self, link: int, object: str) -> None:
        for side in Side:
            self._db.execute(f"DELETE FROM {quoted(base_table(side, object))} WHERE _link = ?", (link,))
        self._db.execute("DELETE FROM pending WHERE link = ?", (link,))
        self._db.execute("DELETE FROM reopened WHERE link = ?", (link,))

    def flagged(self, object: str, column: str | None) -> Iterator[tuple[Link, Value]]:
        """Links with something to be judged, and what the record's filter column holds; without one, frozen links."""
        value = f"r.{quoted(column)}" if column else "NULL"
        states = f"link.state IN ('{LIVE}', '{FROZEN}')" if column else f"link.state = '{FROZEN}'"
        records = quoted(snapshot_table(Side.CRM, object))
        link = f"SELECT link.id, link.object, link.person, link.record, link.state, {value}"
        rows = self._db.execute(
            f"{link} FROM {records} AS r CROSS JOIN link ON link.record = r._pid"
            f" WHERE r._dirty AND r._gone IS NULL AND link.object = ?1 AND {states}"
            f" UNION {link} FROM marketo_person AS p CROSS JOIN link ON link.person = p._pid"
            f" CROSS JOIN {records} AS r ON r._pid = link.record"
            f" WHERE p._dirty AND r._gone IS NULL AND link.object = ?1 AND {states}",
            (object,),
        )
        for *row, held in rows:
            yield Link(*row), held

    def waiting(self, object: str) -> list[Link]:
        """Links whose record went into another one that the filter leaves out."""
        return self._resting(object, "state = ?", WAITING)

    def soil_all(self, object: str) -> None:
        """Have every linked record of an object judged again."""
        self._db.execute(
            f"UPDATE {quoted(snapshot_table(Side.CRM, object))} SET _dirty = 1"
            " WHERE _pid IN (SELECT record FROM link WHERE object = ?)",
            (object,),
        )

    def collect_due(self, object: str) -> None:
        """Note in a temporary table which links have something to be judged."""
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS due(link INTEGER PRIMARY KEY)")
        self._db.execute("DELETE FROM due")
        for side, column in ((Side.MARKETO, "person"), (Side.CRM, "record")):
            table = quoted(self._table(side, object))
            self._db.execute(
                # CROSS JOIN: SQLite would rather go through all links than begin with the few records that are dirty.
                f"INSERT OR IGNORE INTO due SELECT link.id FROM {table} AS r CROSS JOIN link ON link.{column} = r._pid"
                " WHERE r._dirty AND link.object = ? AND link.state = 'live'",
                (object,),
            )

    def both_ids_after(self, object: str, after: int, limit: int) -> list[tuple[int, str, str]]:
        """(link, id in Marketo, id in the CRM) of live links of an object that were settled once, by link."""
        return self._db.execute(
            f"SELECT link.id, p._id, r._id FROM link JOIN {quoted(self._table(Side.MARKETO, object))} AS p"
            f" ON p._pid = link.person JOIN {quoted(self._table(Side.CRM, object))} AS r ON r._pid = link.record"
            f" WHERE link.object = ? AND link.state = '{LIVE}' AND link.settled AND link.id > ?"
            " ORDER BY link.id LIMIT ?",
            (object, after, limit),
        ).fetchall()

    def ids_after(self, object: str, after: int, limit: int) -> list[tuple[int, str]]:
        """(link, id in Marketo) of live links of an object, by link."""
        return self._ids(object, after, limit)

    def ids_due(self, object: str, after: int, limit: int) -> list[tuple[int, str]]:
        """The same of those whose CRM record has something to be judged."""
        record = quoted(self._table(Side.CRM, object))
        return self._ids(
            object, after, limit, f"AND EXISTS (SELECT 1 FROM {record} AS r WHERE r._pid = record AND _dirty)"
        )

    def _ids(self, object: str, after: int, limit: int, condition: str = "") -> list[tuple[int, str]]:
        return self._db.execute(
            f"SELECT link.id, p._id FROM link JOIN {quoted(self._table(Side.MARKETO, object))} AS p"
            f" ON p._pid = link.person WHERE link.object = ? AND link.state = 'live' AND link.id > ? {condition}"
            " ORDER BY link.id LIMIT ?",
            (object, after, limit),
        ).fetchall()

    def parting(self, object: str, pairs: Sequence[FieldPair]) -> list[Linked]:
        """Links that wait for the record theirs went into, and whose own one has not been judged for the last time."""
        rows = self._db.execute(
            f"{judging(object, self._counterpart(object), pairs, 'link')} WHERE p._gone IS NULL AND r._dirty"
            f" AND link.object = ? AND link.state <> 'live' AND link.state <> 'filtered' AND link.state = '{WAITING}'",
            (object,),
        )
        return self._linked(object, pairs, rows.fetchall())

    def due(self, object: str, pairs: Sequence[FieldPair], after: int, limit: int) -> list[Linked]:
        """The next links that `collect_due` noted, with everything `decide` needs to know of them."""
        rows = self._db.execute(
            f"{judging(object, self._counterpart(object), pairs, 'due JOIN link ON link.id = due.link')}"
            " WHERE due.link > ? AND p._gone IS NULL AND r._gone IS NULL ORDER BY due.link LIMIT ?",
            (after, limit),
        ).fetchall()
        return self._linked(object, pairs, rows)

    def _linked(self, object: str, pairs: Sequence[FieldPair], rows: Sequence[Row]) -> list[Linked]:
        """Each with the fields of it that are not judged by their bases."""
        found = list(map(linking(object, pairs), rows))
        pending = Pendings(self._db).of([one.link for one in found])
        return [replace(one, pending=pending[one.link]) if one.link in pending else one for one in found]

    def load(self, object: str, pairs: Sequence[FieldPair], link: int) -> Linked | None:
        """One link with everything `decide` needs; None if an end of it is gone."""
        return next(iter(self.load_all(object, pairs, [link])), None)

    def load_all(self, object: str, pairs: Sequence[FieldPair], links: Iterable[int]) -> list[Linked]:
        """The same of many links of an object, by link."""
        of = f"{judging(object, self._counterpart(object), pairs, 'link')} WHERE link.id"
        rows = self._db.execute(
            f"{of} IN (SELECT value FROM json_each(?)) AND p._gone IS NULL AND r._gone IS NULL ORDER BY link.id",
            (json.dumps(list(links)),),
        )
        return self._linked(object, pairs, rows.fetchall())

    def remembered(self, object: str, pairs: Sequence[FieldPair], link: int) -> Linked | None:
        """One link as it was when it was settled, and what both its records last held, be they there or not."""
        selected = judging(object, self._counterpart(object), pairs, "link")
        rows = self._db.execute(f"{selected} WHERE link.id = ?", (link,))
        return next(iter(self._linked(object, pairs, rows.fetchall())), None)

    def rebase(self, link: int, object: str, side: Side, values: Mapping[str, Value]) -> None:
        """This side was seen to hold these values when both sides were settled. See `Bases.move`."""
        Bases(self._db).move(object, [(link, side, values)])

    def mark_settled(self, link: int) -> None:
        """From now on this link's records are judged against their bases; suspended fields have none yet."""
        Bases(self._db).settle([link])

    def all_ids(self, object: str) -> Iterator[tuple[str, str]]:
        """(person id, record id) of every link, for whoever wants to look."""
        yield from self._db.execute(
            f"SELECT p._id, r._id FROM link JOIN {quoted(self._table(Side.MARKETO, object))} AS p"
            f" ON p._pid = link.person JOIN {quoted(self._table(Side.CRM, object))} AS r"
            " ON r._pid = link.record WHERE link.object = ?",
            (object,),
        )
