"""The change feed: the activity log says who changed, a read by id says what they hold now.

An activity can be written down minutes after its own date (Marketo Nation, ta-p/348678), so every cycle begins ten
minutes before the last one did. What an activity says of values is never taken for what a person holds: they come as
text, and late. It tells what was written over (`replaced`).
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from mksync.core.records import Field, FieldType, Page, Record
from mksync.ports import CursorExpired
from mksync.vendors.marketo.client import BATCH, Activities, Client
from mksync.vendors.marketo.cursor import Cursor
from mksync.vendors.marketo.cycle import CHANGE_DATA_VALUE, CHANGE_SCORE, MERGE_LEADS, NEW_LEAD, Cycle, Fetch, leads
from mksync.vendors.marketo.errors import RequestRefused
from mksync.vendors.marketo.replaced import known

BEGINNING = "2005-01-01T00:00:00Z"  # before Marketo's first customer
OVERLAP = 600.0  # seconds
DELETIONS_KEPT = 14 * 86400.0  # value changes are kept for 90 days (Marketo Nation, ta-p/251480)


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
            start = self._client.paging_token(BEGINNING)
            cursor = Cursor(polled=start.at, walk=start.token)
            cursor = yield from self._walk(cursor, self._client.activities(start.token, (NEW_LEAD,)))
        else:
            cursor = Cursor.read(text)
        if cursor.walk is not None:
            cursor = yield from self._walk(cursor, self._walk_resumed(cursor, cursor.walk))
        yield from self._follow(*self._opened(cursor))

    def _walk(self, cursor: Cursor, page: Activities) -> Generator[Page, None, Cursor]:
        """The first read: the log of new people is kept for good, so it names everybody."""
        ids: dict[str, None] = {}
        while True:
            ids.update(dict.fromkeys(leads(page.items)))
            if len(ids) >= BATCH or not page.more:
                cursor = replace(cursor, walk=page.token if page.more else None)
                records = [one for one in self._fetch(list(ids)) if isinstance(one, Record)]
                yield Page(records, cursor=cursor.text(), full=True)
                ids = {}
            if not page.more:
                return cursor
            page = self._client.activities(page.token, (NEW_LEAD,))

    def _walk_resumed(self, cursor: Cursor, token: str) -> Activities:
        try:
            page = self._client.activities(token, (NEW_LEAD,))
        except RequestRefused:  # the token's life is not documented
            raise CursorExpired from None
        _within_retention(cursor, page)
        return page

    def _opened(self, cursor: Cursor) -> tuple[Cursor, Activities]:
        """The first page of a cycle, or of the rest of one that was cut off."""
        if cursor.stream is not None:
            try:
                page = self._client.activities(cursor.stream, self._types)
            except RequestRefused:
                cursor = Cursor(cursor.polled)  # the place is lost, the time is not
            else:
                _within_retention(cursor, page)
                return cursor, page
        start = self._client.paging_token(iso(cursor.polled - OVERLAP))
        _within_retention(cursor, start)
        cursor = replace(cursor, began=start.at, stream=start.token, deleted=start.token)
        return cursor, self._client.activities(start.token, self._types)

    def _follow(self, cursor: Cursor, page: Activities) -> Iterator[Page]:
        cycle = Cycle(cursor, self._fetch, self._ignored, self._fields)
        while True:
            cycle.note(page)
            if len(cycle.to_read) >= BATCH or (cycle.to_read and not page.more):
                records, gone = cycle.read(page.at)
                cursor = replace(cursor, stream=page.token, missing=tuple(cycle.missing), merged=dict(cycle.merged))
                yield Page(records, gone, cursor.text(), replaced=cycle.replaced())
            if not page.more:
                break
            page = self._client.activities(page.token, self._types)
        yield from self._deletions(cycle, cursor)

    def _deletions(self, cycle: Cycle, cursor: Cursor) -> Iterator[Page]:
        """The end of a cycle: its last page carries the cursor that the next one begins with."""
        deleted, began = cursor.deleted, cursor.began
        assert deleted is not None
        assert began is not None
        page = self._client.deleted_leads(deleted)
        while page.more:
            gone = cycle.deleted(page)
            cursor = replace(cursor, deleted=page.token, missing=tuple(cycle.missing))
            yield Page(gone=gone, cursor=cursor.text(), replaced=cycle.replaced())
            page = self._client.deleted_leads(page.token)
        gone = [*cycle.deleted(page), *cycle.not_found()]
        yield Page(gone=gone, cursor=Cursor(began).text(), replaced=cycle.replaced())


def _within_retention(cursor: Cursor, page: Activities) -> None:
    if page.at - (cursor.polled - OVERLAP) > DELETIONS_KEPT:
        raise CursorExpired


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
