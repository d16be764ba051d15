"""Ctrl-C, SIGTERM and a reader that goes away end a command as exceptions do: every `finally` on the way is kept."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Never


class Interrupted(BaseException):
    """Somebody outside wants the command to end. Not an Exception, so that no handler of failures takes it for one."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signal.Signals(signum)

    @property
    def exit_code(self) -> int:
        """As shells count: 130 for Ctrl-C, 143 for SIGTERM, 141 for a closed pipe."""
        return 128 + self.signum


@contextmanager
def as_exceptions() -> Iterator[None]:
    """Raise Interrupted where a signal arrives. A signal that the caller ignores (nohup, `&`) stays ignored."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, _raise)
    except ValueError:  # only the main thread may; elsewhere nobody sends us signals
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise(signum: int, _frame: FrameType | None) -> Never:
    raise Interrupted(signum)
