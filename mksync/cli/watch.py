"""`mksync watch`: cycle, wait five minutes, again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

import mksync.cli.failures as failures
from mksync.cli import signals
from mksync.cli.notify import notify
from mksync.cli.rows import ALL_ROWS
from mksync.cli.shell import Shell, shell_of
from mksync.cli.since import seconds
from mksync.core.frozen import dataclass

if TYPE_CHECKING:
    from mksync.cli.watch_faces import Face
    from mksync.core.habits import Habits
    from mksync.core.records import Sides
    from mksync.core.report import RunReport
    from mksync.engine.turns import Turns
    from mksync.engine.watch import Round
    from mksync.ports import Clock
    from mksync.watching import Watcher

LEAST = 1  # second between two cycles


def watch(
    context: typer.Context,
    interval: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="From the end of a cycle to the next: 90s, 5m.  [default: 5m]"),
    ] = None,
    jitter: Annotated[
        str | None, typer.Option(metavar="TIME", help="Wait up to so much longer, at random.  [default: 0]")
    ] = None,
    cycles: Annotated[int | None, typer.Option(min=1, metavar="N", help="End after N cycles.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document a line, one a cycle.")] = False,
) -> None:
    """Run a cycle, wait five minutes from its end, and again, until Ctrl-C or SIGTERM.

    The first of them lets the page or batch under way come to its end, the second ends at once. SIGHUP has mksync.toml
    read again before the next cycle. What passes by itself is tried again; what needs somebody ends the watch with its
    exit code, or makes it pause, as [watch] of mksync.toml has it.
    """
    import random

    from mksync.engine.watch import Watch
    from mksync.watching import Watcher

    shell = shell_of(context)
    override = _override(interval, jitter)
    config = shell.config()
    with signals.as_wishes() as wishes:
        clock = _Clock(shell.clock, wishes)
        watcher = Watcher(config, clock, _around(wishes), override, ALL_ROWS if json else 0)
        with _face(shell, watcher.titles, json=json) as face:
            once, tell = _once(watcher, wishes, face), _telling(face)
            going = Watch(once, lambda: watcher.habits, shell.clock, tell, clock.sleep, random.random)
            notify("READY=1", "STATUS=the first cycle is under way")
            try:
                last = going.run(cycles)
            finally:
                notify("STOPPING=1")
                face.ended()
    raise typer.Exit(failures.explain(last.error) if last.error else last.exit_code)


def _once(watcher: "Watcher", wishes: signals.Wishes, face: "Face") -> "Callable[[], RunReport]":
    def once() -> "RunReport":
        wishes.grant()
        if wishes.reload():
            notify("RELOADING=1")
            watcher.reload(face.say)
            notify("READY=1")
        return watcher.once(face, face.say)

    return once


def _telling(face: "Face") -> "Callable[[Round], None]":
    from mksync.cli.watch_faces import again, in_all

    def told(round: "Round") -> None:
        face.told(round)
        notify(f"STATUS={in_all(round.totals)}{again(round)}")

    return told


def _override(interval: str | None, jitter: str | None) -> "Callable[[Habits], Habits]":
    """What the command line says instead of mksync.toml. Raises ConfigError."""
    between = None if interval is None else seconds(interval, "--interval", LEAST)
    more = None if jitter is None else seconds(jitter, "--jitter")

    def override(habits: "Habits") -> "Habits":
        habits = habits if between is None else replace(habits, interval=between)
        return habits if more is None else replace(habits, jitter=more)

    return override


@contextmanager
def _face(shell: Shell, titles: "Sides[str]", *, json: bool) -> "Iterator[Face]":
    from mksync.cli.watch_faces import Documents, Lines

    if json or not shell.console.lively:
        yield Documents(shell.console) if json else Lines(shell.console, titles)
        return
    from rich.console import Console as RichConsole

    from mksync.cli.watch_live import View

    view = View(titles, RichConsole(no_color=not shell.console.colour))
    try:
        yield view
    finally:
        view.close()


@dataclass(frozen=True, slots=True)
class _Clock:
    """The clock that waits are waited by: whoever wishes for an end need not wait for theirs."""

    clock: "Clock"
    wishes: signals.Wishes

    def now(self) -> float:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        with self.wishes.idle():
            self.clock.sleep(seconds)


@dataclass(frozen=True, slots=True)
class _Ending:
    """A lock's turns, which also end a cycle where nothing is open."""

    turns: "Turns"
    wishes: signals.Wishes

    def give_way(self) -> bool:
        with self.wishes.idle():
            return self.turns.give_way()

    def idle(self) -> AbstractContextManager[None]:
        return self.wishes.idle()


def _around(wishes: signals.Wishes) -> "Callable[[Turns], Turns]":
    return lambda turns: _Ending(turns, wishes)
