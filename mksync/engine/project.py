"""What a command works with: the mirror, both sides' ports, and the field pairs of the selection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from mksync.core.brakes import Limits
from mksync.core.pairs import FieldPair
from mksync.core.records import Catalogue, Field, Selection, Side, Sides
from mksync.mirror import Mirror
from mksync.ports import Clock, Port

PERSON = "person"  # what the Marketo port calls its one object


@dataclass(frozen=True)
class Project:
    """One Marketo instance, one CRM, their mirror, and what is synced between them."""

    mirror: Mirror
    ports: Sides[Port]
    clock: Clock
    titles: Sides[str]  # "Marketo", "Salesforce"
    catalogue: Mapping[str, Catalogue]
    pairs: Mapping[str, Sequence[FieldPair]]  # object -> live and new pairs; suspended ones are not read
    key_field: str  # Marketo's cross-id field, which holds the id of the CRM record
    match_keys: tuple[str, ...] = ("email",)
    limits: Limits = field(default_factory=Limits)
    suspended: tuple[tuple[str, str, str], ...] = ()  # (object, Marketo field, CRM field) that a side does not show
    warnings: tuple[str, ...] = ()
    filters: Mapping[str, Field] = field(default_factory=dict)  # object -> the CRM field that says Yes or No

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(self.pairs)

    @property
    def labels(self) -> Mapping[str, str]:
        """What people call each object."""
        return {object: self.catalogue[object].label for object in self.objects}

    def fields(self, side: Side, object: str) -> Sequence[Field]:
        """The fields to read of an object on a side, each once; people have those of every object."""
        return self._people_fields if side is Side.MARKETO else self._record_fields[object]

    @cached_property
    def _people_fields(self) -> Sequence[Field]:
        return self._read(Side.MARKETO, self.objects)

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

    def names(self, side: Side, object: str) -> list[str]:
        return [field.name for field in self.fields(side, object)]

    def selection(self, side: Side) -> Selection:
        """What to ask a side's port for."""
        if side is Side.MARKETO:
            return {PERSON: self.names(side, PERSON)}
        return {object: self.names(side, object) for object in self.objects}

    def object_of(self, side: Side, object: str) -> str:
        """How a side's port calls an object of the CRM: on Marketo's side everybody is a person."""
        return PERSON if side is Side.MARKETO else object

    def match_pairs(self, object: str) -> list[FieldPair]:
        """The pairs that unlinked records are matched by, beyond the cross-id."""
        return [pair for key in self.match_keys for pair in self.pairs[object] if pair.name == key]
