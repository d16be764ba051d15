"""The change feed: one composite call tells an idle cycle that nothing happened, for up to ten objects."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import mksync.vendors.salesforce.codec as codec
import mksync.vendors.salesforce.cursor as cursor
import mksync.vendors.salesforce.objects as objects
from mksync.core.records import Field, Gone, Page, Record, Selection
from mksync.core.survivors import survivors_named
from mksync.vendors.salesforce.client import Client, Row
from mksync.vendors.salesforce.cursor import Mark
from mksync.vendors.salesforce.opening import Opener, Opening
from mksync.vendors.salesforce.rows import explained, judged, read

Fields = Mapping[str, Field]


class Feed:
    """One reading of the selected objects. `fields` gives the described fields of an object's selection."""

    def __init__(self, client: Client, fields: Callable[[str, Sequence[str]], Fields]) -> None:
        self._client = client
        self._fields = fields

    def pages(self, selection: Selection, after: str | None) -> Iterator[Page]:
        """See `ports.Port.changes`. Raises `CursorExpired` after two weeks, or when the bin was emptied."""
        marks = cursor.parse(after, selection)
        fields = {object: self._fields(object, names) for object, names in selection.items()}
        full = any(mark.since is None for mark in marks.values())
        opener, waiting, busy = Opener(self._client, fields), list(selection), frozenset[str]()
        while waiting:
            told = opener.open({object: marks[object] for object in waiting}, busy)
            marks.update(told.quiet)
            for object, opening in told.openings.items():
                for page, mark in self._read(object, opening, fields[object]):
                    marks[object] = mark
                    if page.records or page.gone:
                        yield Page(page.records, page.gone, cursor.text(marks), page.full)
            busy |= told.busy
            waiting = [object for object in waiting if object not in told.openings and object not in told.quiet]
        yield Page(cursor=cursor.text(marks), full=full)

    def _read(self, object: str, opening: Opening, fields: Fields) -> Iterator[tuple[Page, Mark]]:
        page, mark, unseen = opening.page, opening.mark, set(opening.deleted)
        full = mark.since is None
        while True:
            rows = page["records"]
            unseen.difference_update(codec.widen(row["Id"]) for row in rows)
            records, gone = self._folded(object, rows, fields)
            if page["done"]:
                gone += explained(self._client, object, sorted(unseen))
                yield Page(records, survivors_named(gone), full=full), mark.ended()
                return
            if rows:
                mark = mark.seen(codec.instant(rows[-1]["SystemModstamp"]), codec.widen(rows[-1]["Id"]))
            yield Page(records, survivors_named(gone), full=full), mark
            page = self._client.next_page(page["nextRecordsUrl"])

    def _folded(self, object: str, rows: Sequence[Row], fields: Fields) -> tuple[list[Record], list[Gone]]:
        found = [judged(object, row, fields) if _is_whole(row, fields) else objects.gone(object, row) for row in rows]
        missing = [row["Id"] for row, one in zip(rows, found, strict=True) if one is None]
        found += read(self._client, object, missing, fields)
        records = [one for one in found if isinstance(one, Record)]
        return records, [one for one in found if isinstance(one, Gone)]


def _is_whole(row: Row, fields: Fields) -> bool:
    return all(name in row for name in fields)
