"""Ctrl-C, SIGTERM and a reader that goes away end a command as exceptions do: every `finally` on the way is kept."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Never

ENDS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """Somebody outside wants the command to end. Not an Exception, so that no handler of failures takes it for one."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signal.Signals(signum)

    @property
    def exit_code(self) -> int:
        """As shells count: 130 for Ctrl-C, 143 for SIGTERM, 141 for a closed pipe."""
        return 128 + self.signum


class Wishes:
    """What was asked for from outside: to end (Ctrl-C, SIGTERM), or to read the configuration again (SIGHUP).

    The first wish to end is kept until the work under way is whole, or there is none; the second is granted at once.
    """

    def __init__(self) -> None:
        self._end: int | None = None
        self._idle = False
        self._reload = False

    def grant(self) -> None:
        """To be called where nothing is open. Raises Interrupted if somebody wished for an end."""
        if self._end is not None:
            raise Interrupted(self._end)

    @contextmanager
    def idle(self) -> Iterator[None]:
        """While this lasts nothing is open, and whoever wishes for an end need not wait: it raises Interrupted."""
        if current_thread() is not main_thread():  # where signals do not arrive
            yield
            return
        self._idle = True
        try:
            self.grant()
            yield
        finally:
            self._idle = False

    def reload(self) -> bool:
        """Whether the configuration is to be read again. Asking takes the wish for granted."""
        wished, self._reload = self._reload, False
        return wished

    def end(self, signum: int, _frame: FrameType | None = None) -> None:
        if self._end is not None or self._idle:
            raise Interrupted(signum)
        self._end = signum

    def read_again(self, _signum: int, _frame: FrameType | None = None) -> None:
        self._reload = True


@contextmanager
def as_exceptions() -> Iterator[None]:
    """Raise Interrupted where a signal arrives. A signal that the caller ignores (nohup, `&`) stays ignored."""
    with _handled(dict.fromkeys(ENDS, _raise)):
        yield


@contextmanager
def as_wishes() -> Iterator[Wishes]:
    """Keep them until the work under way is whole. A signal that the caller ignores stays ignored, but for SIGHUP."""
    wishes = Wishes()
    with _handled({**dict.fromkeys(ENDS, wishes.end), signal.SIGHUP: wishes.read_again}, always=(signal.SIGHUP,)):
        yield wishes


@contextmanager
def _handled(
    handlers: Mapping[signal.Signals, Callable[[int, FrameType | None], None]],
    always: tuple[signal.Signals, ...] = (),
) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in handlers}
    try:
        for number, handler in handlers.items():
            if before[number] is not signal.SIG_IGN or number in always:
                signal.signal(number, handler)
    except ValueError:  # only the main thread may; elsewhere nobody sends us signals
        yield
        return
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _raise(signum: int, _frame: FrameType | None) -> Never:
    raise Interrupted(signum)
