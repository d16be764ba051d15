"""Places in Marketo's logs where a later cycle can begin, so that it need not ask for one.

An activity can be written down minutes after its own date (Marketo Nation, ta-p/348678), so a cycle begins `OVERLAP`
before the last one did. A token says where in a log to go on, by the date or by the order in which entries were written
down: either way, what is dated after the moment that a log was read to its end lies behind the token given then, and
behind the token of any page lies what is dated after the newest entry up to there.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

OVERLAP = 600.0  # seconds
APART = 150.0  # seconds between two marks, at least: a few of them do for any interval of cycles
KEPT = 2 * 86400.0  # seconds; how long a token is taken is not documented
MANY = 300  # a page: more entries than that are dearer to read again than a token is to ask for
CLOCKS_APART = 60.0  # seconds between Marketo's own servers, at most


class Mark(NamedTuple):
    """Whatever happened after `at` (Marketo's clock, seconds since the epoch) lies behind these tokens.

    One for each log: that a log takes the token of another is documented only for those asked for by time.
    """

    at: float
    stream: str
    deleted: str


def start(marks: Sequence[Mark], polled: float) -> Mark | None:
    """Where a cycle may begin that follows one which began at `polled`: the youngest mark that is old enough."""
    old = [mark for mark in marks if mark.at <= polled - OVERLAP]
    return max(old, key=lambda mark: mark.at) if old else None


class Marks:
    """What a cycle learns of them. `began`: when it did; the next one has to see what happened `OVERLAP` before."""

    def __init__(self, marks: Sequence[Mark], began: float) -> None:
        self._marks = marks
        self._needed = began - OVERLAP
        self._start = start(marks, began)
        self._again = 0
        self._newest = 0.0

    def note(self, dates: Iterable[float], place: str | None = None) -> None:
        """When the entries of a page happened. `place`: the token behind it, if it is not the end of the log."""
        begin = self._start.at - 1 if self._start else self._needed  # dates are whole seconds
        for date in dates:
            self._newest = max(self._newest, date)
            self._again += begin <= date <= self._needed
        if place is not None and self._start is not None and self._newest <= self._needed:
            self._start = Mark(max(self._start.at, self._newest), place, self._start.deleted)
            self._again = 0

    def kept(self, stream: str, deleted: str, at: float) -> tuple[Mark, ...]:
        """Those that later cycles can use. Both logs were read to these tokens, their ends, at or before `at`."""
        kept = [mark for mark in self._marks if mark.at > self._needed]
        if self._start is not None and self._again <= MANY and self._needed - self._start.at <= KEPT:
            kept.insert(0, self._start)
        end = Mark(max(at + 1, self._newest), stream, deleted)  # a server tells the time in whole seconds
        ahead = self._newest > at + CLOCKS_APART  # where a token by date would lie is not known then
        if not ahead and all(end.at - mark.at >= APART for mark in kept):
            kept.append(end)
        return tuple(kept)
