"""Reading many records by a bulk query job: when it pays, how it is waited for, and when it is done without.

Queries bring 2,000 records a call. A job costs its creation, some looks at how far it is, its deletion, and a call for
every 25,000 records: less, from ten pages on (Bulk API 2.0 Developer Guide, "Query Jobs"; at most 10,000 of them a day
and organisation, Developer Limits). It is a way to read, not one to fail: whatever goes wrong with a job, the same
records are read by queries.

A job shows records as they were when it ran, which may be a while ago. So it never ends a read: what changed since the
read began is read once more behind it (see `feed`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import mksync.vendors.salesforce.csvrows as csvrows
from mksync.core.frozen import dataclass
from mksync.errors import AccessError, MksyncError, Temporary
from mksync.ports import Clock
from mksync.vendors.salesforce.client import Row
from mksync.vendors.salesforce.codec import Columns
from mksync.vendors.salesforce.cursor import Place
from mksync.vendors.salesforce.jobs import COMPLETE, ENDED_BADLY, QUEUED, Jobs, Results
from mksync.vendors.salesforce.soql import Query
from mksync.wire.reply import UnexpectedReply

# A page of results is one answer, held in memory whole: 750,000 cells are about 15 MB. Salesforce would give 50,000
# records at a time; that would halve the calls, and double the memory.
MOST_RECORDS = 25_000
FEWEST_RECORDS = 500
CELLS = 750_000
STEP = 1_000  # records that are handed over together: some steps are under way at a time, and each takes 3 MB

FIRST_LOOK = 0.5  # seconds after a job was made; then the waits double
LONGEST_PAUSE = 10.0
LONGEST_QUEUE = 300.0  # a job that is not even begun by then is not worth waiting for
LONGEST_WAIT = 900.0  # in one run; the next one goes on with the same job


class NotInBulk(Exception):  # noqa: N818 - a situation of one object, answered by queries
    """There is no reading this object by a job, and why."""


@dataclass(frozen=True, slots=True)
class Step:
    """Records, perhaps none. `place`: where it goes on behind them; None: that was all."""

    columns: Columns
    place: Place | None


class Bulk:
    """`least`: from how many records on a job pays."""

    def __init__(self, jobs: Jobs, clock: Clock, least: int) -> None:
        self._jobs = jobs
        self._clock = clock
        self._least = least

    def pays(self, page: Row) -> bool:
        """Whether a query with this first page has so many records that a job costs less."""
        total = page.get("totalSize")
        return isinstance(total, int) and total >= self._least

    def begin(self, query: Query, *, deleted_too: bool) -> Place:
        """Raises NotInBulk."""
        # An order would keep Salesforce from working on a job in parallel (Bulk API 2.0 Guide, "PK Chunking").
        unordered = replace(query, order=())
        with _else_by_queries():
            return Place(self._jobs.create(unordered, deleted_too=deleted_too).id)

    def has(self, place: Place) -> bool:
        """Whether an earlier run's job can be gone on with: it lives for seven days."""
        try:
            return self._jobs.look(place.job).state not in ENDED_BADLY
        except (Temporary, AccessError):
            return False

    def steps(self, place: Place, columns: Sequence[str], *, new: bool) -> Iterator[Step]:
        """What the job holds from there on. While it is waited for there are steps without records.

        `new`: the job was made just now, so that there is no use in looking at it at once. Raises NotInBulk, and
        Temporary if Salesforce works on it for longer than a run should wait.
        """
        if not place.locator:
            for _ in self._waited(place, FIRST_LOOK if new else 0.0):
                yield Step({}, place)
        most, left = max(FEWEST_RECORDS, min(MOST_RECORDS, CELLS // len(columns))), True
        while left:
            results, most = self._results(place, most)
            behind = Place(place.job, results.locator) if results.locator else None
            yield from _stepped(results, columns, place, behind)
            left, place = behind is not None, behind or place
            del results  # before the next page comes
        self._forget(place.job)

    def _waited(self, place: Place, pause: float) -> Iterator[None]:
        """Nothing, as often as the job is not complete. `pause`: seconds before the first look."""
        waited = 0.0
        while True:
            self._clock.sleep(pause)
            waited += pause
            if self._state(place, waited) == COMPLETE:
                return
            pause = min(2 * pause, LONGEST_PAUSE) or FIRST_LOOK
            yield

    def _state(self, place: Place, waited: float) -> str:
        with _else_by_queries():
            job = self._jobs.look(place.job)
        if job.state in ENDED_BADLY:
            self._forget(job.id)
            raise NotInBulk(f"the job ended as {job.state}" + (f": {job.message}" if job.message else ""))
        if job.state == QUEUED and waited >= LONGEST_QUEUE:
            self._forget(job.id, abort=True)
            raise NotInBulk(f"the job was not begun within {waited / 60:.0f} minutes")
        if job.state != COMPLETE and waited >= LONGEST_WAIT:
            raise Temporary(
                f"Salesforce has not finished the bulk query job {job.id} within {waited / 60:.0f} minutes",
                hint="Run again: it goes on with the same job. A higher `bulk_from` in [crm] has queries read instead.",
            )
        return job.state

    def _results(self, place: Place, most: int) -> tuple[Results, int]:
        """A page, and how many records to ask for from now on: half as many, whenever a page was too large."""
        while True:
            try:
                with _else_by_queries():
                    return self._jobs.results(place.job, place.locator, most), most
            except _TooLarge as error:
                if most <= FEWEST_RECORDS:
                    raise NotInBulk(str(error)) from None
                most = max(FEWEST_RECORDS, most // 2)

    def _forget(self, job: str, *, abort: bool = False) -> None:
        """Tidying up. A job that is left behind vanishes after seven days."""
        try:
            if abort:
                self._jobs.abort(job)
            self._jobs.delete(job)
        except MksyncError:
            return


class _TooLarge(NotInBulk):
    """The answer is larger than one may be."""


@contextmanager
def _else_by_queries() -> Iterator[None]:
    """Sign-in, network and quota are the same for queries: what is wrong with those, they will say."""
    try:
        yield
    except UnexpectedReply as error:
        raise _TooLarge(error.message) from error
    except (Temporary, AccessError) as error:
        raise NotInBulk(error.message) from error


def _stepped(results: Results, columns: Sequence[str], place: Place, behind: Place | None) -> Iterator[Step]:
    """The page in steps. Only the last one moves on: what comes before it would be read again, which does no harm."""
    read = 0
    try:
        for some in csvrows.columns(results.body, columns, STEP):
            read += len(some["Id"])
            if read < results.records:
                yield Step(some, place)
            elif read == results.records:
                yield Step(some, behind)
    except UnexpectedReply as error:
        raise NotInBulk(error.message) from None
    if read != results.records:
        raise NotInBulk(f"a page of {results.records} records held {read}")
    if not read:
        yield Step({}, behind)
