"""What the engine tells while it works. It never prints: a face that wants to show something passes its own."""

from typing import Protocol


class Progress(Protocol):
    """Called from the engine's one thread, in order."""

    def stage(self, text: str) -> None:
        """A new stage of the cycle begins."""
        ...

    def read(self, system: str, records: int) -> None:
        """A page was folded into the mirror."""
        ...

    def wrote(self, system: str, records: int) -> None:
        """A batch was sent and settled."""
        ...


class Silent:
    """Tells nobody anything."""

    def stage(self, text: str) -> None: ...

    def read(self, system: str, records: int) -> None: ...

    def wrote(self, system: str, records: int) -> None: ...
