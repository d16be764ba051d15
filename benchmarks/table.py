"""Tables of figures beside their aims, as Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.measure import Cost
from benchmarks.reasons import REASONS

NONE = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """`cells`: what was measured. `met` None: there is no aim. `reason`: the key in `REASONS` of why one is missed."""

    cells: tuple[str, ...]
    aim: str = ""
    met: bool | None = None
    reason: str = ""

    def text(self) -> str:
        why = REASONS.get(self.reason, "not looked into yet") if self.met is False else ""
        outcome = {None: NONE, True: "met", False: "**missed**"}[self.met]
        return f"| {' | '.join((*self.cells, self.aim or NONE, outcome, why))} |"


@dataclass(slots=True)
class Table:
    """`columns`: of the cells; aim, outcome and reason follow. `notes`: paragraphs below."""

    title: str
    columns: Sequence[str]
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        head = [*self.columns, "aim", "outcome", "why"]
        yield f"## {self.title}"
        yield ""
        yield f"| {' | '.join(head)} |"
        yield f"| --- | {'---: | ' * (len(self.columns) - 1)}--- | --- | --- |"
        yield from (row.text() for row in self.rows)
        for note in self.notes:
            yield ""
            yield note


def seconds(cost: Cost) -> tuple[str, str, str, str]:
    """Wall and CPU seconds, MB, and the server's share: what most tables show of a process."""
    return f"{cost.wall:.2f}", f"{cost.cpu:.2f}", f"{cost.rss:.0f}", f"{cost.share:.0%}"


COSTS = ("wall s", "CPU s", "peak MB", "server's share")
