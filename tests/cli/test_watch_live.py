"""The view of a watch on a terminal: what it does now, the last cycle, totals; and it leaves the terminal as it was."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console as RichConsole

from mksync.cli.watch_live import View
from mksync.core.records import Sides
from mksync.core.report import ObjectReport, RunReport
from mksync.engine.watch import Round, Totals
from mksync.errors import BrakeApplied, Temporary
from tests.cli.desk import on_terminal
from tests.scenarios.sandbox_world import World

AT = 1_780_000_000.0  # 2026-05-28T20:26:40Z


class Screen:
    """A terminal of 120 columns that only grows: what is drawn over stays in `drawn`."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        self.console = RichConsole(file=self._text, force_terminal=True, no_color=True, width=120)
        self.view = View(Sides("Marketo", "Salesforce"), self.console)

    def drawn(self) -> str:
        """Since it was last asked for, without what moves the cursor."""
        text = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]|\r", "", self._text.getvalue())
        self._text.seek(0)
        self._text.truncate()
        return text


@pytest.fixture
def screen() -> Screen:
    return Screen()


def report(cycle: int, **counts: int) -> RunReport:
    part = ObjectReport("lead", "Lead", **counts)  # type: ignore[arg-type]
    return RunReport(cycle, False, "", "", (part,), {"Marketo": 3})


def test_it_shows_what_is_done_now_and_how_much_of_it(screen: Screen) -> None:
    screen.drawn()
    screen.view.stage("Writing")
    screen.view.wrote("Marketo", 1_200)
    screen.view.wrote("Marketo", 300)
    assert screen.drawn().splitlines()[-1] == "Writing: Marketo 1,500"


def test_after_a_cycle_it_shows_the_totals_the_last_cycle_and_when_the_next_begins(screen: Screen) -> None:
    screen.view.stage("Writing")
    screen.view.told(Round(Totals(2, 0, 1, 3, 0), AT, report(7, created=1), next=AT + 300))
    line = "2026-05-28T20:26:40Z  cycle 7: 1 created · API calls: Marketo 3"
    assert screen.drawn().splitlines()[-3:] == [
        "watched 2 cycles: 1 created, 3 updated, 0 collisions",
        f"last: {line}",
        "waiting · next at 2026-05-28T20:31:40Z (Ctrl-C ends)",
    ]


def test_what_only_waits_is_told_above_it_once_and_a_quiet_cycle_never(screen: Screen) -> None:
    told = []
    for number, held in enumerate((2, 2, 3, 0)):
        screen.drawn()
        screen.view.told(Round(Totals(number), AT, report(number, held_total=held), next=AT))
        told.append("2026-05-28T20:26:40Z  cycle" in screen.drawn().partition("mksync watch")[0])
    assert told == [True, False, True, False]


def test_failures_are_told_and_one_that_makes_it_pause_once(screen: Screen) -> None:
    error = BrakeApplied("too much", hint="--confirm 7")
    screen.drawn()
    screen.view.told(Round(Totals(1, 1), AT, error=error, failures=1, next=AT + 300))
    assert "error: too much · again at 2026-05-28T20:31:40Z\nhint: --confirm 7\n" in screen.drawn()
    screen.view.told(Round(Totals(2, 2), AT, error=error, failures=2, told=True, next=AT + 300))
    assert "too much" not in screen.drawn()
    for told in (False, True):
        screen.view.told(Round(Totals(3, 3), AT, error=Temporary("no network"), told=told, next=AT))
        assert "error: no network" in screen.drawn()


def test_text_of_strangers_does_nothing_to_the_terminal(screen: Screen) -> None:
    screen.drawn()
    screen.view.say("[red]\x1b[31m")
    assert "[red]\\x1b[31m" in screen.drawn()


def test_on_a_real_terminal_it_cleans_up_after_itself(still: World) -> None:
    ended = on_terminal("--project", str(Path(still.folder)), "watch", "--cycles", "1")
    assert ended.code in (0, 3)
    assert "mksync watch: Marketo and " in ended.out
    assert ended.out.count("\x1b[?25l") == ended.out.count("\x1b[?25h"), "the cursor is back"
    assert re.search(r"watched 1 cycle: \d+ created, \d+ updated, \d+ collisions?\n$", ended.out)
