"""Tables as data, and how they are drawn. Nothing in a cell is ever cut: long values fold, ids stay on one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mksync.cli.text import visible

if TYPE_CHECKING:
    from rich.table import Table as RichTable

WIDEST = 60  # columns of a value before it is folded
NARROWEST = 8  # columns a value may be folded to, however narrow the terminal
GAP = 2  # between columns; one of it is the line between them, drawn as a space
UNLIMITED = 1_000_000
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


def rendered(table: Table, width: int | None, *, colour: bool) -> str:
    """The table as lines of text, `width` columns wide where that does not break what has to stay whole."""
    from rich.console import Console as RichConsole

    cells = [[visible(cell) for cell in row] for row in table.rows]
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
