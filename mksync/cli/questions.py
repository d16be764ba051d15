"""What `mksync log` can be asked: each answer as data for machines and as tables for people."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import mksync.cli.history as history
import mksync.cli.leftovers as leftovers
import mksync.cli.render as render
from mksync.cli.console import Console
from mksync.cli.table import Table
from mksync.config import Config
from mksync.core.records import Side, Sides
from mksync.core.report import Held, Rejected
from mksync.engine.report import report
from mksync.engine.story import stories
from mksync.errors import ConfigError, MirrorError
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen

Show = Callable[[Console], None]


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
        found = report(self.mirror, self.labels, row, dry=False, rows=max(limit, render.ROWS_READ), past=True)
        return Answer(render.to_json(found), lambda console: render.show(found, self.titles, console))

    def collisions(self, since: str, limit: int) -> Answer:
        rows = list(self.mirror.history.collisions(Chosen(since=since, limit=limit)))
        data = [{"cycle": cycle, "when": when, **asdict(row)} for cycle, when, row in rows]
        return Answer({"collisions": data}, _tables(history.collisions(rows, self.titles)))

    def leftovers(self, since: str, limit: int) -> Answer:
        chosen = Chosen(since=since, limit=limit)
        rejected = list(self.mirror.history.rejected(chosen))
        held = list(self.mirror.history.held(chosen))
        data = {
            "rejected": [{"cycle": cycle, **asdict(row)} for cycle, row in rejected],
            "held": [{"cycle": cycle, **asdict(row)} for cycle, row in held],
        }
        return Answer(data, _texts(self._leftover_lines(rejected, held) or ["nothing is rejected or held"]))

    def _leftover_lines(self, rejected: Sequence[tuple[int, Rejected]], held: Sequence[tuple[int, Held]]) -> list[str]:
        lines = [f"Rejected, waiting: {len(rejected)}"] if rejected else []
        lines += [line for _, row in rejected for line in leftovers.rejected(row, self.titles)]
        lines += [f"Held for a human: {len(held)}"] if held else []
        return lines + [line for _, row in held for line in leftovers.held(row, self.titles)]

    def person(self, who: str) -> Answer:
        found = stories(self.mirror, who)
        if not found:
            raise ConfigError(f"nobody in the mirror is called {who}", hint="give an e-mail, a Marketo id or a CRM id")
        shows: list[Show] = []
        for story in found:
            linked = f"{self.titles.crm} {story.record_id}" if story.record_id else f"not linked in {self.titles.crm}"
            shows.append(_texts([f"person {story.person_id or '(none)'}, {linked}"]))
            shows += [_tables(table) for table in history.story(story, self.titles) if table.rows]
            shows.append(_texts(self._leftover_lines(story.rejected, story.held)))
        return Answer({"people": [asdict(story) for story in found]}, _all(shows))


@contextmanager
def opened(config: Config) -> Iterator[Log]:
    """Read the mirror beside whatever runs. Raises MirrorError if there is none."""
    if not config.mirror.exists():
        raise MirrorError(f"there is no mirror at {config.mirror}", hint="mksync init")
    crm = config.vendor(Side.CRM)
    mirror = Mirror.open(config.mirror)
    try:
        titles = Sides(config.vendor(Side.MARKETO).title, crm.title)
        yield Log(mirror, titles, {object: one.label for object, one in crm.catalogue.items()})
    finally:
        mirror.close()


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
