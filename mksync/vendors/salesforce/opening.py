"""What one composite call tells of several objects: the rows of five, and of more whether anything happened at all.

For an object whose rows are asked for it holds the rows whose SystemModstamp moved, the delete log, and `updated`,
which is asked only for `latestDateCovered`: while a transaction is open it stays at that transaction's start, so it is
the one moment that is safe to go on from (SOAP API Developer Guide, getUpdated()). The highest stamp seen is not: a row
may become visible after the run with a stamp below it.

A composite call takes five queries at most. Where more objects are selected, `updated` and the delete log are asked of
the others since they were last read: if both are empty nothing happened, which is how it is most of the time.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import mksync.vendors.salesforce.codec as codec
import mksync.vendors.salesforce.cursor as cursor
import mksync.vendors.salesforce.names as names
import mksync.vendors.salesforce.objects as objects
import mksync.vendors.salesforce.soql as soql
from mksync.core.frozen import dataclass
from mksync.core.records import Field
from mksync.ports import CursorExpired
from mksync.vendors.salesforce.client import COMPOSITE_PARTS, COMPOSITE_QUERIES, Answer, Answers, Client, Part, Row
from mksync.vendors.salesforce.codes import Act
from mksync.vendors.salesforce.cursor import Mark
from mksync.wire.session import Repeat

# Read again on purpose. Rows were seen to appear with stamps some seconds to minutes in the past (Airbyte issue 27146);
# ten minutes is what a call may last at most, so nothing that is still being saved can be older.
OVERLAP = timedelta(minutes=10)

# `updated` lists ids, and is asked for none of them: an hour covers every transaction that can be open.
COVERED_WINDOW = timedelta(hours=1)

# Before the first answer only this computer's clock is known. What a window that ends in the future answers is not
# documented, so with a clock that is this far ahead the question is put again.
CLOCK_AHEAD = timedelta(minutes=1)

# The delete log may lose what is older than two hours when it grows too long (SOAP API Developer Guide, getDeleted()).
# A query still shows such a row, so behind this an empty log is not taken for silence.
LOGGED_FOR = timedelta(hours=2)

_PARTS_FOR_ROWS = 3  # the rows and both logs
_PARTS_FOR_A_PEEK = 2  # both logs
_ORDER = ("SystemModstamp", "Id")
Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Opening:
    """What the call said about an object whose rows were asked for: where its read begins.

    `page`: the first rows, and how many there are; None once it is known that they come again.
    """

    mark: Mark
    page: Row | None
    deleted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Told:
    """What one call said. `quiet`: objects in which nothing happened; `busy`: those still to be asked for rows."""

    openings: Mapping[str, Opening]
    quiet: Mapping[str, Mark]
    busy: frozenset[str]


class Opener:
    """Asks. `fields` are the described fields of every selected object."""

    def __init__(self, client: Client, fields: Mapping[str, Fields]) -> None:
        self._client = client
        self._fields = fields

    def open(self, marks: Mapping[str, Mark], busy: Collection[str]) -> Told:
        """One call about as many of these objects as it takes; of the `busy` ones it is known that something happened.

        Raises `CursorExpired`.
        """
        rows, peeked = _shared(marks, busy)
        answers = self._ask(marks, rows, peeked, now := self._now())
        if now - _utc(answers.began) > CLOCK_AHEAD:
            answers = self._ask(marks, rows, peeked, now := self._now())
        cursor.check_reach(marks, answers.began)
        quiet = [object for object in peeked if _is_quiet(object, marks[object], answers)]
        return Told(
            {object: self._opening(object, marks[object], answers, now) for object in rows},
            {object: _begun(object, marks[object], answers, now).ended() for object in quiet},
            frozenset(peeked).difference(quiet),
        )

    def _now(self) -> datetime:
        return _utc(self._client.server_now)

    def _ask(self, marks: Mapping[str, Mark], rows: Sequence[str], peeked: Sequence[str], now: datetime) -> Answers:
        parts = [part for object in rows for part in self._rows(object, marks[object], now)]
        parts += [part for object in peeked for part in self._peek(object, marks[object], now)]
        return self._client.composite(parts, repeat=Repeat.READ)

    def _rows(self, object: str, mark: Mark, now: datetime) -> Iterator[Part]:
        if mark.upto is None:
            yield self._log(object, "updated", _instant(now - COVERED_WINDOW), now)
        if mark.deleted_since is not None and objects.deletable(object):
            yield self._log(object, "deleted", mark.deleted_since, now)
        query = first_query(object, mark, self._fields[object])
        rows = self._client.query_path(query, deleted_too=mark.since is not None)
        yield Part(f"{object}_rows", "GET", rows)

    def _peek(self, object: str, mark: Mark, now: datetime) -> Iterator[Part]:
        yield self._log(object, "updated", mark.since, now)
        if objects.deletable(object):
            yield self._log(object, "deleted", mark.deleted_since, now)

    def _log(self, object: str, log: str, since: str | None, now: datetime) -> Part:
        path = self._client.record_path(names.sobject(object), "")
        return Part(f"{object}_{log}", "GET", f"{path}{log}/?{_window(_moment(str(since)), now)}")

    def _opening(self, object: str, mark: Mark, answers: Answers, now: datetime) -> Opening:
        log = answers.parts.get(f"{object}_deleted")
        deleted = _deleted(log) if log else frozenset[str]()
        if mark.upto is None:
            mark = _begun(object, mark, answers, now)
        return Opening(mark, answers[f"{object}_rows"].checked(), deleted)


def _shared(marks: Mapping[str, Mark], busy: Collection[str]) -> tuple[list[str], list[str]]:
    """Of which objects to ask for rows in one call, and of which others only whether anything happened.

    People are always asked for rows: they change all the time. So is what was never read, or not to its end.
    """
    if len(marks) <= COMPOSITE_QUERIES:
        return list(marks), []
    askable = [
        object
        for object, mark in marks.items()
        if object not in names.PEOPLE and object not in busy and mark.since is not None and mark.upto is None
    ]
    others = [object for object in marks if object not in askable]
    rows = [*others, *askable][:COMPOSITE_QUERIES]
    room = (COMPOSITE_PARTS - _PARTS_FOR_ROWS * len(rows)) // _PARTS_FOR_A_PEEK
    return rows, [object for object in askable if object not in rows][:room]


def _is_quiet(object: str, mark: Mark, answers: Answers) -> bool:
    """Whether nothing happened since. What cannot be told, by however much, is not silence: rows are asked for next."""
    if _utc(answers.began) - _moment(str(mark.since)) > LOGGED_FOR:
        return False
    updated, deleted = answers[f"{object}_updated"], answers.parts.get(f"{object}_deleted")
    if updated.problem or updated.body["ids"]:
        return False
    return deleted is None or not (deleted.problem or deleted.body["deletedRecords"])


def _begun(object: str, mark: Mark, answers: Answers, now: datetime) -> Mark:
    began = _utc(answers.began)
    covered = _covered(answers[f"{object}_updated"], now)
    return mark.begun(_instant(began), _instant(min(covered, began) - OVERLAP))


def whole_query(object: str, mark: Mark, fields: Fields) -> soql.Query:
    """The rows behind the mark, with all their fields."""
    where: tuple[str, ...] = ()
    if mark.after is not None:
        where = (soql.after(*mark.after),)
    elif mark.since is not None:
        where = (f"SystemModstamp >= {mark.since}",)
    return soql.Query(names.sobject(object), objects.columns(object, fields), where, _ORDER)


def first_query(object: str, mark: Mark, fields: Fields) -> soql.Query:
    """As it goes into a URI. With more fields than that takes, only keys: the fields are then read by id."""
    query = whole_query(object, mark, fields)
    return query if query.fits else replace(query, fields=objects.keys(object))


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


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
