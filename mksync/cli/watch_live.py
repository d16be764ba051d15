"""The view of a watch on a terminal: what it does now, how the last cycle ended, what there was in all.

Cycles in which something happened stay above it, one line each.
"""

from collections import Counter

from rich.console import Console as RichConsole
from rich.console import Group
from rich.live import Live as RichLive
from rich.text import Text

import mksync.cli.render as render
from mksync.cli.text import printable
from mksync.cli.watch_faces import again, failed, in_all, worth_telling
from mksync.core.records import Sides
from mksync.engine.instants import instant
from mksync.engine.watch import Round, Totals


class View:
    """Meets `watch_faces.Face`. `close` leaves the terminal as it was."""

    def __init__(self, titles: Sides[str], console: RichConsole) -> None:
        self._titles = titles
        self._head = f"mksync watch: {titles.marketo} and {titles.crm}"
        self._totals = Totals()
        self._last = ""
        self._news: tuple[str, ...] = ()
        self._stage = "Starting"
        self._counts: Counter[str] = Counter()
        # Drawn when there is something new: a watch waits for days, and nobody looks.
        self._live = RichLive(self._drawn(), console=console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._live.start(refresh=True)

    def close(self) -> None:
        self._live.stop()

    def stage(self, text: str) -> None:
        self._stage = text
        self._counts.clear()
        self._draw()

    def read(self, system: str, records: int) -> None:
        self._counts[system] += records
        self._draw()

    def wrote(self, system: str, records: int) -> None:
        self.read(system, records)

    def say(self, text: str) -> None:
        self._live.console.print(Text(printable(text)))

    def told(self, round: Round) -> None:
        self._totals = round.totals
        if round.report is not None:
            self._last = f"{instant(round.ended)}  {render.summary(round.report, self._titles)}"
            warnings = tuple(f"warning: {one}" for one in round.report.warnings)
            news = (*warnings, render.happened(round.report, self._titles))
            if news != self._news and not round.report.quiet:  # what only waits is told once
                self.say("\n".join((*warnings, self._last)))
            self._news = news
        elif worth_telling(round):
            self.say(failed(round))
        else:
            self._last = f"{instant(round.ended)}  failed as before"
        self._stage = f"waiting{again(round)} (Ctrl-C ends)"
        self._counts.clear()
        self._draw()

    def ended(self) -> None:
        self.close()
        self.say(in_all(self._totals))

    def _draw(self) -> None:
        self._live.update(self._drawn(), refresh=True)

    def _drawn(self) -> Group:
        counts = ", ".join(f"{name} {number:,}" for name, number in self._counts.items())
        now = printable(f"{self._stage}: {counts}" if counts else self._stage)
        lines = [Text(self._head, style="bold"), Text(in_all(self._totals))]
        if self._last:
            lines.append(Text(printable(f"last: {self._last}")))
        return Group(*lines, Text(now))
