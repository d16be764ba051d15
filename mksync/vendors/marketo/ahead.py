"""Calls made ahead, while others are waited for. Their threads touch nothing but the session.

A thread that is still waiting when nobody wants its answer any more is left to itself: it ends with its call, or with
the process.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
Task = Callable[[], T]


def begun(task: Task[T]) -> Task[T]:
    """Begin it in a thread. What is returned waits for its end and gives what it gave, or raises what it raised."""
    from concurrent.futures import Future  # 10 ms, and most cycles have nothing to do ahead

    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(task())
        except BaseException as error:  # noqa: BLE001 - handed over to whoever waits
            future.set_exception(error)

    Thread(target=run, name="ahead", daemon=True).start()
    return future.result


def in_order(tasks: Iterable[Task[T]], most: int) -> Iterator[T]:
    """What the tasks give, in their order; at most `most` are begun ahead.

    An error, of a task or in telling the next one, is raised where what it stands for would have come.
    """
    waiting: deque[Task[T]] = deque()
    for task in _to_the_error(tasks):
        waiting.append(begun(task))
        if len(waiting) == most:
            yield waiting.popleft()()
    while waiting:
        yield waiting.popleft()()


def _to_the_error(tasks: Iterable[Task[T]]) -> Iterator[Task[T]]:
    try:
        yield from tasks
    except Exception as error:  # noqa: BLE001 - it is raised in its turn
        raised = error

        def last() -> T:
            raise raised

        yield last
