"""Pulls the plug of a run: at one HTTP call, or at one commit of the mirror, before or after its effect.

The steps are counted where the program meets the libraries it stands on, so that the program itself runs as it is.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any, Never
from unittest.mock import patch

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from tests.scenarios.sandbox_world import World

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_send = HTTPAdapter.send
_connect = sqlite3.connect


Dies = Callable[[str], Never]


class PlugPulled(BaseException):
    """The process died here."""


class Plug:
    """`steps` are "marketo before 3" or "commit after 12"; as both sides are read at once, each kind has its own count.

    `fatal` is the step to die at. `at_step` is told of every other step. `written` are the calls that write;
    `at_write` is told the side of each before it goes.
    """

    def __init__(
        self, urls: Mapping[str, str], writes_crm: Callable[[PreparedRequest], bool], fatal: str, dies: Dies
    ) -> None:
        self.steps: list[str] = []
        self.written: list[str] = []
        self.at_step: Callable[[str], None] = lambda step: None
        self.at_write: Callable[[str], None] = lambda side: None
        self._urls = urls
        self._writes_crm = writes_crm
        self._fatal = fatal
        self._dies = dies
        self._dead = False
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def step(self, kind: str) -> None:
        """Dies at the fatal step, and ever after: a dead process does nothing more."""
        with self._lock:
            self._counts[kind] += 1
            name = f"{kind} {self._counts[kind]}"
            if self._dead or name == self._fatal:
                self._dead = True
                self._dies(name)
            self.steps.append(name)
        self.at_step(name)

    def call(self, adapter: HTTPAdapter, request: PreparedRequest, **options: Any) -> Response:
        side = next(name for name, url in self._urls.items() if str(request.url).startswith(url))
        self.step(f"{side} before")
        if _writes_marketo(request) if side == "marketo" else self._writes_crm(request):
            self.written.append(f"{side} {request.method} {request.url}")
            self.at_write(side)
        response = _send(adapter, request, **options)
        try:
            self.step(f"{side} after")
        except BaseException:
            response.close()  # as the end of the process would
            raise
        return response


def _writes_marketo(request: PreparedRequest) -> bool:
    return request.method == "POST" and str(request.url).partition("/rest/v1/")[2].endswith(".json")


def _raise(step: str) -> Never:
    raise PlugPulled(step)


@contextmanager
def plugged(world: World, fatal: str = "") -> Iterator[Plug]:
    """While this lasts, every call of the program and every commit of its mirror is a step of the plug."""
    with plugging(Plug(world.urls, world.facts.writes, fatal, _raise)) as plug:
        yield plug


@contextmanager
def plugging(plug: Plug) -> Iterator[Plug]:
    """The same, for this plug."""

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            commits = sql == "COMMIT" or (sql.startswith(_WRITES) and not self.in_transaction)
            if commits:
                plug.step("commit before")
            cursor = super().execute(sql, *values)
            if commits:
                plug.step("commit after")
            return cursor

    def send(adapter: HTTPAdapter, request: PreparedRequest, **options: Any) -> Response:
        return plug.call(adapter, request, **options)

    with patch.object(HTTPAdapter, "send", send), patch("sqlite3.connect", partial(_connect, factory=Connection)):
        yield plug
