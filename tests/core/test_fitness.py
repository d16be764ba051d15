"""How well two fields go together, told before anything is lost."""

from dataclasses import replace

import pytest

from mksync.core.fitness import Lost, fitness, losses
from mksync.core.pairs import Direction, FieldPair
from mksync.core.records import Field, FieldType, Side, Sides
from mksync.core.value_map import ValueMap

T = FieldType


def field(type: FieldType = T.TEXT, length: int | None = None, *choices: str, **more: object) -> Field:
    return Field("f", "F", type, length=length, choices=choices, **more)  # type: ignore[arg-type]


def told(marketo: Field, crm: Field, direction: Direction = Direction.BOTH) -> list[tuple[Side, Lost, str]]:
    pair = FieldPair("lead", Sides(marketo, crm), direction, policy=None)  # type: ignore[arg-type]
    return [(loss.to, loss.what, loss.short) for loss in losses(pair)]


M, C = Side.MARKETO, Side.CRM
TIERS = field(T.PICKLIST, None, "Gold", "Silver", restricted=True)


@pytest.mark.parametrize(
    ("marketo", "crm", "direction", "expected"),
    [
        (field(length=255), field(length=255), "both", []),
        (field(length=255), field(length=128), "to-marketo", []),
        (field(length=255), field(length=128), "both", [(C, Lost.LENGTH, "128 of 255 characters")]),
        (field(length=255), field(T.TEXT), "both", [(M, Lost.LENGTH, "255 of all characters")]),
        (field(length=255), field(T.INTEGER), "to-marketo", []),
        (field(length=5), field(T.INTEGER), "to-marketo", [(M, Lost.LENGTH, "5 of 20 characters")]),
        (field(T.DECIMAL), field(T.DECIMAL, scale=2), "both", [(C, Lost.DIGITS, "2 digits after the point")]),
        (field(T.DECIMAL), field(T.DECIMAL, scale=2), "to-marketo", []),
        (field(T.INTEGER), field(T.DECIMAL, scale=0), "both", []),
        (field(T.INTEGER), field(T.DECIMAL, scale=1), "both", [(M, Lost.DIGITS, "whole numbers")]),
        (field(T.DATE), field(T.DATETIME), "to-marketo", [(M, Lost.TIME, "no time of day")]),
        (field(T.TEXT, 255), field(T.DATETIME), "to-marketo", []),
        (field(length=9), field(T.TEXTAREA, 9), "both", [(M, Lost.LINES, "one line")]),
        (field(T.TEXTAREA, 9), field(T.TEXTAREA, 9), "both", []),
        (field(length=255), TIERS, "to-marketo", []),
        (field(length=5), TIERS, "to-marketo", [(M, Lost.LENGTH, "5 of 6 characters")]),
        (field(length=255), TIERS, "both", [(C, Lost.CHOICES, "2 choices only")]),
        (field(T.PICKLIST, None, "gold", "SILVER", restricted=True), TIERS, "both", []),
        (
            field(T.PICKLIST, None, "Gold", "Lead", restricted=True),
            TIERS,
            "to-crm",
            [(C, Lost.CHOICES, "no choice for 1 of 2")],
        ),
        (field(length=12), replace(TIERS, type=T.MULTIPICKLIST), "to-marketo", []),  # "Gold;Silver" has 11
        (
            field(length=10),
            replace(TIERS, type=T.MULTIPICKLIST),
            "to-marketo",
            [(M, Lost.LENGTH, "10 of 11 characters")],
        ),
        (field(length=99, bmp=True), field(length=99), "both", [(M, Lost.CHARACTERS, "emoji")]),
        (field(length=99, bmp=True), TIERS, "to-marketo", []),
        (field(T.EMAIL, 99, bmp=True), field(T.EMAIL, 99), "both", []),
        (field(T.TEXTAREA, 100, byte_length=100), field(T.TEXTAREA, 25), "to-marketo", []),
        (field(T.TEXTAREA, 100, byte_length=100), field(T.TEXTAREA, 26), "to-marketo", [(M, Lost.LENGTH, "100 bytes")]),
        (field(T.BOOLEAN), field(T.BOOLEAN), "both", []),
    ],
)
def test_what_is_lost_is_told_with_the_side_it_is_lost_on_the_way_to(
    marketo: Field, crm: Field, direction: str, expected: list[tuple[Side, Lost, str]]
) -> None:
    assert told(marketo, crm, Direction(direction)) == expected


def a_pair(marketo: Field, crm: Field, direction: Direction = Direction.BOTH) -> FieldPair:
    return FieldPair("lead", Sides(marketo, crm), direction, policy=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("marketo", "crm", "verdict"),
    [
        (field(), field(), "lossless"),
        (field(length=3), field(length=3), "lossless"),
        (field(length=3), field(), "lossy"),
        (field(T.PICKLIST), field(T.MULTIPICKLIST), "refused"),  # several values into one
        (field(T.BOOLEAN), field(T.DATE), "refused"),
        (field(writable=False), field(), "refused"),
    ],
)
def test_a_pair_is_lossless_lossy_or_refused(marketo: Field, crm: Field, verdict: str) -> None:
    assert fitness(a_pair(marketo, crm)).verdict == verdict


def test_a_refusal_says_why_as_pairing_does() -> None:
    assert fitness(a_pair(field(writable=False), field())).refused == (
        "Marketo's f cannot be written by the sync user",
        "what remains is direction 'to-crm'",
    )


def test_a_loss_is_told_in_a_sentence() -> None:
    pair = a_pair(field(length=255), field(length=128))
    [loss] = losses(pair)
    assert loss.text == "the CRM's f holds 128 characters, Marketo's f up to 255: what is longer is rejected"
    [loss] = losses(replace(pair, truncate=True))
    assert loss.text.endswith(": what is longer is cut off")


def test_choices_that_a_map_names_have_a_counterpart() -> None:
    pair = a_pair(field(T.PICKLIST, None, "1", "2", "Silver", restricted=True), TIERS, Direction.TO_CRM)
    [loss] = losses(pair)
    assert loss.text == "the CRM's f has no choice for 2 of 3 values (1, 2): they are rejected"
    pair = replace(pair, values=ValueMap.of((("Gold", "1"), ("Silver", "2")), pair.fields))
    assert losses(pair) == ()
