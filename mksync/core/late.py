"""Late collisions: what a write really replaced, where the side could not be told to write only what it had read.

Such a side's own log tells it afterwards. The entry of a write of ours is the one that made of the field what we sent;
if it did not replace what the field was read to hold, and the log tells how the field came to hold what it did replace,
then somebody edited it between our reading and our writing. Entries may come late, twice and in any order, so nothing
is concluded from one alone.

Somebody who edits the field in that window to the very value that is being written, and then to another one, cannot be
told from somebody who edits it twice after the write: taken for that.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from mksync.core.decide import by_policy, one_way
from mksync.core.frozen import dataclass
from mksync.core.kinds import Kind
from mksync.core.pairs import NAMES, FieldPair
from mksync.core.records import FieldType, Logged, Replaced, Side, Sides, Value
from mksync.core.values import same


@dataclass(frozen=True, slots=True)
class Window:
    """A field that was written: read as `was`, then `sent`, and read back as `holds`. Windows are numbered in turn."""

    number: int
    was: Value
    sent: Value
    holds: Value


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log. `after`: the last window there was when it was told first; `used`: it is a write's own."""

    after: int
    replaced: Replaced
    used: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """The entry that is a write's own. `late`: what it replaced is somebody's edit."""

    window: Window
    entry: Entry
    late: bool

    def edited_since(self, type: FieldType) -> bool:
        """Whether what was read back is not what was written, but somebody's edit right after."""
        sent, holds = self.window.sent, self.window.holds
        return not same(type, sent, holds) and _alike(type, self.entry.replaced.new, sent)


def told(type: FieldType, windows: Sequence[Window], entries: Sequence[Entry]) -> Iterator[Told]:
    """What the log tells of the writes of one field of one record; a write it does not tell of yet is left out.

    `windows` by age; `entries` of this field in the log's order, and of merges of the record.
    """
    waiting = list(windows)
    left = [one for one in entries if one.replaced.field is not None and one.replaced.by_api and not one.used]
    for late in (False, True):
        for entry in list(left):
            window = next((one for one in waiting if _is_own(type, one, entry, entries, late=late)), None)
            if window is not None:
                waiting.remove(window)
                left.remove(entry)
                yield Told(window, entry, late)


def winner(pair: FieldPair, side: Side, kind: str, now: Sides[Value]) -> tuple[Side | None, str]:
    """Who wins over an edit on this side that a write of this kind replaced, as if it had been seen; and the rule.

    `now`: the edit, and the value that was written over it.
    """
    if pair.direction.source is not None:
        return pair.direction.source, one_way(pair.direction.source, pair)
    by = pair.winner(now)
    if by is None:
        return None, f"field rule {pair.name}: held for a human"
    if by is side and kind == Kind.INITIAL:
        return side.other, f"quick sync: filled from {NAMES[side.other]}"
    return by, by_policy(by, pair)


def _is_own(type: FieldType, window: Window, entry: Entry, entries: Sequence[Entry], *, late: bool) -> bool:
    old, new = entry.replaced.old, entry.replaced.new
    ours = _alike(type, new, window.sent) or _alike(type, new, window.holds)
    if entry.after < window.number or not ours:
        return False
    if _alike(type, old, window.was):
        return not late
    return late and _came_to_be(type, window, old.value, entries)


def _came_to_be(type: FieldType, window: Window, value: Value, entries: Sequence[Entry]) -> bool:
    """Whether the log tells how the field went from what was read to this value, without what was written."""
    news = [one.replaced for one in entries if one.after >= window.number]
    if any(one.field is None for one in news):
        return True
    written = (window.sent, window.holds)
    steps = [one for one in news if not any(_alike(type, one.new, value) for value in written)]
    reached = [one.new.value for one in steps if _alike(type, one.old, window.was)]
    for at in reached:  # it grows meanwhile
        reached += [one.new.value for one in steps if same(type, one.old.value, at) and one.new.value not in reached]
    return any(same(type, one, value) for one in reached)


def _alike(type: FieldType, logged: Logged, value: Value) -> bool:
    """Whether what the log tells may be this value."""
    if same(type, logged.value, value):
        return True
    if logged.whole or not isinstance(logged.value, str) or not isinstance(value, str):
        return False
    if logged.cut:
        return value.startswith(logged.value[:-1])  # the last character may be half of one
    try:
        apart = abs(datetime.fromisoformat(logged.value) - datetime.fromisoformat(value))
    except ValueError:  # a text that was kept in a field for times
        return False
    return apart.total_seconds() == logged.doubt
