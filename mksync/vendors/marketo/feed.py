"""The change feed: the activity log says who changed, a read by id says what they hold now.

An activity can be written down minutes after its own date, so every cycle begins ten minutes before the last one did,
or at a place in the log that is older (`marks`). What an activity says of values is never taken for what a person
holds: they come as text, and late. It tells what was written over (`replaced`).
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from mksync.core.records import Field, FieldType, Page, Record
from mksync.ports import CursorExpired
from mksync.vendors.marketo.ahead import begun, in_order
from mksync.vendors.marketo.client import BATCH, Activities, Client
from mksync.vendors.marketo.cursor import Cursor
from mksync.vendors.marketo.cycle import CHANGE_DATA_VALUE, CHANGE_SCORE, MERGE_LEADS, NEW_LEAD, Cycle, Fetch, leads
from mksync.vendors.marketo.errors import RequestRefused
from mksync.vendors.marketo.marks import OVERLAP, Mark, Marks, start
from mksync.vendors.marketo.replaced import known, moment

BEGINNING = "2005-01-01T00:00:00Z"  # before Marketo's first customer
DELETIONS_KEPT = 14 * 86400.0  # value changes are kept for 90 days (Marketo Nation, ta-p/251480)
READS = 3  # batches of people read at a time in the first read, beside the log; Marketo advises five calls at a time


class Feed:
    """`fetch` reads people by id; `fields`: those that it reads; `ignored`: ids of fields of no interest."""

    def __init__(self, client: Client, fetch: Fetch, *, fields: Sequence[Field], ignored: frozenset[int]) -> None:
        self._client = client
        self._fetch = fetch
        self._ignored = ignored
        self._fields = known(fields)
        scores = any(field.type is FieldType.INTEGER for field in fields)
        # Score changes are activities of their own kind (Marketo developer guide, Activities).
        self._types = (NEW_LEAD, CHANGE_DATA_VALUE, MERGE_LEADS, *((CHANGE_SCORE,) if scores else ()))

    def pages(self, text: str | None) -> Iterator[Page]:
        """From a cursor's text, or from the beginning of the instance. Raises CursorExpired."""
        if text is None:
            begin = self._client.paging_token(BEGINNING)
            cursor = Cursor(polled=begin.at, walk=begin.token)
            cursor = yield from self._walk(cursor, self._client.activities(begin.token, (NEW_LEAD,)))
        else:
            cursor = Cursor.read(text)
        if cursor.walk is not None:
            cursor = yield from self._walk(cursor, self._walk_resumed(cursor, cursor.walk))
        yield from self._follow(*self._opened(cursor))

    def _walk(self, cursor: Cursor, page: Activities) -> Generator[Page, None, Cursor]:
        """The first read: the log of new people is kept for good, so it names everybody."""
        tasks = (partial(self._people, cursor, ids) for cursor, ids in self._new_people(cursor, page))
        for cursor, records in in_order(tasks, READS):
            yield Page(records, cursor=cursor.text(), full=True)
        return cursor

    def _new_people(self, cursor: Cursor, page: Activities) -> Iterator[tuple[Cursor, list[str]]]:
        """Whom to read, a batch or more at a time, and the place in the log behind them."""
        ids: dict[str, None] = {}
        while True:
            ids.update(dict.fromkeys(leads(page.items)))
            if len(ids) >= BATCH or not page.more:
                yield replace(cursor, walk=page.token if page.more else None), list(ids)
                ids = {}
            if not page.more:
                return
            page = self._client.activities(page.token, (NEW_LEAD,))

    def _people(self, cursor: Cursor, ids: Sequence[str]) -> tuple[Cursor, list[Record]]:
        return cursor, [one for one in self._fetch(ids) if isinstance(one, Record)]

    def _walk_resumed(self, cursor: Cursor, token: str) -> Activities:
        try:
            page = self._client.activities(token, (NEW_LEAD,))
        except RequestRefused:  # the token's life is not documented
            raise CursorExpired from None
        _within_retention(cursor, page)
        return page

    def _opened(self, cursor: Cursor) -> tuple[Cursor, Activities]:
        """The first page of a cycle, or of the rest of one that was cut off."""
        mark = start(cursor.marks, cursor.polled)
        if cursor.stream is None and mark is not None:
            cursor = replace(cursor, stream=mark.stream, deleted=mark.deleted)
        if cursor.stream is not None:
            try:
                page = self._client.activities(cursor.stream, self._types)
            except RequestRefused:
                cursor = replace(Cursor(cursor.polled), told=cursor.told)  # the place is lost, the time is not
            else:
                _within_retention(cursor, page)
                return replace(cursor, began=page.asked if cursor.began is None else cursor.began), page
        since = cursor.polled - OVERLAP - 1  # Marketo's time is known to the second, and may seem to go back by one
        begin = self._client.paging_token(iso(since))
        _within_retention(cursor, begin)
        marks = (Mark(since, begin.token, begin.token), *cursor.marks)
        cursor = replace(cursor, began=begin.at, stream=begin.token, deleted=begin.token, marks=marks)
        return cursor, self._client.activities(begin.token, self._types)

    def _follow(self, cursor: Cursor, page: Activities) -> Iterator[Page]:
        assert cursor.began is not None
        cycle = Cycle(cursor, self._fetch, self._ignored, self._fields)
        marks = Marks(cursor.marks, cursor.began)
        while True:
            cycle.note(page)
            marks.note(_dates(page), page.token if page.more else None)
            following: Callable[[], Activities] = partial(self._client.activities, page.token, self._types)
            if len(cycle.to_read) >= BATCH or (cycle.to_read and not page.more):
                following = begun(following) if page.more else following  # while the people are read
                records, gone = cycle.read(page.at)
                cursor = replace(cursor, stream=page.token, missing=tuple(cycle.missing), merged=dict(cycle.merged))
                yield Page(records, gone, cursor.text(), replaced=cycle.replaced())
            if not page.more:
                break
            page = following()
        yield from self._deletions(cycle, cursor, marks, page.token)

    def _deletions(self, cycle: Cycle, cursor: Cursor, marks: Marks, stream: str) -> Iterator[Page]:
        """The end of a cycle: its last page carries the cursor that the next one begins with."""
        began = cursor.began
        assert began is not None
        page = self._deleted(cursor)
        while page.more:
            gone = cycle.deleted(page)
            marks.note(_dates(page))
            cursor = replace(cursor, deleted=page.token, missing=tuple(cycle.missing))
            yield Page(gone=gone, cursor=cursor.text(), replaced=cycle.replaced())
            page = self._client.deleted_leads(page.token)
        gone = [*cycle.deleted(page), *cycle.not_found()]
        marks.note(_dates(page))
        ended = Cursor(began, marks=marks.kept(stream, page.token, page.at), told=tuple(cycle.told))
        yield Page(gone=gone, cursor=ended.text(), replaced=cycle.replaced())

    def _deleted(self, cursor: Cursor) -> Activities:
        assert cursor.deleted is not None
        try:
            return self._client.deleted_leads(cursor.deleted)
        except RequestRefused:
            return self._client.deleted_leads(self._client.paging_token(iso(cursor.polled - OVERLAP)).token)


def _dates(page: Activities) -> list[float]:
    return [date for item in page.items if (date := moment(item.get("activityDate"))) is not None]


def _within_retention(cursor: Cursor, page: Activities) -> None:
    if page.at - (cursor.polled - OVERLAP) > DELETIONS_KEPT:
        raise CursorExpired


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
