"""Every benchmark, at the smallest size: it gives its rows, and its section of the document. No time is looked at."""

from pathlib import Path

import pytest

from benchmarks import document
from benchmarks.__main__ import BENCHMARKS
from benchmarks.large_mirror import multiply
from benchmarks.reasons import REASONS
from benchmarks.scale import TINY
from benchmarks.table import Row, Table
from mksync.mirror import Mirror
from mksync.mirror.soundness import check
from tests.scenarios.sandbox_world import world

# What the rows of each are about, with nothing installed to compare with
ROWS = {
    "calls": ["nothing changed"] * 2 + ["3 changed on each side"] * 2,
    "pull": ["60, 0 ms"] * 2,
    "first-cycle": ["60"] * 5,
    "idle": ["–", "40", "429"],
    "changed": ["5", "5"],
    "push": ["0 ms"] * 2 + ["1 ms"] * 2,
    "start-up": [
        "`python -c pass`", "a Typer program of two commands", "`mksync --version`", "`mksync --help`",
        "`mksync status`", "`mksync log`", "completion in a shell",
    ],
    "sandbox": ["small call", "Marketo, people by id", "Salesforce, page of a query"],
}  # fmt: skip


def test_every_benchmark_is_tried_here() -> None:
    assert ROWS.keys() == BENCHMARKS.keys()


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_gives_its_rows(name: str, tmp_path: Path) -> None:
    tables = BENCHMARKS[name](TINY)
    first = [row.cells[0] for table in tables for row in table.rows]
    assert first == ROWS[name]
    assert all(len(row.cells) == len(table.columns) for table in tables for row in table.rows)
    file = tmp_path / "benchmarks.md"
    document.put(file, name, document.section(TINY, tables, 1.0), BENCHMARKS)
    assert all(f"## {table.title}\n" in file.read_text() for table in tables)


def test_a_section_is_written_anew_without_the_others(tmp_path: Path) -> None:
    file, order = tmp_path / "benchmarks.md", ["first", "second", "third"]
    for name, text in (("third", "3"), ("first", "1"), ("second", "2"), ("first", "new\n\nlines")):
        document.put(file, name, text, order)
    sections = file.read_text().removeprefix(document.HEAD.rstrip())
    assert sections == "\n\n<!-- first -->\nnew\n\nlines\n\n<!-- second -->\n2\n\n<!-- third -->\n3\n"


def test_an_aim_that_is_missed_comes_with_its_reason_and_one_that_is_met_does_not() -> None:
    name, why = next(iter(REASONS.items()))
    table = Table("A", ("what", "s"), [Row(("a", "1"), "≤ 1", met, name) for met in (True, False, None)])
    assert list(table.lines())[4:] == [
        "| a | 1 | ≤ 1 | met |  |",
        f"| a | 1 | ≤ 1 | **missed** | {why} |",
        "| a | 1 | ≤ 1 | – |  |",
    ]


def test_a_multiplied_mirror_is_a_sound_one_in_which_a_cycle_has_nothing_to_do(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        leads = [here.crm.named("lead", email=f"p{number}@example.com", title="A") for number in range(3)]
        here.init()
        for _ in range(3):
            here.cycle(minutes=12)
        assert multiply(here.config.mirror, 100) >= 100
        mirror = Mirror.open(here.config.mirror)
        check(mirror.db, here.config.mirror)
        assert mirror.links.count("lead") >= 100
        mirror.close()
        assert here.cycle(minutes=12).quiet
        here.crm.edit("lead", leads[0], title="B")
        here.cycle(minutes=12)
        assert here.marketo.people("title")[here.person_of(leads[0])]["title"] == "B"
