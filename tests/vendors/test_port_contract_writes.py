"""What every port promises the engine (`ports.Port`) about writing, held against every vendor's folder.

The tests know no vendor: what differs stands in `port_facts`.
"""

from collections.abc import Callable

import pytest

from mksync.core.records import FieldType, Value, Write
from mksync.errors import OutcomeUnknown
from tests.vendors.port_facts import FACTS
from tests.vendors.port_system import System

GUARDED = [facts for facts in FACTS if facts.guarded]


def test_a_written_record_is_told_as_it_is_then_held(system: System) -> None:
    id = system.person(1)
    values = {
        system.facts.text: " Chief  of\u00a0Zoë’s “staff”, 100% <b>&amp;</b> [x] 😀 ",
        system.facts.email: "New@Example.com",
    }
    outcome = system.update(id, system.record(id).version, **values)
    assert (outcome.kind, outcome.created) == ("written", False)
    assert outcome.record == system.record(id)
    assert outcome.record.values[system.facts.text] == "Chief  of\u00a0Zoë’s “staff”, 100% <b>&amp;</b> [x] 😀"


SAMPLES: dict[FieldType, Value] = {
    FieldType.TEXT: "one",
    FieldType.TEXTAREA: "one\ntwo",
    FieldType.EMAIL: "one@example.com",
    FieldType.BOOLEAN: True,
    FieldType.MULTIPICKLIST: "Analytics;Events",
    FieldType.INTEGER: 42,
    FieldType.DECIMAL: "12.5",
    FieldType.DATE: "1980-02-29",
    FieldType.DATETIME: "2026-03-02T10:00:00Z",
}


def test_every_kind_of_value_is_written_and_cleared(system: System) -> None:
    id = system.person(1)
    values = {name: SAMPLES[type] for name, type in system.facts.types.items()}
    written = system.update(id, system.record(id).version, **values).record
    assert written
    assert written.values == values
    cleared = system.update(id, written.version, **dict.fromkeys(values)).record
    assert cleared
    empty = {name: False if type is FieldType.BOOLEAN else None for name, type in system.facts.types.items()}
    assert cleared.values == empty
    assert system.record(id).values == empty


def test_only_what_is_named_is_written(system: System) -> None:
    id = system.person(1, **{system.facts.text: "kept"})
    outcome = system.update(id, None, **{system.facts.email: "new@example.com"})
    assert outcome.record
    assert outcome.record.values[system.facts.text] == "kept"


def test_a_created_record_is_told_with_its_id(system: System) -> None:
    values = {**system.facts.named, system.facts.text: "CTO"}
    outcome = system.write(Write(7, system.facts.object, None, values, token="00Q000000000001AAA"))[7]
    assert (outcome.kind, outcome.created) == ("written", True)
    assert outcome.record
    assert system.outsider.rows(system.facts.text)[outcome.record.id][system.facts.text] == "CTO"


def test_a_refused_record_is_not_written_and_the_others_are(system: System) -> None:
    bad, good = system.person(1, **{system.facts.text: "before"}), system.person(2)
    outcomes = system.write(
        Write(1, system.facts.object, bad, {**system.facts.refused, system.facts.text: "after"}),
        Write(2, system.facts.object, good, {system.facts.text: "after"}),
    )
    assert (outcomes[1].kind, outcomes[2].kind) == ("refused", "written")
    refusal = outcomes[1].refusal
    assert refusal
    assert refusal.code
    assert refusal.message
    assert refusal.cause
    assert not refusal.passing
    texts = {id: row[system.facts.text] for id, row in system.outsider.rows(system.facts.text).items()}
    assert texts == {bad: "before", good: "after"}


def test_a_record_that_went_is_gone_and_the_others_are_written(system: System) -> None:
    there, deleted = system.person(1), system.person(2)
    version = system.record(deleted).version
    system.outsider.delete(deleted)
    values = {system.facts.text: "after"}
    outcomes = system.write(
        Write(1, system.facts.object, deleted, values, version),
        Write(2, system.facts.object, there, values),
        Write(3, system.facts.object, system.facts.nobody, values),
    )
    assert [outcomes[ref].kind for ref in (1, 2, 3)] == ["gone", "written", "gone"]


@pytest.mark.parametrize("facts", GUARDED, ids=lambda facts: facts.name, indirect=True)
def test_a_record_that_somebody_edited_since_is_not_written_over(system: System) -> None:
    id = system.person(1)
    version = system.record(id).version
    system.sandbox.clock.advance(5)
    system.outsider.edit(id, **{system.facts.text: "theirs"})
    assert system.update(id, version, **{system.facts.text: "ours"}).kind == "moved"
    held = system.record(id)
    assert held.values[system.facts.text] == "theirs"
    assert system.update(id, held.version, **{system.facts.text: "ours"}).kind == "written"


def test_a_full_batch_has_an_outcome_for_every_write(start: Callable[[int], System]) -> None:
    system = start(900)
    ids = list(system.outsider.rows())[: system.port.batch]
    assert len(ids) == system.port.batch
    outcomes = system.write(
        *(Write(ref, system.facts.object, id, {system.facts.text: f"T{ref}"}) for ref, id in enumerate(ids))
    )
    held = {ref: (one.kind, one.record and one.record.values[system.facts.text]) for ref, one in outcomes.items()}
    assert held == {ref: ("written", f"T{ref}") for ref in range(len(ids))}


@pytest.mark.parametrize("fault", ["reset_after", "truncated", "timeout_after"])
def test_a_write_whose_answer_is_lost_for_good_has_an_unknown_outcome(system: System, fault: str) -> None:
    id = system.person(1)
    version = system.record(id).version
    system.fails(fault, system.facts.write_path)
    with pytest.raises(OutcomeUnknown):
        system.update(id, version, **{system.facts.text: "after"})
    system.sandbox.faults.clear()
    assert system.record(id).values[system.facts.text] == "after"
