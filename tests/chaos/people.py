"""Histories of people: what happens in one, as data, and the living of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from mksync.core.brakes import Limits
from mksync.core.records import Refusal, Side, Sides, Value
from mksync.core.report import RunReport
from mksync.engine.project import PERSON, Project
from mksync.engine.run import Options, run_once
from mksync.errors import MksyncError
from mksync.mirror.history import Chosen
from mksync.ports import Port
from tests.chaos.calm import Expected, Held, expected, held
from tests.chaos.oracle import Oracle, Spot
from tests.chaos.prepared import NOWHERE, ChaosMirror, image
from tests.chaos.systems import FAULTS, ChaosPort, ChaosSystem, ChaosUnreadPort, Fault, Habit, Ledger
from tests.memory import Clock, PlugPulled
from tests.world import CRM, FIELDS, FILTER, FILTERED, KEY, PEOPLE, World

TEXTS = ("a", "b", "c", "dd", "E", None)
FLAGS = (None, None, True, False)
EDITED = ("firstName", "title", "phone", "unsubscribed", "leadScore")
SKEWS = (0.0, 0.0, 45.0, -45.0, 7200.0, -7200.0)  # seconds that a system's clock is ahead of ours
HABITS: Mapping[str, Habit] = {
    "none": lambda name, value: value,
    "upper": lambda name, value: value.upper() if name.casefold() == "title" and isinstance(value, str) else value,
    "cut": lambda name, value: value[:1] if name.casefold() == "phone" and isinstance(value, str) else value,
}
Step = tuple[Any, ...]


@dataclass(frozen=True)
class Script:
    """One history as data: whoever lives it twice meets the same."""

    seed: int
    habits: tuple[str, str]
    skews: tuple[float, float]
    refusing: bool
    steps: tuple[Step, ...]


def script(seed: int) -> Script:
    random = Random(seed)
    pick = random.choice
    steps = [_creation(random) for _ in range(random.randint(1, 3))]
    for _ in range(random.randint(5, 12)):
        kind = random.choices(("create", "flip", "edit", "cycle", "storm", "late"), (1, 1, 9, 4, 5, 1))[0]
        steps.append(_creation(random) if kind == "create" else _step(random, kind))
    habits = pick(sorted(HABITS)), pick(sorted(HABITS))
    return Script(seed, habits, (pick(SKEWS), pick(SKEWS)), random.random() < 0.3, tuple(steps))


def _creation(random: Random) -> Step:
    pick = random.choice
    if random.random() < 0.3:
        return "twin", pick(TEXTS), pick(TEXTS), pick(FLAGS)
    return "create", pick(("lead", "contact")), random.random() < 0.5, pick(TEXTS), pick(FLAGS)


def _step(random: Random, kind: str) -> Step:
    pick = random.choice
    edit = pick(tuple(Side)), random.randrange(6), pick(EDITED), pick(TEXTS)
    if kind == "flip":
        return kind, random.randrange(6), pick(FLAGS)
    if kind == "edit":
        return kind, *edit
    if kind == "storm":
        fault = "mirror" if random.random() < 0.1 else pick((*FAULTS, "edit", "edit"))
        return kind, fault, edit[0], random.randint(1, 9), *edit[1:], pick(TEXTS)
    return (kind,)


class ChaosWorld(World):
    """The people's world, with systems that have every habit there is, and a mirror in memory."""

    mirror: ChaosMirror

    def __init__(self, script: Script) -> None:
        self.clock, self.path, self.ledger = Clock(), NOWHERE, Ledger()
        self.selected_filter, self.policies, self.directions, self.limits = "", {}, {}, Limits()
        self.filters = dict.fromkeys(CRM, FILTER)
        self.marketo = self._system(script, Side.MARKETO, schemas={PERSON: PEOPLE}, token_field=KEY, tells=True)
        self.crm = self._system(script, Side.CRM, schemas=FILTERED, nullable=frozenset({FILTER.name}))
        if script.refusing:
            self.crm.refuse = _refuse
        self.mirror = ChaosMirror.of(image(_a_world))
        self.opened = self._project()

    def _system(self, script: Script, side: Side, **options: Any) -> ChaosSystem:
        at = tuple(Side).index(side)
        system = ChaosSystem(side, ledger=self.ledger, random=Random(f"{script.seed} {side}"), **options)
        system.reformat = HABITS[script.habits[at]]
        skew = script.skews[at]
        system.now = lambda: self.clock.now() + skew
        return system

    def _ports(self) -> Sides[Port]:
        return Sides(ChaosUnreadPort(self.marketo), ChaosPort(self.crm))

    def project(self) -> Project:
        return self.opened

    def reopen(self) -> None:
        self.mirror = self.mirror.again()
        self.opened = self._project()


def _a_world(folder: Path) -> World:
    return World(folder, filtered=True)


def _refuse(id: str, values: Mapping[str, Value]) -> Refusal | None:
    return Refusal("NO", "no c") if values.get("FirstName") == "c" else None


class History:
    """Two systems, a mirror, and whoever works with them."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.world = ChaosWorld(script)
        self.number = 0
        self.settled: Held = {}  # as the last undisturbed cycle left it

    @property
    def systems(self) -> tuple[ChaosSystem, ChaosSystem]:
        return self.world.marketo, self.world.crm  # type: ignore[return-value]

    def live(self) -> None:
        """Raises AssertionError if a rule is broken on the way, or in the end."""
        for kind, *rest in self.script.steps:
            getattr(self, kind)(*rest)
        self._come_to_rest()
        if any(values["Sync__c"] is False for of in self.world.crm.records.values() for values in of.values()):
            for object, id in self.records():
                self.world.crm.put(object, id, Sync__c=True)
            self._come_to_rest()
        oracle = self.oracle()
        oracle.nothing_is_lost()
        oracle.nothing_is_invented()
        oracle.the_log_tells_what_was()
        oracle.the_log_names_no_loser_that_stands()
        oracle.who_says_no_is_left_alone(self.world.ledger)
        oracle.nobody_is_there_twice()

    def _come_to_rest(self) -> None:
        self.cycle()
        self.cycle()
        before = self.world.writes()
        self.cycle()
        assert self.world.writes() == before, "not quiet"
        self.oracle().both_sides_agree(self.world.mirror)

    def oracle(self) -> Oracle:
        return Oracle(*self.systems, self.world.ledger, self.world.mirror)

    # what people do

    def create(self, object: str, email: bool, text: str | None, flag: bool | None) -> None:
        id = self._number(object)
        values: dict[str, Value] = {"Email": f"{id}@example.com"} if email else {}
        self.world.crm.put(object, id, **values, Title=text, Sync__c=flag)

    def twin(self, marketo: str | None, crm: str | None, flag: bool | None) -> None:
        """A lead, and a person of the same e-mail that nobody has linked to it."""
        id = self._number("lead")
        self.world.marketo.put(PERSON, f"X{id}", email=f"{id}@example.com", title=marketo)
        self.world.crm.put("lead", id, Email=f"{id}@EXAMPLE.com", Title=crm, Sync__c=flag)

    def _number(self, object: str) -> str:
        self.number += 1
        return f"{object[0].upper()}{self.number}"

    def records(self) -> list[tuple[str, str]]:
        return [(object, id) for object, of in self.world.crm.records.items() for id in of]

    def flip(self, which: int, flag: bool | None) -> None:
        """Told at once: of a record that says No already nothing may be written."""
        if not self.records():
            return
        object, id = self.records()[which % len(self.records())]
        calm, self.systems[1].calm = self.systems[1].calm, True
        self.world.crm.put(object, id, Sync__c=flag)
        self.systems[1].calm = calm

    def edit(self, side: Side, which: int, field: str, text: str | None) -> None:
        if not self.records():
            return
        object, id = self.records()[which % len(self.records())]
        if side is Side.CRM:
            self.world.crm.put(object, id, **{FIELDS[field][0]: value_of(field, text)})
            return
        people = self.world.marketo.records.get(PERSON, {})
        person = next((one for one, values in people.items() if values[KEY] == id), None)
        if person is not None:
            self.world.marketo.put(PERSON, person, **{field: value_of(field, text)})

    # what mksync and the weather do

    def late(self) -> None:
        """From now on, change entries come late."""
        for system in self.systems:
            system.calm = False

    def cycle(self) -> None:
        """Undisturbed, with everything told that was kept back."""
        for system in self.systems:
            system.calm, system.fault = True, None
        due = list(expected(self.settled, held(*self.systems), *self.systems))
        self._run()
        self._has_done(due)

    def _has_done(self, due: Sequence[Expected]) -> None:
        rejected = {row.record.id for _, row in self.world.mirror.history.rejected(Chosen())}
        self.settled = {spot: now for spot, now in held(*self.systems).items() if spot[1] not in rejected}
        rows = self.oracle().rows
        for one in due:
            object, id, name = one.spot
            if one.spot not in self.settled:
                continue
            assert self.settled[one.spot] == one.now, f"another winner: {one}, and not {self.settled[one.spot]}"
            told = [row for row in rows[Spot(id, name)] if row.cycle == self.world.ledger.cycle]
            winners = [row.collision.winner for row in told]
            assert winners == ([one.winner] if one.winner else []), f"another line of the log: {one}, {told}"

    def _run(self) -> RunReport:
        self.world.clock.sleep(300)
        self.world.ledger.cycle += 1
        for system in self.systems:
            system.steps = 0
        return run_once(self.world.project(), Options())

    def storm(
        self, fault: str, side: Side, nth: int, which: int, field: str, text: str | None, across: str | None
    ) -> None:
        """A cycle in which something happens at the nth step of a side, or of the mirror.

        An edit there meets one of the same field that is under way from the other side.
        """
        self.settled = {}
        if fault == "edit":
            self.edit(side.other, which, field, across)
        system = self.systems[tuple(Side).index(side)]
        if fault == "mirror":
            self.world.mirror.dies_at = 5 * nth
        else:
            system.fault = Fault(fault, nth, lambda: self.edit(side, which, field, text))
        try:
            self._run()
        except PlugPulled:
            self.world.reopen()
        except MksyncError as error:
            assert error.exit_code in (5, 8), error
        system.fault, self.world.mirror.dies_at = None, 0


def value_of(field: str, text: str | None) -> Value:
    if field == "unsubscribed":
        return text in ("b", "dd")
    if field == "leadScore":
        return None if text is None else len(text) * 10 + ord(text[-1])
    return text
