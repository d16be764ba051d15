"""What a command works with: the mirror, both sides' ports, and the field pairs of the selection."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from mksync.core.brakes import Limits
from mksync.core.pairs import FieldPair, Line, both_refer, lines
from mksync.core.records import PERSON, Catalogue, Field, Selection, Side, Sides
from mksync.engine.turns import Alone, Turns
from mksync.mirror import Mirror
from mksync.ports import Clock, Port

__all__ = ["PERSON", "Project"]
NO_CALLS = Sides(0, 0)


@dataclass(frozen=True)
class Project:
    """One Marketo instance, one CRM, their mirror, and what is synced between them."""

    mirror: Mirror
    ports: Sides[Port]
    clock: Clock
    titles: Sides[str]  # "Marketo", "Salesforce"
    catalogue: Mapping[str, Catalogue]
    pairs: Mapping[str, Sequence[FieldPair]]  # object -> live pairs; suspended ones are not read
    key_field: str  # the person's cross-id field, which holds the id of the CRM record
    match_keys: tuple[str, ...] = ("email",)
    limits: Limits = field(default_factory=Limits)
    suspended: tuple[tuple[str, str, str], ...] = ()  # (object, Marketo field, CRM field) that rest for now
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    dedupe: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # one-way object -> what Marketo tells it by
    recreate_people: bool = False  # whether an edit in the CRM makes a new person where somebody deleted the old one
    filters: Mapping[str, Field] = field(default_factory=dict)  # object -> the CRM field that says Yes or No
    demanded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # what the CRM refuses a record without
    calls_before: Sides[int] = NO_CALLS  # that the ports had made before this command, or cycle, began
    turns: Turns = field(default_factory=Alone)  # who may work between two pages or batches

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(self.pairs)

    @property
    def labels(self) -> Mapping[str, str]:
        """What people call each object."""
        return {object: self.catalogue[object].label for object in self.objects}

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The objects whose records are people in Marketo: they sync both ways."""
        return tuple(object for object in self.objects if self.counterpart(object) == PERSON)

    @cached_property
    def one_way(self) -> tuple[str, ...]:
        """The objects that flow to Marketo only."""
        return tuple(object for object in self.objects if self.counterpart(object) != PERSON)

    @cached_property
    def lines(self) -> Mapping[str, Sequence[Line]]:
        """Object -> its pairs, made ready for many records."""
        return {object: lines(pairs) for object, pairs in self.pairs.items()}

    @cached_property
    def by_name(self) -> Mapping[str, Mapping[str, FieldPair]]:
        """Object -> its pairs by Marketo's names."""
        return {object: {pair.name: pair for pair in pairs} for object, pairs in self.pairs.items()}

    @cached_property
    def referring(self) -> Mapping[str, Sequence[FieldPair]]:
        """Object -> the pairs that name other records, and not just text."""
        return {
            object: [pair for pair in pairs if both_refer(pair.fields.marketo, pair.fields.crm)]
            for object, pairs in self.pairs.items()
        }

    def counterpart(self, object: str) -> str:
        """What Marketo keeps of an object of the CRM; Marketo's own word is taken as well."""
        return self.catalogue[object].counterpart if object in self.catalogue else object

    @cached_property
    def counterparts(self) -> Mapping[str, str]:
        """Every one-way object -> what Marketo keeps of it."""
        return {object: self.counterpart(object) for object in self.one_way}

    def key_of(self, object: str) -> str:
        """The field of Marketo's that holds the id of the CRM record; empty if no single one does."""
        if object in self.people:
            return self.key_field
        dedupe = self.dedupe.get(object, ())
        return dedupe[0] if len(dedupe) == 1 else ""

    def fields(self, side: Side, object: str) -> Sequence[Field]:
        """The fields to read of an object on a side, each once; people have those of every object that is theirs."""
        return self._marketo_fields[self.counterpart(object)] if side is Side.MARKETO else self._record_fields[object]

    @cached_property
    def _marketo_fields(self) -> Mapping[str, Sequence[Field]]:
        of = {object: (object,) for object in self.one_way}
        alone = {self.counterpart(object): self._read(Side.MARKETO, objects) for object, objects in of.items()}
        return {PERSON: self._read(Side.MARKETO, self.people), **alone}

    @cached_property
    def _record_fields(self) -> Mapping[str, Sequence[Field]]:
        return {object: self._read(Side.CRM, (object,)) for object in self.objects}

    def _read(self, side: Side, objects: Sequence[str]) -> Sequence[Field]:
        found = {pair.fields[side].name: pair.fields[side] for name in objects for pair in self.pairs[name]}
        if side is Side.CRM:
            found |= {field.name: field for name in objects if (field := self.filters.get(name))}
        return tuple(found.values())

    def filter_column(self, object: str) -> str | None:
        """The column of the sync filter; None: every record of this object is synced."""
        field = self.filters.get(object)
        return field.name if field else None

    def calls(self) -> dict[str, int]:
        """System -> API calls since this command, or cycle, began."""
        return {self.titles[side]: self.ports[side].calls - self.calls_before[side] for side in Side}

    def names(self, side: Side, object: str) -> list[str]:
        """What to ask a side for, so that the fields of an object can be kept."""
        fields = self.fields(side, object)
        return list(dict.fromkeys(name for field in fields for name in field.first_of or (field.name,)))

    def selection(self, side: Side) -> Selection:
        """What to ask a side's change feed for: Marketo's tells of people only."""
        if side is Side.MARKETO:
            return {PERSON: self.names(side, PERSON)}
        return {object: self.names(side, object) for object in self.objects}

    def object_of(self, side: Side, object: str) -> str:
        """How a side's port calls an object of the CRM."""
        return self.counterpart(object) if side is Side.MARKETO else object

    def match_pairs(self, object: str) -> list[FieldPair]:
        """The pairs that unlinked records are matched by, beyond the cross-id."""
        if object not in self.people:
            return []
        pairs = self.by_name[object]
        return [pairs[key] for key in self.match_keys if key in pairs]

    def lookups(self) -> Iterator[tuple[Side, str, str]]:
        """The columns that unlinked records are matched by."""
        yield Side.MARKETO, PERSON, self.key_field
        for object in self.one_way:
            if told := self.dedupe.get(object):
                yield Side.MARKETO, self.counterpart(object), told[0]
            for pair in self.pairs[object]:
                if pair.fields.crm.first_of:
                    yield Side.CRM, object, pair.fields.crm.name
        for object in self.objects:
            for pair in self.match_pairs(object):
                yield Side.MARKETO, PERSON, pair.name
                yield Side.CRM, object, pair.fields.crm.name
