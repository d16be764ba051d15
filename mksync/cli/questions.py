"""What `mksync log` can be asked: each answer as data for machines and as tables for people."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TypeVar

import mksync.cli.history as history
import mksync.cli.leftovers as leftovers
import mksync.cli.reading as reading
import mksync.cli.render as render
from mksync.cli.console import Console
from mksync.cli.rows import ROWS_READ
from mksync.cli.table import Table
from mksync.config import Config
from mksync.core.frozen import dataclass
from mksync.core.records import Sides
from mksync.core.report import Change, Held, Rejected
from mksync.engine.report import report
from mksync.engine.story import Story, stories
from mksync.errors import ConfigError
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen

RETRY = "try again once the cause is gone: mksync log retry WHO… or --all"
Show = Callable[[Console], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` for `--json`, `show` for people."""

    data: Mapping[str, object]
    show: Show


@dataclass(frozen=True, slots=True)
class Log:
    """The mirror, asked as an admin asks."""

    mirror: Mirror
    titles: Sides[str]
    labels: Mapping[str, str]

    def cycles(self, since: str, limit: int) -> Answer:
        rows = self.mirror.history.cycles(since, limit)
        return Answer({"cycles": [asdict(row) for row in rows]}, _tables(history.cycles(rows)))

    def cycle(self, number: int, limit: int) -> Answer:
        row = self.mirror.history.cycle(number)
        if row is None:
            raise ConfigError(f"there is no cycle {number}", hint="mksync log lists the latest ones")
        found = report(self.mirror, self.labels, row, dry=False, rows=max(limit, ROWS_READ), past=True)
        lines = [history.quotas(found.quota)] if found.quota else []
        shows = [lambda console: render.show(found, self.titles, console), _texts(lines)]
        return Answer(render.to_json(found), _all(shows))

    def collisions(self, since: str, limit: int) -> Answer:
        rows, total = _latest(self.mirror.history.collisions(Chosen(since=since)), limit)
        data = [{"cycle": cycle, "when": when, **asdict(row)} for cycle, when, row in rows]
        table = history.collisions(rows, self.titles, total)
        return Answer({"collisions": data, "collisions_total": total}, _tables(table))

    def leftovers(self, since: str, limit: int) -> Answer:
        rejected, refused = _latest(self.mirror.history.rejected(Chosen(since=since)), limit)
        held, open_questions = _latest(self.mirror.history.held(Chosen(since=since)), limit)
        data = {
            "rejected": _numbered(rejected),
            "rejected_total": refused,
            "held": _numbered(held),
            "held_total": open_questions,
        }
        lines = self._leftover_lines(rejected, held, refused, open_questions)
        return Answer(data, _texts(lines or ["nothing is rejected or held"]))

    def _leftover_lines(
        self, rejected: Sequence[tuple[int, Rejected]], held: Sequence[tuple[int, Held]], refused: int, questions: int
    ) -> list[str]:
        lines = [history.counted("Rejected, waiting", len(rejected), refused)] if rejected else []
        lines += [line for _, row in rejected for line in leftovers.rejected(row, self.titles)]
        lines += [RETRY] if rejected else []
        lines += [history.counted("Held for a human", len(held), questions)] if held else []
        return lines + [line for _, row in held for line in leftovers.held(row, self.titles)]

    def person(self, who: str, since: str, limit: int) -> Answer:
        found = stories(self.mirror, bare(who), since)
        if not found:
            raise ConfigError(f"nobody in the mirror is called {who}", hint="give an e-mail, a Marketo id or a CRM id")
        told = [self._story(story, limit) for story in found]
        return Answer({"people": [answer.data for answer in told]}, _all([answer.show for answer in told]))

    def _story(self, story: Story, limit: int) -> Answer:
        """One person's history: what was written, who won, and what waits."""
        changes, written = _latest(story.changes, limit)
        collisions, won = _latest(story.collisions, limit)
        data = {
            "person_id": story.person_id,
            "record_id": story.record_id,
            "changes": _numbered(changes),
            "changes_total": written,
            "collisions": [{"cycle": cycle, "when": when, **asdict(row)} for cycle, when, row in collisions],
            "collisions_total": won,
            "rejected": _numbered(story.rejected),
            "held": _numbered(story.held),
            "events": [{"cycle": cycle, "when": when, **asdict(row)} for cycle, when, row in story.events],
        }
        linked = f"{self.titles.crm} {story.record_id}" if story.record_id else f"not linked in {self.titles.crm}"
        tables = (
            history.changes(changes, self.titles, written),
            history.collisions(collisions, self.titles, won),
            history.events(story.events),
        )
        shows = [_texts([f"person {story.person_id or '(none)'}, {linked}"])]
        shows += [_tables(table) for table in tables if table.rows]
        lines = self._leftover_lines(story.rejected, story.held, len(story.rejected), len(story.held))
        quiet = not (lines or changes or story.events)
        return Answer(data, _all([*shows, _texts(["nothing was done yet"] if quiet else lines)]))


def _latest(rows: Iterable[T], limit: int) -> tuple[list[T], int]:
    """The last rows, oldest of them first, and how many there are in all."""
    total = 0
    kept: deque[T] = deque(maxlen=limit)
    for row in rows:
        total += 1
        kept.append(row)
    return list(kept), total


def _numbered(rows: Iterable[tuple[int, Change | Rejected | Held]]) -> list[dict[str, object]]:
    return [{"cycle": cycle, **asdict(row)} for cycle, row in rows]


def bare(who: str) -> str:
    """The address of "Ana Ruiz <ana@example.com>", as tables call people; else what was given."""
    found = re.fullmatch(r".*<([^<>]+@[^<>]+)>", who.strip(), re.DOTALL)
    return found[1] if found else who.strip()


@contextmanager
def opened(config: Config) -> Iterator[Log]:
    """Read the mirror beside whatever runs. Raises MirrorError if there is none."""
    with reading.opened(config) as there:
        yield Log(there.mirror, there.titles, there.labels)


def _tables(table: Table) -> Show:
    def show(console: Console) -> None:
        if table.rows:
            console.table(table)
            console.data("")
        else:
            console.data(table.title)

    return show


def _texts(lines: Sequence[str]) -> Show:
    def show(console: Console) -> None:
        if lines:
            console.data("\n".join(lines))

    return show


def _all(shows: Sequence[Show]) -> Show:
    def show(console: Console) -> None:
        for one in shows:
            one(console)

    return show
