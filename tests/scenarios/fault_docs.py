"""docs/faults.md: the fault matrix as people read it, written from the trials and read to be checked against them."""

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.scenarios import fault_commands, fault_objects
from tests.scenarios.fault_calls import kinds
from tests.scenarios.fault_table import TROUBLES

DOC = Path(__file__).parents[2] / "docs" / "faults.md"
STAYS = "if it stays"
NEVER = "-"
_TITLES = {"marketo": "Marketo", "salesforce": "Salesforce", "dynamics": "Dynamics"}
Key = tuple[str, str]  # key of the trouble, kind of call or STAYS
Matrix = Mapping[Key, set[str]]


def columns(section: str) -> Sequence[str]:
    """Of a vendor's calls in a cycle, in commands ("salesforce commands"), or beside people ("salesforce objects")."""
    vendor, _, which = section.partition(" ")
    if which == "commands":
        return fault_commands.COLUMNS[vendor]
    return tuple(fault_objects.COLUMNS[vendor]) if which else (*kinds(vendor), STAYS)


def _vendor(section: str) -> str:
    return section.split()[0]


def read(vendor: str) -> Matrix:
    """Raises AssertionError if its rows or columns are not those of the test."""
    header, _, *rows = [_cells(line) for line in _section(vendor).splitlines() if line.startswith("|")]
    assert header[1:] == list(columns(vendor)), f"docs/faults.md has other columns of {vendor}"
    assert [row[0] for row in rows] == [one.words for one in TROUBLES[_vendor(vendor)]], (
        f"docs/faults.md: rows of {vendor}"
    )
    return {
        (trouble.key, column): set(value.split(" or "))
        for trouble, (_, *values) in zip(TROUBLES[_vendor(vendor)], rows, strict=True)
        for column, value in zip(header[1:], values, strict=True)
    }


def write(vendor: str, matrix: Matrix, trials: int) -> None:
    """Replace the vendor's section."""
    begin, end = _marks(vendor)
    table = "\n".join(_table(vendor, matrix))
    with _alone(fcntl.LOCK_EX):
        head, rest = DOC.read_text().split(begin)
        DOC.write_text(f"{head}{begin}\n{trials} trials.\n\n{table}\n{end}{rest.split(end)[1]}")


@contextmanager
def _alone(kind: int) -> Iterator[None]:
    """The vendors' tests may run in processes side by side, and each replaces its part of one page."""
    with DOC.open() as page:
        fcntl.flock(page, kind)
        yield


def _table(vendor: str, matrix: Matrix) -> Iterator[str]:
    names = columns(vendor)
    yield f"| {_TITLES[_vendor(vendor)]} | {' | '.join(names)} |"
    yield f"|{' --- |' * (len(names) + 1)}"
    for trouble in TROUBLES[_vendor(vendor)]:
        told = (" or ".join(sorted(matrix.get((trouble.key, name), {NEVER}))) for name in names)
        yield f"| {trouble.words} | {' | '.join(told)} |"


def _section(vendor: str) -> str:
    begin, end = _marks(vendor)
    with _alone(fcntl.LOCK_SH):
        return DOC.read_text().split(begin)[1].split(end)[0]


def _marks(vendor: str) -> tuple[str, str]:
    return f"<!-- {vendor}: written by the test -->", f"<!-- end of {vendor} -->"


def _cells(line: str) -> list[str]:
    return [part.strip() for part in line.strip().strip("|").split("|")]
