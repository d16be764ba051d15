"""Field pairs: which Marketo field goes with which CRM field, which way values flow, and who wins a collision."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Literal, NamedTuple

from mksync.core.cut import cut
from mksync.core.frozen import dataclass
from mksync.core.records import SIDES, Field, FieldType, Side, Sides, Value
from mksync.core.value_map import NO_VALUES, ValueMap
from mksync.core.values import LITERAL, TEXTS, compatible, same

NAMES = Sides("Marketo", "the CRM")


class Direction(StrEnum):
    """Which way a field pair's values may flow."""

    BOTH = "both"
    TO_MARKETO = "to-marketo"
    TO_CRM = "to-crm"

    @property
    def source(self) -> Side | None:
        """The side that a one-way pair is read from; None for both ways."""
        return _SOURCES[self]

    def flows_from(self, side: Side) -> bool:
        return self.source in (side, None)


class Policy(StrEnum):
    """Who wins a collision.

    `hold` leaves it for a human. `sticky-true`, for pairs of two yes/no fields: the side that says yes, so that an
    opt-out is undone by nobody who did not see it.
    """

    MARKETO = "marketo"
    CRM = "crm"
    HOLD = "hold"
    STICKY_TRUE = "sticky-true"


_SOURCES: Mapping[Direction, Side | None] = {
    Direction.BOTH: None,
    Direction.TO_MARKETO: Side.CRM,
    Direction.TO_CRM: Side.MARKETO,
}


def default_policy(object: str) -> Policy:
    """Marketo wins on leads, the CRM on contacts and on every other object.

    Source: Adobe product documentation, "SFDC Sync: Lead Sync" and "SFDC Sync: Contact Sync".
    """
    return Policy.MARKETO if object == "lead" else Policy.CRM


@dataclass(frozen=True, slots=True)
class FieldPair:
    """One selected field of one object, on both sides, with its rule.

    state: live; new (on this record, the quick sync has yet to fill it from its source); kept (left out of the quick
    sync: it stays as it is until it is edited); again (on this record, the write of its first comparison did not
    get across: it is compared again); suspended (not visible any more on a side: neither read as cleared nor written).
    values: what values are called on the other side. truncate: what is too long for a side is cut off, not rejected.
    """

    object: str
    fields: Sides[Field]
    direction: Direction
    policy: Policy
    state: Literal["live", "new", "again", "kept", "suspended"] = "live"
    values: ValueMap = NO_VALUES
    truncate: bool = False

    @property
    def name(self) -> str:
        """The Marketo field's name, by which the pair is known."""
        return self.fields.marketo.name

    @property
    def plain(self) -> bool:
        """Whether values of both fields are the same as soon as they are equal (`same` finds more), and all is said."""
        if self.values.rows or self.truncate or self.state != "live":
            return False
        marketo, crm = self.fields.marketo, self.fields.crm
        return (marketo.type is crm.type and marketo.scale == crm.scale) or {marketo.type, crm.type} <= TEXTS

    def winner(self, now: Sides[Value]) -> Side | None:
        """Whose value the policy prefers, of two that are not the same; None: nobody's, they are held."""
        if self.policy is Policy.HOLD:
            return None
        if self.policy is Policy.STICKY_TRUE:  # of two checkboxes that differ, exactly one is ticked
            return Side.MARKETO if now.marketo else Side.CRM
        return Side(self.policy.value)

    def image(self, value: Value, of: Side) -> Value:
        """What a value held by side `of` is in the other side's field. Raises ValueError where it has no image."""
        image = self.values.image(value, self.fields, of)
        return cut(image, self.fields[of], self.fields[of.other]) if self.truncate else image

    def same(self, m: Value, c: Value) -> bool:
        """Whether Marketo's value and the CRM's mean the same, compared in the coarser of the two fields.

        The coarser field is the one where the finer one's value loses something (digits, time of day, letter case), so
        two values are the same as soon as one is the image of the other.
        """
        marketo, crm = self.fields.marketo, self.fields.crm
        if not self.values.rows and not self.truncate:
            if marketo.type is crm.type and marketo.scale == crm.scale:
                return same(crm.type, m, c)
            if marketo.type in LITERAL and crm.type in LITERAL:
                return m == c
        now = Sides(m, c)
        return any(self._is_image(now, of=side) for side in SIDES)

    def _is_image(self, now: Sides[Value], of: Side) -> bool:
        back = self.direction.source is not of  # whether the image may ever flow back
        if back and self.values.rows and self.values.strays(now[of], self.fields, of):
            return False
        try:
            image = self.image(now[of], of)
        except ValueError:  # a text that is no number, in a pair that flows from numbers to text only
            return False
        return same(self.fields[of.other].type, image, now[of.other])


class Line(NamedTuple):
    """A pair with what is asked of it for each record."""

    pair: FieldPair
    plain: bool
    marketo: str  # its fields' names
    crm: str


def lines(pairs: Sequence[FieldPair]) -> list[Line]:
    return [Line(pair, pair.plain, pair.name, pair.fields.crm.name) for pair in pairs]


def natural_direction(marketo: Field, crm: Field) -> Direction | None:
    """Every way the pair can flow, by what the types can carry and the sync user may write; None: no way at all."""
    fields = Sides(marketo, crm)
    ways = [direction for direction in Direction if not _obstacles(fields, direction)]
    return ways[0] if ways else None  # Direction lists "both" first


def are_checkboxes(marketo: Field, crm: Field) -> bool:
    """Whether both fields say yes or no."""
    return marketo.type is FieldType.BOOLEAN and crm.type is FieldType.BOOLEAN


def both_refer(marketo: Field, crm: Field) -> bool:
    """Whether both fields name other records, and not just text."""
    return bool(marketo.references and crm.references)


def feeds(crm: Field, marketo: Field) -> bool:
    """Whether a one-way object's field can fill Marketo's, if only when the record is created there."""
    return (both_refer(marketo, crm) or compatible(crm.type, marketo.type)) and (marketo.writable or marketo.creatable)


def problems(marketo: Field, crm: Field, direction: Direction) -> list[str]:
    """Why two fields cannot be paired in this direction, in plain words, with what remains; empty if they can."""
    found = _obstacles(Sides(marketo, crm), direction)
    remaining = natural_direction(marketo, crm)
    if found and remaining:
        found.append(f"what remains is direction {remaining.value!r}")
    return found


def _obstacles(fields: Sides[Field], direction: Direction) -> list[str]:
    return [why for side in Side if direction.flows_from(side) for why in _obstacles_from(fields, side)]


def _obstacles_from(fields: Sides[Field], side: Side) -> list[str]:
    source, target = fields[side], fields[side.other]
    found = []
    if not compatible(source.type, target.type):
        found.append(
            f"{source.type.value} values of {NAMES[side]}'s {source.name} do not fit "
            f"{NAMES[side.other]}'s {target.type.value} field {target.name}"
        )
    if not target.writable:
        found.append(f"{NAMES[side.other]}'s {target.name} cannot be written by the sync user")
    return found
