"""The last line of every port: an answer that is not what its vendor documents is a situation, not a bug of ours.

Codecs read answers as the contracts have them, and check what a customer's settings decide. What no vendor would send
(an object where a text should be, a field that is always there and is missing) shows as a plain Python error somewhere
in the reading; at the port it becomes an error with the vendor's name.
"""

import functools
import inspect
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from mksync.errors import OutcomeUnknown, Temporary

T = TypeVar("T")
CHANGES = ("write", "write_unread", "convert")
UNREADABLE = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)
HINT = "run again; if it stays so, report it with what `mksync --verbose` shows"


def guarded(title: str, *, changes: Collection[str] = CHANGES) -> Callable[[type[T]], type[T]]:
    """For a port's class: its public methods raise Temporary for an answer that cannot be read.

    Those in `changes` raise OutcomeUnknown, as what they asked for may have been done.
    """

    def guard(port: type[T]) -> type[T]:
        for name, member in list(vars(port).items()):
            if inspect.isfunction(member) and not name.startswith("_"):
                setattr(port, name, _guarded(title, member, OutcomeUnknown if name in changes else Temporary))
        return port

    return guard


def _guarded(title: str, method: Callable[..., Any], situation: type[Temporary]) -> Callable[..., Any]:
    if inspect.isgeneratorfunction(method):

        @functools.wraps(method)
        def generator(*args: object, **named: object) -> Iterator[Any]:
            with _told(title, situation):
                yield from method(*args, **named)

        return generator

    @functools.wraps(method)
    def function(*args: object, **named: object) -> object:
        with _told(title, situation):
            return method(*args, **named)

    return function


@contextmanager
def _told(title: str, situation: type[Temporary]) -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        raise situation(f"{title} answered with what mksync cannot read ({_where(error)})", hint=HINT) from error


def _where(error: BaseException) -> str:
    """What went wrong and where; not the error's own text, which may quote a record."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" in {Path(at.tb_frame.f_code.co_filename).name}, line {at.tb_lineno}" if at else ""
    return f"{type(error).__name__}{place}"
