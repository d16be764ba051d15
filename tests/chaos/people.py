"""Histories of people: what happens in one, as data, and the living of it."""

import json
from collections.abc import Mapping, Sequence
from random import Random

from mksync.core.records import Refusal, Side, Sides, Value
from mksync.engine.project import PERSON
from mksync.mirror.history import Chosen
from tests.chaos.calm import Expected, Held, expected, held
from tests.chaos.oracle import Oracle, Spot
from tests.chaos.runner import Script, Step
from tests.chaos.systems import FAULTS, STEPS, ChaosSystem, Fault, Habit
from tests.chaos.worlds import SKEWS, chaos_of_people
from tests.world import FIELDS, KEY

TEXTS = ("a", "b", "c", "dd", "E", None)
NOBODY = "nobody"
FLAGS = (None, None, True, False)
EDITED = ("firstName", "title", "phone", "unsubscribed", "leadScore")
HABITS: Mapping[str, Habit] = {
    "none": lambda name, value: value,
    "upper": lambda name, value: value.upper() if name.casefold() == "title" and isinstance(value, str) else value,
    "cut": lambda name, value: value[:1] if name.casefold() == "phone" and isinstance(value, str) else value,
}


def script(seed: int) -> Script:
    random = Random(seed)
    pick = random.choice
    steps = [_creation(random) for _ in range(random.randint(1, 3))]
    for _ in range(random.randint(5, 12)):
        kind = random.choices(("create", "flip", "edit", "cycle", "storm", "late"), (1, 1, 9, 4, 5, 1))[0]
        steps.append(_creation(random) if kind == "create" else _step(random, kind))
    facts = {
        "habits": (pick(sorted(HABITS)), pick(sorted(HABITS))),
        "skews": (pick(SKEWS), pick(SKEWS)),
        "refusing": random.random() < 0.3,
    }
    return Script(seed, facts, tuple(steps))


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
        at = pick(STEPS)
        nth = random.randint(1, 3 if at else 9)
        across = pick((*TEXTS, NOBODY, NOBODY))
        return kind, pick((*FAULTS, "edit", "edit")), at, edit[0], nth, *edit[1:], across, random.random() < 0.4
    return (kind,)


def _refuse(id: str, values: Mapping[str, Value]) -> Refusal | None:
    return Refusal("NO", "no c") if values.get("FirstName") == "c" else None


class History:
    """Two systems, a mirror, and whoever works with them."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.world = chaos_of_people(script.seed, Sides(*script.facts["skews"]))
        self.world.marketo.reformat, self.world.crm.reformat = (HABITS[one] for one in script.facts["habits"])
        if script.facts["refusing"]:
            self.world.crm.refuse = _refuse
        self.number = 0
        self.settled: Held = {}  # as the last undisturbed cycle left it

    @property
    def systems(self) -> tuple[ChaosSystem, ChaosSystem]:
        return self.world.marketo, self.world.crm

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
        oracle.who_wins_late_is_given_back()
        oracle.nobody_is_there_twice()
        self._an_opt_out_is_undone_only_where_somebody_took_it_back_alone()

    def _an_opt_out_is_undone_only_where_somebody_took_it_back_alone(self) -> None:
        rows = self.world.mirror.db.execute("SELECT fields FROM write WHERE kind = 'update'").fetchall()
        fields = [field for (row,) in rows for field in json.loads(row) if field["field"] == "unsubscribed"]
        assert {field["kind"] for field in fields if not field["now"]} <= {"one-sided"}, "an opt-out is undone"

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
        self.world.weather(calm=False)

    def cycle(self) -> None:
        """Undisturbed, with everything told that was kept back."""
        self.world.weather(calm=True)
        due = list(expected(self.settled, held(*self.systems), *self.systems))
        self.world.once()
        self._has_done(due)

    def _has_done(self, due: Sequence[Expected]) -> None:
        rejected = {row.record.id for _, row in self.world.mirror.history.rejected(Chosen())}
        self.settled = {spot: now for spot, now in held(*self.systems).items() if spot[1] not in rejected}
        rows = self.oracle().rows
        for one in due:
            _, id, name = one.spot
            if one.spot not in self.settled:
                continue
            assert self.settled[one.spot] == one.now, f"another winner: {one}, and not {self.settled[one.spot]}"
            told = [row for row in rows[Spot(id, name)] if row.cycle == self.world.ledger.cycle]
            winners = [row.collision.winner for row in told]
            assert winners == ([one.winner] if one.winner else []), f"another line of the log: {one}, {told}"

    def storm(
        self,
        fault: str,
        at: str,
        side: Side,
        nth: int,
        which: int,
        field: str,
        text: str | None,
        across: str | None,
        also: bool,
    ) -> None:
        """A cycle in which something happens at the nth step of a side, or of the mirror.

        It meets edits of one field, of which one is under way to that side; `also`: with another field, and somebody
        edits right before the fault.
        """
        self.settled = {}
        if also:
            self.edit(side.other, which, "firstName", text)
        if across != NOBODY:
            self.edit(side.other, which, field, across)
            if fault != "edit" and not also:
                self.edit(side, which, field, text)
        self.world.meets(Fault(fault, nth, lambda: self.edit(side, which, field, text), at, also), side)


def value_of(field: str, text: str | None) -> Value:
    if field == "unsubscribed":
        return text in ("b", "dd")
    if field == "leadScore":
        return None if text is None else len(text) * 10 + ord(text[-1])
    return text
