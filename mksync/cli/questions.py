"""What `mksync log` can be asked: each answer as data for machines and as tables for people."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from mksync.cli import history, render
from mksync.cli.console import Console
from mksync.cli.table import Table
from mksync.config import Config
from mksync.core.records import Side, Sides
from mksync.engine.report import report
from mksync.engine.story import stories
from mksync.errors import ConfigError, MirrorError
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` for `--json`, `show` for people."""

    data: Mapping[str, object]
    show: Callable[[Console], None]


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
        return Answer(data, _tables(history.rejected(rejected, self.titles), history.held(held, self.titles)))

    def person(self, who: str) -> Answer:
        found = stories(self.mirror, who)
        if not found:
            raise ConfigError(f"nobody in the mirror is called {who}", hint="give an e-mail, a Marketo id or a CRM id")
        tables: list[Table] = []
        heads = []
        for story in found:
            linked = f"{self.titles.crm} {story.record_id}" if story.record_id else f"not linked in {self.titles.crm}"
            heads.append(f"person {story.person_id or '(none)'}, {linked}")
            tables += history.story(story, self.titles)
        return Answer({"people": [asdict(story) for story in found]}, _tables(*tables, heads=heads))


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


def _tables(*tables: Table, heads: list[str] | None = None) -> Callable[[Console], None]:
    def show(console: Console) -> None:
        for head in heads or []:
            console.data(head)
        for table in tables:
            if table.rows:
                console.table(table)
            else:
                console.data(f"{table.title}")
            console.data("")

    return show
