"""Running statements: the first page, and the cursor that later pages are read from.

A cursor holds which rows the statement found and in what order; what they hold is read when their page is.
Source: REST API Developer Guide, "Execute a SOQL Query", "Query More Results".
"""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mksync.sandbox.salesforce import times
from mksync.sandbox.salesforce.errors import deny
from mksync.sandbox.salesforce.org import Actor, Org
from mksync.sandbox.salesforce.soql import problems
from mksync.sandbox.salesforce.soql.compiler import ChildSelect, Compiled, Setting, compile_query
from mksync.sandbox.salesforce.soql.parser import parse
from mksync.sandbox.salesforce.soql.predicates import Sql
from mksync.sandbox.salesforce.soql.texts import number_text
from mksync.sandbox.salesforce.tables import name_of

CURSOR_DAYS = 2
SMALLEST_PAGE = 200
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS salesforce_cursor (
        id TEXT PRIMARY KEY, query TEXT, deleted_too INTEGER, batch INTEGER,
        first INTEGER, total INTEGER, made REAL)""",
    "CREATE TABLE IF NOT EXISTS salesforce_cursor_row (place INTEGER PRIMARY KEY, row INTEGER NOT NULL)",
)


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks, over which version, and how large a page they want."""

    actor: Actor
    version: str
    batch: int = 2_000
    as_text: bool = False  # pages as JSON text, where that can be had


Page = dict[str, Any] | bytes


class Queries:
    """Runs SOQL for one organisation."""

    def __init__(self, org: Org) -> None:
        self._org = org
        org.connection.create_function("sf_number", 1, number_text, deterministic=True)
        for statement in _SCHEMA:
            org.connection.execute(statement)

    def compile(self, text: str, question: Question, *, deleted_too: bool = False) -> Compiled:
        """Raises ApiError for anything wrong with the statement."""
        catalogue = self._org.catalogue
        setting = Setting(
            view_of=lambda name: catalogue.view(name, question.actor.admin),
            now=self._org.clock.now(),
            deleted_too=deleted_too,
            path=f"/services/data/v{question.version}/sobjects/",
        )
        return compile_query(parse(text), setting)

    def run(self, text: str, question: Question, *, deleted_too: bool = False) -> Page:
        """The first page of an answer, as JSON; in bytes if text was wanted and could be had."""
        try:
            return self._first_page(text, question, deleted_too)
        except sqlite3.OperationalError as limit:
            # SQLite's own bounds on nesting and on bound values; any other failure is a bug of ours.
            if "too large" not in str(limit) and "too many" not in str(limit):
                raise
            raise problems.too_complicated() from None

    def _first_page(self, text: str, question: Question, deleted_too: bool) -> Page:
        compiled = self.compile(text, question, deleted_too=deleted_too)
        if compiled.is_count:
            return {"totalSize": self._count(compiled), "done": True, "records": []}
        batch = self._batch(question.batch)
        if compiled.is_aggregate:
            records = self._records(compiled, compiled.select(", ".join(compiled.columns)))
            return {"totalSize": len(records), "done": True, "records": records}
        as_text = question.as_text and compiled.text is not None
        columns = str(compiled.text) if as_text else ", ".join(compiled.columns)
        found = compiled.select(columns, limit=batch + 1)
        records = self._texts(found) if as_text else self._records(compiled, found)
        if len(records) <= batch:
            return _page(len(records), records, None, question.version, as_text=as_text)
        cursor, total = self._open(compiled, text, batch, deleted_too)
        return _page(total, records[:batch], f"{cursor}-{batch}", question.version, as_text=as_text)

    def more(self, locator: str, question: Question) -> Page:
        """A later page. Raises INVALID_QUERY_LOCATOR for a cursor that is unknown or older than two days."""
        id, _, place = locator.partition("-")
        row = self._org.connection.execute(
            "SELECT query, deleted_too, batch, first, total, made FROM salesforce_cursor WHERE id = ?", (id,)
        ).fetchone()
        if row is None or not place.isdigit() or self._org.clock.now() - row[5] > CURSOR_DAYS * times.DAY:
            raise deny("INVALID_QUERY_LOCATOR", "invalid query locator")
        text, deleted_too, batch, first, total, _ = row
        start = int(place)
        compiled = self.compile(text, question, deleted_too=bool(deleted_too))
        as_text = question.as_text and compiled.text is not None
        columns = str(compiled.text) if as_text else ", ".join(compiled.columns)
        found = _of_cursor(compiled, columns, first + start, min(batch, total - start))
        records = self._texts(found) if as_text else self._records(compiled, found)
        following = f"{id}-{start + batch}" if start + batch < total else None
        return _page(total, records, following, question.version, as_text=as_text)

    def _batch(self, wished: int) -> int:
        largest = int(self._org.settings.get("max_page"))
        size = min(max(wished, min(SMALLEST_PAGE, largest)), largest)
        return max(1, size * 2 // 3) if "short_pages" in self._org.quirks else size

    def _count(self, compiled: Compiled) -> int:
        sql = compiled.select("1")
        row = self._org.connection.execute(f"SELECT COUNT(*) FROM ({sql.text})", sql.values).fetchone()
        return int(row[0])

    def _open(self, compiled: Compiled, text: str, batch: int, deleted_too: bool) -> tuple[str, int]:
        """Keep which rows a statement finds; the cursor's id and their number."""
        connection = self._org.connection
        self._forget_old()
        first = _number(connection.execute("SELECT COALESCE(MAX(place), 0) + 1 FROM salesforce_cursor_row").fetchone())
        sql = compiled.select("t._row")
        connection.execute(f"INSERT INTO salesforce_cursor_row (row) {sql.text}", sql.values)
        last = _number(connection.execute("SELECT MAX(place) FROM salesforce_cursor_row").fetchone())
        id = self._org.tables.next_ids("01g")[0]
        row = (id, text, deleted_too, batch, first, last - first + 1, self._org.clock.now())
        connection.execute("INSERT INTO salesforce_cursor VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return id, last - first + 1

    def _forget_old(self) -> None:
        """Rows of expired cursors go; places only ever grow while any cursor is alive."""
        limit = self._org.clock.now() - CURSOR_DAYS * times.DAY
        old = self._org.connection.execute(
            "DELETE FROM salesforce_cursor WHERE made < ? RETURNING first, total", (limit,)
        ).fetchall()
        self._org.connection.executemany(
            "DELETE FROM salesforce_cursor_row WHERE place BETWEEN ? AND ? + ? - 1",
            [(first, first, total) for first, total in old],
        )

    def _texts(self, sql: Sql) -> list[Any]:
        return [row[0] for row in self._org.connection.execute(sql.text, sql.values)]

    def _records(self, compiled: Compiled, sql: Sql) -> list[dict[str, Any]]:
        rows = self._org.connection.execute(sql.text, sql.values).fetchall()
        records = [compiled.read(row) for row in rows]
        for child in compiled.children:
            self._fill(records, child)
        return records

    def _fill(self, records: Sequence[dict[str, Any]], child: ChildSelect) -> None:
        """Put the children of every record in the place that the shape kept for them."""
        found: dict[str, list[Any]] = {str(record[child.key][1]): [] for record in records}
        compiled = child.compiled
        parents = list(found)
        where = Sql(
            f"({compiled.where.text}) AND {child.link.sql} IN ({', '.join('?' * len(parents))})",
            (*compiled.where.values, *parents),
        )
        sql = replace(compiled, where=where).select(", ".join(compiled.columns))
        for row in self._org.connection.execute(sql.text, sql.values):
            siblings = found[row[-1]]
            if child.limit is None or len(siblings) < child.limit:
                siblings.append(compiled.read(row))
        for record in records:
            children = found[str(record[child.key][1])]
            record[child.key] = _set_of(children) if children else None


def _set_of(records: list[Any]) -> dict[str, Any]:
    return {"totalSize": len(records), "done": True, "records": records}


def _of_cursor(compiled: Compiled, columns: str, first: int, count: int) -> Sql:
    """The rows of one page, in the order the statement had found them."""
    joins = compiled.source.removeprefix(f"{name_of(compiled.view.name)} t")
    source = f"salesforce_cursor_row c JOIN {name_of(compiled.view.name)} t ON t._row = c.row{joins}"
    text = f"SELECT {columns} FROM {source} WHERE c.place >= ? AND c.place < ? ORDER BY c.place"
    return Sql(text, (first, first + count))


def _page(total: int, records: list[Any], following: str | None, version: str, *, as_text: bool) -> Page:
    page: dict[str, Any] = {"totalSize": total, "done": following is None}
    if following is not None:
        page["nextRecordsUrl"] = f"/services/data/v{version}/query/{following}"
    if as_text:
        head = json.dumps(page, separators=(",", ":"))[:-1]
        return f'{head},"records":[{",".join(records)}]}}'.encode()
    return {**page, "records": records}


def _number(row: Any) -> int:  # noqa: ANN401 - a row of sqlite3
    return int(row[0])
