"""The change feed: tracked changes, one table after the other; where a table does not track them, by modifiedon.

Source: Power Apps developer documentation, "Use change tracking to synchronize data with external systems". An idle
cycle costs one call a table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mksync.core.records import Page, Record, Selection
from mksync.errors import Temporary
from mksync.ports import CursorExpired
from mksync.vendors.dynamics import companies, cursor, roles
from mksync.vendors.dynamics.batch import Answer
from mksync.vendors.dynamics.client import PAGE, Client
from mksync.vendors.dynamics.codes import Act
from mksync.vendors.dynamics.cursor import Mark
from mksync.vendors.dynamics.errors import Problem, said
from mksync.vendors.dynamics.ids import id_of
from mksync.vendors.dynamics.objects import TABLES, Table
from mksync.vendors.dynamics.odata import query
from mksync.vendors.dynamics.roles import BY_CONNECTION
from mksync.vendors.dynamics.shapes import link_of
from mksync.vendors.dynamics.sources import Judged, Row, Source, Sources
from mksync.vendors.dynamics.trust import Trust

# Of a read by modifiedon: a stamp is given before its transaction ends, which may take two minutes and more.
OVERLAP = timedelta(minutes=10)

# Such a read sees no deletion, so everything is read again now and then.
WHOLE_EVERY = timedelta(days=7)

# A delta link that is older than the environment keeps changes was once answered with every row and no deletion.
KEPT_DAYS = 7  # the default of `expirechangetrackingindays`
SURELY_KEPT = timedelta(hours=20)

_VALUES_A_PAGE = 200_000
_LEAST_PAGE = 500
_STEP = 1_000  # records that are handed over together: some steps are under way at a time, and a page is large
_TRACK = "odata.track-changes"


class Feed:
    """One reading of the selected objects."""

    def __init__(self, client: Client, sources: Callable[[str, Sequence[str]], Sources], trust: Trust) -> None:
        self._client = client
        self._sources = sources
        self._trust = trust

    def pages(self, selection: Selection, after: str | None) -> Iterator[Page]:
        """See `ports.Port.changes`. Raises `CursorExpired` when changes since then are no longer kept."""
        objects = dict.fromkeys((*filter(selection.__contains__, TABLES), *selection))
        sources = {name: one for of in objects for name, one in self._sources(of, selection[of]).items()}
        marks = cursor.parse(after, sources)
        for name, mark in marks.items():
            self._check_reach(name, mark, sources[name])
        full = any(mark.full for mark in marks.values())
        for name, source in sources.items():
            whole = marks[name].full
            for steps, mark in self._read(source, marks[name], sources):
                while len(steps) > 1:
                    yield Page(steps.pop(0).records, cursor=cursor.text(marks), full=whole)
                marks[name], last = mark, steps.pop()
                if last.records or last.gone:
                    yield Page(last.records, last.gone, cursor.text(marks), whole)
        yield Page(cursor=cursor.text(marks), full=full)

    def _check_reach(self, name: str, mark: Mark, source: Source) -> None:
        if mark.columns and not set(source.columns) <= set(mark.columns):
            raise CursorExpired(f"{name}: other fields are selected than the feed tells of")
        # To ask how long changes are kept tells the server's time, too: before it, only this computer's is known.
        if mark.delta and mark.at and self._age(mark.at) > SURELY_KEPT and self._kept() <= self._age(mark.at):
            raise CursorExpired(f"{name}: {mark.at} is longer ago than Dynamics keeps changes")
        if source.table.object == "user":
            return  # never deleted, only disabled
        if mark.since and mark.whole and self._age(mark.whole) >= WHOLE_EVERY:
            raise CursorExpired(f"{name}: the table does not track changes, so deletions are looked for once a week")

    def _read(self, source: Source, mark: Mark, sources: Sources) -> Iterator[tuple[list[Judged], Mark]]:
        full, tracked = mark.full, mark.since is None
        answer = self._opened(source, mark) if tracked else None
        if answer is None:
            yield from self._read_by_stamp(source, mark, sources)
            return
        mark = mark if mark.next or not full else self._begun(source, mark)
        again = False
        while True:
            if answer.problem and mark.next and _is_refusal(answer.problem):
                # The place in a long answer is no longer kept: what was begun is begun again, once.
                again = _once(again, answer.problem)
                mark = self._begun(source, mark) if full else mark.paged("")
                answer = self._client.get(mark.delta or _first(source), _prefer(source, full=full))
                continue
            if answer.problem and mark.delta and _is_refusal(answer.problem):
                raise CursorExpired(f"Dynamics gives no changes since {mark.at}: {answer.problem.message}")
            body = answer.checked()
            if body["value"]:
                self._trust.confirm(source, [row for row in body["value"] if not _is_tombstone(row)])
            mark, found = self._moved(mark, body), self._judged(source, body["value"], sources, full=full)
            del answer, body  # before the next page comes
            yield found, mark
            if not mark.next:
                return
            answer = self._client.get(mark.next, _prefer(source, full=False))

    def _opened(self, source: Source, mark: Mark) -> Answer | None:
        """The first answer; None if the table does not track changes."""
        path = mark.next or mark.delta
        if path and not mark.next:
            return self._client.peek(path, _prefer(source, full=False))
        answer = self._client.get(path or _first(source), _prefer(source, full=path is None))
        if path is None and answer.problem and _is_refusal(answer.problem) and not self._is_tracked(source.table):
            return None
        return answer

    def _moved(self, mark: Mark, body: Mapping[str, Any]) -> Mark:
        if next := link_of(body, "nextLink"):
            return mark.paged(next)
        delta = link_of(body, "deltaLink")
        return mark.followed(delta, _text(self._now())) if delta else mark.stamped()

    def _read_by_stamp(self, source: Source, mark: Mark, sources: Sources) -> Iterator[tuple[list[Judged], Mark]]:
        full, link = mark.full, mark.next
        mark = mark if link else self._begun(source, mark)
        again = False
        while True:
            answer = self._client.get(link or _by_stamp(source, mark), _prefer(source, full=False))
            if answer.problem and link and _is_refusal(answer.problem):
                again = _once(again, answer.problem)
                link, mark = None, self._begun(source, mark)
                continue
            body = answer.checked()
            link = link_of(body, "nextLink")
            mark = mark.paged(link) if link else mark.stamped()
            found = self._judged(source, body["value"], sources, full=full)
            del answer, body
            yield found, mark
            if not link:
                return

    def _judged(self, source: Source, found: Sequence[Row], sources: Sources, *, full: bool) -> list[Judged]:
        """In steps, the last of them with those that are gone."""
        there = [row for row in found if not _is_tombstone(row)]
        judged = source.judged(there, sources)
        self._trust.believe(source, judged)
        deleted = [gone for row in found if _is_tombstone(row) for gone in source.gone(id_of(row["id"]))]
        following = [] if full else list(self._following(source, judged, sources))
        records = [*judged.records, *following] if following else judged.records
        steps = [Judged(records[at : at + _STEP], []) for at in range(0, len(records) or 1, _STEP)]
        steps[-1].gone.extend((*judged.gone, *deleted))
        return steps

    def _following(self, source: Source, judged: Judged, sources: Sources) -> Iterator[Record]:
        """Records whose values follow from these, though nobody touched them."""
        opportunities, connections = sources.get("opportunity"), sources.get(BY_CONNECTION)
        if source.table.object == "contact" and opportunities and companies.CUSTOMER in opportunities.columns:
            followers = companies.moved_with(self._client, opportunities, judged.records)
            yield from self._believed(opportunities, followers)
        qualified = [one.id for one in judged.gone if one.reason == "converted"]
        if qualified and connections:
            yield from self._believed(connections, roles.moved_with(self._client, connections, qualified))

    def _believed(self, source: Source, followers: Iterable[Judged]) -> Iterator[Record]:
        for judged in followers:
            self._trust.believe(source, judged)
            yield from judged.records

    def _begun(self, source: Source, mark: Mark) -> Mark:
        now = self._now()
        return mark.began(source.columns, _text(now - OVERLAP), _text(now))

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


def _first(source: Source) -> str:
    """Tracking allows no option but `$select`."""
    return query(source.table.set, select=source.columns)


def _by_stamp(source: Source, mark: Mark) -> str:
    order = f"modifiedon,{source.table.key}"
    return query(
        source.table.set,
        select=source.columns,
        filter=f"modifiedon ge {mark.since}" if mark.since else "",
        orderby=order,
    )


def _prefer(source: Source, *, full: bool) -> list[str]:
    size = min(PAGE, max(_LEAST_PAGE, _VALUES_A_PAGE // len(source.columns)))
    wished = (f"odata.maxpagesize={size}", *source.prefer)
    return [_TRACK, *wished] if full else [*wished]


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
