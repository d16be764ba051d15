"""What histories of one-way objects have in common: people who are met, converted, merged and deleted, records that
belong to them, and what must be true of every such record in the end."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from mksync.core.records import PERSON, Ref, Side, Value
from mksync.engine.custom_objects import LINKS
from mksync.mirror.history import Chosen
from tests.chaos.runner import Script, Step
from tests.chaos.systems import FAULTS, STEPS, Fault, Save
from tests.chaos.worlds import SKEWS, ChaosBeside
from tests.world import KEY

NAMES = ("a", "b", "c", "dd")
WAITS = "waits"
PEOPLE = ("lead", "contact")
MEANWHILE = ("write", "write", "wrote", "fetch", "find")  # where Marketo's people may do something, of its calls
COMMON = {
    "meet": 1, "rename": 3, "convert": 2, "delete": 1, "edit_in_marketo": 3, "delete_in_marketo": 1,
    "merge_in_marketo": 1, "cycle": 5, "storm": 4, "meanwhile": 2, "late": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """What Marketo has of an object: the field that holds the CRM's id, and the one that holds `crm`."""

    counterpart: str
    key: str
    name: str
    crm: str


def script(seed: int, first: tuple[str, ...], kinds: Mapping[str, int]) -> Script:
    random = Random(seed)
    some = [*first, *random.choices(list(kinds), list(kinds.values()), k=random.randint(6, 14))]
    facts = {"skews": (random.choice(SKEWS), random.choice(SKEWS))}
    return Script(seed, facts, tuple(_step(random, kind) for kind in some))


def _step(random: Random, kind: str) -> Step:
    numbers = tuple(random.randrange(8) for _ in range(3))
    name = random.choice(NAMES)
    if kind == "storm":
        at = random.choice(STEPS)
        nth = random.randint(1, 3 if at else 14)
        return kind, random.choice(FAULTS), at, random.choice(tuple(Side)), nth, *numbers, name
    if kind == "meanwhile":
        return kind, random.choice(MEANWHILE), random.randint(1, 5), *numbers, name
    return kind, *numbers, name


class Beside:
    """People and what belongs to them. The numbers of a step choose among what there is."""

    kept: ClassVar[Mapping[str, Kept]]
    deleted_in_marketo: ClassVar[tuple[str, ...]]
    gone_meanwhile: ClassVar[tuple[str, ...]]

    def __init__(self, world: ChaosBeside) -> None:
        self.world = world
        self.number = 0
        self.became: dict[str, str] = {}  # lead -> the contact that was made of it

    def live(self, script: Script) -> None:
        """Raises AssertionError if a rule is broken."""
        for kind, *rest in script.steps:
            getattr(self, kind)(*rest)
            self.nothing_is_there_twice()
        self.come_right()
        self.cycle()
        self.cycle()
        self.cycle()
        before = self.world.writes()
        self.cycle()
        assert self.world.writes() == before, "not quiet"
        self._all_is_there()
        self.they_belong_to_whom_the_crm_says()
        self._ledger_is_sound()

    # what people do

    def new(self, object: str, **values: Value) -> str:
        self.number += 1
        return self.world.crm.put(object, f"{object[0]}{self.number}", **values)

    def pick(self, object: str, which: int, *, side: Side = Side.CRM) -> str | None:
        """None now and then, or if there is none."""
        ids = list(self.records(object) if side is Side.CRM else self.world.marketo.records.get(object, {}))
        return ids[which % len(ids)] if ids and which != 7 else None

    def meet(self, which: int, *_: Any) -> None:
        self.new(PEOPLE[which % 2], LastName="Roe")

    def rename(self, object: int, which: int, _: int, name: str) -> None:
        of = list(self.kept)[object % len(self.kept)]
        if id := self.pick(of, which):
            self.world.crm.put(of, id, **{self.kept[of].crm: name})

    def convert(self, which: int, *_: Any) -> None:
        lead = self.pick("lead", which)
        if lead and any(person[KEY] == lead for person in self.world.kept(PERSON)):  # else nobody can know of it
            values = self.records("lead")[lead]
            taken = {name: values[name] for name in ("LastName", "OwnerId") if name in values}
            self.became[lead] = self.new("contact", **taken)
            self.world.crm.drop("lead", lead, "converted", Ref("contact", self.became[lead]))

    def delete(self, object: int, which: int, *_: Any) -> None:
        objects = [one for one in self.world.crm.records if one != "user"]
        of = objects[object % len(objects)]
        if id := self.pick(of, which):
            self.world.crm.drop(of, id)

    def edit_in_marketo(self, object: int, which: int, _: int, name: str) -> None:
        one = list(self.kept.values())[object % len(self.kept)]
        if id := self.pick(one.counterpart, which, side=Side.MARKETO):
            self.world.marketo.put(one.counterpart, id, **{one.name: name})

    def delete_in_marketo(self, object: int, which: int, *_: Any) -> None:
        self._drop_in_marketo(self.deleted_in_marketo[object % len(self.deleted_in_marketo)], which)

    def _drop_in_marketo(self, object: str, which: int) -> None:
        if id := self.pick(object, which, side=Side.MARKETO):
            self.world.marketo.drop(object, id)

    def merge_in_marketo(self, which: int, *_: Any) -> None:
        """Somebody goes into a person that only Marketo had."""
        if id := self.pick(PERSON, which, side=Side.MARKETO):
            self.number += 1
            winner = self.world.marketo.put(PERSON, f"W{self.number}", lastName="Roe")
            self.world.marketo.drop(PERSON, id, "merged", Ref(PERSON, winner))

    def come_right(self) -> None:
        """What nobody leaves as it is for ever."""

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

    def meanwhile(self, at: str, nth: int, object: int, which: int, other: int, name: str) -> None:
        """Whom a record names that is under way to Marketo is merged or deleted there before it arrives, or after."""
        of = (PERSON, *self.gone_meanwhile)[object % (1 + len(self.gone_meanwhile))]
        self.name(of, which, other, name)
        away: Callable[[], None] = lambda: self._drop_in_marketo(of, which)  # noqa: E731
        if of == PERSON and other % 3:
            away = lambda: self.merge_in_marketo(which)  # noqa: E731
        self.world.meets(Fault("edit", nth, away, at), Side.MARKETO)

    def name(self, counterpart: str, which: int, other: int, name: str) -> None:
        """Have something in the CRM name what this record of Marketo's was made of."""
        raise NotImplementedError

    # what must be true

    def nothing_is_there_twice(self) -> None:
        for one in self.kept.values():
            ids = [row[one.key] for row in self.world.kept(one.counterpart)]
            assert len(ids) == len(set(ids)), f"twice: {one.counterpart} {ids}"

    def _all_is_there(self) -> None:
        """With the CRM's name; or it is said to wait, and what it names is not there."""
        assert not list(self.world.mirror.history.rejected(Chosen())), "rejected"
        waiting = self.waiting()
        for object, one in self.kept.items():
            kept = {row[one.key]: row for row in self.world.kept(one.counterpart)}
            for id, values in self.records(object).items():
                waits = self.waits(object, id)
                assert waits is None or (id in waiting) is waits, f"waiting: {object} {id}: {waits}"
                assert id in kept or id in waiting, f"missing: {object} {id}"
                if id in kept:
                    assert kept[id][one.name] == values[one.crm], f"name: {object} {id} {kept[id]}"

    def waits(self, object: str, id: str) -> bool | None:
        """Whether what a record names is not in Marketo; None if that is nobody's business."""
        raise NotImplementedError

    def they_belong_to_whom_the_crm_says(self) -> None:
        raise NotImplementedError

    def waiting(self) -> set[str | None]:
        held = [row for _, row in self.world.mirror.history.held(Chosen())]
        return {row.record.id for row in held if row.reason.startswith("waits: ")}

    def records(self, object: str) -> Mapping[str, Mapping[str, Value]]:
        return self.world.crm.records.get(object, {})

    def person(self, named: Value) -> str | None:
        """Marketo's id of whom the CRM calls so, or what became of them; None if Marketo has nobody."""
        now = self.became.get(str(named), str(named))
        people = self.world.marketo.records.get(PERSON, {})
        return next((one for one, person in people.items() if person[KEY] == now), None)

    def is_deleted(self, named: Value) -> bool:
        """The person stays; but who comes anew finds nobody of that name in the CRM."""
        now = self.became.get(str(named), str(named))
        return named is not None and not any(now in self.records(one) for one in PEOPLE)

    def _ledger_is_sound(self) -> None:
        """The CRM is not written to; every name is the CRM's; and what replaces an edit in Marketo names it."""
        rows = [row for _, _, row in self.world.mirror.history.collisions(Chosen())]
        told = {(row.record.id, row.field, row.marketo) for row in rows}
        saves, kept = self.world.ledger.saves, {one.counterpart: one for one in self.kept.values()}
        crm = {object: one.crm for object, one in self.kept.items()}
        names = {(one.id, one.new) for one in saves if crm.get(one.object) == one.field}
        keys = {(one.counterpart, one.key) for one in self.kept.values()}
        ids = {(one.object, one.id): str(one.new) for one in saves if (one.object, one.field) in keys}
        for save, since in self._ours():
            assert save.side is Side.MARKETO, f"written to the CRM: {save}"
            record = ids.get((save.object, save.id))
            if save.object in kept and kept[save.object].name == save.field:
                assert (record, save.new) in names, f"invented: {save}"
            if since is not None and record is not None and not self._agreed(save, record, since):
                assert (record, save.field, save.old) in told, f"lost: {save}, {told}"

    def _ours(self) -> Iterator[tuple[Save, int | None]]:
        """What mksync wrote of these objects; if it replaced an edit, since when it had been made."""
        written: dict[tuple[str, str, str], Save] = {}
        for save in self.world.ledger.saves:
            spot = save.object, save.id, save.field
            if save.ours and save.object not in (PERSON, *PEOPLE):
                last = written.get(spot)
                yield save, last.order if last and last.new != save.old else None
                written[spot] = save

    def _agreed(self, save: Save, record: str, since: int) -> bool:
        """Whether the CRM had meanwhile come to say the same as the edit that was replaced."""
        saves, named = self.world.ledger.saves, {save.old}
        if save.field in LINKS and save.old is not None:
            named |= {one.new for one in saves if (one.object, one.id) == (save.field, str(save.old))}
        later = [one for one in saves if one.side is Side.CRM and one.order > since and one.new in named]
        return any(one.id == record or save.field in LINKS for one in later)
