"""`--verbose`: every call to the vendors, as it is made, on stderr."""

import logging
import sys

import typer

from mksync.cli.text import printable


def trace_wire(context: typer.Context) -> None:
    """Show every HTTP call on stderr until this command ends."""
    log, handler = logging.getLogger("mksync.wire"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(message)s"))
    log.addHandler(handler)
    level, propagate = log.level, log.propagate
    log.setLevel(logging.DEBUG)
    log.propagate = False

    def end() -> None:
        log.removeHandler(handler)
        log.setLevel(level)
        log.propagate = propagate

    context.call_on_close(end)


class _OneLine(logging.Formatter):
    """A vendor's words in the log do nothing to the terminal either."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))
