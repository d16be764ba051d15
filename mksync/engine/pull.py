"""Read both sides at the same time and fold every page into the mirror, in one transaction with its cursor."""

from collections.abc import Iterator
from itertools import groupby
from queue import Queue
from threading import Event, Thread

from mksync.core.records import Page, Side
from mksync.core.tally import TallyBuilder
from mksync.engine.progress import Progress
from mksync.engine.project import PERSON, Project
from mksync.mirror.project import Cursor
from mksync.ports import CursorExpired

PAGES_IN_FLIGHT = 2  # bounds the memory of a side that reads faster than the mirror writes


def pull(project: Project, progress: Progress) -> list[str]:
    """Bring the mirror up to what both sides hold now. Returns warnings.

    Raises what a port raises; what was read so far is kept, and the next pull goes on from there.
    """
    warnings = []
    while True:
        try:
            _pull(project, progress)
        except _Expired as expired:
            # A gap in a change feed is never skipped: everything is read again and compared.
            full_read_needed(project, expired.side)
            title = project.titles[expired.side]
            warnings.append(f"{title} no longer keeps changes as old as the last cycle: everything was read afresh")
        else:
            return warnings


def _pull(project: Project, progress: Progress) -> None:
    for side in Side:
        _begin(project, side)
    feeds = {side: _Feed(project, side) for side in Side}
    try:
        for side, page in _interleaved(feeds):
            _fold(project, side, page)
            progress.read(project.titles[side], len(page.records))
    finally:
        for feed in feeds.values():
            feed.stop()


def full_read_needed(project: Project, side: Side) -> None:
    """Forget how far this side was read: the next pull reads everything."""
    cursor = project.mirror.project.cursor(side)
    project.mirror.project.move_cursor(side, Cursor(None, cursor.generation, False))


def read_afresh_after_brake(project: Project) -> None:
    """A full read that a brake mistrusts is not built upon: the next cycle reads that side again."""
    for side in Side:
        if project.mirror.project.cursor(side).full_read:
            full_read_needed(project, side)


def _begin(project: Project, side: Side) -> None:
    cursor = project.mirror.project.cursor(side)
    if cursor.value is None and not cursor.full_read:
        project.mirror.project.move_cursor(side, Cursor(None, cursor.generation + 1, True))


def _fold(project: Project, side: Side, page: Page) -> None:
    mirror = project.mirror
    cursor = mirror.project.cursor(side)
    with mirror.transaction():
        for object, records in groupby(page.records, key=lambda record: record.object):
            mirror.snapshots.stage(side, object, project.fields(side, object), records, cursor.generation)
        for object, gone in groupby(page.gone, key=lambda one: one.object):
            mirror.snapshots.bury(side, object, gone)
        mirror.project.move_cursor(side, Cursor(page.cursor, cursor.generation, cursor.full_read))


def conclude_full_reads(project: Project, tally: TallyBuilder) -> None:
    """A full read that came to its end has shown everything there is: what it did not show is gone.

    Belongs to the plan's transaction, so that a brake takes it back: an answer that was suspiciously empty is no
    reason to take anybody for deleted.
    """
    for side in Side:
        cursor = project.mirror.project.cursor(side)
        if not cursor.full_read:
            continue
        for object in (PERSON,) if side is Side.MARKETO else project.objects:
            missing = project.mirror.snapshots.unseen(side, object, cursor.generation)
            seen = project.mirror.snapshots.seen(side, object, cursor.generation)
            tally.read(side, object, known=missing + seen, seen=seen)
            project.mirror.snapshots.bury_unseen(side, object, cursor.generation)
        project.mirror.project.move_cursor(side, Cursor(cursor.value, cursor.generation, False))


class _Feed:
    """A side's pages, read ahead by a thread of its own. Only network and parsing happen there."""

    def __init__(self, project: Project, side: Side) -> None:
        self.pages: Queue[Page | BaseException | None] = Queue(PAGES_IN_FLIGHT)
        self._stopped = Event()
        cursor = project.mirror.project.cursor(side)
        self._thread = Thread(target=self._read, args=(project, side, cursor.value), name=f"pull-{side}", daemon=True)
        self._thread.start()

    def _read(self, project: Project, side: Side, cursor: str | None) -> None:
        try:
            for page in project.ports[side].changes(project.selection(side), cursor):
                self.pages.put(page)
                if self._stopped.is_set():
                    return
            self.pages.put(None)
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits for this page
            self.pages.put(error)

    def stop(self) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            while not self.pages.empty():
                self.pages.get_nowait()
            self._thread.join(0.01)


def _interleaved(feeds: dict[Side, _Feed]) -> Iterator[tuple[Side, Page]]:
    """Pages of both sides, whichever is ready; the first error ends it."""
    open_feeds = dict(feeds)
    while open_feeds:
        for side in list(open_feeds):
            item = open_feeds[side].pages.get()
            if item is None:
                del open_feeds[side]
            elif isinstance(item, CursorExpired):
                raise _Expired(side)
            elif isinstance(item, BaseException):
                raise item
            else:
                yield side, item


class _Expired(Exception):  # noqa: N818
    """This side's change feed does not reach back far enough."""

    def __init__(self, side: Side) -> None:
        super().__init__(side)
        self.side = side
