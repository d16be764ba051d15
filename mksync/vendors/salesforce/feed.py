"""The change feed: one composite call tells an idle cycle that nothing happened, for up to ten objects.

Every read of an object begins as a query, whose first page tells how many records there are. Many are read by a bulk
query job (see `bulk`): that page is then not used, as the job holds its records too, and nothing depends on where it
ended. The job itself begins after the instant that the next cycle reads from, so it may miss nothing in between.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import mksync.vendors.salesforce.codec as codec
import mksync.vendors.salesforce.cursor as cursor
import mksync.vendors.salesforce.names as names
import mksync.vendors.salesforce.objects as objects
from mksync.core.records import Field, Gone, Page, Record, Selection
from mksync.core.survivors import survivors_named
from mksync.vendors.salesforce.bulk import STEP, Bulk, NotInBulk
from mksync.vendors.salesforce.client import Client, Row
from mksync.vendors.salesforce.codec import Columns
from mksync.vendors.salesforce.cursor import Mark, Place
from mksync.vendors.salesforce.opening import Opener, Opening, first_query, whole_query
from mksync.vendors.salesforce.rows import columns_of, explained, in_columns, judged, read, rows_of

Fields = Mapping[str, Field]


class Feed:
    """One reading of the selected objects. `fields` gives the described fields of an object's selection."""

    def __init__(self, client: Client, fields: Callable[[str, Sequence[str]], Fields], bulk: Bulk) -> None:
        self._client = client
        self._fields = fields
        self._bulk = bulk
        self._notes: list[str] = []

    def pages(self, selection: Selection, after: str | None) -> Iterator[Page]:
        """See `ports.Port.changes`. Raises `CursorExpired` after two weeks, or when the bin was emptied."""
        marks = cursor.parse(after, selection)
        fields = {object: self._fields(object, names) for object, names in selection.items()}
        full = any(mark.since is None for mark in marks.values())
        opener, waiting, busy = Opener(self._client, fields), list(selection), frozenset[str]()
        in_bulk = frozenset[str]()
        while waiting:
            told = opener.open({object: marks[object] for object in waiting}, busy)
            marks.update(told.quiet)
            jobs = self._jobs({key: one for key, one in told.openings.items() if key not in in_bulk}, fields)
            marks.update({object: replace(told.openings[object].mark, place=place) for object, place in jobs.items()})
            # A page is as large as several of a job's steps, and jobs take long.
            openings = {key: replace(one, page=None) if key in jobs else one for key, one in told.openings.items()}
            # What a job read is as old as the job: what changed since its read began is asked for like any news.
            told_all = told.quiet.keys() | openings.keys() - jobs.keys()
            waiting = [object for object in waiting if object not in told_all]
            busy, in_bulk = busy | told.busy, in_bulk | jobs.keys()
            del told
            for object in sorted(openings, key=jobs.__contains__):
                for page, mark in self._read(object, openings.pop(object), fields[object], jobs.get(object)):
                    marks[object] = mark
                    if page.records or page.gone or mark.place:
                        yield Page(page.records, page.gone, cursor.text(marks), page.full)
        yield Page(cursor=cursor.text(marks), full=full, notes=tuple(self._notes))

    def _jobs(self, openings: Mapping[str, Opening], fields: Mapping[str, Fields]) -> Mapping[str, Place]:
        """The objects that are to be read by a job, all made before the first is waited for."""
        found = {object: self._place(object, opening, fields[object]) for object, opening in openings.items()}
        return {object: place for object, place in found.items() if place}

    def _place(self, object: str, opening: Opening, fields: Fields) -> Place | None:
        mark = opening.mark
        if opening.page is None or not self._bulk.pays(opening.page):
            return None
        if mark.place and self._bulk.has(mark.place):
            return mark.place
        try:
            return self._bulk.begin(whole_query(object, mark, fields), deleted_too=mark.since is not None)
        except NotInBulk as why:
            self._note(object, why)
            return None

    def _read(self, object: str, opening: Opening, fields: Fields, place: Place | None) -> Iterator[tuple[Page, Mark]]:
        if place is not None:
            try:
                yield from self._by_job(object, opening, fields, place)
            except NotInBulk as why:
                self._note(object, why)
            else:
                return
        yield from self._by_query(object, opening, fields)

    def _note(self, object: str, why: NotInBulk) -> None:
        reason = str(why).removeprefix("Salesforce: ")
        self._notes.append(f"{names.sobject(object)} was read by queries, not by a bulk query job: {reason}")

    def _by_job(self, object: str, opening: Opening, fields: Fields, place: Place) -> Iterator[tuple[Page, Mark]]:
        """All there is to read; the page that told how much that is comes again with it. Raises NotInBulk."""
        mark, unseen = replace(opening.mark, place=place), set(opening.deleted)
        full, new = mark.since is None, place != opening.mark.place
        if new:
            yield Page(full=full), mark  # whoever is killed from here on goes on with this job
        for step in self._bulk.steps(place, objects.columns(object, fields), new=new):
            unseen.difference_update(codec.widened(step.columns.get("Id", ())))
            try:
                records, gone = self._folded(object, step.columns, fields)
            except ValueError as error:  # a value that a query may write in another way
                raise NotInBulk(str(error)) from error
            if step.place is None:
                gone += explained(self._client, object, sorted(unseen))
            mark = replace(mark, place=step.place) if step.place else mark.ended()
            yield Page(records, survivors_named(gone), full=full), mark

    def _by_query(self, object: str, opening: Opening, fields: Fields) -> Iterator[tuple[Page, Mark]]:
        mark, unseen = replace(opening.mark, place=None), set(opening.deleted)
        full = mark.since is None
        for rows, done in self._steps(object, opening, fields):
            unseen.difference_update(codec.widen(row["Id"]) for row in rows if unseen)
            columns = columns_of(object, rows, fields)
            if columns is None:
                records, gone = self._of_rows(object, rows, fields)
            else:
                records, gone = self._folded(object, columns, fields)
            if done:
                gone += explained(self._client, object, sorted(unseen))
                yield Page(records, survivors_named(gone), full=full), mark.ended()
                return
            if rows:
                mark = mark.seen(codec.instant(rows[-1]["SystemModstamp"]), codec.widen(rows[-1]["Id"]))
            yield Page(records, survivors_named(gone), full=full), mark

    def _steps(self, object: str, opening: Opening, fields: Fields) -> Iterator[tuple[Sequence[Row], bool]]:
        """The rows of all pages in steps, and whether there are no more."""
        page = opening.page
        if page is None:
            query = first_query(object, opening.mark, fields)
            page = self._client.query(query, deleted_too=opening.mark.since is not None)
        while True:
            rows, link = page["records"], None if page["done"] else page["nextRecordsUrl"]
            del page
            while len(rows) > STEP:
                yield rows[:STEP], False
                del rows[:STEP]
            yield rows, link is None
            if link is None:
                return
            rows.clear()  # before the next page comes; the opening has the first one, too
            page = self._client.next_page(link)

    def _folded(self, object: str, columns: Columns, fields: Fields) -> tuple[Sequence[Record], list[Gone]]:
        if not columns:
            return (), []
        if columns.keys() >= set(objects.columns(object, fields)):
            return in_columns(object, columns, fields)
        return self._of_rows(object, rows_of(columns), fields)

    def _of_rows(self, object: str, rows: Sequence[Row], fields: Fields) -> tuple[Sequence[Record], list[Gone]]:
        """Of a row without its fields only the keys are known: those are read by id."""
        whole = [row for row in rows if _is_whole(row, fields)]
        found = judged(object, whole, fields)
        if len(whole) < len(rows):
            ends = {row["Id"]: objects.gone(object, row) for row in rows if not _is_whole(row, fields)}
            found += [end for end in ends.values() if end]
            found += read(self._client, object, [id for id, end in ends.items() if end is None], fields)
        return [one for one in found if isinstance(one, Record)], [one for one in found if isinstance(one, Gone)]


def _is_whole(row: Row, fields: Fields) -> bool:
    return fields.keys() <= row.keys()
