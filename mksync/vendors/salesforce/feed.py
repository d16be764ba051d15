"""The change feed: one composite call tells an idle cycle that nothing happened, whatever the number of objects.

For every object it holds the rows whose SystemModstamp moved, the delete log, and `updated`, which is asked only for
`latestDateCovered`: while a transaction is open it stays at that transaction's start, so it is the one moment that is
safe to go on from (SOAP API Developer Guide, getUpdated()). The highest stamp seen is not: a row may become visible
after the run with a stamp below it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import mksync.vendors.salesforce.codec as codec
import mksync.vendors.salesforce.cursor as cursor
import mksync.vendors.salesforce.objects as objects
import mksync.vendors.salesforce.soql as soql
from mksync.core.records import Field, Gone, Page, Record, Selection
from mksync.ports import CursorExpired
from mksync.vendors.salesforce.client import COMPOSITE_QUERIES, Answer, Answers, Client, Part, Row
from mksync.vendors.salesforce.codes import Act
from mksync.vendors.salesforce.cursor import Mark
from mksync.vendors.salesforce.rows import explained, judged, read, slices
from mksync.wire.session import Repeat

# Read again on purpose. Rows were seen to appear with stamps some seconds to minutes in the past (Airbyte issue 27146);
# ten minutes is what a call may last at most, so nothing that is still being saved can be older.
OVERLAP = timedelta(minutes=10)

# `updated` lists ids, and is asked for none of them: an hour covers every transaction that can be open.
COVERED_WINDOW = timedelta(hours=1)

# Before the first answer only this computer's clock is known. What a window that ends in the future answers is not
# documented, so with a clock that is this far ahead the question is put again.
CLOCK_AHEAD = timedelta(minutes=1)

_ORDER = ("SystemModstamp", "Id")
Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class _Opening:
    """What the composite call said about one object."""

    mark: Mark
    page: Row
    deleted: frozenset[str]


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
        for group in slices(list(selection), COMPOSITE_QUERIES):
            for object, opening in self._open({object: marks[object] for object in group}, fields).items():
                for page, mark in self._read(object, opening, fields[object]):
                    marks[object] = mark
                    if page.records or page.gone:
                        yield Page(page.records, page.gone, cursor.text(marks), page.full)
        yield Page(cursor=cursor.text(marks), full=full)

    def _open(self, marks: Mapping[str, Mark], fields: Mapping[str, Fields]) -> dict[str, _Opening]:
        answers, now = self._ask(marks, fields)
        if now - datetime.fromtimestamp(answers.began, UTC) > CLOCK_AHEAD:
            answers, now = self._ask(marks, fields)
        cursor.check_reach(marks, answers.began)
        return {object: self._opening(object, mark, answers, now) for object, mark in marks.items()}

    def _ask(self, marks: Mapping[str, Mark], fields: Mapping[str, Fields]) -> tuple[Answers, datetime]:
        now = datetime.fromtimestamp(self._client.server_now, UTC)
        parts = [part for object, mark in marks.items() for part in self._parts(object, mark, fields[object], now)]
        return self._client.composite(parts, repeat=Repeat.READ), now

    def _parts(self, object: str, mark: Mark, fields: Fields, now: datetime) -> Iterator[Part]:
        path = self._client.record_path(objects.sobject(object), "")
        if mark.upto is None:
            yield Part(f"{object}_updated", "GET", f"{path}updated/?{_window(now - COVERED_WINDOW, now)}")
        if mark.deleted_since is not None:
            yield Part(f"{object}_deleted", "GET", f"{path}deleted/?{_window(_moment(mark.deleted_since), now)}")
        rows = self._client.query_path(_query(object, mark, fields), deleted_too=mark.since is not None)
        yield Part(f"{object}_rows", "GET", rows)

    def _opening(self, object: str, mark: Mark, answers: Answers, now: datetime) -> _Opening:
        deleted = _deleted(answers[f"{object}_deleted"]) if mark.since is not None else frozenset[str]()
        if mark.upto is None:
            covered = _covered(answers[f"{object}_updated"], now)
            began = datetime.fromtimestamp(answers.began, UTC)
            mark = mark.begun(_instant(began), _instant(min(covered, began) - OVERLAP))
        return _Opening(mark, answers[f"{object}_rows"].checked(), deleted)

    def _read(self, object: str, opening: _Opening, fields: Fields) -> Iterator[tuple[Page, Mark]]:
        page, mark, unseen = opening.page, opening.mark, set(opening.deleted)
        full = mark.since is None
        while True:
            rows = page["records"]
            unseen.difference_update(codec.widen(row["Id"]) for row in rows)
            records, gone = self._folded(object, rows, fields)
            if page["done"]:
                gone += explained(self._client, object, sorted(unseen))
                yield Page(records, objects.survivors_named(gone), full=full), mark.ended()
                return
            if rows:
                mark = mark.seen(codec.instant(rows[-1]["SystemModstamp"]), codec.widen(rows[-1]["Id"]))
            yield Page(records, objects.survivors_named(gone), full=full), mark
            page = self._client.next_page(page["nextRecordsUrl"])

    def _folded(self, object: str, rows: Sequence[Row], fields: Fields) -> tuple[list[Record], list[Gone]]:
        found = [judged(object, row, fields) if _is_whole(row, fields) else objects.gone(object, row) for row in rows]
        missing = [row["Id"] for row, one in zip(rows, found, strict=True) if one is None]
        found += read(self._client, object, missing, fields)
        records = [one for one in found if isinstance(one, Record)]
        return records, [one for one in found if isinstance(one, Gone)]


def _query(object: str, mark: Mark, fields: Fields) -> soql.Query:
    """The rows behind the mark. With more fields than a URI takes, only keys: the fields are then read by id."""
    where: tuple[str, ...] = ()
    if mark.after is not None:
        where = (soql.after(*mark.after),)
    elif mark.since is not None:
        where = (f"SystemModstamp >= {mark.since}",)
    query = soql.Query(objects.sobject(object), objects.columns(object, fields), where, _ORDER)
    if query.fits:
        return query
    return soql.Query(query.object, objects.KEYS[object], where, _ORDER)


def _is_whole(row: Row, fields: Fields) -> bool:
    return all(name in row for name in fields)


def _deleted(answer: Answer) -> frozenset[str]:
    """Ids of the delete log; it also knows what was deleted for good, which queryAll does not."""
    if answer.problem and (answer.problem.act is Act.EXPIRED or answer.problem.code == "EXCEEDED_ID_LIMIT"):
        raise CursorExpired(answer.problem.message)
    return frozenset(codec.widen(one["id"]) for one in answer.checked()["deletedRecords"])


def _covered(answer: Answer, now: datetime) -> datetime:
    """Up to when nothing is still being saved. Too many ids to list: where the window begins."""
    if answer.problem and answer.problem.code == "EXCEEDED_ID_LIMIT":
        return now - COVERED_WINDOW
    return _moment(codec.instant(answer.checked()["latestDateCovered"]))


def _window(start: datetime, end: datetime) -> str:
    """Two instants for `updated` and `deleted`, which want them more than a minute apart and drop the seconds."""
    start = min(start, end - timedelta(minutes=2))
    return "&".join(f"{name}={quote(_stamp(moment), safe='')}" for name, moment in (("start", start), ("end", end)))


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _instant(moment: datetime) -> str:
    return codec.instant(moment.isoformat())


def _moment(instant: str) -> datetime:
    return datetime.fromisoformat(instant)
