"""Links under random merges, conversions, deletions, undeletions, flips of the sync filter and kills.

Each ends up whole, frozen, resting or listed.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mksync.core.brakes import Limits
from mksync.core.filter import FROZEN, WAITING
from mksync.core.records import Ref, Value
from mksync.engine.project import PERSON
from tests.memory import System
from tests.world import KEY, World

Act = tuple[str, int, int]
NEVER = Limits(least=10**9)  # small worlds: everything would look suspicious


class Office:
    """People who make, edit, merge and delete records on both sides; `act` picks them by number."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.made = 0
        self.acts: dict[str, Callable[[int, int], None]] = {
            "new lead": lambda a, b: self._create(world.crm, "lead", "L", Email=f"{a}@example.com", Title="new"),
            "new contact": lambda a, b: self._create(world.crm, "contact", "C", Email=f"own{a}@example.com"),
            "new person": lambda a, b: self._create(world.marketo, PERSON, "X", email=f"{a}@example.com"),
            "edit lead": lambda a, b: self._edit(world.crm, "lead", a, Title=f"CRM {b}"),
            "edit contact": lambda a, b: self._edit(world.crm, "contact", a, Title=f"CRM {b}"),
            "edit person": lambda a, b: self._edit(world.marketo, PERSON, a, title=f"Marketo {b}"),
            "merge leads": lambda a, b: self._merge(world.crm, "lead", a, b),
            "merge contacts": lambda a, b: self._merge(world.crm, "contact", a, b),
            "merge people": lambda a, b: self._merge(world.marketo, PERSON, a, b),
            "convert": self._convert,
            "delete lead": lambda a, b: self._drop(world.crm, "lead", a),
            "delete contact": lambda a, b: self._drop(world.crm, "contact", a),
            "delete person": lambda a, b: self._drop(world.marketo, PERSON, a),
            "undelete": self._undelete,
            "flag lead": lambda a, b: self._edit(world.crm, "lead", a, Sync__c=FLAGS[b % len(FLAGS)]),
            "flag contact": lambda a, b: self._edit(world.crm, "contact", a, Sync__c=FLAGS[b % len(FLAGS)]),
        }

    def _create(self, system: System, object: str, letter: str, **values: str) -> None:
        self.made += 1
        system.put(object, f"{letter}{self.made}", **values)

    def _pick(self, system: System, object: str, number: int) -> str | None:
        ids = list(system.records.get(object, {}))
        return ids[number % len(ids)] if ids else None

    def _edit(self, system: System, object: str, number: int, **values: Value) -> None:
        if id := self._pick(system, object, number):
            system.put(object, id, **values)

    def _drop(self, system: System, object: str, number: int) -> None:
        if id := self._pick(system, object, number):
            system.drop(object, id)

    def _merge(self, system: System, object: str, one: int, other: int) -> None:
        loser, winner = self._pick(system, object, one), self._pick(system, object, other)
        if loser and winner and loser != winner:
            system.drop(object, loser, "merged", Ref(object, winner))

    def _convert(self, one: int, other: int) -> None:
        lead, contact = self._pick(self.world.crm, "lead", one), self._pick(self.world.crm, "contact", other)
        if lead and contact:
            self.world.crm.drop("lead", lead, "converted", Ref("contact", contact))

    def _undelete(self, number: int, _: int) -> None:
        crm = self.world.crm
        binned = [one for one in crm.gone.values() if one.reason == "deleted" and one.id not in crm.records[one.object]]
        if binned:
            one = binned[number % len(binned)]
            crm.put(one.object, one.id, Email=f"back{one.id}@example.com", Title="back")


FLAGS = (False, True, False, None)
KINDS = (
    "new lead", "new contact", "new person", "edit lead", "edit contact", "edit person", "merge leads",
    "merge contacts", "merge people", "convert", "delete lead", "delete contact", "delete person", "undelete",
    "flag lead", "flag contact",
)  # fmt: skip
ACTS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 7), st.integers(0, 7)), max_size=6)
KILL_AT = st.one_of(st.none(), st.integers(1, 25))


def _cycle(world: World, kill_at: int | None) -> None:
    with world.dying(kill_at or 0):
        world.cycle()


@settings(max_examples=40)
@given(start=st.lists(st.sampled_from(KINDS[:3]), min_size=2, max_size=8), rounds=st.lists(st.tuples(ACTS, KILL_AT)))
def test_every_record_ends_up_in_step_or_listed_and_no_link_hangs_on_what_is_gone(
    start: list[str], rounds: list[tuple[list[Act], int | None]]
) -> None:
    with tempfile.TemporaryDirectory(prefix="mksync-relink-") as folder:
        world = World(Path(folder), limits=NEVER, filtered=True)
        office = Office(world)
        for number, kind in enumerate(start):
            office.acts[kind](number, number)
        world.cycle()
        for acts, kill_at in rounds:
            for kind, one, other in acts:
                office.acts[kind](one, other)
            _cycle(world, kill_at)
        for _ in range(3):
            world.cycle()
        before = world.writes()
        world.cycle()
        assert world.writes() == before, "not quiet"
        _links_are_whole(world)
        _nobody_is_forgotten(world)
        world.mirror.close()


def _linked(world: World) -> list[tuple[str, str, str, str]]:
    """(object, person, record, state) of every link."""
    found = []
    for object in ("lead", "contact"):
        found += world.mirror.db.execute(
            f"SELECT object, p._id, r._id, state FROM link JOIN marketo_person AS p ON p._pid = person"
            f" JOIN crm_{object} AS r ON r._pid = record WHERE object = '{object}'"
        ).fetchall()
    return found


def _links_are_whole(world: World) -> None:
    people = world.marketo.records.get(PERSON, {})
    for object, person, record, state in _linked(world):
        there = (person in people, record in world.crm.records.get(object, {}))
        if state in ("live", FROZEN) or state == WAITING:
            assert _synced(world, object, record) is (state == "live"), (object, person, record, state)
        if state == FROZEN:
            assert there == (True, True), (object, person, record)
        elif state == "live":
            assert there == (True, True), (object, person, record)
            assert people[person][KEY] == record
            assert people[person]["title"] == world.crm.records[object][record]["Title"]
        else:
            assert sum(there) == 1, (object, person, record, state)


def _synced(world: World, object: str, record: str) -> bool:
    """By the flag of the record, or of what it went into in the end."""
    while record not in world.crm.records.get(object, {}):
        into = world.crm.gone[object, record].into
        assert into is not None
        object, record = into.object, into.id
    return world.crm.records[object][record]["Sync__c"] is not False


def _nobody_is_forgotten(world: World) -> None:
    """Every CRM record is linked, listed or left out, and nothing is listed of a record whose matter is over."""
    linked = {(object, record) for object, _, record, _ in _linked(world)}
    listed = set(world.mirror.db.execute("SELECT object, record_id FROM leftover"))
    there = {(object, id) for object, records in world.crm.records.items() for id in records}
    left_out = {(object, id) for object, id in there if not _synced(world, object, id)}
    assert there <= linked | listed | left_out
    assert listed <= there | linked
    frozen = {(object, record) for object, _, record, state in _linked(world) if state in (FROZEN, WAITING)}
    assert not listed & (frozen | (left_out - linked))
