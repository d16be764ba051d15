"""How `mksync watch` shows itself: a line a cycle, a JSON document a cycle, or a view that moves on a terminal."""

from dataclasses import asdict
from typing import Protocol

import mksync.cli.render as render
from mksync.cli.console import Console
from mksync.cli.exits import EXITS
from mksync.core.records import Sides
from mksync.core.report import RunReport
from mksync.engine.instants import instant
from mksync.engine.progress import Progress, Silent
from mksync.engine.watch import Round, Totals


class Face(Progress, Protocol):
    """Who shows what a watch does."""

    def say(self, text: str) -> None:
        """A message beside the cycles."""
        ...

    def told(self, round: Round) -> None:
        """A cycle has ended."""
        ...

    def ended(self) -> None:
        """The watch ends, whatever ends it."""
        ...


class Lines(Silent):
    """One line a cycle, for a journal or a log file. A warning is told once, until it is gone for a cycle."""

    def __init__(self, console: Console, titles: Sides[str]) -> None:
        self._console = console
        self._titles = titles
        self._warnings: frozenset[str] = frozenset()
        self._totals = Totals()

    def say(self, text: str) -> None:
        self._console.say(text)

    def told(self, round: Round) -> None:
        self._totals = round.totals
        if round.report is not None:
            self._warn(round.report)
            self._console.data(f"{instant(round.ended)}  {render.summary(round.report, self._titles)}{again(round)}")
        elif worth_telling(round):
            self.say(failed(round))

    def ended(self) -> None:
        self._console.data(in_all(self._totals))

    def _warn(self, report: RunReport) -> None:
        for warning in report.warnings:
            if warning not in self._warnings:
                self._console.warn(warning)
        self._warnings = frozenset(report.warnings)


class Documents(Silent):
    """One JSON document a line, and a line a cycle."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str) -> None:
        self._console.say(text)

    def told(self, round: Round) -> None:
        when = instant(round.next) if round.next is not None else None
        watch = {"failures": round.failures, "next": when, "totals": asdict(round.totals)}
        found = render.to_json(round.report) if round.report else {}
        if round.error is not None:
            found = {"error": {"message": round.error.message, "hint": round.error.hint}}
        self._console.json("watch", {"watch": watch, **found}, round.exit_code, one_line=True)

    def ended(self) -> None: ...


def worth_telling(round: Round) -> bool:
    """What waits for a human is told once; and what ends the watch is told by its end."""
    passing = round.error is not None and EXITS[round.exit_code].name in ("temporary", "locked")
    return round.next is not None and (passing or not round.told)


def failed(round: Round) -> str:
    """Why there is no report, and when it is tried again."""
    assert round.error is not None, "only a cycle that failed is told of so"
    hint = f"\nhint: {round.error.hint}" if round.error.hint else ""
    return f"{instant(round.ended)}  error: {round.error.message}{again(round, 'again')}{hint}"


def again(round: Round, word: str = "next") -> str:
    return f" · {word} at {instant(round.next)}" if round.next is not None else ""


def in_all(totals: Totals) -> str:
    """ "watched 12 cycles: 3 created, 7 updated, 1 collision; 2 failed" """
    counts = (f"{totals.created} created", f"{totals.updated} updated", render.count(totals.collisions, "collision"))
    ending = f"; {totals.failed} failed" if totals.failed else ""
    return f"watched {render.count(totals.cycles, 'cycle')}: {', '.join(counts)}{ending}"
