"""Who else may work with the mirror while a run is under way: how the engine asks, without knowing of locks."""

from typing import Protocol


class Turns(Protocol):
    """Whoever lets others work between two pages or batches."""

    def give_way(self) -> bool:
        """Let those work first who wait for their turn. True if somebody did, and the mirror may be another now."""
        ...


class Alone:
    """Nobody is let between."""

    def give_way(self) -> bool:
        return False
