"""Read both sides at the same time and fold every page into the mirror, in one transaction with its cursor."""

import gc
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import groupby
from queue import Full, Queue
from threading import Event, Thread

from mksync.core.columns import by_object
from mksync.core.records import Page, Side
from mksync.core.tally import TallyBuilder
from mksync.engine.giving_way import give_way
from mksync.engine.heap import give_back
from mksync.engine.joined import joined
from mksync.engine.late import note
from mksync.engine.progress import Progress
from mksync.engine.project import PERSON, Project
from mksync.mirror.project import Cursor
from mksync.ports import CursorExpired

PAGES_IN_FLIGHT = 2  # bounds the memory of what is read faster than the mirror writes it
GRACE = 1.0  # seconds that a thread has to end
# How many objects are made before Python looks for cycles among them. Records form none: to look after every 700, as
# Python does by itself, takes a tenth of a large pull.
BETWEEN_COLLECTIONS = (20_000, 50, 100)
Item = Page | BaseException | None  # None: the end of a side's feed


def pull(project: Project, cycle: int, progress: Progress, notes: list[str] | None = None) -> list[str]:
    """Bring the mirror up to what both sides hold now. Returns warnings. `notes` takes what the ports tell.

    Raises what a port raises; what was read so far is kept, and the next pull goes on from there.
    """
    warnings: list[str] = []
    while True:
        try:
            if _pull(project, cycle, progress, [] if notes is None else notes):
                project.mirror.index()
                return warnings
        except _Expired as expired:
            # A gap in a change feed is never skipped: everything is read again and compared.
            full_read_needed(project, expired.side)
            title = project.titles[expired.side]
            warnings.append(f"{title} no longer keeps changes as old as the last cycle: everything was read afresh")


def _pull(project: Project, cycle: int, progress: Progress, notes: list[str]) -> bool:
    """False if others worked in between: what was read ahead is older than what they wrote, and is read again."""
    for side in Side:
        _begin(project, side)
    if any(project.mirror.project.cursor(side).full_read for side in Side):
        give_back()
    with _seldom_collecting(), closing(_pages(project)) as pages:
        for side, page in pages:
            _fold(project, side, page)
            notes += (f"{project.titles[side]}: {note}" for note in page.notes)
            progress.read(project.titles[side], len(page.records))
            if give_way(project, cycle):
                return False
    return True


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    usual = gc.get_threshold()
    young, *others = BETWEEN_COLLECTIONS
    gc.set_threshold(max(young, usual[0]), *others)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


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
        for object, records in by_object(page.records):
            fields = project.fields(side, object)
            mirror.snapshots.stage(side, object, fields, joined(fields, records), cursor.generation)
        for object, gone in groupby(page.gone, key=lambda one: one.object):
            mirror.snapshots.bury(side, object, gone)
        note(project, side, page)
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


def _pages(project: Project) -> Generator[tuple[Side, Page], None, None]:
    """Pages of both sides, whichever is ready, read ahead by a thread a side; the first error ends it.

    Only network and parsing happen in the threads. One that is waiting when the others have ended is left to itself:
    it cannot be interrupted, touches no mirror, and ends with the page it waits for, or with the process.
    """
    items: Queue[tuple[Side, Item]] = Queue(PAGES_IN_FLIGHT)
    stopped = Event()
    threads = [_reading(project, side, items, stopped) for side in Side]
    try:
        left = len(threads)
        while left:
            with project.turns.idle():
                side, item = items.get()
            if isinstance(item, Page):
                yield side, item
            elif item is None:
                left -= 1
            else:
                raise _Expired(side) if isinstance(item, CursorExpired) else item
    finally:
        stopped.set()
        for thread in threads:
            thread.join(GRACE)


def _reading(project: Project, side: Side, items: Queue[tuple[Side, Item]], stopped: Event) -> Thread:
    cursor = project.mirror.project.cursor(side).value  # the mirror belongs to this thread
    thread = Thread(target=_read, args=(project, side, cursor, items, stopped), name=f"pull-{side}", daemon=True)
    thread.start()
    return thread


def _read(project: Project, side: Side, cursor: str | None, items: Queue[tuple[Side, Item]], stopped: Event) -> None:
    end: Item = None
    try:
        for page in project.ports[side].changes(project.selection(side), cursor):
            if not _offered(items, (side, page), stopped):
                return
    except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits for this page
        end = error
    _offered(items, (side, end), stopped)


def _offered(items: Queue[tuple[Side, Item]], item: tuple[Side, Item], stopped: Event) -> bool:
    """Wait for room. False once nobody wants it any more."""
    while not stopped.is_set():
        with suppress(Full):
            items.put(item, timeout=0.1)
            return True
    return False


class _Expired(Exception):  # noqa: N818
    """This side's change feed does not reach back far enough."""

    def __init__(self, side: Side) -> None:
        super().__init__(side)
        self.side = side
