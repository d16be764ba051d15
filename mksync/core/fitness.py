"""How well two fields of unlike types or sizes go together: what is lost on the way, if anything."""

from collections.abc import Iterator
from enum import StrEnum

from mksync.core.cut import can_cut
from mksync.core.frozen import dataclass
from mksync.core.pairs import NAMES, FieldPair, problems
from mksync.core.records import Field, FieldType, Side
from mksync.core.value_map import SEPARATOR
from mksync.core.values import NUMBERS, TEXTS, compatible

_LISTS = FieldType.MULTIPICKLIST
_UTF8 = 4  # bytes that a character takes at most
_NAMED = 3  # choices that are named; of more, the number
# Characters that a value takes as text: a sign and 19 digits, "false", a date, an instant. Vendors keep numbers of at
# most 30 digits, and a decimal takes a sign and a point beside them.
_SPELLED = {FieldType.INTEGER: 20, FieldType.BOOLEAN: 5, FieldType.DATE: 10, FieldType.DATETIME: 20}
_DECIMAL = 32
_ASCII = (FieldType.EMAIL, FieldType.REFERENCE)


class Lost(StrEnum):
    """What a value loses on its way; of LENGTH and CHOICES it is the whole value, which is rejected and listed."""

    LENGTH = "length"
    CHOICES = "choices"
    DIGITS = "digits"
    TIME = "time of day"
    LINES = "lines"
    CHARACTERS = "characters"  # outside the Basic Multilingual Plane, and only on some instances of the vendor


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that values lose on their way to a side: in a sentence, and in a few words."""

    to: Side
    what: Lost
    text: str
    short: str


@dataclass(frozen=True, slots=True)
class Fitness:
    """Lossless, or what is lost, or why the fields cannot be paired at all."""

    refused: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()

    @property
    def verdict(self) -> str:
        return "refused" if self.refused else "lossy" if self.losses else "lossless"


def fitness(pair: FieldPair) -> Fitness:
    """What this pair's values may lose, either way it flows, by all that both fields say of themselves."""
    refused = problems(pair.fields.marketo, pair.fields.crm, pair.direction)
    return Fitness(tuple(refused)) if refused else Fitness((), losses(pair))


def losses(pair: FieldPair) -> tuple[Loss, ...]:
    """The same of a pair that is known to be one."""
    return tuple(loss for side in Side if pair.direction.flows_from(side) for loss in _losses(pair, side))


def _losses(pair: FieldPair, of: Side) -> Iterator[Loss]:
    source, target = pair.fields[of], pair.fields[of.other]
    if compatible(source.type, target.type):
        yield from _too_long(pair, of)
        yield from _no_choice(pair, of)
        yield from _coarser(source, target, of.other)
        yield from _beyond_plane(source, target, of.other)


def _loss(to: Side, target: Field, what: Lost, text: str, short: str) -> Loss:
    return Loss(to, what, f"{NAMES[to]}'s {target.name} {text}", short)


def _too_long(pair: FieldPair, of: Side) -> Iterator[Loss]:
    source, target = pair.fields[of], pair.fields[of.other]
    if target.type not in TEXTS | {_LISTS} or (target.restricted and target.choices):
        return  # what is none of the choices is told of as that
    longest = _longest(pair, of)
    then = "cut off" if pair.truncate and can_cut(source, target) else "rejected"
    if target.length is not None and (longest is None or longest > target.length):
        most = "texts of any length" if longest is None else f"up to {longest}"
        text = f"holds {target.length} characters, {NAMES[of]}'s {source.name} {most}: what is longer is {then}"
        yield _loss(of.other, target, Lost.LENGTH, text, f"{target.length} of {longest or 'all'} characters")
    elif target.byte_length is not None and (longest is None or longest * _UTF8 > target.byte_length):
        text = f"holds {target.byte_length} bytes: what is longer is {then}"
        yield _loss(of.other, target, Lost.LENGTH, text, f"{target.byte_length} bytes")


def _longest(pair: FieldPair, of: Side) -> int | None:
    """The most characters that the image of a value takes; None if there is no telling."""
    source = pair.fields[of]
    if source.restricted and source.choices:
        lengths = [len(image) for choice in source.choices if (image := _image(pair, choice, of))]
        return sum(lengths) + len(lengths) - 1 if source.type is _LISTS else max(lengths, default=0)
    if source.type is FieldType.DECIMAL:
        return _DECIMAL
    return _SPELLED.get(source.type, source.length)


def _image(pair: FieldPair, choice: str, of: Side) -> str:
    try:
        return str(pair.image(choice, of) or "")
    except ValueError:
        return ""


def _no_choice(pair: FieldPair, of: Side) -> Iterator[Loss]:
    source, target = pair.fields[of], pair.fields[of.other]
    if not (target.restricted and target.choices):
        return
    taken = {choice.strip().casefold() for choice in target.choices}
    lacking = [choice for choice in source.choices if not _parts(_image(pair, choice, of)) <= taken]
    if lacking:
        named = ", ".join(lacking[:_NAMED]) + (", …" if len(lacking) > _NAMED else "")
        text = f"has no choice for {len(lacking)} of {len(source.choices)} values ({named}): they are rejected"
        yield _loss(of.other, target, Lost.CHOICES, text, f"no choice for {len(lacking)} of {len(source.choices)}")
    elif not (source.restricted and source.choices):
        text = f"takes its {len(target.choices)} choices only: other values are rejected"
        yield _loss(of.other, target, Lost.CHOICES, text, f"{len(target.choices)} choices only")


def _parts(image: str) -> set[str]:
    return {part.strip().casefold() for part in image.split(SEPARATOR) if part.strip()}


def _coarser(source: Field, target: Field, to: Side) -> Iterator[Loss]:
    if source.type is FieldType.DATETIME and target.type is FieldType.DATE:
        yield _loss(to, target, Lost.TIME, "keeps the day: the time of day is dropped", "no time of day")
    if source.type is FieldType.TEXTAREA and target.type in TEXTS - {FieldType.TEXTAREA}:
        yield _loss(to, target, Lost.LINES, "is of one line: line breaks may be lost", "one line")
    digits = _digits(target)
    if source.type in NUMBERS and digits is not None and _finer(source, digits):
        kept = f"{digits} digits after the point" if digits else "whole numbers"
        yield _loss(to, target, Lost.DIGITS, f"keeps {kept}: the rest is rounded", kept)


def _digits(field: Field) -> int | None:
    """Digits after the point that a number field keeps; None if there is no telling."""
    return 0 if field.type is FieldType.INTEGER else field.scale if field.type is FieldType.DECIMAL else None


def _finer(source: Field, digits: int) -> bool:
    kept = _digits(source)
    return kept is None or kept > digits


def _beyond_plane(source: Field, target: Field, to: Side) -> Iterator[Loss]:
    if not target.bmp or source.type not in TEXTS | {_LISTS} or source.type in _ASCII:
        return
    if source.restricted and source.choices and max(map(max, filter(None, source.choices)), default="") <= "\uffff":
        return
    text = "may cut a text off at the first emoji or other character outside the Basic Multilingual Plane"
    yield _loss(to, target, Lost.CHARACTERS, text, "emoji")
