"""docs/faults.md: the fault matrix as people read it, written from the trials and read to be checked against them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.scenarios.fault_calls import kinds
from tests.scenarios.fault_table import TROUBLES, Trouble

DOC = Path(__file__).parents[2] / "docs" / "faults.md"
TITLES = {"marketo": "Marketo", "salesforce": "Salesforce", "dynamics": "Dynamics"}
NEVER = "-"
Matrix = dict[tuple[str, str], str]  # (key of the trouble, kind of call) -> what becomes of it


def cell(once: set[str], lasting: set[str]) -> str:
    """What happens if it comes once, and if it stays."""
    first, then = " or ".join(sorted(once)), " or ".join(sorted(lasting))
    return first if not then or then == first else f"{first} / {then}"


def read(vendor: str) -> Matrix:
    """Raises AssertionError if its rows or columns are not those of the test."""
    header, *rows = [_cells(line) for line in _section(vendor).splitlines() if line.startswith("|")]
    assert header[1:] == list(columns(vendor)), f"docs/faults.md has other columns of {vendor}"
    told = rows[1:]
    assert [row[0] for row in told] == [one.words for one in TROUBLES[vendor]], f"docs/faults.md: rows of {vendor}"
    matrix: Matrix = {}
    for trouble, (_, *values) in zip(TROUBLES[vendor], told, strict=True):
        matrix |= {(trouble.key, kind): value for kind, value in zip(header[1:], values, strict=True)}
    return matrix


def write(vendor: str, matrix: Mapping[tuple[str, str], str], trials: int) -> None:
    """Replace the vendor's section."""
    begin, end = _marks(vendor)
    text = DOC.read_text()
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    table = "\n".join(_table(vendor, matrix))
    DOC.write_text(f"{head}{begin}\n{trials} trials.\n\n{table}\n{end}{tail}")


def columns(vendor: str) -> Sequence[str]:
    return kinds(vendor)


def _table(vendor: str, matrix: Mapping[tuple[str, str], str]) -> Iterator[str]:
    names = columns(vendor)
    yield f"| {TITLES[vendor]}: what happens | {' | '.join(names)} |"
    yield f"|{' --- |' * (len(names) + 1)}"
    for trouble in TROUBLES[vendor]:
        yield f"| {trouble.words} | {' | '.join(_value(matrix, trouble, name) for name in names)} |"


def _value(matrix: Mapping[tuple[str, str], str], trouble: Trouble, kind: str) -> str:
    return matrix.get((trouble.key, kind), NEVER)


def _section(vendor: str) -> str:
    begin, end = _marks(vendor)
    return DOC.read_text().split(begin)[1].split(end)[0]


def _marks(vendor: str) -> tuple[str, str]:
    return f"<!-- {vendor}: written by the test -->", f"<!-- end of {vendor} -->"


def _cells(line: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
