"""Tables show everything: what does not fit is folded, and what people copy stays on one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.cli.table import Column, Table, by_rich, rendered
from mksync.cli.text import visible

ID = "00Q5g00000AbCdEAAX"
EMAIL = "maria.del.carmen.fernandez@subsidiary.example.com"
TABLE = Table(
    (Column("record", whole=True), Column("id", whole=True), Column("now"), Column("direction")),
    ((EMAIL, ID, "word " * 20 + "x" * 50, "Salesforce → Marketo"), ("Bo", "1", "", "")),
)


def test_off_a_terminal_a_table_is_as_wide_as_its_text() -> None:
    table = Table([Column(f"column {n}") for n in range(12)], [["0123456789" * 5] * 12])
    assert rendered(table, None, colour=False).split("\n")[2] == "  ".join(["0123456789" * 5] * 12)


@pytest.mark.parametrize("width", [None, 200, 80, 40, 1])
def test_no_width_cuts_an_id_an_address_or_a_value(width: int | None) -> None:
    drawn = rendered(TABLE, width, colour=False)
    assert EMAIL in drawn
    assert ID in drawn
    assert drawn.count("word") == 20
    assert drawn.count("x") - drawn.count("ex") >= 50
    assert "…" not in drawn


def test_a_long_value_is_folded_off_a_terminal_too() -> None:
    table = Table((Column("was"), Column("now")), (("a", "b" * 150),))
    assert rendered(table, None, colour=False) == "\n".join(
        [
            "was  now",
            "─" * 65,
            "a    " + "b" * 60,
            "     " + "b" * 60,
            "     " + "b" * 30,
        ]
    )


def test_a_cell_is_never_read_as_markup_or_emoji_code() -> None:
    table = Table((Column("[b]x[/b]"),), (("[red]y[/red] :smile: \x1b[1m",),), title="[i]t[/i]")
    assert rendered(table, None, colour=False).split("\n") == [
        "[i]t[/i]", "[b]x[/b]", "─" * 28, "[red]y[/red] :smile: \\x1b[1m",
    ]  # fmt: skip


def test_the_only_escape_sequences_are_our_own_and_only_with_colour() -> None:
    table = Table((Column("a"),), (("\x1b[5m",),), title="t", style="red")
    assert "\x1b" not in rendered(table, None, colour=False)
    coloured = rendered(table, None, colour=True)
    assert coloured.startswith("\x1b[1;31mt\x1b[0m\n")
    assert "\x1b[5m" not in coloured
    assert "\\x1b[5m" in coloured


@pytest.mark.parametrize("name", ["COLUMNS", "NO_COLOR", "TERM"])
def test_drawing_minds_what_it_is_told_and_not_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rendered(TABLE, None, colour=True)
    monkeypatch.setenv(name, "dumb" if name == "TERM" else "20")
    assert rendered(TABLE, None, colour=True) == before


CELLS = st.text(alphabet=st.sampled_from("ab 0-é→\n"), max_size=12) | st.sampled_from(
    ["x" * 58, "x" * 61, "名前", "a  ", ""]
)


@given(
    st.integers(1, 4).flatmap(
        lambda many: st.tuples(
            st.lists(
                st.builds(Column, st.sampled_from(["a", "API calls", "für"]), st.booleans()),
                min_size=many,
                max_size=many,
            ),
            st.lists(st.lists(CELLS, min_size=many, max_size=many), max_size=4),
        )
    ),
    st.sampled_from(["", "Cycles: the latest 2"]),
    st.sampled_from([None, 1, 20, 60, 200]),
    st.booleans(),
)
def test_a_table_that_is_drawn_without_rich_looks_as_rich_draws_it(
    made: tuple[list[Column], list[list[str]]], title: str, width: int | None, colour: bool
) -> None:
    table = Table(*made, title, light=True)
    cells = [[visible(cell) for cell in row] for row in table.rows]
    assert rendered(table, width, colour=colour) == by_rich(table, cells, width, colour=colour)
