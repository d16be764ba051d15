"""Companies, sales persons, opportunities and roles against the sandbox's Marketo.

It was written apart from the port, from the same documents of Marketo's. What these leave open are its switches.
"""

from collections.abc import Mapping

import pytest

from mksync.core.records import Gone, Outcome, Record, Value, Write
from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox
from mksync.vendors.marketo.port import MarketoPort
from tests.vendors.marketo.objects_on_sandbox.steps import KEYS, made, write


@pytest.mark.parametrize("object", ["company", "salesperson", "opportunity", "role"])
def test_every_object_is_described(port: MarketoPort, object: str) -> None:
    schema = port.describe(object)
    assert schema.id
    assert schema.dedupe
    assert all(schema.fields[name].creatable and schema.fields[name].required for name in schema.dedupe)


CHANGES: Mapping[str, tuple[str, Value, Value]] = {
    "company": ("industry", "Zoë & Söhne", None),
    "salesperson": ("lastName", "O'Neil", None),
    "opportunity": ("amount", "12345678.25", None),
    "role": ("isPrimary", True, False),
}


@pytest.mark.parametrize("quirks", [frozenset(), frozenset({"omits_nulls", "empty_string_kept", "exact_case"})])
@pytest.mark.parametrize("object", KEYS)
def test_a_record_is_made_found_changed_cleared_and_deleted(port: MarketoPort, deal: str, object: str) -> None:
    field, value, empty = CHANGES[object]
    key = KEYS[object]
    id = made(port, object, **key)
    searched = next(iter(key))
    assert id in {record.id for record in port.find(object, searched, [str(key[searched])], [field])}
    assert list(port.fetch(object, [id], [field])) == [Record(object, id, {field: empty})]

    [by_id] = write(port, Write(1, object, id, {field: value}), fields=(field,))
    assert (by_id.record, by_id.created) == (Record(object, id, {field: value}), False)
    [by_key] = write(port, Write(1, object, None, {**key, field: None}), fields=(field, *key))
    assert (by_key.record, by_key.created) == (Record(object, id, {**key, field: empty}), False)

    delete = Write(1, object, id, {}, delete=True)
    assert write(port, delete) == [Outcome(1, "written")]
    assert write(port, delete) == [Outcome(1, "gone")]
    assert list(port.fetch(object, [id], [field])) == [Gone(object, id, "deleted")]
    assert write(port, Write(1, object, id, {field: value}), fields=(field,)) == [Outcome(1, "gone")]


def test_a_whole_batch_is_one_write_and_one_read(port: MarketoPort) -> None:
    port.describe("company")
    before = port.calls
    writes = [Write(n, "company", None, {"externalCompanyId": f"C{n}", "company": f"Co {n}"}) for n in range(300)]
    outcomes = write(port, *writes, fields=("company",))
    assert port.calls - before == 2
    assert [one.record and one.record.values["company"] for one in outcomes] == [f"Co {n}" for n in range(300)]
    found = port.find("company", "externalCompanyId", [f"C{n}" for n in range(300)], ["externalCompanyId"])
    assert len({record.id for record in found}) == 300


def test_long_lists_of_guids_are_read_at_once(port: MarketoPort) -> None:
    writes = [Write(n, "opportunity", None, {"externalOpportunityId": f"O{n}", "name": "x"}) for n in range(301)]
    ids = [one.record.id for one in write(port, *writes) if one.record]
    assert [one.id for one in port.fetch("opportunity", [*ids, "nobody"], ["name"])] == [*ids, "nobody"]


def test_one_key_twice_is_written_one_after_the_other(port: MarketoPort) -> None:
    first, second = write(
        port,
        Write(1, "company", None, {"externalCompanyId": "001A", "company": "First"}),
        Write(2, "company", None, {"externalCompanyId": "001A", "company": "Second"}),
        fields=("company",),
    )
    assert (first.created, second.created) == (True, False)
    assert second.record is not None
    assert second.record.values == {"company": "Second"}


# Lost answers

HAPPENED = ["reset_after", "truncated", "timeout_after"]
PASSING = [*HAPPENED, "reset_before", "timeout_before", "rate_limit", "concurrency", "row_lock", "token_expired"]


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("object", ["company", "opportunity"])
def test_a_record_is_made_once_whatever_became_of_the_answer(
    port: MarketoPort, sandbox: Sandbox, object: str, name: str
) -> None:
    port.describe(object)
    sandbox.faults.script(Fault(name, "marketo", r"(companies|opportunities)\.json", "POST"))
    [outcome] = write(port, Write(1, object, None, KEYS[object]))
    assert outcome.kind == "written"
    key, value = next(iter(KEYS[object].items()))
    assert len(list(port.find(object, key, [str(value)], []))) == 1
    assert sandbox.faults.to_come() == 0


@pytest.mark.parametrize("name", HAPPENED)
def test_a_delete_that_happened_without_an_answer_leaves_nothing(
    port: MarketoPort, sandbox: Sandbox, name: str
) -> None:
    id = made(port, "company", externalCompanyId="001A")
    sandbox.faults.script(Fault(name, "marketo", r"companies/delete\.json"))
    assert write(port, Write(1, "company", id, {}, delete=True)) == [Outcome(1, "gone")]
    assert list(port.find("company", "externalCompanyId", ["001A"], [])) == []


def test_a_record_with_what_never_changes_is_sent_again_as_it_was(port: MarketoPort, sandbox: Sandbox) -> None:
    port.describe("salesperson")
    sandbox.faults.script(Fault("reset_after", "marketo", r"salespersons\.json", "POST"))
    values: dict[str, Value] = {"externalSalesPersonId": "005A", "email": "sam@example.com"}
    [outcome] = write(port, Write(1, "salesperson", None, values), fields=("email",))
    assert (outcome.kind, outcome.record and outcome.record.values) == ("written", {"email": "sam@example.com"})
