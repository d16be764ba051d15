"""What the CRM refuses stands in the person's Activity Log: once, and whatever happens on the way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mksync.core.activity import Entry
from mksync.core.records import Refusal, Sides, Value
from mksync.core.report import RunReport
from mksync.engine.activity_log import SETTLES, TOLD, TYPE
from mksync.engine.project import PERSON, Project
from mksync.engine.refusals import try_again
from mksync.errors import OutcomeUnknown, Temporary
from mksync.ports import Unavailable
from mksync.ports.abilities import KeepsActivities
from tests.engine.test_crash import FragileMirror
from tests.memory import MemoryPort, PlugPulled, System
from tests.world import CRM, World

SHORT = Refusal("SHORT", "too short", ("Phone",), "the rule", "write more")
LOCK = Refusal("LOCK", "locked", (), "somebody else", "wait", passing=True)


@dataclass
class Logs:
    """The Activity Logs of an instance. `loses`: what becomes of the next calls: "before" or "after" their effect."""

    entries: list[Entry] = field(default_factory=list)
    loses: list[str] = field(default_factory=list)
    trouble: Exception | None = None
    refuses: dict[str, Refusal] = field(default_factory=dict)  # by person
    lag: float = 0.0  # seconds until an entry is seen
    written_at: list[float] = field(default_factory=list)


class LoggingPort(MemoryPort):
    """A port of a system that keeps Activity Logs."""

    def __init__(self, system: System, logs: Logs, world: "LoggingWorld") -> None:
        super().__init__(system, batch=2)
        self.logs = logs
        self._world = world

    def activity_type(self) -> str | None:
        return "7"

    def create_activity_type(self) -> str:
        return "7"

    def may_log(self, type: str) -> None: ...

    def log_activities(self, type: str, entries: Sequence[Entry]) -> Sequence[Refusal | None]:
        assert (type, len(entries) <= self.batch) == ("7", True)
        self._call("log")
        if self.logs.trouble:
            raise self.logs.trouble
        how = self.logs.loses.pop(0) if self.logs.loses else ""
        if how == "before":
            raise OutcomeUnknown("lost")
        answers = [self.logs.refuses.get(entry.person_id) for entry in entries]
        new = [entry for entry, why in zip(entries, answers, strict=True) if why is None]
        self.logs.entries += new
        self.logs.written_at += [self._world.clock.now()] * len(new)
        if how == "after":
            raise OutcomeUnknown("lost")
        self.system.at_step("marketo logged")
        return answers

    def logged(self, type: str, people: Sequence[str], since: str) -> set[str]:
        self._call("logged")
        now = self._world.clock.now()
        seen = zip(self.logs.entries, self.logs.written_at, strict=True)
        return {
            one.reference
            for one, at in seen
            if one.person_id in people and one.at >= since and at + self.logs.lag <= now
        }


class LoggingWorld(World):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.logs = Logs()
        self.mirror.project.set(TYPE, "7")

    def project(self) -> Project:
        project = super().project()
        return replace(project, ports=Sides(LoggingPort(self.marketo, self.logs, self), project.ports.crm))

    def told(self) -> list[tuple[str, str, str]]:
        """Person, fields and code of every entry."""
        return sorted((one.person_id, one.fields, one.code) for one in self.logs.entries)


@pytest.fixture
def world(tmp_path: Path) -> LoggingWorld:
    """Five leads whose people have been given phone numbers that the CRM will refuse."""
    return refused(LoggingWorld(tmp_path))


def refused(world: LoggingWorld) -> LoggingWorld:
    for number in range(1, 6):
        world.lead(number, Phone="555 0100", Email=f"p{number}@example.com")
    world.cycle()
    world.crm.refuse = _refuse
    for number in range(1, 6):
        world.marketo.put(PERSON, world.person_id(f"L{number}"), phone="12")
    return world


def _refuse(_: str, values: Mapping[str, Value]) -> Refusal | None:
    return SHORT if values.get("Phone") in ("12", "13") else None


def people(world: LoggingWorld) -> list[str]:
    return sorted(world.person_id(f"L{number}") for number in range(1, 6))


def once(world: LoggingWorld) -> list[tuple[str, str, str]]:
    return [(person, "phone", "SHORT") for person in people(world)]


def test_everybodys_log_is_told_in_the_cycle_that_was_refused(world: LoggingWorld) -> None:
    assert isinstance(world.project().ports.marketo, KeepsActivities)
    report = world.cycle()
    assert (report.warnings, report.notes) == ((), ())
    assert world.told() == once(world)
    entry = world.logs.entries[0]
    assert (entry.system, entry.operation, entry.record) == ("CRM", "update", "L1")
    assert (entry.cause, entry.message, entry.remedy) == ("the rule", "too short", "write more")
    assert len({one.reference for one in world.logs.entries}) == 5


def test_a_refusal_that_comes_back_is_told_once(world: LoggingWorld) -> None:
    for _ in range(3):
        world.cycle(retry=True)
    assert world.told() == once(world)


def test_a_refusal_for_another_reason_or_of_other_fields_is_told_too(world: LoggingWorld) -> None:
    world.cycle()
    world.crm.refuse = lambda id, _: replace(SHORT, code="OTHER") if id == "L1" else None
    world.cycle(retry=True)
    assert [code for person, _, code in world.told() if person == world.person_id("L1")] == ["OTHER", "SHORT"]
    world.marketo.put(PERSON, world.person_id("L1"), title="CEO")
    world.cycle()
    assert (world.person_id("L1"), "phone, title", "OTHER") in world.told()


def test_what_is_known_to_be_refused_is_told_as_well(world: LoggingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.crm.refuse = lambda _id, _values: None
    world.cycle()
    short = replace(CRM["lead"].fields["Title"], length=5)
    monkeypatch.setitem(CRM, "lead", replace(CRM["lead"], fields={**CRM["lead"].fields, "Title": short}))
    person = world.person_id("L1")
    world.marketo.put(PERSON, person, title="Chief of Staff")
    world.cycle()
    assert world.told() == [(person, "title", "TOO_LONG")]


def test_what_passes_by_itself_is_told_only_if_it_has_not(world: LoggingWorld) -> None:
    world.crm.refuse = lambda id, _: LOCK if id in ("L1", "L2") else None
    world.cycle()
    assert world.told() == []
    world.crm.refuse = lambda id, _: LOCK if id == "L1" else None
    for _ in range(3):
        world.cycle()
    assert world.told() == [(world.person_id("L1"), "phone", "LOCK")]


def test_what_marketo_refuses_stands_in_no_log_of_its_own(world: LoggingWorld) -> None:
    world.crm.refuse = lambda _id, _values: None
    world.marketo.refuse = lambda _id, values: SHORT if values.get("title") == "CEO" else None
    world.crm.put("lead", "L1", Title="CEO")
    report = world.cycle()
    assert (report.exit_code, world.told()) == (3, [])


def test_a_dry_run_writes_into_no_log(world: LoggingWorld) -> None:
    world.cycle(dry=True)
    assert world.logs.entries == []


def test_without_the_type_nothing_is_told_but_once_how_to_have_it(world: LoggingWorld) -> None:
    world.mirror.project.unset(TYPE)
    advice = (
        "what CRM refuses can also stand in the person's Activity Log in Marketo: mksync init --create-activity-type"
    )
    assert world.cycle().notes == (advice,)
    assert (world.cycle(retry=True).notes, world.logs.entries) == ((), [])
    assert world.mirror.project.get(TOLD)


def test_entries_that_could_not_be_written_wait_and_say_so(world: LoggingWorld) -> None:
    late = "what was refused is not in people's Activity Logs yet: "
    world.logs.trouble = Temporary("Marketo is tired")
    report = world.cycle()
    assert (report.exit_code, report.warnings) == (3, (f"{late}Marketo is tired",))
    world.logs.trouble = Unavailable("Activity Logs cannot be used", "grant it")
    assert world.cycle().warnings == (f"{late}Activity Logs cannot be used; grant it",)
    world.logs.trouble = None
    assert world.cycle().warnings == ()
    assert world.told() == once(world)


def test_an_entry_that_marketo_does_not_take_stops_no_other(world: LoggingWorld) -> None:
    first, second, *_ = people(world)
    world.logs.refuses = {first: Refusal("1004", "Lead not found"), second: Refusal("1003", "no type", cause="bad")}
    (warning,) = world.cycle().warnings
    assert warning == (
        "Marketo did not take 1 entry of people's Activity Logs: bad: no type (code 1003); is the type still there?"
        " mksync init --create-activity-type"
    )
    assert world.told() == [row for row in once(world) if row[0] not in (first, second)]
    assert world.cycle().warnings == ()


@pytest.mark.parametrize("lost", [["before"], ["after"], ["", "after"], ["after", "before", "after"]])
@pytest.mark.parametrize("lag", [0.0, SETTLES - 1])
def test_a_lost_answer_makes_neither_a_second_entry_nor_a_missing_one(
    world: LoggingWorld, lost: list[str], lag: float
) -> None:
    world.logs.loses, world.logs.lag = list(lost), lag
    report = world.cycle()
    assert (report.exit_code, report.warnings) == (3, ())
    for _ in range(12):
        world.cycle()
    assert world.told() == once(world)


def _steps(folder: Path) -> list[str]:
    """Every call of the cycle that is refused, and every commit of its mirror, before and after its effect."""
    world = _fragile(folder)
    found: list[str] = []
    _hook(world, found.append)
    world.cycle()
    return found


def _fragile(folder: Path) -> LoggingWorld:
    folder.mkdir()
    world = refused(LoggingWorld(folder))
    world.mirror.close()
    world.mirror = FragileMirror.open(world.path)
    return world


def _hook(world: LoggingWorld, at_step: Callable[[str], None]) -> None:
    world.marketo.at_step = world.crm.at_step = at_step
    assert isinstance(world.mirror, FragileMirror)
    world.mirror.at_step = at_step


def test_a_run_that_is_killed_anywhere_after_its_first_write_ends_with_every_entry_once(tmp_path: Path) -> None:
    steps = _steps(tmp_path / "count")
    assert {"marketo log", "marketo logged", "crm write", "crm wrote", "before commit", "after commit"} <= set(steps)
    for fatal in range(steps.index("crm write"), len(steps)):
        world = _fragile(tmp_path / str(fatal))
        _killed(world, fatal)
        for _ in range(3):
            world.cycle()
        assert world.told() == once(world), steps[fatal]


def _killed(world: LoggingWorld, fatal: int) -> None:
    met: list[str] = []

    def at_step(step: str) -> None:
        met.append(step)
        if len(met) > fatal:
            raise PlugPulled(step)

    _hook(world, at_step)
    with pytest.raises(PlugPulled):
        world.cycle()
    world.marketo.at_step = world.crm.at_step = lambda step: None
    world.reopen()


def test_trying_again_tells_nobody_anew(world: LoggingWorld) -> None:
    world.cycle()
    try_again(world.mirror)
    report: RunReport = world.cycle()
    assert {row.tries for part in report.objects for row in part.rejected} == {2}
    assert world.told() == once(world)
