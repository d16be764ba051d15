"""Choosing fields from a numbered list, on a terminal."""

import sys

from mksync.cli.console import Console
from mksync.cli.table import Column, Table
from mksync.core.pairs import natural_direction
from mksync.engine.choose import Chooser
from mksync.engine.fields import counterpart
from mksync.errors import ConfigError
from mksync.selection import Selected, Selection

HELP = "numbers switch fields on and off (3 7 12-15), Enter keeps the list as it is now"


def ask(console: Console, chooser: Chooser, selection: Selection) -> Selection:
    """Show every field that can be selected, and switch those that are named. Raises ConfigError off a terminal."""
    if not console.prompts:
        raise ConfigError("no field is named, and nobody is here to choose", hint="mksync fields select --help")
    pairs = _choices(chooser, selection)
    ticked = {pair for pair in pairs if pair in selection.of(chooser.object)}
    while True:
        console.table(_list(chooser.object, pairs, ticked))
        console.say(HELP)
        answer = sys.stdin.readline().strip()
        if not answer:
            chosen = tuple(pair for pair in pairs if pair in ticked)
            return Selection({**selection.pairs, chooser.object: chosen})
        try:
            ticked ^= {pairs[number - 1] for number in numbers(answer, len(pairs))}
        except ValueError as error:
            console.say(str(error))


def _choices(chooser: Chooser, selection: Selection) -> list[Selected]:
    """What is selected, then what could be."""
    found = list(selection.of(chooser.object))
    taken = {pair.crm for pair in found} | {pair.marketo for pair in found}
    for field in chooser.records.values():
        person = counterpart(field, chooser.catalogue, chooser.people)
        direction = natural_direction(person, field) if person else None
        offered = field.name not in chooser.catalogue.not_offered
        if (
            person
            and direction
            and offered
            and person.name != chooser.key_field
            and not taken & {field.name, person.name}
        ):
            found.append(Selected(person.name, field.name, direction))
            taken |= {field.name, person.name}
    return found


def _list(object: str, pairs: list[Selected], ticked: set[Selected]) -> Table:
    columns = (Column("", whole=True), Column("no.", whole=True), Column("CRM"), Column("Marketo"), Column("direction"))
    rows = [
        ("[x]" if pair in ticked else "[ ]", str(number), pair.crm, pair.marketo, pair.direction.value)
        for number, pair in enumerate(pairs, start=1)
    ]
    return Table(columns, rows, f"{object}: {len(ticked)} selected")


def numbers(text: str, most: int) -> list[int]:
    """Read "3 7 12-15". Raises ValueError in words for an admin."""
    found: list[int] = []
    for part in text.replace(",", " ").split():
        first, _, last = part.partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            raise ValueError(f"{part} is no number of the list")
        span = range(int(first), int(last or first) + 1)
        if not span or span[0] < 1 or span[-1] > most:
            raise ValueError(f"{part} is not in the list: 1 to {most}")
        found += span
    return found
