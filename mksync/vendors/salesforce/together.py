"""Several calls at the same time, each in a thread of its own."""

from collections.abc import Callable, Sequence
from threading import Thread
from typing import TypeVar

from mksync.errors import OutcomeUnknown

T = TypeVar("T")


def together(calls: Sequence[Callable[[], T]]) -> tuple[list[T], list[BaseException]]:
    """Make all of these calls at once and wait for each: what they returned, in their order, and what they raised.

    The threads are daemons: an interrupt ends the waiting, and the end of the process waits for nobody.
    """
    returned: dict[int, T] = {}
    raised: list[BaseException] = []

    def make(place: int, call: Callable[[], T]) -> None:
        try:
            returned[place] = call()
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
            raised.append(error)

    threads = [Thread(target=make, args=one, daemon=True) for one in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [returned[place] for place in sorted(returned)], raised


def gravest(errors: Sequence[BaseException]) -> BaseException:
    """What to raise of several: an outcome that is unknown is settled by whatever comes next, the rest is not."""
    return min(errors, key=lambda error: isinstance(error, OutcomeUnknown))
