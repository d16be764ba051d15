"""Histories of custom objects: who visits whom, conversions, merges, deletions; and what Marketo must have."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from mksync.core.records import PERSON, Ref, Refusal, Side, Sides, Value
from mksync.engine.custom_objects import KEY as RECORD
from mksync.mirror.history import Chosen
from tests.chaos.runner import Script, Step
from tests.chaos.systems import FAULTS, STEPS, Fault, Save
from tests.chaos.worlds import SKEWS, ChaosOfCustoms
from tests.engine.custom import CUSTOMS, STOP, VISIT
from tests.world import KEY

NAMES = ("a", "b", "c", "dd")
WAITS = "waits"
KINDS = {
    "visit": 3, "stop": 2, "move_visit": 2, "move_stop": 2, "rename": 3, "meet": 1, "convert": 2, "delete": 1,
    "edit_in_marketo": 3, "delete_in_marketo": 1, "merge_in_marketo": 1, "cycle": 5, "storm": 5, "late": 1,
}  # fmt: skip


def script(seed: int) -> Script:
    random = Random(seed)
    first = ["meet", "meet", "visit", "visit", "stop"]
    kinds = [*first, *random.choices(list(KINDS), list(KINDS.values()), k=random.randint(6, 14))]
    return Script(
        seed, {"skews": (random.choice(SKEWS), random.choice(SKEWS))}, tuple(_step(random, kind) for kind in kinds)
    )


def _step(random: Random, kind: str) -> Step:
    numbers = tuple(random.randrange(8) for _ in range(3))
    name = random.choice(NAMES)
    if kind == "storm":
        at = random.choice(STEPS)
        nth = random.randint(1, 3 if at else 14)
        return kind, random.choice(FAULTS), at, random.choice(tuple(Side)), nth, *numbers, name
    return kind, *numbers, name


class History:
    """People who are visited, and whoever works with them. The numbers of a step choose among what there is."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.world = ChaosOfCustoms(script.seed, Sides(*script.facts["skews"]))
        self.world.marketo.refuse_in = self._unknown
        self.number = 0
        self.became: dict[str, str] = {}  # lead -> the contact that was made of it

    def live(self) -> None:
        """Raises AssertionError if a rule is broken."""
        for kind, *rest in self.script.steps:
            getattr(self, kind)(*rest)
            self._nothing_is_there_twice()
        self.cycle()
        self.cycle()
        self.cycle()
        before = self.world.writes()
        self.cycle()
        assert self.world.writes() == before, "not quiet"
        self._marketo_has_what_the_crm_has()
        self._ledger_is_sound()

    def _unknown(self, object: str, values: Mapping[str, Value]) -> Refusal | None:
        """Marketo refuses a record that is linked to a person it does not have."""
        person = values.get(PERSON) if object != PERSON else None
        known = self.world.marketo.records.get(PERSON, {})
        return Refusal("1004", "Lead not found") if person is not None and person not in known else None

    # what people do

    def meet(self, which: int, *_: Any) -> None:
        self._new("lead" if which % 2 else "contact", LastName="Roe")

    def _new(self, object: str, **values: Value) -> str:
        self.number += 1
        return self.world.crm.put(object, f"{object[0]}{self.number}", **values)

    def _pick(self, object: str, which: int, *, side: Side = Side.CRM) -> str | None:
        """None now and then, or if there is none."""
        records = self.world.crm.records if side is Side.CRM else self.world.marketo.records
        ids = list(records.get(object, {}))
        return ids[which % len(ids)] if ids and which != 7 else None

    def _looked_up(self, first: int, second: int) -> dict[str, Value]:
        return {
            "Lead__c": self._pick("lead", first),
            "Contact__c": self._pick("contact", second) if second < 4 else None,
        }

    def visit(self, first: int, second: int, _: int, name: str) -> None:
        self._new(VISIT, Name=name, **self._looked_up(first, second))

    def move_visit(self, which: int, first: int, second: int, _: str) -> None:
        if visit := self._pick(VISIT, which):
            self.world.crm.put(VISIT, visit, **self._looked_up(first, second))

    def stop(self, which: int, _: int, __: int, name: str) -> None:
        self._new(STOP, Name=name, Visit__c=self._pick(VISIT, which))

    def move_stop(self, which: int, visit: int, _: int, __: str) -> None:
        if stop := self._pick(STOP, which):
            self.world.crm.put(STOP, stop, Visit__c=self._pick(VISIT, visit))

    def rename(self, object: int, which: int, _: int, name: str) -> None:
        of = (VISIT, STOP)[object % 2]
        if id := self._pick(of, which):
            self.world.crm.put(of, id, Name=name)

    def convert(self, which: int, *_: Any) -> None:
        lead = self._pick("lead", which)
        if lead and any(person[KEY] == lead for person in self.world.kept(PERSON)):  # else nobody can know of it
            self.became[lead] = self._new("contact", LastName="Roe")
            self.world.crm.drop("lead", lead, "converted", Ref("contact", self.became[lead]))

    def delete(self, object: int, which: int, *_: Any) -> None:
        of = (VISIT, STOP, "contact", "lead")[object % 4]
        if id := self._pick(of, which):
            self.world.crm.drop(of, id)

    def edit_in_marketo(self, object: int, which: int, person: int, name: str) -> None:
        of = ("visit", "stop")[object % 2]
        if id := self._pick(of, which, side=Side.MARKETO):
            values: dict[str, Value] = {"name": name, PERSON: self._pick(PERSON, person, side=Side.MARKETO)}
            self.world.marketo.put(of, id, **values)

    def delete_in_marketo(self, object: int, which: int, *_: Any) -> None:
        of = ("visit", "stop", PERSON)[object % 3]
        if id := self._pick(of, which, side=Side.MARKETO):
            self.world.marketo.drop(of, id)

    def merge_in_marketo(self, which: int, *_: Any) -> None:
        """Somebody goes into a person that only Marketo had."""
        if id := self._pick(PERSON, which, side=Side.MARKETO):
            self.number += 1
            winner = self.world.marketo.put(PERSON, f"W{self.number}", lastName="Roe")
            self.world.marketo.drop(PERSON, id, "merged", Ref(PERSON, winner))

    # what mksync and the weather do

    def late(self, *_: Any) -> None:
        self.world.weather(calm=False)

    def cycle(self, *_: Any) -> None:
        self.world.weather(calm=True)
        self.world.once()

    def storm(self, fault: str, at: str, side: Side, nth: int, object: int, which: int, _: int, name: str) -> None:
        """In Marketo nobody may edit meanwhile: it does not tell of edits of what it keeps beside people."""
        side = Side.CRM if fault == "edit" else side
        self.world.meets(Fault(fault, nth, lambda: self.rename(object, which, 0, name), at), side)

    # what must be true

    def _nothing_is_there_twice(self) -> None:
        for one in CUSTOMS.values():
            ids = [row[RECORD] for row in self.world.kept(one.marketo)]
            assert len(ids) == len(set(ids)), f"twice: {one.marketo} {ids}"

    def _marketo_has_what_the_crm_has(self) -> None:
        history = self.world.mirror.history
        held = [row for _, row in history.held(Chosen())]
        assert not list(history.rejected(Chosen())), "rejected"
        waiting = {row.record.id for row in held if row.reason.startswith("waits: ")}
        for object in CUSTOMS:
            for id in self._records(object):
                waits = self._owner(object, id) == WAITS
                assert (id in waiting) == waits or self._of_somebody_deleted(object, id), (
                    f"waiting: {object} {id}: {waits}"
                )
        for object, one in CUSTOMS.items():
            kept = {row[RECORD]: row for row in self.world.kept(one.marketo)}
            for id, values in self._records(object).items():
                owner = self._owner(object, id)
                assert id in kept or id in waiting, f"missing: {object} {id}"
                if id in kept:
                    assert kept[id]["name"] == values["Name"], f"name: {object} {id} {kept[id]}"
                    alike = owner in (WAITS, kept[id][PERSON]) or self._of_somebody_deleted(object, id)
                    assert alike, f"owner: {object} {id} {kept[id]}, not {owner}"

    def _records(self, object: str) -> Mapping[str, Mapping[str, Value]]:
        return self.world.crm.records.get(object, {})

    def _owner(self, object: str, id: str) -> str | None:
        """The person whom the CRM says it belongs to, if Marketo has one; else it waits."""
        values = self._records(object)[id]
        if object == STOP:
            visit = values["Visit__c"]
            if visit is None:
                return None
            return self._owner(VISIT, str(visit)) if visit in self._records(VISIT) else WAITS
        named = values["Contact__c"] or values["Lead__c"]
        if named is None:
            return None
        now = self.became.get(str(named), str(named))
        people = self.world.marketo.records.get(PERSON, {})
        return next((one for one, person in people.items() if person[KEY] == now), WAITS)

    def _of_somebody_deleted(self, object: str, id: str) -> bool:
        """The person stays; but who comes anew finds nobody of that name in the CRM."""
        visit = self._records(object)[id]["Visit__c"] if object == STOP else id
        values = self._records(VISIT).get(str(visit))
        if values is None:
            return visit is not None
        named = values["Contact__c"] or values["Lead__c"]
        now = self.became.get(str(named), str(named))
        return named is not None and not any(now in self._records(one) for one in ("lead", "contact"))

    def _ledger_is_sound(self) -> None:
        """The CRM is not written to; every value is the CRM's; and what replaces an edit in Marketo names it."""
        rows = [row for _, _, row in self.world.mirror.history.collisions(Chosen())]
        told = {(row.record.id, row.field, row.marketo) for row in rows}
        names = {(one.id, one.new) for one in self.world.ledger.saves if one.field == "Name"}
        for save, edited in self._ours():
            assert save.side is Side.MARKETO, f"written to the CRM: {save}"
            record = self._record_of(save)
            if save.field == "name":
                assert (record, save.new) in names, f"invented: {save}"
            if edited and record is not None:
                assert (record, save.field, save.old) in told, f"lost: {save}, {told}"

    def _ours(self) -> Iterator[tuple[Save, bool]]:
        """What mksync wrote of custom objects, and whether it replaced an edit that nobody had taken back."""
        written: dict[tuple[str, str, str], Value] = {}
        for save in self.world.ledger.saves:
            spot = save.object, save.id, save.field
            if save.ours and save.object in (*CUSTOMS, *(one.marketo for one in CUSTOMS.values())):
                yield save, written.get(spot, save.old) != save.old
                written[spot] = save.new

    def _record_of(self, save: Save) -> str | None:
        keys = ((one.object, one.id, one.new) for one in self.world.ledger.saves if one.field == RECORD)
        return next((str(key) for object, id, key in keys if (object, id) == (save.object, save.id)), None)
