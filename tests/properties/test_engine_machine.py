"""The whole engine under random edits, flips of the sync filter, lost answers, kills and refusals: its rules hold."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from mksync.core.records import Refusal, Side, Value
from mksync.core.values import same
from mksync.engine.project import PERSON
from mksync.mirror.history import Chosen
from tests.memory import System
from tests.world import FIELDS, World

TEXTS = st.sampled_from(["a", "b", "c", "dd", " e", "F", None])
FLAGS = st.sampled_from([None, None, True, False])
EDITED = st.sampled_from(["firstName", "title", "phone", "unsubscribed", "leadScore"])
HABITS: dict[str, Callable[[str, Value], Value]] = {
    "none": lambda name, value: value,
    "upper": lambda name, value: value.upper() if name.casefold() == "title" and isinstance(value, str) else value,
    "cut": lambda name, value: value[:1] if name.casefold() == "phone" and isinstance(value, str) else value,
}


def _value(field: str, text: str | None) -> Value:
    if field == "unsubscribed":
        return text in ("b", "dd")
    if field == "leadScore":
        return None if text is None else len(text) * 10 + ord(text[-1])
    return text.strip() if text else None


class EngineMachine(RuleBasedStateMachine):
    """Editors on both sides, and cycles that may be killed or lose answers. A quiet end has to follow."""

    records = Bundle("records")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="mksync-machine-")
        self.world = World(Path(self.folder.name), filtered=True)
        self.number = 0
        self.seen: dict[str, set[Value]] = {field: {None, False} for field in FIELDS}
        self.edited: dict[tuple[Side, str, str], Value] = {}  # since the last cycle, by side, record and field
        self.settled: dict[tuple[Side, str, str], Value] = {}  # what they held before
        self.written_over: set[tuple[str, str, Value]] = set()  # record, field, and an edit that mksync replaced unseen

    @initialize(marketo=st.sampled_from(sorted(HABITS)), crm=st.sampled_from(sorted(HABITS)), refusing=st.booleans())
    def habits(self, marketo: str, crm: str, refusing: bool) -> None:
        self.world.marketo.reformat, self.world.crm.reformat = HABITS[marketo], HABITS[crm]
        if refusing:
            self.world.crm.refuse = lambda id, values: Refusal("NO", "no c") if values.get("FirstName") == "c" else None

    @rule(target=records, object=st.sampled_from(["lead", "contact"]), email=st.booleans(), flag=FLAGS)
    def create(self, object: str, email: bool, flag: bool | None) -> Any:
        self.number += 1
        values: dict[str, Value] = {"Email": f"{self.number}@example.com"} if email else {}
        self.seen["email"].add(f"{self.number}@example.com")
        id = f"{object[0].upper()}{self.number}"
        self.world.crm.put(object, id, **values, Sync__c=flag)
        return multiple((object, id))

    @rule(target=records, text=TEXTS, flag=FLAGS)
    def create_with_a_person_of_the_same_email(self, text: str | None, flag: bool | None) -> Any:
        self.number += 1
        email = f"{self.number}@example.com"
        self.seen["email"].add(email)
        self._saw("title", text)
        self.world.marketo.put(PERSON, f"X{self.number}", email=email, title=_value("title", text))
        self.world.crm.put("lead", f"L{self.number}", Email=email, Sync__c=flag)
        return multiple(("lead", f"L{self.number}"))

    @rule(record=records, flag=FLAGS)
    def flip_the_filter(self, record: tuple[str, str], flag: bool | None) -> None:
        self.world.crm.put(*record, Sync__c=flag)

    @rule(record=records, field=EDITED, text=TEXTS)
    def edit_in_the_crm(self, record: tuple[str, str], field: str, text: str | None) -> None:
        object, id = record
        self._edit(self.world.crm, Side.CRM, object, id, id, FIELDS[field][0], field, text)

    @rule(record=records, field=EDITED, text=TEXTS)
    def edit_in_marketo(self, record: tuple[str, str], field: str, text: str | None) -> None:
        people = self.world.marketo.records.get(PERSON, {})
        person = next((id for id, values in people.items() if values["mksyncCrmId"] == record[1]), None)
        if person is not None:
            self._edit(self.world.marketo, Side.MARKETO, PERSON, person, record[1], field, field, text)

    def _edit(
        self, system: System, side: Side, object: str, id: str, record: str, name: str, field: str, text: str | None
    ) -> None:
        before = system.records[object][id][name]
        system.put(object, id, **{name: _value(field, text)})
        after = system.records[object][id][name]
        self._saw(field, text)
        self.settled.setdefault((side, record, field), before)
        self.edited[side, record, field] = after

    def _saw(self, field: str, text: str | None) -> None:
        value = _value(field, text)
        for one in (value, *(habit(field, value) for habit in HABITS.values())):
            self.seen[field] |= {one, *(habit(field, one) for habit in HABITS.values())}

    @rule()
    def cycle(self) -> None:
        before = self._left_out()
        self.world.cycle()
        self._nothing_observed_is_lost()
        assert self._left_out() == before

    def _left_out(self) -> dict[str, Any]:
        """What both sides hold of every record that says No: no cycle may touch it."""
        people = self.world.marketo.records.get(PERSON, {}).values()
        return {
            id: (dict(values), [dict(person) for person in people if person["mksyncCrmId"] == id])
            for records in self.world.crm.records.values()
            for id, values in records.items()
            if values["Sync__c"] is False
        }

    @rule(at=st.integers(1, 25), lost=st.booleans())
    def cycle_that_dies_or_loses_an_answer(self, at: int, lost: bool) -> None:
        before = self._left_out()
        with self.world.dying(at, lost=lost):
            self.world.cycle()
        assert self._left_out() == before
        self._what_both_hold_is_settled()

    @rule(record=records, field=EDITED, text=TEXTS, also=TEXTS, number=st.integers(1, 3), side=st.sampled_from(Side))
    def cycle_while_somebody_edits_what_is_written(
        self, record: tuple[str, str], field: str, text: str | None, also: str | None, number: int, side: Side
    ) -> None:
        """The other side's edit of the same field is under way to this one."""
        edit = self.edit_in_marketo if side is Side.MARKETO else self.edit_in_the_crm
        other = self.edit_in_the_crm if side is Side.MARKETO else self.edit_in_marketo
        other(record, field, also)
        left = [number]

        def at_step(step: str) -> None:
            if step == f"{side} write":
                left[0] -= 1
                if left[0] == 0:
                    changes = len(self.world.marketo.log)
                    edit(record, field, text)
                    left[0] = 0 if len(self.world.marketo.log) > changes else -1  # or it held that already
            if step == f"{side} wrote" and left[0] == 0:
                left[0] = -1
                self._look_whether_it_stands(record[1], field)

        self.world.marketo.at_step = self.world.crm.at_step = at_step
        self.world.cycle()
        self.world.marketo.at_step = self.world.crm.at_step = lambda step: None
        self._what_both_hold_is_settled()

    def _what_both_hold_is_settled(self) -> None:
        known = {values["mksyncCrmId"] for values in self.world.marketo.records.get(PERSON, {}).values()}
        for (side, record, field), value in list(self.edited.items()):
            if record in known and all(self._holds(one, record, field, value) for one in Side):
                del self.edited[side, record, field], self.settled[side, record, field]

    def _look_whether_it_stands(self, record: str, field: str) -> None:
        spot = (Side.MARKETO, record, field)
        value = self.edited.get(spot)
        if spot in self.edited and not self._holds(*spot, value) and value != self.settled[spot]:
            self.written_over.add((record, field, _plain(value)))

    def _nothing_observed_is_lost(self) -> None:
        late = {
            (row.record.id, row.field, _plain(row.marketo))
            for _, _, row in self.world.mirror.history.collisions(Chosen())
            if row.kind == "late"
        }
        assert self.written_over <= late, self.written_over - late
        logged = {
            (side, row.record.id, row.field, _plain(row.marketo if side is Side.MARKETO else row.crm))
            for _, _, row in self.world.mirror.history.collisions(Chosen())
            for side in Side
        }
        arrived = {
            (write.record_id, field.field, _plain(field.now))
            for record in {record for _, record, _ in self.edited}
            for write, status in self.world.mirror.journal.of_record([record])
            for field in write.fields
            if status == "written"
        }
        for (side, record, field), value in self.edited.items():
            # An edit that was taken back before anybody saw it is no change; one that reached the other side is kept.
            if value == self.settled[side, record, field] or self._holds(side, record, field, value):
                continue
            kept = (side, record, field, _plain(value)) in logged or (record, field, _plain(value)) in arrived
            assert kept, (side, record, field, value)
        waiting = self._left_out()
        self.edited = {spot: value for spot, value in self.edited.items() if spot[1] in waiting}
        self.settled = {spot: value for spot, value in self.settled.items() if spot[1] in waiting}

    @invariant()
    def an_opt_out_is_undone_only_where_somebody_took_it_back_alone(self) -> None:
        undone = [
            json.loads(fields)
            for (fields,) in self.world.mirror.db.execute("SELECT fields FROM write WHERE kind = 'update'")
        ]
        kinds = {
            field["kind"]
            for fields in undone
            for field in fields
            if field["field"] == "unsubscribed" and not field["now"]
        }
        assert kinds <= {"one-sided"}

    def _holds(self, side: Side, record: str, field: str, value: Value) -> bool:
        name, type = FIELDS[field]
        if side is Side.MARKETO:
            return same(type, self.world.person_of(record)[field], value)
        return any(
            same(type, records[record][name], value) for records in self.world.crm.records.values() if record in records
        )

    @invariant()
    def nothing_is_invented(self) -> None:
        for values in self.world.marketo.records.get(PERSON, {}).values():
            for field in FIELDS:
                assert values[field] in self.seen[field], (field, values[field])
        for records in self.world.crm.records.values():
            for values in records.values():
                for field, (name, _) in FIELDS.items():
                    assert values[name] in self.seen[field], (field, values[name])

    def teardown(self) -> None:
        """No edits and no faults any more: both sides agree or the difference is listed, and then there is silence."""
        try:
            self._come_to_rest()
            for object, records in self.world.crm.records.items():
                for id in records:
                    self.world.crm.put(object, id, Sync__c=True)
            self._come_to_rest()
        finally:
            self.world.mirror.close()
            self.folder.cleanup()

    def _come_to_rest(self) -> None:
        left_out = self._left_out()
        self.cycle()
        self.world.cycle()
        before = self.world.writes()
        self.world.cycle()
        assert self.world.writes() == before, "not quiet"
        assert self._left_out() == left_out
        self._both_sides_agree()

    def _both_sides_agree(self) -> None:
        listed = {row.record.id for _, row in self.world.mirror.history.rejected(Chosen())}
        for object, records in self.world.crm.records.items():
            for id, values in records.items():
                if values["Sync__c"] is False:
                    assert id not in listed, f"{id} says No, and is listed"
                    continue
                person = self.world.person_of(id)
                for field, (name, type) in FIELDS.items():
                    if id not in listed:
                        assert self._alike(type, person[field], values[name]), (object, id, field)

    def _alike(self, type: Any, marketo: Value, crm: Value) -> bool:
        """The same, or one is what its server makes of the other."""
        return any(
            same(type, habit(name, marketo), crm) or same(type, marketo, habit(name, crm))
            for habit in HABITS.values()
            for name in ("title", "phone")
        )


def _plain(value: Value) -> Value:
    return bool(value) if isinstance(value, bool) else value


TestEngineMachine = EngineMachine.TestCase
TestEngineMachine.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
