"""`mksync watch` for long, as a process of its own: random editors on both sides, faults, a reload now and then.

In the end both sides agree, nothing was lost, and the process is no larger than it was.
For the long one: MKSYNC_SOAK=1000 pytest -s tests/scenarios/test_watch_soak.py
"""

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from mksync.core.records import Side
from tests.scenarios.crms import CRMS, Crm
from tests.scenarios.ledger import Ledger, Spot
from tests.scenarios.meaning import meaning
from tests.scenarios.pools import pool
from tests.scenarios.sandbox_world import World, world
from tests.scenarios.steered import Watched, watching
from tests.scenarios.test_machine_on_sandbox import FAULTS, LATEST, ONCE, PATHS, TYPED

CYCLES = int(os.environ.get("MKSYNC_SOAK", "20"))
SETTLED = min(100, CYCLES // 2)  # cycles after which a process has loaded what it needs
MOST_RECORDS = 40
MORE_MEMORY = 1.25  # times what it was when it had settled
WHOLE = (0, 3)  # exit codes of a cycle that came to its end


class Editors:
    """Random people who work on both sides, and a network that fails now and then."""

    def __init__(self, here: World, chance: random.Random) -> None:
        self.here = here
        self.chance = chance
        self.ledger = Ledger(here)
        self.records: list[tuple[str, str]] = []
        self.edits = 0
        self.faults = 0

    def work(self) -> None:
        for _ in range(self.chance.randint(0, 3)):
            if len(self.records) < MOST_RECORDS and self.chance.random() < 0.4:
                self._create()
            elif self.records:
                self._somebody_edits()
        if self.chance.random() < 0.1:
            self.here.sandbox.marketo.activity_delay = self.chance.choice([0.0, LATEST])
        if self.chance.random() < 0.2:
            self._trouble()

    def _create(self) -> None:
        object = self.chance.choice(["lead", "contact"])
        values = dict(self.here.facts.needed[object])
        if self.chance.random() < 0.7:
            values["email"] = f"person.{len(self.ledger.records_made)}@example.com"
        for name, value in values.items():
            self.ledger.saw(name, value)
        id = self.here.crm.create(object, **values)
        self.ledger.records_made.add(id)
        self.records.append((object, id))

    def _somebody_edits(self) -> None:
        object, _ = record = self.chance.choice(self.records)
        name = self.chance.choice(TYPED)
        if name not in self.here.facts.fields[object]:
            return
        sides = self.chance.choice([[Side.CRM], [Side.MARKETO], [Side.CRM, Side.MARKETO]])
        if self.chance.random() < 0.05:
            self._goes_or_comes_back(record)
            return
        for side in sides:
            self._edit(side, record, name, self.chance.choice(pool(name, str(side))))

    def _edit(self, side: Side, record: tuple[str, str], name: str, value: Any) -> None:
        object, id = record
        before, at = self.ledger.look(), self.here.clock.now()
        person = before.person_of(id)
        if before.find(id) is None or person is None:
            return
        if side is Side.CRM:
            took = self.here.crm.edit(object, id, **{name: value})
        else:
            at += self.here.sandbox.marketo.activity_delay + 1
            took = self.here.marketo.edit(person, **{name: value})
        if took:
            self.edits += 1
            self.ledger.saw(name, value)
            self.ledger.edited((side, id, name), before, self.ledger.look(), at)
            self._perhaps_undone(object, (side, id, name))

    def _perhaps_undone(self, object: str, spot: Spot) -> None:
        """Who takes back an edit that could not be settled has changed nothing since both sides were: none is lost."""
        side, id, name = spot
        column = name if side is Side.MARKETO else self.here.facts.fields[object][name]
        with self.here.mirror() as mirror:
            row = mirror.db.execute(
                f'SELECT base."{column}" FROM {side}_{object}_base AS base JOIN link ON link.id = base._link'
                f" JOIN crm_{object} AS record ON record._pid = link.record WHERE record._id = ?",
                (id,),
            ).fetchone()
        edit = self.ledger.edits.get(spot)
        if row and edit and edit.after == meaning(name, bool(row[0]) if name == "unsubscribed" else row[0]):
            del self.ledger.edits[spot]

    def _goes_or_comes_back(self, record: tuple[str, str]) -> None:
        if self.ledger.look().find(record[1]):
            self.here.crm.delete(*record)
        else:
            self.here.crm.undelete(*record)
        self.ledger.forget(record[1])

    def _trouble(self) -> None:
        name, side = self.chance.choice(FAULTS), self.chance.choice(["marketo", "crm"])
        times = 1 if name in ONCE else self.chance.choice([1, 2, 5, 40])  # the last is more than any call is tried
        self.here.fails(name, side, self.chance.choice(PATHS), after=self.chance.randint(0, 6), times=times)
        self.faults += 1

    def rest(self) -> None:
        self.here.sandbox.marketo.activity_delay = 0.0
        self.here.clock.sleep(LATEST)


@pytest.mark.parametrize("crm", CRMS, ids=lambda crm: crm.system)
def test_a_watch_that_is_left_running_keeps_every_rule_and_grows_by_nothing(tmp_path: Path, crm: Crm) -> None:
    with world(tmp_path, crm) as here:
        here.init()
        editors = Editors(here, random.Random(CYCLES))
        with watching(here) as watched:
            _soak(editors, watched)
        assert watched.ended() == 143


def _soak(editors: Editors, watched: Watched) -> None:
    here, ledger = editors.here, editors.ledger
    began, codes = here.clock.now(), []
    sizes: list[tuple[int, int]] = []
    for number, document in enumerate(watched.documents, 1):
        code = document["mksync"]["exit"]["code"]
        codes.append(code)
        assert code in (*WHOLE, 5), document.get("error")
        here.sandbox.faults.clear()  # outsiders meet them too
        ledger.ran(began, whole=code in WHOLE)
        sizes.append((watched.memory(), watched.handles()))
        if number < CYCLES:
            editors.work()
            if editors.chance.random() < 0.02:
                watched.process.send_signal(signal.SIGHUP)
        elif number == CYCLES:
            editors.rest()
        elif number == CYCLES + 3:
            assert all(part["changes_total"] == 0 for part in document["objects"]), "not quiet"
            watched.process.send_signal(signal.SIGTERM)
            break
        began = watched.next
    assert [last["mksync"]["exit"]["name"] for last in watched.documents] == ["terminated"]
    ledger.both_sides_agree()
    ledger.nothing_is_invented()
    ledger.nobody_is_doubled()
    (memory, handles), (memory_then, handles_then) = sizes[SETTLED - 1], sizes[-1]
    print(
        f"\n{here.facts.title}: {len(codes)} cycles, {codes.count(5)} of them failed; {len(editors.records)} records,"
        f" {editors.edits} edits, {editors.faults} faults; after {SETTLED} cycles {memory} KB and {handles} handles, in"
        f" the end {memory_then} KB and {handles_then}"
    )
    assert memory_then <= MORE_MEMORY * memory
    assert handles_then <= handles + 4, "a connection of each side may be open or closed at any time"
