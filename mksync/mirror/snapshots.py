"""What each side last held: pages are folded in here, and compared with what was there in the same statement."""

import json
import sqlite3
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from mksync.core.columns import in_columns
from mksync.core.filter import WAITING
from mksync.core.frozen import dataclass
from mksync.core.records import Field, Gone, Record, Ref, Side
from mksync.mirror.schema import quoted, reader, snapshot_table
from mksync.mirror.staging import staging

AT_A_TIME = 500  # records


@dataclass(frozen=True, slots=True)
class Found:
    """A record that was read once. `pid`: our own key of it; `reason`: why it is gone, if so; `into`: who took over."""

    object: str
    pid: int
    id: str
    reason: str | None
    into: Ref | None


class Snapshots:
    """The tables `marketo_person` and `crm_<object>`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def stage(self, side: Side, object: str, fields: Sequence[Field], records: Iterable[Record], seen: int) -> None:
        """Take over what was read. A record in which anything moved becomes dirty; so does one that came back."""
        if read := in_columns(records, [field.name for field in fields]):
            self._db.executemany(*staging(snapshot_table(side, object), fields, read, seen))

    def bury(self, side: Side, object: str, gone: Iterable[Gone]) -> None:
        """Note that records are no longer there.

        One that was never known stays unknown, unless it went into another: somebody may have gone into it before.
        """
        table = quoted(snapshot_table(side, object))
        for one in gone:
            into = f"{one.into.object}:{one.into.id}" if one.into else None
            if into is not None:
                self._db.execute(f"INSERT INTO {table}(_id) VALUES (?) ON CONFLICT DO NOTHING", (one.id,))
            self._db.execute(
                f"UPDATE {table} SET _gone = ?1, _into = ?2, _dirty = 1 WHERE _id = ?3 AND _gone IS NOT ?1",
                (one.reason, into, one.id),
            )

    def bury_unseen(self, side: Side, object: str, seen: int) -> None:
        """After a full read: what it did not show is no longer there."""
        self._db.execute(
            f"UPDATE {quoted(snapshot_table(side, object))} SET _gone = 'deleted', _dirty = 1"
            " WHERE _seen < ? AND _gone IS NULL",
            (seen,),
        )

    def count(self, side: Side, object: str) -> int:
        """How many records this side has, as far as is known."""
        table = quoted(snapshot_table(side, object))
        return int(self._db.execute(f"SELECT count(*) FROM {table} WHERE _gone IS NULL").fetchone()[0])

    def seen(self, side: Side, object: str, generation: int) -> int:
        """How many records a full read has shown so far."""
        table = quoted(snapshot_table(side, object))
        return int(self._db.execute(f"SELECT count(*) FROM {table} WHERE _seen >= ?", (generation,)).fetchone()[0])

    def unseen(self, side: Side, object: str, generation: int) -> int:
        """How many records that were thought to be there a full read has not shown."""
        table = quoted(snapshot_table(side, object))
        row = self._db.execute(f"SELECT count(*) FROM {table} WHERE _seen < ? AND _gone IS NULL", (generation,))
        return int(row.fetchone()[0])

    def unlinked(self, object: str, fields: Sequence[Field], after: int, limit: int) -> list[tuple[int, Record]]:
        """CRM records without a link that wait to be judged, by our own key, `limit` at a time."""
        table = quoted(snapshot_table(Side.CRM, object))
        columns = "".join(f", {quoted(field.name)}" for field in fields)
        rows = self._db.execute(
            f"SELECT _pid, _id, _version{columns} FROM {table} AS r WHERE _dirty AND _gone IS NULL AND _pid > ?"
            " AND NOT EXISTS (SELECT 1 FROM link WHERE link.object = ? AND link.record = r._pid)"
            " ORDER BY _pid LIMIT ?",
            (after, object, limit),
        )
        read = reader(fields)
        return [(pid, Record(object, id, read(values), version)) for pid, id, version, *values in rows]

    def ids_where(
        self, side: Side, object: str, column: str, value: str, *, filter: str | None = None, limit: int = 5
    ) -> list[str]:
        """The records that hold `value`, case aside, as many as people can look at; none that say No in `filter`."""
        synced = f" AND {quoted(filter)} IS NOT 0" if filter else ""
        rows = self._db.execute(
            f"SELECT _id FROM {quoted(snapshot_table(side, object))}"
            f" WHERE {quoted(column)} = ? COLLATE NOCASE AND _gone IS NULL{synced} ORDER BY _pid LIMIT ?",
            (value, limit),
        )
        return [id for (id,) in rows]

    def pid(self, side: Side, object: str, id: str) -> int | None:
        """Our own key of a record, if it was ever read."""
        row = self._db.execute(
            f"SELECT _pid FROM {quoted(snapshot_table(side, object))} WHERE _id = ?", (id,)
        ).fetchone()
        return row[0] if row else None

    def pids(self, side: Side, object: str, ids: Iterable[str]) -> dict[str, int]:
        """The same of many records, by the vendor's id; one that was never read is not there."""
        rows = self._db.execute(
            f"SELECT _id, _pid FROM {quoted(snapshot_table(side, object))}"
            " WHERE _id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return dict(rows.fetchall())

    def is_there(self, side: Side, object: str, id: str) -> bool:
        """Whether the side has this record, as far as is known."""
        table = quoted(snapshot_table(side, object))
        return self._db.execute(f"SELECT 1 FROM {table} WHERE _id = ? AND _gone IS NULL", (id,)).fetchone() is not None

    def is_dirty(self, side: Side, object: str, pid: int) -> bool:
        """Whether the side has this record, and something of it has not been judged yet."""
        table = quoted(snapshot_table(side, object))
        row = self._db.execute(f"SELECT 1 FROM {table} WHERE _pid = ? AND _dirty AND _gone IS NULL", (pid,))
        return row.fetchone() is not None

    def id(self, side: Side, object: str, pid: int) -> str:
        """The vendor's id of a record that the mirror has."""
        row = self._db.execute(f"SELECT _id FROM {quoted(snapshot_table(side, object))} WHERE _pid = ?", (pid,))
        return str(row.fetchone()[0])

    def get(self, side: Side, object: str, id: str, fields: Sequence[Field]) -> Record | None:
        """A record as last read, whether it is still there or not."""
        return self.get_all(side, object, [id], fields).get(id)

    def get_all(self, side: Side, object: str, ids: Iterable[str], fields: Sequence[Field]) -> dict[str, Record]:
        """The same of many records, by id; one that was never read is not there."""
        columns = "".join(f", {quoted(field.name)}" for field in fields)
        rows = self._db.execute(
            f"SELECT _id, _version{columns} FROM {quoted(snapshot_table(side, object))}"
            " WHERE _id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        read = reader(fields)
        return {id: Record(object, id, read(values), version) for id, version, *values in rows}

    def clean(self, side: Side, object: str, pid: int) -> None:
        """This record has been judged."""
        self.clean_all(side, object, [pid])

    def clean_all(self, side: Side, object: str, pids: Iterable[int]) -> None:
        self._db.execute(
            f"UPDATE {quoted(snapshot_table(side, object))} SET _dirty = 0"
            " WHERE _dirty AND _pid IN (SELECT value FROM json_each(?))",
            (json.dumps(list(pids)),),
        )

    def clean_known(self, side: Side, object: str, ids: Iterable[str]) -> None:
        """The same, by the vendor's ids."""
        self._db.execute(
            f"UPDATE {quoted(snapshot_table(side, object))} SET _dirty = 0"
            " WHERE _dirty AND _id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )

    def soil(self, side: Side, object: str, id: str) -> None:
        """This record is to be judged again."""
        self._db.execute(f"UPDATE {quoted(snapshot_table(side, object))} SET _dirty = 1 WHERE _id = ?", (id,))

    @contextmanager
    def only(self, scope: Mapping[tuple[Side, str], Collection[int]]) -> Iterator[None]:
        """Let nothing else of these tables wait to be judged for a while. To be used inside a transaction."""
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS aside(tables TEXT, pid INTEGER)")
        self._db.execute("DELETE FROM aside")
        tables = {snapshot_table(*key): pids for key, pids in scope.items()}
        for name, pids in tables.items():
            self._db.execute(
                f"INSERT INTO aside SELECT ?1, _pid FROM {quoted(name)}"
                " WHERE _dirty AND _pid NOT IN (SELECT value FROM json_each(?2))",
                (name, json.dumps(list(pids))),
            )
            self._set_aside(name, dirty=0)
        yield
        for name in tables:
            self._set_aside(name, dirty=1)

    def _set_aside(self, table: str, *, dirty: int) -> None:
        self._db.execute(
            f"UPDATE {quoted(table)} SET _dirty = ? WHERE _pid IN (SELECT pid FROM aside WHERE tables = ?)",
            (dirty, table),
        )

    def clean_unlinked(self, counterpart: str) -> None:
        """People or companies that the CRM does not know, or knows no more, stay and wait for nothing."""
        table = quoted(snapshot_table(Side.MARKETO, counterpart))
        self._db.execute(
            f"UPDATE {table} SET _dirty = 0 WHERE _dirty AND NOT EXISTS (SELECT 1 FROM link"
            f" WHERE link.person = {table}._pid AND link.counterpart = ? AND link.state = 'live')",
            (counterpart,),
        )

    def clean_left_behind(self, object: str) -> None:
        """CRM records whose person is gone wait for nothing either, until the link that rests takes up again."""
        table = quoted(snapshot_table(Side.CRM, object))
        self._db.execute(
            f"UPDATE {table} SET _dirty = 0 WHERE _dirty AND EXISTS"
            f" (SELECT 1 FROM link WHERE link.object = ? AND link.record = {table}._pid"
            f" AND link.state NOT IN ('live', '{WAITING}'))",
            (object,),
        )

    def soil_all(self, side: Side, object: str) -> None:
        """Every record that is there is to be judged again."""
        self._db.execute(f"UPDATE {quoted(snapshot_table(side, object))} SET _dirty = 1 WHERE _gone IS NULL")

    def any_longer(self, side: Side, object: str, column: str, length: int) -> bool:
        """Whether any record that is there was last read with a text of more characters than these in this column."""
        row = self._db.execute(
            f"SELECT 1 FROM {quoted(snapshot_table(side, object))}"
            f" WHERE _gone IS NULL AND length({quoted(column)}) > ? LIMIT 1",
            (length,),
        )
        return row.fetchone() is not None

    def soil_left_over(self, object: str, *kinds: str) -> None:
        """Every record with a leftover of these kinds, rejected or held, is to be judged again."""
        marks = ", ".join("?" * len(kinds))
        self._db.execute(
            f"UPDATE {quoted(snapshot_table(Side.CRM, object))} SET _dirty = 1 WHERE _id IN"
            f" (SELECT record_id FROM leftover WHERE object = ? AND kind IN ({marks}))",
            (object, *kinds),
        )

    def left_out(self, object: str, column: str) -> int:
        """How many records of the CRM say No in this column."""
        table = quoted(snapshot_table(Side.CRM, object))
        row = self._db.execute(f"SELECT count(*) FROM {table} WHERE _gone IS NULL AND {quoted(column)} = 0")
        return int(row.fetchone()[0])

    def empty_and_waiting(self, object: str, column: str) -> bool:
        """Whether any record that is to be judged has nothing in this column."""
        table = quoted(snapshot_table(Side.CRM, object))
        found = self._db.execute(
            f"SELECT 1 FROM {table} WHERE _dirty AND _gone IS NULL AND {quoted(column)} IS NULL LIMIT 1"
        )
        return found.fetchone() is not None

    def departed(self, side: Side, object: str) -> Iterator[Found]:
        """Records that are dirty by now and no longer there: after a first read, every lead that was ever converted."""
        table = quoted(snapshot_table(side, object))
        found = self._db.execute(f"SELECT _pid FROM {table} WHERE _dirty AND _gone IS NOT NULL")
        pids = array("q", (pid for (pid,) in found))
        for at in range(0, len(pids), AT_A_TIME):
            rows = self._db.execute(
                f"SELECT _pid, _id, _gone, _into FROM {table} WHERE _pid IN (SELECT value FROM json_each(?))",
                (json.dumps(pids[at : at + AT_A_TIME].tolist()),),
            ).fetchall()
            yield from (Found(object, pid, id, reason, _ref(into)) for pid, id, reason, into in rows)

    def find(self, side: Side, ref: Ref) -> Found | None:
        """A record and what became of it, if it was ever read."""
        table = quoted(snapshot_table(side, ref.object))
        row = self._db.execute(f"SELECT _pid, _gone, _into FROM {table} WHERE _id = ?", (ref.id,)).fetchone()
        return Found(ref.object, row[0], ref.id, row[1], _ref(row[2])) if row else None


def _ref(text: str | None) -> Ref | None:
    return Ref(*text.split(":", 1)) if text else None
