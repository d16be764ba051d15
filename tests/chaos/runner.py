"""Live through many histories; one that breaks a rule is made as short as it can be before it is told of."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

Step = tuple[Any, ...]  # its name, and with what


@dataclass(frozen=True)
class Script:
    """One history as data: whoever lives it twice meets the same. `facts`: what the systems are like."""

    seed: int
    facts: Mapping[str, Any]
    steps: tuple[Step, ...]


Live = Callable[[Script], None]

MOST = 400  # attempts at a shorter one


def live_through(seeds: Iterable[int], script: Callable[[int], Script], live: Live) -> None:
    """Raises AssertionError with the shortest history found that breaks the same rule."""
    for seed in seeds:
        written = script(seed)
        if (broken := _broken(written, live)) is not None:
            short, broken = _shortened(written, broken, live)
            steps = "\n".join(f"  {step}" for step in short.steps)
            raise AssertionError(f"history {seed}: {broken}\n{replace(short, steps=())}\n{steps}") from broken


def _broken(written: Script, live: Live) -> BaseException | None:
    try:
        live(written)
    except Exception as error:  # noqa: BLE001 - a mistake of the engine's is a broken rule as well
        return error
    return None


def _shortened(written: Script, broken: BaseException, live: Live) -> tuple[Script, BaseException]:
    """Leave out step after step as long as what is left still breaks a rule in the same way."""
    kind, left, at = _kind(broken), MOST, 0
    while at < len(written.steps) and left:
        left -= 1
        shorter = replace(written, steps=written.steps[:at] + written.steps[at + 1 :])
        error = _broken(shorter, live)
        if error is not None and _kind(error) == kind:
            written, broken, at = shorter, error, 0
        else:
            at += 1
    return written, broken


def _kind(error: BaseException) -> str:
    return f"{type(error).__name__} {str(error).split(':')[0][:20]}"


def seeds(least: int, block: int, blocks: int) -> range:
    """The histories of one test of several: the same in every build; `MKSYNC_HISTORIES` asks for so many, and new."""
    asked = int(os.environ.get("MKSYNC_HISTORIES", "0"))
    first = least if asked else 0
    return range(first + block, first + (asked or least), blocks)
