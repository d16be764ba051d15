"""Choosing fields from a numbered list, on a terminal."""

import sys

from mksync.cli.console import Console
from mksync.cli.table import Column, Table
from mksync.engine.choose import Chooser
from mksync.errors import ConfigError
from mksync.selection import Selected, Selection, with_pairs

HELP = "numbers switch fields on and off (3 7 12-15), Enter keeps the list as it is now"


def somebody_there(console: Console) -> None:
    """Raises ConfigError where nobody can be asked."""
    if not console.prompts:
        raise ConfigError("no field is named, and nobody is here to choose", hint="mksync fields select --help")


def ask(console: Console, chooser: Chooser, selection: Selection) -> Selection:
    """Show every field that can be selected, and switch those that are named. Raises ConfigError if nobody answers."""
    chosen = selection.of(chooser.object)
    pairs = [*chosen, *chooser.selectable(selection)]
    ticked = set(chosen)
    while True:
        console.table(_list(chooser.object, pairs, ticked))
        console.say(HELP)
        answer = sys.stdin.readline()
        if not answer:
            raise ConfigError("the list was left without an answer; nothing was changed")
        if not answer.strip():
            return with_pairs(selection, chooser.object, tuple(pair for pair in pairs if pair in ticked))
        try:
            ticked ^= {pairs[number - 1] for number in numbers(answer, len(pairs))}
        except ValueError as error:
            console.say(str(error))


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
