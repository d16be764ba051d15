"""The whole program between both emulators, over real HTTP: random editors, faults, kills, late news; the rules hold.

For a longer soak: MKSYNC_SOAK=500 pytest tests/scenarios/test_machine_on_sandbox.py
"""

import os
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from mksync.core.records import Side
from mksync.engine.returned import HOUR
from mksync.errors import Temporary
from tests.scenarios.crms import CRMS, Crm
from tests.scenarios.ledger import Ledger
from tests.scenarios.plug import PlugPulled, plugged
from tests.scenarios.pools import POOLS, contests, edits
from tests.scenarios.sandbox_world import World, world

QUIRKS = ("astral_truncates", "omits_nulls", "no_activity_ids", "empty_pages", "type_mismatch_1001")  # of Marketo
FAULTS = (
    "reset_before", "reset_after", "truncated", "gateway_html", "server_error", "unavailable", "rate_limit",
    "concurrency", "timeout_before", "timeout_after", "token_expired", "token_invalid", "row_lock", "quota",
)  # fmt: skip
ONCE = ("token_expired", "token_invalid")  # a token that is refused twice in a row is no passing trouble
PATHS = (".*", "leads.json", "composite", "oauth", "activities", "batch")
STEPS = ("marketo before", "marketo after", "crm before", "crm after", "commit before", "commit after")
OBJECTS = ("contact", "lead")
TYPED = ("title", "phone", "title", *POOLS, "lastDemoAt", "email")
TROUBLE = st.tuples(st.sampled_from(FAULTS), st.sampled_from(PATHS), st.integers(0, 6), st.integers(1, 8))
LATEST = 500.0  # seconds: what an overlap of ten minutes has to bear
Record = tuple[str, str]


class SandboxMachine(RuleBasedStateMachine):
    """Editors on both sides, and cycles that may meet faults or die. A quiet end has to follow."""

    facts: Crm
    records = Bundle("records")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.number = 0
        self.here: World
        self.ledger: Ledger

    @initialize(target=records, marketo=st.frozensets(st.sampled_from(QUIRKS)), data=st.data())
    def two_systems(self, marketo: frozenset[str], data: st.DataObject) -> Any:
        """Somebody is known to both already."""
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="mksync-machine-")))
        crm = data.draw(st.frozensets(st.sampled_from(self.facts.quirks)), "quirks of the CRM")
        quirks = {"marketo": marketo, self.facts.system: crm}
        self.here = self.stack.enter_context(world(folder, self.facts, quirks=quirks))
        self.here.init()
        self.ledger = Ledger(self.here)
        known = [(object, self._create(object, self._named(object))) for object in ("lead", "lead", "contact")]
        self.here.cycle()
        return multiple(*known)

    # Outsiders

    @rule(target=records, object=st.sampled_from(OBJECTS), email=st.booleans(), typed=edits("crm", TYPED))
    def new_record(self, object: str, email: bool, typed: tuple[str, Any]) -> Any:
        values = {**self._named(object), **({"email": self._email()} if email else {})}
        id = self._create(object, values)
        if typed[0] in self.facts.fields[object]:
            self.here.crm.edit(object, id, **dict([typed]))
            self.ledger.saw(*typed)
        return (object, id)

    @rule(target=records, object=st.sampled_from(OBJECTS), typed=edits("marketo", TYPED), twin=st.booleans())
    def new_record_and_a_person_of_the_same_email(self, object: str, typed: tuple[str, Any], twin: bool) -> Any:
        email = self._email()
        for _ in range(2 if twin else 1):
            person = self.here.marketo.create(email=email, lastName="Known")
            self.ledger.people_made.add(person)
        self.ledger.saw("lastName", "Known")
        if self.here.marketo.edit(person, **dict([typed])):
            self.ledger.saw(*typed)
        return (object, self._create(object, {**self._named(object), "email": email}))

    @rule(email=st.booleans())
    def new_person(self, email: bool) -> None:
        values = {"lastName": "Only", **({"email": self._email()} if email else {})}
        self.ledger.saw("lastName", "Only")
        self.ledger.people_made.add(self.here.marketo.create(**values))

    @rule(record=records, typed=edits("crm", TYPED))
    def edit_in_the_crm(self, record: Record, typed: tuple[str, Any]) -> None:
        object, id = record
        name, value = typed
        before = self.ledger.look()
        if name not in self.facts.fields[object] or before.find(id) is None:
            return
        if self.here.crm.edit(object, id, **{name: value}):
            self.ledger.saw(name, value)
            self.ledger.edited((Side.CRM, id, name), before, self.ledger.look(), self.here.clock.now())

    @rule(record=records, typed=edits("marketo", TYPED))
    def edit_in_marketo(self, record: Record, typed: tuple[str, Any]) -> None:
        object, id = record
        name, value = typed
        before = self.ledger.look()
        person = before.person_of(id)
        if person is None or name not in self.facts.fields[object]:
            return
        visible_by = self.here.clock.now() + self.here.sandbox.marketo.activity_delay + 1
        if self.here.marketo.edit(person, **{name: value}):
            self.ledger.saw(name, value)
            self.ledger.edited((Side.MARKETO, id, name), before, self.ledger.look(), visible_by)

    @rule(record=records, typed=contests(TYPED))
    def edit_the_same_field_on_both_sides(self, record: Record, typed: tuple[str, Any, Any]) -> None:
        name, in_the_crm, in_marketo = typed
        self.edit_in_the_crm(record, (name, in_the_crm))
        self.edit_in_marketo(record, (name, in_marketo))

    @rule(record=records, how=st.sampled_from(["delete in the CRM", "undelete in the CRM", "delete in Marketo"]))
    def somebody_goes_or_comes_back(self, record: Record, how: str) -> None:
        now = self.ledger.look()
        found, person = now.find(record[1]), now.person_of(record[1])
        if how == "delete in the CRM" and found:
            self.here.crm.delete(*record)
        elif how == "undelete in the CRM" and not found:
            self.here.crm.undelete(*record)
        elif how == "delete in Marketo" and person:
            self.here.marketo.delete(person)
            self.ledger.widowed.add(record[1])
        else:
            return
        self.ledger.forget(record[1])

    @rule(hours=st.sampled_from([0, 0.1, 2, 30]), late=st.booleans())
    def time_passes(self, hours: float, late: bool) -> None:
        """From now on, news of Marketo come late or at once."""
        self.here.clock.sleep(3_600 * hours)
        self.here.sandbox.marketo.activity_delay = LATEST if late else 0.0

    # The program

    @rule()
    def cycle(self) -> None:
        began = self.here.clock.now()
        self.here.cycle(minutes=0)
        self.ledger.ran(began, whole=True)

    @rule(faults=st.lists(TROUBLE, min_size=1, max_size=3), side=st.sampled_from(["marketo", "crm"]))
    def cycle_with_faults(self, faults: list[tuple[str, str, int, int]], side: str) -> None:
        once = [fault for fault in faults if fault[0] in ONCE]
        for name, path, after, times in [fault for fault in faults if fault not in once[1:]]:
            self.here.fails(name, side, path, after=after, times=1 if name in ONCE else times)
        began, whole = self.here.clock.now(), False
        with suppress(Temporary):  # any other failure would tell an admin to mend what mends itself
            self.here.cycle(minutes=0)
            whole = True
        self.here.sandbox.faults.clear()
        self.ledger.ran(began, whole=whole)

    @rule(kind=st.sampled_from(STEPS), number=st.integers(1, 8))
    def cycle_that_dies(self, kind: str, number: int) -> None:
        began = self.here.clock.now()
        with plugged(self.here, f"{kind} {number}"), suppress(PlugPulled):
            self.here.cycle(minutes=0)
        self.ledger.ran(began, whole=False)

    @rule(record=records, typed=edits("crm", TYPED), step=st.sampled_from(STEPS[:4]), number=st.integers(1, 8))
    def cycle_while_somebody_edits_the_crm(
        self, record: Record, typed: tuple[str, Any], step: str, number: int
    ) -> None:
        def at_step(name: str) -> None:
            if name == f"{step} {number}":
                self.here.clock.sleep(2)  # a stamp that guards writes may have no fractions of a second
                self.edit_in_the_crm(record, typed)

        began = self.here.clock.now()
        with plugged(self.here) as plug:
            plug.at_step = at_step
            self.here.cycle(minutes=0)
        self.ledger.ran(began, whole=False)

    @rule(record=records, typed=contests(TYPED), number=st.integers(1, 3), again=st.booleans())
    def cycle_while_somebody_edits_in_marketo_what_is_written_there(
        self, record: Record, typed: tuple[str, Any, Any], number: int, again: bool
    ) -> None:
        """The edit comes right before a write to Marketo, or before what was written is read back."""
        name, in_the_crm, in_marketo = typed
        self.edit_in_the_crm(record, (name, in_the_crm))
        left, wrote = [number], [False]

        def at_write(side: str) -> None:
            left[0] -= side == "marketo"
            wrote[0] = side == "marketo" and left[0] == 0
            if wrote[0] and not again:
                self.edit_in_marketo(record, (name, in_marketo))

        def at_step(step: str) -> None:
            if again and wrote[0] and step.startswith("marketo before"):
                wrote[0] = False
                self.edit_in_marketo(record, (name, in_marketo))

        began = self.here.clock.now()
        with plugged(self.here) as plug:
            plug.at_write, plug.at_step = at_write, at_step
            self.here.cycle(minutes=0)
        self.ledger.ran(began, whole=False)

    @rule()
    def dry_run(self) -> None:
        before, mirror = self.ledger.look(), self._mirror()
        with plugged(self.here) as plug:
            self.here.cycle(dry=True)
        assert plug.written == []
        assert self.ledger.look() == before
        assert self._mirror() == mirror

    @invariant()
    def rules_that_always_hold(self) -> None:
        self.ledger.nothing_is_invented()
        self.ledger.nobody_is_doubled()

    def teardown(self) -> None:
        """No edits and no faults any more: both sides agree or the difference is listed, and then there is silence."""
        try:
            if hasattr(self, "ledger"):
                self._come_to_rest()
        finally:
            self.stack.close()

    def _come_to_rest(self) -> None:
        self.here.sandbox.marketo.activity_delay = 0.0
        self.here.clock.sleep(LATEST)
        self.cycle()
        self.here.clock.sleep(HOUR)  # an undelete that moves no stamp is in no feed, and is looked for so often
        self.cycle()
        before = self.ledger.look()
        with plugged(self.here) as plug:
            report = self.here.cycle()
        assert plug.written == [], "not quiet"
        assert all(part.changes_total == 0 for part in report.objects)
        assert self.ledger.look() == before
        self.ledger.both_sides_agree()
        self.rules_that_always_hold()

    def _email(self) -> str:
        self.number += 1
        email = f"person.{self.number}@example.com"
        self.ledger.saw("email", email)
        return email

    def _named(self, object: str) -> dict[str, str]:
        for name, value in self.facts.needed[object].items():
            self.ledger.saw(name, value)
        return dict(self.facts.needed[object])

    def _create(self, object: str, values: dict[str, Any]) -> str:
        id = self.here.crm.create(object, **values)
        self.ledger.records_made.add(id)
        return id

    def _mirror(self) -> list[str]:
        """Everything the mirror holds, but for the fields as last described, and when the file was last looked over."""
        with self.here.mirror() as mirror:
            lines = list(mirror.db.iterdump())
        return [line for line in lines if "schema_cache" not in line and "'checked'" not in line]


SOAK = int(os.environ.get("MKSYNC_SOAK", "7"))


@pytest.mark.parametrize("crm", CRMS, ids=lambda crm: crm.system)
def test_the_rules_hold_whatever_people_and_networks_do(crm: Crm) -> None:
    machine = type(f"{crm.title}Machine", (SandboxMachine,), {"facts": crm})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=SOAK,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
