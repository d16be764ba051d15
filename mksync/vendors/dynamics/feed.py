"""The change feed: tracked changes, one table after the other; where a table does not track them, by modifiedon.

Source: Power Apps developer documentation, "Use change tracking to synchronize data with external systems". An idle
cycle costs one call a table.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mksync.core.records import Gone, Page, Record, Selection
from mksync.errors import Temporary
from mksync.ports import CursorExpired
from mksync.vendors.dynamics import cursor
from mksync.vendors.dynamics.batch import Answer
from mksync.vendors.dynamics.client import PAGE, Client, link_of
from mksync.vendors.dynamics.codec import id_of
from mksync.vendors.dynamics.codes import Act
from mksync.vendors.dynamics.cursor import Mark
from mksync.vendors.dynamics.errors import Problem, said
from mksync.vendors.dynamics.objects import TABLES, Table
from mksync.vendors.dynamics.odata import query
from mksync.vendors.dynamics.rows import Row, Rows

# Of a read by modifiedon: a stamp is given before its transaction ends, which may take two minutes and more.
OVERLAP = timedelta(minutes=10)

# Such a read sees no deletion, so everything is read again now and then.
WHOLE_EVERY = timedelta(days=7)

# A delta link that is older than the environment keeps changes was once answered with every row and no deletion.
KEPT_DAYS = 7  # the default of `expirechangetrackingindays`
SURELY_KEPT = timedelta(hours=20)

_VALUES_A_PAGE = 200_000
_LEAST_PAGE = 500
_TRACK = "odata.track-changes"

Trust = Callable[[Sequence[Record]], None]


class Feed:
    """One reading of the selected objects. `trust` raises AccessError for records whose nulls cannot be believed."""

    def __init__(self, client: Client, rows: Callable[[str, Sequence[str]], Rows], trust: Trust) -> None:
        self._client = client
        self._rows = rows
        self._trust = trust

    def pages(self, selection: Selection, after: str | None) -> Iterator[Page]:
        """See `ports.Port.changes`. Raises `CursorExpired` when changes since then are no longer kept."""
        marks = cursor.parse(after, selection)
        rows = {object: self._rows(object, selection[object]) for object in TABLES if object in selection}
        rows |= {object: self._rows(object, names) for object, names in selection.items() if object not in rows}
        for object, mark in marks.items():
            self._check_reach(object, mark, rows[object])
        full = any(mark.full for mark in marks.values())
        for object, of in rows.items():
            for page, mark in self._read(of, marks[object], rows.get("contact")):
                marks[object] = mark
                if page.records or page.gone:
                    yield Page(page.records, page.gone, cursor.text(marks), page.full)
        yield Page(cursor=cursor.text(marks), full=full)

    def _check_reach(self, object: str, mark: Mark, rows: Rows) -> None:
        if mark.columns and not set(rows.columns) <= set(mark.columns):
            raise CursorExpired(f"{object}: other fields are selected than the feed tells of")
        if mark.delta and mark.at and self._age(mark.at) > SURELY_KEPT and self._age(mark.at) >= self._kept():
            raise CursorExpired(f"{object}: {mark.at} is longer ago than Dynamics keeps changes")
        if mark.since and mark.whole and self._age(mark.whole) >= WHOLE_EVERY:
            raise CursorExpired(f"{object}: the table does not track changes, so deletions are looked for once a week")

    def _read(self, rows: Rows, mark: Mark, contacts: Rows | None) -> Iterator[tuple[Page, Mark]]:
        full, tracked = mark.full, mark.since is None
        answer = self._opened(rows, mark) if tracked else None
        if answer is None:
            yield from self._read_by_stamp(rows, mark, contacts)
            return
        mark = mark if mark.next or not full else self._begun(rows, mark)
        again = False
        while True:
            if answer.problem and mark.next and _is_refusal(answer.problem):
                # The place in a long answer is no longer kept: what was begun is begun again, once.
                again = _once(again, answer.problem)
                mark = self._begun(rows, mark) if full else mark.paged("")
                answer = self._client.get(mark.delta or _first(rows), _prefer(rows, full=full))
                continue
            if answer.problem and mark.delta and _is_refusal(answer.problem):
                raise CursorExpired(f"Dynamics gives no changes since {mark.at}: {answer.problem.message}")
            body = answer.checked()
            mark = self._moved(mark, body)
            yield self._page(rows, body["value"], contacts, full=full), mark
            if not mark.next:
                return
            answer = self._client.get(mark.next, _prefer(rows, full=False))

    def _opened(self, rows: Rows, mark: Mark) -> Answer | None:
        """The first answer; None if the table does not track changes."""
        path = mark.next or mark.delta
        answer = self._client.get(path or _first(rows), _prefer(rows, full=path is None))
        if path is None and answer.problem and _is_refusal(answer.problem) and not self._is_tracked(rows.table):
            return None
        return answer

    def _moved(self, mark: Mark, body: Mapping[str, Any]) -> Mark:
        if next := link_of(body, "nextLink"):
            return mark.paged(next)
        delta = link_of(body, "deltaLink")
        return mark.followed(delta, _text(self._now())) if delta else mark.stamped()

    def _read_by_stamp(self, rows: Rows, mark: Mark, contacts: Rows | None) -> Iterator[tuple[Page, Mark]]:
        full, link = mark.full, mark.next
        mark = mark if link else self._begun(rows, mark)
        again = False
        while True:
            answer = self._client.get(link or _by_stamp(rows, mark), _prefer(rows, full=False))
            if answer.problem and link and _is_refusal(answer.problem):
                again = _once(again, answer.problem)
                link, mark = None, self._begun(rows, mark)
                continue
            body = answer.checked()
            link = link_of(body, "nextLink")
            mark = mark.paged(link) if link else mark.stamped()
            yield self._page(rows, body["value"], contacts, full=full), mark
            if not link:
                return

    def _page(self, rows: Rows, found: Sequence[Row], contacts: Rows | None, *, full: bool) -> Page:
        there = [row for row in found if not _is_tombstone(row)]
        judged = rows.judged(there, contacts if rows.table.object == "lead" else None)
        self._trust(judged.records)
        deleted = [Gone(rows.table.object, id_of(row["id"]), "deleted") for row in found if _is_tombstone(row)]
        return Page(judged.records, [*judged.gone, *deleted], full=full)

    def _begun(self, rows: Rows, mark: Mark) -> Mark:
        now = self._now()
        return mark.began(rows.columns, _text(now - OVERLAP), _text(now))

    def _is_tracked(self, table: Table) -> bool:
        path = f"EntityDefinitions(LogicalName='{table.name}')"
        return bool(self._client.read(query(path, select=["ChangeTrackingEnabled"])).get("ChangeTrackingEnabled"))

    def _kept(self) -> timedelta:
        """How long this environment keeps changes; where that may not be read, as long as environments usually do."""
        answer = self._client.get(query("organizations", select=["expirechangetrackingindays"]))
        rows = [] if answer.problem else answer.body["value"]
        days = rows[0].get("expirechangetrackingindays") if rows else None
        return timedelta(days=max(1, KEPT_DAYS if days is None else int(days)))

    def _age(self, instant: str) -> timedelta:
        return self._now() - datetime.fromisoformat(instant)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._client.server_now, UTC)


def _first(rows: Rows) -> str:
    """Tracking allows no option but `$select`."""
    return query(rows.table.set, select=rows.columns)


def _by_stamp(rows: Rows, mark: Mark) -> str:
    order = f"modifiedon,{rows.table.key}"
    return query(
        rows.table.set,
        select=rows.columns,
        filter=f"modifiedon ge {mark.since}" if mark.since else "",
        orderby=order,
    )


def _prefer(rows: Rows, *, full: bool) -> list[str]:
    size = min(PAGE, max(_LEAST_PAGE, _VALUES_A_PAGE // len(rows.columns)))
    return [_TRACK, f"odata.maxpagesize={size}"] if full else [f"odata.maxpagesize={size}"]


def _is_tombstone(row: Row) -> bool:
    return row.get("reason") == "deleted" or str(row.get("@odata.context", "")).endswith("/$deletedEntity")


def _is_refusal(problem: Problem) -> bool:
    """A link, or tracking, is refused. Which status and code say so is not documented ("… expired version stamp").

    Not meant are a sign-in, a permission or a limit, which say nothing about the link.
    """
    if problem.status in (401, 403, 429):
        return False
    return problem.act is Act.EXPIRED or 400 <= problem.status < 500


def _once(again: bool, problem: Problem) -> bool:
    if again:
        raise Temporary(f"{said(problem)}: a long answer could not be read to its end", hint="Run again.")
    return True


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
