"""Answers that are not what a vendor documents end in an error of ours: never in a traceback, never in a hang.

Any value anywhere in any JSON answer of a cycle may be of another type, missing, or absurd.
"""

import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Request, Response

from tests.scenarios.crm import Crm
from tests.scenarios.crms import CRMS
from tests.scenarios.sandbox_world import World, world

RUNS = int(os.environ.get("MKSYNC_FUZZ", "12"))  # answers that are spoilt, for each CRM and side
ABSURD: list[Any] = [
    None,
    True,
    -1,
    10**30,
    "",
    "x",
    "\x00",
    "9" * 400,
    [],
    {},
    [[]],
    [None],
    {"x": None},
    {"records": 1},
]


class Spoiler:
    """Spoils one JSON answer of an emulator: the `nth` from now on."""

    def __init__(self, handle: Any, chance: random.Random, nth: int) -> None:
        self._handle, self._chance, self._left = handle, chance, nth
        self.did = ""

    def handle(self, request: Request) -> Response:
        answer: Response = self._handle(request)
        if "json" not in (answer.content_type or "") or "token" in request.path:
            return answer
        self._left -= 1
        if self._left:
            return answer
        body = json.loads(answer.get_data())
        places = list(_places(body))
        if places:
            holder, key = self._chance.choice(places)
            self.did = f"{request.method} {request.path}: {key!r} was {holder[key]!r:.60}"
            self._spoil(holder, key)
        answer.set_data(json.dumps(body))
        return answer

    def _spoil(self, holder: Any, key: Any) -> None:
        if self._chance.random() < 0.3:
            del holder[key]
        else:
            holder[key] = self._chance.choice(ABSURD)
            self.did += f", is {holder[key]!r:.60}"


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every value in the answer, by what holds it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from _places(item)


@contextmanager
def spoilt(here: World, side: str, chance: random.Random) -> Iterator[Spoiler]:
    emulator = here.sandbox.marketo if side == "marketo" else getattr(here.sandbox, here.facts.system)
    spoiler = Spoiler(emulator.handle, chance, chance.randint(1, 8))
    vars(emulator)["handle"] = spoiler.handle
    try:
        yield spoiler
    finally:
        del vars(emulator)["handle"]


def news(here: World, number: int) -> None:
    """Something to do for the next cycle, in both directions."""
    record = here.crm.create("lead", **{**here.facts.needed["lead"], "email": f"{number}@example.com"})
    assert record
    for lead in list(here.crm.records("lead"))[:3]:
        here.crm.edit("lead", lead, title=f"CRM {number}")
    for person in list(here.marketo.people())[:3]:
        here.marketo.edit(person, phone=f"+1 201 555 {number:04}")


@pytest.mark.parametrize("facts", CRMS, ids=lambda facts: facts.system)
@pytest.mark.parametrize("side", ["marketo", "crm"])
def test_an_answer_that_is_not_what_the_vendor_documents_is_an_error_of_ours(
    tmp_path: Path, facts: Crm, side: str
) -> None:
    chance = random.Random(f"{side} {facts.system}")
    with world(tmp_path, facts) as here:
        here.init()
        news(here, 0)
        here.cycle()
        for number in range(1, RUNS + 1):
            news(here, number)
            here.clock.sleep(3600 if chance.random() < 0.3 else 300)  # fields are described anew after an hour
            with spoilt(here, side, chance) as spoiler:
                ended = here.command("run-once")
            assert ended.code != 1, (number, spoiler.did, ended.err)
