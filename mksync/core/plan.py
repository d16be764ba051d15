"""The plan as data: the writes a cycle would make, with what each field held before and where its value comes from."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Literal, NamedTuple

from mksync.core.frozen import dataclass
from mksync.core.records import Side, Sides, Value

Kind = Literal["create", "update", "delete", "convert"]

MADE = "made"  # a field of a record that is created in the CRM, and where its value comes from otherwise
DEFAULT = "default"
OWNER = "owner"
FROM_NOBODY = (DEFAULT, OWNER)  # kinds of fields whose value is of the configuration, or of the admin: no side's image


class Pending(StrEnum):
    """Why one field of a settled link is not judged by its bases."""

    QUICK = "quick"  # a quick sync has yet to fill it from its source
    FIRST = "first"  # it was suspended when the link was settled: compared for the first time
    AGAIN = "again"  # the write of its first comparison did not get across: bases tell what the sides held then
    KEPT = "kept"  # a quick sync leaves this record out: what both sides hold now becomes their base


class FieldWrite(NamedTuple):
    """One field of a write. `source` is the value on the other side that `now` is the image of."""

    field: str  # Marketo's name
    crm_field: str
    was: Value
    now: Value
    source: Value
    kind: str  # core.decide.Kind, or "created"

    def on(self, side: Side) -> str:
        """What that side calls the field."""
        return self.field if side is Side.MARKETO else self.crm_field


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """One record's write, in the journal from the moment it is planned. `id` is the journal's.

    `token`: what a lost create is found by; of a conversion, the order.
    """

    cycle: int
    object: str  # the CRM's object, also for the person's side of it
    side: str
    kind: Kind
    label: str
    fields: tuple[FieldWrite, ...]
    link: int | None = None
    person_id: str | None = None
    record_id: str | None = None
    version: str | None = None
    token: str | None = None
    id: int = 0

    def value(self, field: str) -> Value:
        """What this write puts into one of Marketo's fields; None if it does not touch it."""
        return next((one.now for one in self.fields if one.field == field), None)

    def images(self) -> list[FieldWrite]:
        """The fields whose value was taken from the other side."""
        return [field for field in self.fields if field.kind not in FROM_NOBODY]


@dataclass(frozen=True, slots=True)
class Linked:
    """A linked pair of records as the mirror holds them: what `decide` is asked about, field by field."""

    link: int
    object: str
    settled: bool
    ids: Sides[str]
    keys: Sides[int]  # the mirror's own row numbers
    version: str | None  # of the CRM record
    now: Sides[Mapping[str, Value]]  # by each side's own field names
    base: Sides[Mapping[str, Value]]
    pending: Mapping[str, Pending] = field(
        default_factory=dict
    )  # Marketo field -> what it waits for in place of a base
