"""What a field is known not to take, so that it is never sent: a record would be refused whole for one such value."""

from decimal import Decimal

from mksync.core.frozen import dataclass
from mksync.core.records import Field, FieldType, Value
from mksync.core.values import NUMBERS, TEXTS

SEPARATOR = ";"  # of a multi-select's canonical value
_WHOLE = range(-(2**63), 2**63)  # what a whole number is kept in
_NAMED = 8  # choices that a remedy names
_MEASURED = TEXTS | {FieldType.MULTIPICKLIST}


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a field cannot hold a value: `code` for machines, the rest for people."""

    code: str  # "EMPTY", "TOO_LONG", "NOT_A_CHOICE", "TOO_LARGE"
    reason: str
    remedy: str


def misfit(value: Value, target: Field) -> Misfit | None:
    """Why the target field cannot hold this canonical value; None if nothing that is known speaks against it."""
    if value is None:
        return Misfit("EMPTY", f"{target.label} must not be empty", "fill it in") if target.required else None
    if target.type in NUMBERS:
        return _beyond(value, target)
    if not isinstance(value, str):
        return None
    if long := overlong(value, target):
        return Misfit("TOO_LONG", long, "shorten the value")
    return _no_choice(value, target)


def overlong(text: str, target: Field) -> str | None:
    """Why a text is too long for the target field; None if it is not, or if the field holds no texts."""
    if target.type not in _MEASURED:
        return None
    if target.length is not None and len(text) > target.length:
        return f"{len(text)} characters are too long for {target.label}, which holds {target.length}"
    if target.byte_length is not None and len(text.encode()) > target.byte_length:
        return f"{len(text.encode())} bytes are too long for {target.label}, which holds {target.byte_length}"
    return None


def _beyond(value: Value, target: Field) -> Misfit | None:
    remedy = "correct the number"
    if target.type is FieldType.INTEGER and isinstance(value, int) and value not in _WHOLE:
        return Misfit("TOO_LARGE", f"{value} is too large for the whole number {target.label}", remedy)
    number = Decimal(str(value))
    if target.lowest is not None and number < Decimal(target.lowest):
        return Misfit("TOO_SMALL", f"{value} is less than {target.lowest}, the least of {target.label}", remedy)
    if target.highest is not None and number > Decimal(target.highest):
        return Misfit("TOO_LARGE", f"{value} is more than {target.highest}, the most of {target.label}", remedy)
    return None


def _no_choice(text: str, target: Field) -> Misfit | None:
    """Case aside, as nobody documents that it counts; the field itself is the judge of that."""
    if not (target.restricted and target.choices):
        return None
    known = {choice.strip().casefold() for choice in (*target.choices, *target.codes)}
    parts = text.split(SEPARATOR) if target.type is FieldType.MULTIPICKLIST else [text]
    strange = [part.strip() for part in parts if part.strip().casefold() not in known]
    if not strange:
        return None
    there = ", ".join(target.choices[:_NAMED]) + (", …" if len(target.choices) > _NAMED else "")
    verb = "is" if len(strange) == 1 else "are"
    reason = f"{', '.join(map(repr, strange))} {verb} none of the choices of {target.label}"
    return Misfit("NOT_A_CHOICE", reason, f"use one of {there}; or add it to the list")
