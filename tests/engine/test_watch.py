"""When the next cycle begins, and which failures end a watch. Time is a test's own, and chance too."""

from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.habits import Habits
from mksync.core.report import ObjectReport, RunReport
from mksync.engine.watch import Round, Totals, Watch, pause_after
from mksync.errors import (
    AccessError,
    BrakeApplied,
    ConfigError,
    LockHeld,
    MirrorError,
    MksyncError,
    OutcomeUnknown,
    Temporary,
)
from tests.memory import Clock
from tests.world import World

HUMAN = {"on_brake": BrakeApplied, "on_access": AccessError, "on_mirror": MirrorError, "on_config": ConfigError}
Outcome = MksyncError | RunReport


def report(exit_code: int = 0, **counts: int) -> RunReport:
    part = ObjectReport("lead", "Lead", **counts)  # type: ignore[arg-type]
    return RunReport(1, False, "", "", (part,), {}, exit_code=exit_code)


class Story:
    """A watch whose cycles take ten seconds each and end as they are told to."""

    def __init__(self, *outcomes: Outcome, habits: Habits | None = None, chance: float = 0.0) -> None:
        self.clock = Clock()
        self.began: list[float] = []
        self.rounds: list[Round] = []
        self.habits = habits or Habits()
        self._start = self.clock.now()
        self._outcomes: Iterator[Outcome] = iter(outcomes)
        self.watch = Watch(
            self._once, lambda: self.habits, self.clock, self.rounds.append, self.clock.sleep, lambda: chance
        )

    def _once(self) -> RunReport:
        self.began.append(self.clock.now() - self._start)
        self.clock.sleep(10)
        outcome = next(self._outcomes)
        if isinstance(outcome, MksyncError):
            raise outcome
        return outcome


def test_the_next_cycle_begins_five_minutes_after_the_end_of_the_last() -> None:
    story = Story(*repeat(report(), 3))
    assert story.watch.run(cycles=3).exit_code == 0
    assert story.began == [0, 310, 620]


def test_jitter_is_added_and_never_taken_away() -> None:
    story = Story(*repeat(report(), 2), habits=Habits(interval=60, jitter=20), chance=0.5)
    story.watch.run(cycles=2)
    assert story.began == [0, 10 + 60 + 10]


def test_a_watch_over_so_many_cycles_waits_for_none_after_the_last_and_ends_with_its_exit_code() -> None:
    story = Story(report(), report(exit_code=3))
    assert story.watch.run(cycles=2).exit_code == 3
    assert story.clock.now() == story.rounds[-1].ended
    assert [round.next is None for round in story.rounds] == [False, True]


def test_what_passes_by_itself_is_tried_again_after_growing_waits_that_have_a_longest() -> None:
    failures = [Temporary("no network"), OutcomeUnknown("cut"), LockHeld("held"), *repeat(Temporary("no"), 7)]
    story = Story(*failures, report(), report(), habits=Habits(longest_retry=600), chance=1.0)
    story.watch.run(cycles=12)
    waits = [late - early - 10 for early, late in zip(story.began, story.began[1:], strict=False)]
    assert waits == [10, 20, 40, 80, 160, 320, 600, 600, 600, 600, 300]


def test_after_a_success_the_waits_begin_anew() -> None:
    passing = Temporary("no network")
    story = Story(passing, passing, report(), passing, report(), chance=1.0)
    story.watch.run(cycles=5)
    assert [round.failures for round in story.rounds] == [1, 2, 0, 1, 0]


@given(failures=st.integers(1, 10_000), chance=st.floats(0, 1), longest=st.integers(1, 100_000))
def test_no_wait_is_longer_than_the_longest_or_shorter_than_half_of_what_it_would_be(
    failures: int, chance: float, longest: int
) -> None:
    wait = pause_after(Temporary("no"), failures, Habits(longest_retry=longest), lambda: chance)
    assert wait is not None
    assert min(longest, 10) / 2 <= wait <= longest


@pytest.mark.parametrize("kind", HUMAN.values())
def test_what_needs_somebody_ends_the_watch_with_its_exit_code(kind: type[MksyncError]) -> None:
    story = Story(report(), kind("look here"))
    last = story.watch.run()
    assert last.error is not None
    assert (last.exit_code, last.error.message, last.next) == (kind.exit_code, "look here", None)


@pytest.mark.parametrize(("habit", "kind"), HUMAN.items())
def test_or_makes_it_pause_told_once_and_tried_again_at_every_interval(habit: str, kind: type[MksyncError]) -> None:
    error = kind("look here")
    story = Story(error, error, kind("and here"), report(), error, habits=Habits(**{habit: "pause"}))  # type: ignore[arg-type]
    assert story.watch.run(cycles=5).exit_code == kind.exit_code
    assert story.began == [0, 310, 620, 930, 1240]
    assert [round.told for round in story.rounds] == [False, True, False, False, False]


def test_a_bug_is_no_situation_and_ends_the_watch_as_it_is() -> None:
    def broken() -> RunReport:
        raise ZeroDivisionError

    watch = Watch(broken, Habits, Clock(), lambda round: None, lambda seconds: None, lambda: 0.0)
    with pytest.raises(ZeroDivisionError):
        watch.run()


def test_habits_are_asked_for_after_every_cycle() -> None:
    story = Story(*repeat(report(), 3))

    def changed(_: Round) -> None:
        story.habits = Habits(interval=30)

    Watch(story.watch.once, lambda: story.habits, story.clock, changed, story.clock.sleep, lambda: 0.0).run(cycles=3)
    assert story.began == [0, 310, 350], "the wait after the first cycle was under way by then"


def test_totals_are_those_of_the_whole_watch() -> None:
    story = Story(report(created=2, updated=3), Temporary("no"), report(updated=1, collisions_total=4))
    assert story.watch.run(cycles=3).totals == Totals(cycles=3, failed=1, created=2, updated=4, collisions=4)


def test_cycles_over_two_systems_carry_every_edit_made_between_them(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.lead(1, Email="1@example.com", Title="CTO")

    def edit_between(round: Round) -> None:
        world.crm.put("lead", "L1", Title=f"after cycle {round.totals.cycles}")

    once: Callable[[], RunReport] = world.cycle
    Watch(once, Habits, world.clock, edit_between, world.clock.sleep, lambda: 0.0).run(cycles=4)
    assert world.person_of("L1")["title"] == "after cycle 3"
