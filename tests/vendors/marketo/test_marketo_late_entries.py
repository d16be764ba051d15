"""Entries that are written down late, in any order, are seen by some cycle, however cycles and edits fall."""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import pytest

from mksync.ports import Port
from mksync.sandbox.marketo.meter import UNLIMITED
from mksync.sandbox.server import Sandbox
from tests.vendors.marketo.test_marketo_on_sandbox import (
    SELECTION,
    Outsider,
    SteeredClock,
    _gone,
    _open,
    _records,
    clock,
    everybody,
    port,
    sandbox,
)

__all__ = ["clock", "everybody", "port", "sandbox"]

LATEST = 595.0  # seconds; dates are whole ones, and ten minutes are the promise
PAUSES: Mapping[str, Sequence[float]] = {
    "every few seconds": [1.0, 5.0, 20.0],
    "watch": [301.0, 303.5, 310.0],
    "hourly": [3600.0, 3607.0],
    "any": [0.5, 60.0, 290.0, 599.0, 601.0, 1500.0, 7200.0],
}


@pytest.fixture(params=[frozenset[str](), frozenset({"tokens_by_date"})], ids=["as written down", "by date"])
def quirks(request: pytest.FixtureRequest) -> frozenset[str]:
    found: frozenset[str] = request.param
    return found


@pytest.mark.parametrize("pauses", PAUSES.values(), ids=PAUSES)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_entry_is_passed_over_however_late_it_is_written_down(
    port: Port, everybody: list[str], sandbox: Sandbox, pauses: Sequence[float], seed: int
) -> None:
    sandbox.marketo.limits = UNLIMITED
    chance, edited = Random(seed), dict.fromkeys(everybody, (0.0, ""))
    pages = list(port.changes(SELECTION, None))
    seen = dict(_records(pages))
    sandbox.marketo.activity_delay = LATEST
    for number in range(50):
        pause, edits = chance.choice(pauses), chance.choice([0, 0, 1, 6])
        for _ in range(edits):
            sandbox.clock.advance(pause / (edits + 1))
            _edit(sandbox, edited, [chance.choice(everybody)], f"{number}")
        for again in range(8 if number == 25 else 0):  # more than a page of the log
            _edit(sandbox, edited, everybody, f"{number} {again}")
        sandbox.clock.advance(pause / (edits + 1))
        began = sandbox.clock.now()
        pages = list(port.changes(SELECTION, pages[-1].cursor))
        seen.update(_records(pages))
        due = {id: title for id, (at, title) in edited.items() if title and at <= began - 600}
        assert {id: seen[id].values["title"] for id in due} == due


def test_no_deletion_is_passed_over_however_late_it_is_written_down(
    port: Port, everybody: list[str], sandbox: Sandbox
) -> None:
    pages, gone = list(port.changes(SELECTION, None)), set()
    sandbox.marketo.activity_delay = LATEST
    for id in everybody[:20]:
        Outsider(sandbox).post("/rest/v1/leads/delete.json", {"input": [{"id": int(id)}]})
        sandbox.clock.advance(301)
        pages = list(port.changes(SELECTION, pages[-1].cursor))
        gone |= {one.id for one in _gone(pages)}
    sandbox.clock.advance(LATEST)
    pages = list(port.changes(SELECTION, pages[-1].cursor))
    assert gone | {one.id for one in _gone(pages)} == set(everybody[:20])


@pytest.mark.parametrize(("pause", "asked"), [(301.0, 0), (3600.0, 0), (86_400.0, 0)])
def test_cycles_with_nothing_to_tell_ask_for_a_place_once_at_most(
    sandbox: Sandbox, clock: SteeredClock, pause: float, asked: int
) -> None:
    port = _open(sandbox, clock)
    pages = list(port.changes(SELECTION, None))
    before, calls = port.calls, Counter[int]()
    for _ in range(12):
        sandbox.clock.advance(pause)
        pages = list(port.changes(SELECTION, pages[-1].cursor))
        calls[port.calls - before] += 1
        before = port.calls
    assert calls.pop(3, 0) <= asked
    assert set(calls) == {2}


def _edit(sandbox: Sandbox, edited: dict[str, tuple[float, str]], ids: Sequence[str], title: str) -> None:
    body = {"action": "updateOnly", "lookupField": "id", "input": [{"id": int(id), "title": title} for id in ids]}
    Outsider(sandbox).post("/rest/v1/leads.json", body)  # who signs in anew: a token is good for an hour
    edited.update(dict.fromkeys(ids, (sandbox.clock.now(), title)))
