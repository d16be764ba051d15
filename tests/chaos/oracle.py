"""What must be true of a history once it has come to rest: judged from what was saved on both sides, and from the log.

Nothing of the engine is asked, and nothing of how it decides. An edit may only be written over if it had reached the
other side, if it was taken back, or if the log names it with its value.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mksync.core.records import PERSON, FieldType, Side, Value
from mksync.core.report import Collision
from mksync.core.values import same
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen
from tests.chaos.systems import ChaosSystem, Habit, Ledger, Save
from tests.world import FIELDS, KEY

MARKETO_NAMES = {crm: name for name, (crm, _) in FIELDS.items()}
EMPTY = (None, False)


@dataclass(frozen=True, slots=True)
class Spot:
    """A field of a pair of records. `record`: the CRM's id; `field`: Marketo's name."""

    record: str
    field: str

    @property
    def type(self) -> FieldType:
        return FIELDS[self.field][1]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the log."""

    cycle: int
    collision: Collision

    def value(self, side: Side) -> Value:
        return self.collision.marketo if side is Side.MARKETO else self.collision.crm


class Oracle:
    """A history that has come to rest."""

    def __init__(self, marketo: ChaosSystem, crm: ChaosSystem, ledger: Ledger, mirror: Mirror) -> None:
        self.people = marketo.records.get(PERSON, {})
        self.crm, self.marketo = crm, marketo
        self.disturbed = ledger.disturbed
        self.keys = {id: str(values[KEY]) for id, values in self.people.items() if values[KEY] is not None}
        self.linked = {str(one.new): one.order for one in ledger.saves if one.field == KEY}
        self.saves: dict[Spot, list[Save]] = defaultdict(list)
        for save in ledger.saves:
            if spot := self._spot(save):
                self.saves[spot].append(save)
        self.rows: dict[Spot, list[Row]] = defaultdict(list)
        for cycle, _, row in mirror.history.collisions(Chosen()):
            self.rows[Spot(str(row.record.id), row.field)].append(Row(cycle, row))

    def _spot(self, save: Save) -> Spot | None:
        if save.side is Side.CRM:
            return Spot(save.id, MARKETO_NAMES[save.field]) if save.field in MARKETO_NAMES else None
        record = self.keys.get(save.id)
        return Spot(record, save.field) if record and save.field in FIELDS else None

    def nothing_is_lost(self) -> None:
        for spot, saves in self.saves.items():
            for at, save in enumerate(saves):
                if save.ours and not save.made and not self._kept(spot, saves[:at], save):
                    raise AssertionError(f"lost: {spot}: {save.old!r}, by {save}\nof {_told(saves)}\n{self.rows[spot]}")

    def _kept(self, spot: Spot, before: list[Save], by: Save) -> bool:
        """What this write replaced: mksync's own, or an edit that the other side has, or a line of the log."""
        edits = [one for one in before if one.side is by.side]
        while edits and not edits[-1].ours:
            edit = edits.pop()
            if edit.new in EMPTY and edit.order < self.linked[spot.record]:
                return True  # what is empty when two records meet is filled
            if edit.new == by.old and self._logged(spot, edit):
                return True
            if self._arrived(spot, edit, before):
                if same(spot.type, edit.new, by.old):
                    return True
                if self._sent(spot, edit, before):
                    return False
        return not edits or same(spot.type, edits[-1].new, by.old) or self._sent_again(spot, edits[-1], by)

    def _logged(self, spot: Spot, edit: Save) -> bool:
        return any(
            row.cycle >= edit.cycle and same(spot.type, row.value(edit.side), edit.new) for row in self.rows[spot]
        )

    def _arrived(self, spot: Spot, edit: Save, before: list[Save]) -> bool:
        """Whether the other side held this value then, or came to hold it."""
        held: Value = None
        other = edit.side.other
        for save in before:
            if save.side is not other:
                continue
            if save.order > edit.order and self._image(spot, other, held, edit.new):
                return True
            held = save.new
        return self._image(spot, other, held, edit.new)

    def _sent_again(self, spot: Spot, first: Save, by: Save) -> bool:
        """A write whose answer was lost, and that somebody took back at once, looks like one that never was."""
        return first.cycle in self.disturbed and same(spot.type, first.old, by.old)

    def _sent(self, spot: Spot, edit: Save, before: list[Save]) -> bool:
        """Whether mksync took this value across: then going back to what was before is another edit."""
        later = [one for one in before if one.ours and one.order > edit.order and one.side is not edit.side]
        return any(self._image(spot, one.side, one.new, edit.new) for one in later)

    def _image(self, spot: Spot, side: Side, held: Value, value: Value) -> bool:
        """Whether a side that was sent this value may hold that."""
        habit, name = self._habit(side), spot.field
        return same(spot.type, held, value) or same(spot.type, held, habit(name, value))

    def _habit(self, side: Side) -> Habit:
        return (self.marketo if side is Side.MARKETO else self.crm).reformat

    def nothing_is_invented(self) -> None:
        """What was written on a side, the other one had held for this record, or this one itself."""
        for spot, saves in self.saves.items():
            for at, save in enumerate(saves):
                if save.ours and not any(self._image(spot, save.side, save.new, one) for one in _values(saves[:at])):
                    raise AssertionError(f"invented: {spot}: {save}\nof {_told(saves)}")

    def the_log_tells_what_was(self) -> None:
        for spot, rows in self.rows.items():
            for row in rows:
                for side in Side:
                    held = [one for save in self.saves[spot] if save.side is side for one in (save.old, save.new)]
                    value = row.value(side)
                    assert any(same(spot.type, one, value) for one in [None, *held]), (
                        spot,
                        row,
                        _told(self.saves[spot]),
                    )

    def the_log_names_no_loser_that_stands(self) -> None:
        for spot, rows in self.rows.items():
            for row in rows:
                wins = row.collision.winner
                if wins is None or row.collision.kind == "late":
                    continue
                loses = wins.other
                if self._image(spot, loses, row.value(loses), row.value(wins)):
                    continue  # its server made of what it was sent what it held
                lost = [one for one in self.saves[spot] if one.side is loses and one.cycle >= row.cycle]
                named = any(same(spot.type, one.old, row.value(loses)) for one in lost)
                assert named, f"the log names a loser that stands: {row}\nof {_told(self.saves[spot])}"

    def who_wins_late_is_given_back(self) -> None:
        """An edit that was written over unseen, and wins, is written back, unless somebody has edited since."""
        for spot, rows in self.rows.items():
            for row in rows:
                if row.collision.kind != "late" or row.collision.winner is not Side.MARKETO:
                    continue
                later = [one for one in self.saves[spot] if one.cycle >= row.cycle - 1 and not one.ours]
                later += [one for one in self.saves[spot] if one.cycle >= row.cycle and one.side is Side.MARKETO]
                back = any(not one.ours or same(spot.type, one.new, row.collision.marketo) for one in later)
                assert back, f"not given back: {row}\nof {_told(self.saves[spot])}"

    def who_says_no_is_left_alone(self, ledger: Ledger) -> None:
        flags: dict[str, Value] = {}
        for save in ledger.saves:
            if save.field == "Sync__c":
                flags[save.id] = save.new
            record = save.id if save.side is Side.CRM else self.keys.get(save.id)
            assert not (save.ours and record and flags.get(record) is False), f"written, though it says No: {save}"

    def nobody_is_there_twice(self) -> None:
        keys = list(self.keys.values())
        assert len(keys) == len(set(keys)), keys
        assert not [one for of in self.saves.values() for one in of if one.ours and one.made and one.side is Side.CRM]

    def both_sides_agree(self, mirror: Mirror) -> None:
        """Or the difference is listed: for a record that the CRM does refuse."""
        rejected = {row.record.id for _, row in mirror.history.rejected(Chosen())}
        listed = {(row.record.id, row.field) for _, row in mirror.history.held(Chosen())}
        for object, id, values, person in self.pairs():
            refused = self.crm.refuse(id, {"FirstName": person["firstName"]}) and values["FirstName"] != "c"
            assert (id in rejected) <= bool(refused), f"{object} {id} is listed, and nothing of it is refused"
            for name, (field, _) in FIELDS.items():
                spot, held = Spot(id, name), (person[name], values[field])
                alike = any(self._image(spot, side, *one) for side in Side for one in (held, held[::-1]))
                assert alike or id in rejected or (id, name) in listed, f"{object} {id}: {name} differs: {held}"

    def pairs(self) -> Iterator[tuple[str, str, Mapping[str, Value], Mapping[str, Value]]]:
        """Every record that is to sync, with its person."""
        people = {str(values[KEY]): values for values in self.people.values()}
        for object, records in self.crm.records.items():
            for id, values in records.items():
                if values["Sync__c"] is not False:
                    assert id in people, f"{object} {id} has no person"
                    yield object, id, values, people[id]


def _values(saves: list[Save]) -> list[Value]:
    return [one for save in saves for one in (save.old, save.new)]


def _told(saves: list[Save]) -> str:
    rows = ((one, "mksync" if one.ours else "people") for one in saves)
    return "\n".join(
        f"  {one.order:4} {one.cycle:2} {one.side:8} {who}: {one.old!r} -> {one.new!r}" for one, who in rows
    )
