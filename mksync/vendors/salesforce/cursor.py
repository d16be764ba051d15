"""How far each object was read, as the opaque text that the mirror keeps. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import mksync.vendors.marks as marks_as_text
from mksync.core.frozen import dataclass
from mksync.core.records import Selection
from mksync.ports import CursorExpired
from mksync.vendors.salesforce.codec import instant

FORM = 1

# Salesforce keeps deletions for 15 days (SOAP API Developer Guide, getDeleted()). One less: a feed that begins close to
# the edge would lose some while it is read.
REACH = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a bulk query job. `locator`: of the records that come next; empty: the first."""

    job: str
    locator: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one object was read.

    `since`: everything committed before it is in the mirror; None while the first read is under way.
    `after`: the last row seen, (SystemModstamp, Id), while a read is under way.
    `upto`: what becomes `since` when that read ends.
    `whole`: when everything was last begun to be read; deletions from before it were noticed by that read.
    `place`: where in the bulk query job that reads everything behind `after`, while there is one.
    """

    since: str | None = None
    after: tuple[str, str] | None = None
    upto: str | None = None
    whole: str | None = None
    place: Place | None = None

    @property
    def oldest(self) -> str | None:
        """The instant from which deletions have to be known."""
        return self.since or self.upto

    @property
    def deleted_since(self) -> str | None:
        """From when the delete log has to be read. It must not reach behind a bin that was emptied before `whole`."""
        return self.since and max(self.since, self.whole or "")

    def begun(self, at: str, upto: str) -> "Mark":
        """A read begins, at server time `at`; one that is taken up again keeps what it began with."""
        if self.upto:
            return self
        return replace(self, upto=upto, whole=at if self.since is None else self.whole)

    def seen(self, stamp: str, id: str) -> "Mark":
        return replace(self, after=(stamp, id))

    def ended(self) -> "Mark":
        return Mark(since=self.upto, whole=self.whole)


def parse(cursor: str | None, selection: Selection) -> dict[str, Mark]:
    """The marks of the selected objects. Raises `CursorExpired` for a text that is not one of ours."""
    if cursor is None:
        return {object: Mark() for object in selection}
    return marks_as_text.read(cursor, FORM, selection, _mark)


def text(marks: Mapping[str, Mark]) -> str:
    kept = {object: asdict(mark) for object, mark in marks.items()}
    return marks_as_text.written(FORM, kept)


def check_reach(marks: Mapping[str, Mark], now: float) -> None:
    """Raises `CursorExpired` if deletions may have been forgotten since."""
    edge = instant((datetime.fromtimestamp(now, UTC) - REACH).isoformat())
    for object, mark in marks.items():
        if mark.oldest is not None and mark.oldest < edge:
            raise CursorExpired(f"{object}: {mark.oldest} is longer ago than Salesforce keeps deletions")


def _mark(kept: Mapping[str, Any]) -> Mark:
    since, upto, whole = (_instant(kept.get(name)) for name in ("since", "upto", "whole"))
    after, place = kept.get("after"), kept.get("place")
    return Mark(
        since,
        (instant(after[0]), after[1]) if after else None,
        upto,
        whole,
        Place(str(place["job"]), str(place["locator"])) if place else None,
    )


def _instant(value: object) -> str | None:
    return None if value is None else instant(str(value))
