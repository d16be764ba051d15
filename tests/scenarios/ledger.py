"""The judge of the machine: it notes what outsiders typed and what both systems then held, and knows what must follow.

It reads the systems by plain HTTP, and of the program only what an admin can read: the log.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from mksync.core.records import Side
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen
from tests.scenarios.crms import Names
from tests.scenarios.meaning import meaning
from tests.scenarios.outsiders import Row
from tests.scenarios.pools import TIERS
from tests.scenarios.sandbox_world import KEY, World

Spot = tuple[Side, str, str]  # side, CRM record id, Marketo's name of the field
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ASTRAL = re.compile(r"[\U00010000-\U0010ffff].*", re.DOTALL)


@dataclass(frozen=True)
class Both:
    """What both systems hold at one moment."""

    people: dict[str, Row]
    records: dict[str, dict[str, Row]]  # object -> id -> row

    def person_of(self, record: str) -> str | None:
        """Raises AssertionError if there are several: nobody may be doubled."""
        found = [id for id, row in self.people.items() if row[KEY] == record]
        assert len(found) < 2, f"{record} has the people {found}"
        return next(iter(found), None)

    def find(self, record: str) -> tuple[str, Row] | None:
        return next(((object, rows[record]) for object, rows in self.records.items() if record in rows), None)

    def held(self, spot: Spot) -> tuple[bool, Any]:
        """Whether both the record and its person are there, and what the field means."""
        side, record, name = spot
        found, person = self.find(record), self.person_of(record)
        if found is None or person is None:
            return False, None
        _, row = found
        return True, meaning(name, (self.people[person] if side is Side.MARKETO else row)[name])


@dataclass
class Edit:
    """The latest edit of one field on one side since it was last looked at by a whole cycle."""

    before: Any
    after: Any
    visible_by: float  # from then on every reader of the feed is told
    passed: frozenset[Any] = frozenset()  # what the field held in between, and nobody has looked at either


@dataclass
class Ledger:
    """All that outsiders did, and the rules that hold whatever they do."""

    world: World
    typed: defaultdict[str, set[Any]] = field(default_factory=lambda: defaultdict(lambda: {None, False}))
    edits: dict[Spot, Edit] = field(default_factory=dict)
    written_over: list[tuple[Spot, Edit]] = field(default_factory=list)  # by mksync, which was not told of them yet
    people_made: set[str] = field(default_factory=set)
    records_made: set[str] = field(default_factory=set)
    widowed: set[str] = field(default_factory=set)  # records whose person somebody deleted
    judged: int = 0  # the last cycle that came to its end

    def look(self) -> Both:
        crm = {object: self.world.crm.everything(object) for object in self.world.fields}
        return Both(self.world.marketo.people(*self.world.marketo_fields, KEY), crm)

    def saw(self, name: str, raw: Any) -> None:
        """Somebody typed this: it, and what a server may make of it, may turn up anywhere from now on."""
        self.typed[name] |= {meaning(name, image) for image in _images(raw)}

    def edited(self, spot: Spot, before: Both, after: Both, visible_by: float) -> None:
        there, was = before.held(spot)
        _, now = after.held(spot)
        if there:
            first = self.edits.get(spot)
            passed = first.passed | {first.after} if first else frozenset()
            self.edits[spot] = Edit(first.before if first else was, now, visible_by, passed)

    def forget(self, record: str) -> None:
        """The record or its person went: nobody can say any more where an edit of it should be."""
        self.edits = {spot: edit for spot, edit in self.edits.items() if spot[1] != record}
        self.written_over = [(spot, edit) for spot, edit in self.written_over if spot[1] != record]

    def ran(self, began: float, *, whole: bool) -> None:
        """After a run that began at that time; `whole`: it came to its end.

        Every edit is still there, or flowed, or stands in the log. One that no reader of Marketo's log was told of yet
        can be written over unseen, as Marketo has no conditional write: it stands in the log once that has told of it,
        and of the write.
        """
        now = self.look()
        for spot, edit in list(self.edits.items()):
            there, value = now.held(spot)
            _, across = now.held((spot[0].other, *spot[1:]))
            unseen = began < edit.visible_by and value != edit.after
            # To pass through the very value that is being written looks like two edits after it.
            if there and unseen and edit.after != edit.before and value not in edit.passed:
                delay = self.world.sandbox.marketo.activity_delay
                told_by = max(edit.visible_by, self.world.clock.now() + delay + 1)
                self.written_over.append((spot, replace(edit, visible_by=told_by)))
            if not there or unseen or across == edit.after:  # what both hold is settled, whatever somebody types next
                del self.edits[spot]
        if whole:
            self._nothing_is_lost(now, began)

    def _nothing_is_lost(self, now: Both, began: float) -> None:
        with self.world.mirror() as mirror:
            told = set(_logged(mirror)) | set(_delivered(mirror, self.judged, self.world.fields))
            self.judged = mirror.history.cycles(limit=1)[0].id
        for spot, edit in self.written_over:
            if began >= edit.visible_by:
                assert (*spot, edit.after) in told, f"written over: {spot} {edit}, and not found"
        self.written_over = [(spot, edit) for spot, edit in self.written_over if began < edit.visible_by]
        seen = {spot: edit for spot, edit in self.edits.items() if began >= edit.visible_by}
        for spot, edit in seen.items():
            _, value = now.held(spot)
            if edit.after not in (edit.before, value):
                assert (*spot, edit.after) in told, f"lost: {spot} {edit}, now {value!r}"
        self.edits = {spot: edit for spot, edit in self.edits.items() if spot not in seen}

    def nothing_is_invented(self) -> None:
        now = self.look()
        for row in now.people.values():
            for name in self.world.marketo_fields:
                assert meaning(name, row[name]) in self.typed[name], ("marketo", row["id"], name, row[name])
        for object, rows in now.records.items():
            for id, row in rows.items():
                for name, raw in row.items():
                    assert meaning(name, raw) in self.typed[name], (object, id, name, raw)

    def nobody_is_doubled(self) -> None:
        now = self.look()
        made = {id for rows in now.records.values() for id in rows}
        assert made <= self.records_made, "mksync creates no records in the CRM"
        carried = [row[KEY] for id, row in now.people.items() if id not in self.people_made]
        assert len(carried) == len(set(carried)), f"people doubled: {carried}"
        assert set(carried) <= self.records_made
        for record in made:
            now.person_of(record)

    def both_sides_agree(self) -> None:
        """On every selected field of every record, or the difference is listed."""
        now = self.look()
        with self.world.mirror() as mirror:
            listed = set(_listed(mirror, self.world.fields))
        for object, rows in now.records.items():
            for id in rows:
                if now.person_of(id) is None:
                    told = id in {record for record, _ in listed}  # a refused creation names the fields it was about
                    assert id in self.widowed or told, f"{object} {id} has no person"
                    continue
                for name in self.world.fields[object]:
                    values = [now.held((side, id, name))[1] for side in Side]
                    if values[0] != values[1]:
                        assert {(id, name), (id, "")} & listed, f"{object} {id} {name}: {values}, not listed"


def _images(raw: Any) -> set[Any]:
    """What was typed, and what the servers are known to make of it."""
    if not isinstance(raw, str):
        return {raw}
    found = {raw, *(tier for tier in TIERS if tier and tier.lower() == raw.strip().lower())}
    for _ in range(2):
        found |= {_CONTROL.sub("", one) for one in found} | {_ASTRAL.sub("", one) for one in found}
        found |= {one.strip(" \t\n\r\v\f\u00a0") for one in found}
    return found


def _logged(mirror: Mirror) -> Iterator[tuple[Side, str, str, Any]]:
    """Every value that stands in the collision log."""
    for _, _, row in mirror.history.collisions(Chosen()):
        yield Side.MARKETO, str(row.record.id), row.field, meaning(row.field, row.marketo)
        yield Side.CRM, str(row.record.id), row.field, meaning(row.field, row.crm)


def _delivered(mirror: Mirror, since: int, objects: Iterable[str]) -> Iterator[tuple[Side, str, str, Any]]:
    """Every value that a later cycle brought to the other side."""
    for cycle in mirror.history.cycles(limit=1_000):
        for object in objects if cycle.id > since else ():
            for write, status in mirror.journal.of_cycle(cycle.id, object, 10_000):
                for one in write.fields if status == "written" else ():
                    yield Side(write.side).other, str(write.record_id), one.field, meaning(one.field, one.source)


def _listed(mirror: Mirror, fields: Names) -> Iterator[tuple[str, str]]:
    """(CRM record id, Marketo's name of the field) of everything that waits; "" for a whole record."""
    names = {crm: marketo for names in fields.values() for marketo, crm in names.items()}
    for _, rejected in mirror.history.rejected(Chosen()):
        for name in rejected.fields or ("",):
            yield str(rejected.record.id), names.get(name, name)
    for _, held in mirror.history.held(Chosen()):
        yield str(held.record.id), held.field or ""
