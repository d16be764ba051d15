"""What the change feed reads: one table each, and what its rows say about the records of an object."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from mksync.core.frozen import dataclass
from mksync.core.records import Gone, Record
from mksync.vendors.dynamics.objects import Table

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of rows."""

    records: Sequence[Record]
    gone: list[Gone]


class Source(Protocol):
    """One table and the columns that are read of it."""

    @property
    def table(self) -> Table: ...

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def prefer(self) -> tuple[str, ...]: ...

    def judged(self, rows: Iterable[Row], beside: "Sources | None" = None) -> Judged:
        """`beside`: what else is read in the same reading."""
        ...

    def doubted(self, judged: Judged) -> list[str]:
        """Columns whose nulls are to be believed only if none of them is secured."""
        ...

    def gone(self, id: str) -> list[Gone]:
        """What goes with a row that was deleted."""
        ...


Sources = Mapping[str, Source]
"""By the name that the feed keeps the place under: an object's, if one table tells all of it."""
