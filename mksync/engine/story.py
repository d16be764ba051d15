"""The history of one person, field by field: what was written where, who won, what was refused."""

from collections.abc import Sequence

from mksync.core.frozen import dataclass
from mksync.core.report import Change, Collision, Event, Held, Rejected
from mksync.engine.report import changes
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen
from mksync.mirror.people import named


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the mirror remembers of one person, oldest first, each with its cycle."""

    person_id: str | None
    record_id: str | None
    changes: Sequence[tuple[int, Change]]
    collisions: Sequence[tuple[int, str, Collision]]  # with the moment its cycle began
    rejected: Sequence[tuple[int, Rejected]]
    held: Sequence[tuple[int, Held]]
    events: Sequence[tuple[int, str, Event]]  # with the moment its cycle began


def stories(mirror: Mirror, who: str, since: str = "") -> list[Story]:
    """The story of everybody whom an e-mail address, a Marketo id or a CRM id means; `since`: an instant."""
    return [_story(mirror, person, record, since) for person, record in named(mirror.db, who)]


def _story(mirror: Mirror, person: str | None, record: str | None, since: str) -> Story:
    ids = tuple(id for id in (person, record) if id)
    first = min((cycle.id for cycle in mirror.history.cycles(since, limit=-1)), default=None)
    chosen = Chosen(ids=ids, since=since)
    return Story(
        person,
        record,
        [
            (write.cycle, change)
            for write, status in mirror.journal.of_record(ids)
            if first is not None and write.cycle >= first
            for change in changes([(write, status)])
        ],
        list(mirror.history.collisions(chosen)),
        list(mirror.history.rejected(chosen)),
        list(mirror.history.held(chosen)),
        list(mirror.events.all(chosen)),
    )
