"""Running compiled queries: rows, and what they expand to."""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mksync.sandbox.dynamics.odata import problems
from mksync.sandbox.dynamics.odata.annotations import Wanted
from mksync.sandbox.dynamics.odata.compiler import Compiled, Expansion, compile_query
from mksync.sandbox.dynamics.odata.scope import Setting, Sql, collection_of
from mksync.sandbox.dynamics.odata.shape import Cells, Record
from mksync.sandbox.dynamics.odata.tree import Options
from mksync.sandbox.dynamics.rows import name_of
from mksync.sandbox.dynamics.tables import Table

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one user at one time."""

    setting: Setting
    wanted: Wanted
    root: str

    def compile(self, table: Table, options: Options, restricted: Sql | None = None) -> Compiled:
        return compile_query(self.setting, table, options, self.wanted, restricted=restricted)

    def run(self, sql: Sql) -> list[tuple[Any, ...]]:
        """Raises ODataError where SQLite's own limits on depth and on values are met."""
        try:
            return self.setting.org.connection.execute(sql.text, sql.values).fetchall()
        except sqlite3.OperationalError as limit:
            if not any(word in str(limit) for word in ("too large", "too many", "too complex", "parser stack")):
                raise
            raise problems.too_complicated() from None

    def records(self, compiled: Compiled, rows: Sequence[Cells]) -> list[Record]:
        """The objects of these rows of `compiled`, with everything expanded."""
        records = compiled.members.records(rows)
        for expansion in compiled.expansions:
            self._fill(compiled.table, expansion, rows, records)
        return records

    def _fill(self, table: Table, expansion: Expansion, rows: Sequence[Cells], records: Sequence[Record]) -> None:
        name = expansion.item.name
        if expansion.target is None:
            for record, row in zip(records, rows, strict=True):
                record[name] = self._principal(row[expansion.kind], row[expansion.cell], name)
            return
        ids = list(dict.fromkeys(str(row[expansion.cell]) for row in rows if row[expansion.cell] is not None))
        if not expansion.collection:
            found = self._referred(expansion.target, expansion, ids)
            for record, row in zip(records, rows, strict=True):
                record[name] = found.get(row[expansion.cell])
            return
        children = self._children(table, expansion, ids)
        for record, row in zip(records, rows, strict=True):
            mine = children.get(row[expansion.cell], [])
            if expansion.item.options.count:
                record[f"{name}@odata.count"] = len(mine)
            top = expansion.item.options.top
            record[name] = mine if top is None else mine[:top]

    def _principal(self, kind: str | None, id: str | None, name: str) -> Record | None:
        return None if id is None else {"@odata.type": f"#Microsoft.Dynamics.CRM.{kind}", name: id}

    def _referred(self, target: Table, expansion: Expansion, ids: Sequence[str]) -> dict[str, Record]:
        """The rows that single-valued references lead to, by id."""
        compiled = self.compile(target, expansion.item.options)
        if expansion.item.reference:
            return {id: {"@odata.id": f"{self.root}/{target.set_name}({id})"} for id in ids}
        found: dict[str, Record] = {}
        for start in range(0, len(ids), _CHUNK):
            chunk = tuple(ids[start : start + _CHUNK])
            among = Sql(f't."{target.primary_id}" IN ({_marks(chunk)})', chunk)
            rows = self.run(compiled.select(-1, among, extra=[f't."{target.primary_id}"']))
            place = len(compiled.members.expressions)
            for row, record in zip(rows, self.records(compiled, rows), strict=True):
                found[str(row[place])] = record
        return found

    def _children(self, table: Table, expansion: Expansion, ids: Sequence[str]) -> dict[str, list[Record]]:
        """The rows of a collection, by the id of the row they hang on, each in the order asked for."""
        far = collection_of(self.setting.org, table, expansion.item.name)
        assert far is not None  # the compiler found it
        compiled = self.compile(far.table, expansion.item.options)
        near = f'p."{table.primary_id}"'
        joined = replace(compiled, source=f"{name_of(table.name)} p JOIN {compiled.source}")
        place = len(compiled.members.expressions)
        found: dict[str, list[Record]] = {}
        for start in range(0, len(ids), _CHUNK):
            chunk = tuple(ids[start : start + _CHUNK])
            tied = Sql(f"{near} IN ({_marks(chunk)}) AND {far.link('t', near)}", chunk)
            rows = self.run(joined.select(-1, tied, extra=[near]))
            for row, record in zip(rows, self.records(compiled, rows), strict=True):
                found.setdefault(str(row[place]), []).append(self._shown(far.table, expansion, record))
        return found

    def _shown(self, table: Table, expansion: Expansion, record: Record) -> Record:
        """The record, or only where it is to be found if `$ref` was asked for."""
        if not expansion.item.reference:
            return record
        return {"@odata.id": f"{self.root}/{table.set_name}({record[table.primary_id]})"}


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
