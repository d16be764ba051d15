"""Small fields and pairs for the tests of the pure core."""

from dataclasses import replace
from typing import Literal

from mksync.core.pairs import Direction, FieldPair, Policy
from mksync.core.records import Field, FieldType, Side, Sides


def a_field(
    type: FieldType = FieldType.TEXT,
    name: str = "phone",
    *,
    scale: int | None = None,
    length: int | None = None,
    writable: bool = True,
    required: bool = False,
) -> Field:
    return Field(name, name.title(), type, length=length, scale=scale, writable=writable, required=required)


def a_pair(
    marketo: Field | None = None,
    crm: Field | None = None,
    *,
    object: str = "lead",
    direction: Direction = Direction.BOTH,
    policy: Policy = Policy.MARKETO,
    state: Literal["live", "new", "again", "kept", "suspended"] = "live",
) -> FieldPair:
    fields = Sides(marketo or a_field(), crm or a_field(name="Phone"))
    return FieldPair(object, fields, direction, policy, state)


def closed(pair: FieldPair, side: Side) -> FieldPair:
    """The same pair where the sync user may not write the field of one side."""
    shut = replace(pair.fields[side], writable=False)
    fields = Sides(shut, pair.fields.crm) if side is Side.MARKETO else Sides(pair.fields.marketo, shut)
    return replace(pair, fields=fields)
