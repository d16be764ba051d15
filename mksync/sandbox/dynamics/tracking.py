"""Change tracking: the initial set, and what has changed or gone since a delta token.

A token is `<row version>!<time>`. The watermark is that of the first page: what changes while pages are read belongs to
the next delta.
Source: "Use change tracking to synchronize data with external systems".
"""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mksync.sandbox.dynamics import moved
from mksync.sandbox.dynamics.call import Call
from mksync.sandbox.dynamics.errors import ODataError, bad_request
from mksync.sandbox.dynamics.odata import cursors, problems
from mksync.sandbox.dynamics.odata.compiler import Compiled
from mksync.sandbox.dynamics.odata.cursors import Cookie, Term
from mksync.sandbox.dynamics.odata.reader import Reader
from mksync.sandbox.dynamics.odata.scope import Sql
from mksync.sandbox.dynamics.odata.shape import Record
from mksync.sandbox.dynamics.odata.tree import Options
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import name_of
from mksync.sandbox.dynamics.tables import Table

_DAY = 86_400
_FORBIDDEN = ("$filter", "$orderby", "$expand", "$top", "$apply")
_TOKEN = re.compile(r"(\d{1,18})!(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)")
_TIME = "%m/%d/%Y %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Span:
    """The row versions an answer covers: after `since`, or everything there is, up to `upto`."""

    since: int | None
    upto: int


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reader has come: rows behind (version, row), then deletions behind a version."""

    span: Span
    page: int = 1
    deletions: bool = False
    version: int = 0
    row: int = 0


class Tracking:
    def __init__(self, org: Org) -> None:
        self._org = org

    def answer(self, read: Reader, call: Call, table: Table, options: Options, size: int) -> dict[str, Any]:
        """One page. Raises ODataError for a table that is not tracked, for options that tracking has not, for a caller
        without organisation-wide Read, for a token that is expired or none."""
        self._check(call, table, options)
        place = self._place(options)
        compiled = read.compile(table, Options(select=options.select), self._narrowed(table, options, place.span))
        records, following = self._page(read, call, compiled, place, size)
        delta = place.span.since is not None
        context = f"{call.root}/$metadata#{table.set_name}{compiled.context}{'/$delta' if delta else ''}"
        url = f"{call.root}/{call.path}?{call.query}"
        if following is not None:
            token = cursors.following(url, "$skiptoken", following)
            return {"@odata.context": context, "value": records, "@odata.nextLink": token}
        link = cursors.following(url, "$deltatoken", self._token(place.span.upto))
        if delta:
            return {"@odata.context": context, "@odata.deltaLink": link, "value": records}
        return {"@odata.context": context, "value": records, "@odata.deltaLink": link}

    def count(self, call: Call, table: Table, options: Options) -> int:
        """The number of changes since a token."""
        self._check(call, table, options)
        span = self._place(options).span
        narrowed = self._narrowed(table, options, span) or Sql("1")
        counted = f"SELECT COUNT(*) FROM {name_of(table.name)} t WHERE t.versionnumber > ? AND {narrowed.text}"
        rows = self._org.connection.execute(counted, (span.since or 0, *narrowed.values)).fetchone()
        gone = self._deletions(table, Place(span), -1) if span.since is not None else []
        return int(rows[0]) + len(gone)

    def _check(self, call: Call, table: Table, options: Options) -> None:
        status = 500 if "tracking_refused_500" in self._org.quirks else 400
        if not table.change_tracking:
            raise ODataError(status, "0x80072491", f"Entity {table.name} isn't enabled for change tracking.")
        for option in _FORBIDDEN:
            if option in options.given:
                message = f'The "{option}" query parameter isn\'t supported when Change Tracking is enabled.'
                raise ODataError(status, problems.ODATA, message)
        self._org.access.require_global(call.user, table, "Read")

    def _narrowed(self, table: Table, options: Options, span: Span) -> Sql | None:
        """By switch, a delta holds only rows of which something selected has moved."""
        if moved.SWITCH not in self._org.quirks:
            return None
        if span.since is None:
            moved.watch(self._org, table)
        return moved.among(table, options.select, span.since) if span.since and options.select else None

    def _place(self, options: Options) -> Place:
        if options.skip_token is not None:
            return _resumed(options.skip_token)
        upto = self._org.rows.last_version()
        if options.delta_token is None:
            return Place(Span(None, upto))
        return Place(Span(self._since(options.delta_token), upto))

    def _since(self, token: str) -> int | None:
        """The version a token stands for; None where an expired one is answered with every row."""
        found = _TOKEN.fullmatch(token)
        try:
            made = datetime.strptime(found[2], _TIME).replace(tzinfo=UTC) if found else None
        except ValueError:
            made = None
        if found is None or made is None:
            raise bad_request(f"Invalid deltatoken '{token}'.")
        if self._org.clock.now() - made.timestamp() <= self._retention() * _DAY:
            return int(found[1])
        if "expired_token_reads_all" in self._org.quirks:
            return 0
        message = "Version stamp associated with the client has expired. Please perform a full sync."
        raise ODataError(400, "0x80044352", message)

    def _retention(self) -> float:
        """Days that a token is good for: a column of the organisation's row, or else the setting."""
        row = self._org.connection.execute(
            f"SELECT expirechangetrackingindays FROM {name_of('organization')} LIMIT 1"
        ).fetchone()
        return float(row[0] if row and row[0] is not None else self._org.settings.get("retention_days"))

    def _page(
        self, read: Reader, call: Call, compiled: Compiled, place: Place, size: int
    ) -> tuple[list[Record], str | None]:
        """The records of one page and the cookie of the next, if there is one."""
        terms = (Term("t.versionnumber"), Term("t._row"))
        ordered = replace(compiled, terms=terms if place.span.since is not None else terms[::-1])
        rows = [] if place.deletions else read.run(ordered.select(size + 1, _rows_behind(place)))
        records = read.records(ordered, rows[:size])
        if len(rows) > size:
            cells = dict(zip((term.sql for term in ordered.terms), rows[size - 1][-2:], strict=True))
            return records, _cookie(replace(place, version=cells["t.versionnumber"], row=cells["t._row"]))
        if not place.span.since:
            return records, None
        first = place if place.deletions else replace(place, deletions=True, version=0, row=0)
        left = size - len(records)
        gone = self._deletions(compiled.table, first, left + 1)
        context = f"{call.root}/$metadata#{compiled.table.set_name}/$deletedEntity"
        records += [{"@odata.context": context, "id": id, "reason": "deleted"} for _, id in gone[:left]]
        if len(gone) <= left:
            return records, None
        return records, _cookie(replace(first, version=gone[left - 1][0] if left else first.version))

    def _deletions(self, table: Table, place: Place, limit: int) -> list[tuple[int, str]]:
        """Versions and ids of rows that went, oldest first; not those whose id is in use again."""
        since = max(place.span.since or 0, place.version if place.deletions else 0)
        alive = f'SELECT 1 FROM {name_of(table.name)} t WHERE t."{table.primary_id}" = d.id'
        return self._org.connection.execute(
            "SELECT d.version, d.id FROM dynamics_tombstone d WHERE d.name = ? AND d.version > ? AND d.version <= ?"
            f" AND NOT EXISTS ({alive}) ORDER BY d.version LIMIT ?",
            (table.name, since, place.span.upto, limit),
        ).fetchall()

    def _token(self, version: int) -> str:
        return f"{version}!{datetime.fromtimestamp(int(self._org.clock.now()), UTC).strftime(_TIME)}"


def _rows_behind(place: Place) -> Sql:
    if place.span.since is None:
        # Initial set: in the order of creation, whatever changes meanwhile.
        return Sql("t._row > ?", (place.row,))
    after = Sql("t.versionnumber > ? AND t.versionnumber <= ?", (place.span.since, place.span.upto))
    if place.page == 1:
        return after
    behind = "(t.versionnumber > ? OR (t.versionnumber = ? AND t._row > ?))"
    return Sql(f"{after.text} AND {behind}", (*after.values, place.version, place.version, place.row))


def _cookie(place: Place) -> str:
    last = (place.span.since, int(place.deletions), place.version, place.row)
    return Cookie(place.page + 1, last, place.span.upto).text()


def _resumed(token: str) -> Place:
    cookie = cursors.read(token, 4)
    since, deletions, version, row = cookie.last
    if cookie.watermark is None or not isinstance(since, int | None):
        raise cursors.malformed()
    if not isinstance(version, int) or not isinstance(row, int):
        raise cursors.malformed()
    return Place(Span(since, cookie.watermark), cookie.page, bool(deletions), version, row)
