"""How far each object was read, as the opaque text that the mirror keeps. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import mksync.vendors.marks as marks_as_text
from mksync.core.frozen import dataclass
from mksync.vendors.dynamics.settings import BASE

FORM = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one object was read. Links are paths with their query; instants are in UTC.

    `columns`: what the links ask for; other ones need a read of their own.
    `delta`: where the next change feed begins, `at`: when that link was given.
    `next`: the next page of the read that is under way.
    `since`: for a table that does not track changes: everything modified before it is in the mirror.
    `upto`: what `since` becomes when the read under way ends.
    `whole`: when the last read of everything was begun.
    """

    columns: tuple[str, ...] = ()
    delta: str | None = None
    at: str | None = None
    next: str | None = None
    since: str | None = None
    upto: str | None = None
    whole: str | None = None

    @property
    def full(self) -> bool:
        """Whether everything is being read."""
        return self.delta is None and self.since is None

    def began(self, columns: Sequence[str], upto: str, whole: str) -> "Mark":
        """A read begins. `upto` lies so far back that nothing older is still being saved."""
        return replace(self, columns=tuple(columns), next=None, upto=upto, whole=whole if self.full else self.whole)

    def paged(self, next: str) -> "Mark":
        return replace(self, next=next)

    def followed(self, delta: str, at: str) -> "Mark":
        """The read came to its end, and changes are tracked from here."""
        return Mark(self.columns, delta, at, whole=self.whole)

    def stamped(self) -> "Mark":
        """The read came to its end, and changes are to be found by when they were made."""
        return Mark(self.columns, since=self.upto, whole=self.whole)


def parse(cursor: str | None, selection: Iterable[str]) -> dict[str, Mark]:
    """The marks of what is read. Raises `CursorExpired` for a text that is not one of ours."""
    if cursor is None:
        return {object: Mark() for object in selection}
    return marks_as_text.read(cursor, FORM, selection, _mark)


def text(marks: Mapping[str, Mark]) -> str:
    kept = {object: {name: value for name, value in asdict(mark).items() if value} for object, mark in marks.items()}
    return marks_as_text.written(FORM, kept)


def _mark(kept: Mapping[str, Any]) -> Mark:
    texts = {name: str(kept[name]) for name in ("delta", "at", "next", "since", "upto", "whole") if kept.get(name)}
    if not all(texts[name].startswith(f"{BASE}/") for name in ("delta", "next") if name in texts):
        raise ValueError("a link of somebody else")
    return Mark(tuple(map(str, kept.get("columns", ()))), **texts)
