"""A cycle that has everything to do, kept so that it can be begun again and again, and what has to come of it.

Creates, updates both ways, a collision each way, a first difference, a refusal, deletes, a conversion, accounts,
opportunities and roles, and a quick sync of a field that was added.
"""

import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mksync.core.records import Side
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen
from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.scenarios.crms import Crm
from tests.scenarios.filters import filter_user
from tests.scenarios.meaning import meaning
from tests.scenarios.one_way import ALL, TABLES, Deals
from tests.scenarios.sandbox_world import KEY, NOW, World

ADDED = "company"  # the lead's field that is selected last
BEFORE = 2  # cycles until the one that is interrupted
OBJECTS = ("account", "opportunity", "role")
STAMPS = ("createdAt", "updatedAt", "marketoGUID", "seq", "id", "leadId")  # another run, other ones


@dataclass(frozen=True)
class Prepared:
    """A folder with a project and the state of both systems, and the time there."""

    folder: Path
    now: float
    crm: Crm

    @contextmanager
    def copy(self, folder: Path, *, moving: bool = False) -> Iterator[World]:
        """The same project and the same two systems once more, at another address. `moving`: time passes by itself."""
        shutil.copytree(self.folder, folder)
        with started(folder, self.crm, self.now, moving=moving) as sandbox:
            here = World(folder, sandbox, self.crm)
            here.configure()
            with here.mirror() as mirror:  # on loopback an instance of Marketo is known by its address
                mirror.project.set(f"{Side.MARKETO}_organisation", sandbox.marketo_url.removeprefix("http://"))
            yield here
        shutil.rmtree(folder)


def started(folder: Path, crm: Crm, now: float, *, moving: bool = False) -> Sandbox:
    """Marketo and the CRM alone, with their state in the folder."""
    clock = SandboxClock(offset=now - time.time()) if moving else SandboxClock(frozen_at=now)
    return Sandbox.start(state=folder / "sandbox.db", clock=clock, vendors=("marketo", crm.system))


def prepare(folder: Path, crm: Crm) -> Prepared:
    """Everything a cycle can have to do is still to be done."""
    with started(folder, crm, NOW) as sandbox:
        here = World(folder, sandbox, crm)
        here.prepare()
        here.init()
        deals = _deals(here)
        deals.select(*OBJECTS)
        assert here.command("fields", "select", "--object", "lead", "--remove", ADDED).code == 0
        leads = [
            here.crm.named("lead", lastName=f"Roe {number}", title="CTO", phone="+1 555 0100 200")
            for number in range(7)
        ]
        contacts = [here.crm.named("contact", lastName=f"Poe {number}", title="CFO") for number in range(2)]
        account = deals.create("account", company="Acme")
        opportunity = deals.create("opportunity", name="Acme 2027", account=account)
        deals.create("role", opportunity=opportunity, contact=contacts[0], role="Evaluator")
        here.cycle()
        _edit(here, leads, contacts)
        deals.edit("account", account, company="Acme Corp")
        other = deals.create("account", company="Other")
        deals.edit("opportunity", opportunity, account=other)
        deals.create("role", opportunity=opportunity, contact=contacts[1], role="Decision Maker")
        column = crm.fields["lead"][ADDED]
        assert here.command("fields", "select", "--object", "lead", "--add", f"{column}={ADDED}").code == 0
        return Prepared(folder, sandbox.clock.now(), crm)


def _edit(here: World, leads: list[str], contacts: list[str]) -> None:
    person = {id: here.person_of(id) for id in (*leads, *contacts)}
    here.crm.named("lead", lastName="New", email="new@example.com")
    here.crm.named("contact", lastName="New too", email="new.too@example.com")
    here.marketo.create(lastName="Match", email="match@example.com", title="from Marketo")
    here.crm.named("lead", lastName="Match", email="match@example.com", title="from the CRM")
    here.marketo.edit(person[leads[0]], title="CEO", interests="Events;Mobile")
    here.crm.edit("lead", leads[1], title="COO", unsubscribed=True, phone=None)
    here.marketo.edit(person[leads[2]], title="of Marketo")
    here.crm.edit("lead", leads[2], title="of the CRM", fitScore=12.5)
    here.marketo.edit(person[contacts[0]], title="of Marketo", firstName="Ana")
    here.crm.edit("contact", contacts[0], title="of the CRM")
    assert here.marketo.edit(person[leads[3]], phone="12", title="refused with the phone")
    here.crm.delete("lead", leads[4])
    here.marketo.delete(person[leads[5]])
    here.crm.edit("contact", contacts[1], lastDemoAt="2026-03-02T10:00:00Z", mktoPersonNotes="one\ntwo 😀")
    here.marketo.edit(person[leads[6]], title="edited before it was converted")
    filter_user(here.facts.system, here.sandbox).convert(leads[6])


def _deals(here: World) -> Deals:
    return Deals(here, next(one for one in ALL if one.facts is here.facts))


@dataclass(frozen=True)
class End:
    """What both systems hold, what waits, every value that lost, and how often each record was written."""

    people: list[Any]
    records: dict[str, Any]
    beside_people: dict[str, Any]
    rejected: set[Any]
    held: set[Any]
    lost: Counter[Any]
    writes: Counter[Any]


def end(here: World) -> End:
    """How things stand now."""
    people = here.marketo.people(*here.marketo_fields, KEY).values()
    told = [(row[KEY], *(meaning(name, row[name]) for name in here.marketo_fields)) for row in people]
    everything = Chosen()
    with here.mirror() as mirror:
        return End(
            sorted(told, key=repr),
            {object: here.crm.everything(object) for object in here.fields},
            {object: _beside_people(here, object) for object in OBJECTS},
            {(row.record.id, row.fields, row.code) for _, row in mirror.history.rejected(everything)},
            {(row.record.id, row.field, row.reason) for _, row in mirror.history.held(everything)},
            Counter(
                (row.record.id, row.field, row.marketo, row.crm, row.winner)
                for *_, row in mirror.history.collisions(everything)
            ),
            Counter(_written(mirror, (*here.fields, *OBJECTS))),
        )


def _beside_people(here: World, object: str) -> list[Any]:
    rows = here.sandbox.marketo.rows(TABLES[object][0])
    return sorted(({name: value for name, value in row.items() if name not in STAMPS} for row in rows), key=repr)


def _written(mirror: Mirror, objects: Iterable[str]) -> Iterator[tuple[str | None, str, str, str]]:
    """Every write that is known to have had its effect, since the cycle that was interrupted."""
    for cycle in mirror.history.cycles():
        for object in objects if cycle.id > BEFORE else ():
            for write, status in mirror.journal.of_cycle(cycle.id, object, 1_000):
                # A delete that is sent again finds nothing to delete.
                if status == "written" or (write.kind, status) == ("delete", "gone"):
                    yield write.record_id, write.object, write.side, write.kind
