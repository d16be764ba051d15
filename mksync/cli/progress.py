"""What is shown on stderr while a cycle works: a line that moves on a terminal, nothing elsewhere."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mksync.engine.progress import Progress, Silent

if TYPE_CHECKING:
    from rich.status import Status


@contextmanager
def shown(*, quiet: bool) -> Iterator[Progress]:
    """The engine's progress for as long as the block lasts."""
    if quiet or not sys.stderr.isatty():
        yield Silent()
        return
    from rich.console import Console

    with Console(stderr=True).status("Starting") as status:
        yield _Line(status)


class _Line:
    """One line with the stage and the counts so far."""

    def __init__(self, status: "Status") -> None:
        self._status = status
        self._text = ""
        self._counts: Counter[str] = Counter()

    def stage(self, text: str) -> None:
        self._text = text
        self._counts.clear()
        self._status.update(text)

    def read(self, system: str, records: int) -> None:
        self._count(system, records)

    def wrote(self, system: str, records: int) -> None:
        self._count(system, records)

    def _count(self, system: str, records: int) -> None:
        self._counts[system] += records
        counts = ", ".join(f"{name} {number:,}" for name, number in self._counts.items())
        self._status.update(f"{self._text}: {counts}")
