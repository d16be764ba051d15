"""Tables as data, and how they are drawn. Nothing in a cell is ever cut: long values fold, ids stay on one line."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mksync.cli.text import visible
from mksync.core.frozen import dataclass

if TYPE_CHECKING:
    from rich.table import Table as RichTable

WIDEST = 60  # columns of a value before it is folded
NARROWEST = 8  # columns a value may be folded to, however narrow the terminal
GAP = 2  # between columns; one of it is the line between them, drawn as a space
UNLIMITED = 1_000_000
NARROW = re.compile("[ -~¡-ɏ→⏎]*")  # one column a character, by any table of widths
TALL = 1_000_000  # Rich minds the height of a dumb terminal unless it is given one


@dataclass(frozen=True, slots=True)
class Column:
    """`whole`: never folded, for what people copy: ids, names with e-mail addresses."""

    title: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain texts; what in them could act on a terminal is made visible when they are drawn."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    title: str = ""
    style: str = ""  # of the title, as Rich names colours
    light: bool = False  # the answer of a command that is to be there at once: drawn without loading Rich, if it can be


def rendered(table: Table, width: int | None, *, colour: bool) -> str:
    """The table as lines of text, `width` columns wide where that does not break what has to stay whole."""
    cells = [[visible(cell) for cell in row] for row in table.rows]
    plain = _plain(table, cells, width, colour=colour) if table.light else None
    return plain if plain is not None else by_rich(table, cells, width, colour=colour)


def by_rich(table: Table, cells: Sequence[Sequence[str]], width: int | None, *, colour: bool) -> str:
    """The same, whatever the cells are."""
    from rich.console import Console as RichConsole

    room = UNLIMITED if width is None else max(width, _least_width(table, cells))
    drawing = RichConsole(
        width=room, height=TALL, force_terminal=colour, color_system="standard" if colour else None,
        no_color=not colour, emoji=False, markup=False, highlight=False, legacy_windows=False, _environ={},
    )  # fmt: skip
    with drawing.capture() as captured:
        if table.title:
            drawing.print(table.title, style=f"bold {table.style}", soft_wrap=True)
        drawing.print(_drawn(table, cells))
    lines = captured.get().rstrip("\n").split("\n")
    return "\n".join(line if colour else line.rstrip() for line in lines)


def _plain(table: Table, cells: Sequence[Sequence[str]], width: int | None, *, colour: bool) -> str | None:
    """As Rich would draw it, where nothing has to be folded and no width to be looked up: Rich takes 50 ms to load."""
    titles = [column.title for column in table.columns]
    if (colour and table.style) or not all(titles):
        return None
    columns = [[title, *(row[place] for row in cells)] for place, title in enumerate(titles)]
    if not all(NARROW.fullmatch(text) for column in columns for text in column):
        return None
    widths = [max(map(len, column)) for column in columns]
    whole = sum(widths) + GAP * (len(widths) - 1)
    if width is not None and whole > width:
        return None
    if any(wide > WIDEST and not column.whole for wide, column in zip(widths, table.columns, strict=True)):
        return None
    padded = [[text.ljust(wide) for text, wide in zip(row, widths, strict=True)] for row in (titles, *cells)]
    head, *rows = [(" " * GAP).join(row) for row in padded]
    if colour:
        head = "\x1b[1m \x1b[0m ".join(f"\x1b[1m{title}\x1b[0m" for title in padded[0])
    lines = [head, "─" * whole, *rows]
    if table.title:
        lines.insert(0, f"\x1b[1m{table.title}\x1b[0m" if colour else table.title)
    return "\n".join(line if colour else line.rstrip() for line in lines)


def _drawn(table: Table, cells: Sequence[Sequence[str]]) -> "RichTable":
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0), header_style="bold"
    )
    for place, column in enumerate(table.columns):
        least = _least(column, place, cells)
        widest = None if column.whole else WIDEST
        drawn.add_column(Text(column.title), overflow="fold", no_wrap=column.whole, min_width=least, max_width=widest)
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row))
    return drawn


def _least_width(table: Table, cells: Sequence[Sequence[str]]) -> int:
    return sum(_least(column, place, cells) + GAP for place, column in enumerate(table.columns))


def _least(column: Column, place: int, cells: Sequence[Sequence[str]]) -> int:
    from rich.cells import cell_len

    natural = max(cell_len(text) for text in (column.title, *(row[place] for row in cells)))
    return natural if column.whole else min(natural, max(NARROWEST, cell_len(column.title)))
