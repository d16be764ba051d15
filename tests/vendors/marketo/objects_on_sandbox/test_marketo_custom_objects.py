"""Custom objects against the sandbox's Marketo.

It was written apart from the port, from the same documents of Marketo's. What these leave open are its switches.
"""

from collections.abc import Callable

import pytest

from mksync.core.object_types import ObjectType
from mksync.core.records import Field, FieldType, Outcome, Record, Value, Write
from mksync.errors import ConfigError, OutcomeUnknown
from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox
from mksync.vendors.marketo.port import MarketoPort
from tests.vendors.marketo.objects_on_sandbox.steps import CAR, codes, write


@pytest.mark.parametrize("quirks", [frozenset(), frozenset({"custom_object_suffix"})])
def test_a_custom_object_is_made_once_and_holds_records(port: MarketoPort) -> None:
    name = port.create_object(CAR)
    assert port.create_object(CAR) == name
    [listed] = port.object_types()
    assert (listed.name, listed.state, listed.dedupe, listed.links) == (name, "approved", ("vin",), CAR.links)
    values: dict[str, Value] = {
        "vin": "V1",
        "color": "red",
        "notes": "one\ntwo",
        "price": "1500.5",
        "sold": True,
        "soldOn": "2026-01-31",
        "seenAt": "2026-01-31T10:00:00Z",
        "doors": 5,
        "page": "https://example.com/",
        "leadId": 7,
    }
    assert values.keys() <= port.describe(name).fields.keys()
    [outcome] = write(port, Write(1, name, None, values), fields=tuple(values))
    assert outcome.created
    assert outcome.record is not None
    assert outcome.record.values == values
    assert [one.id for one in port.find(name, "leadId", ["7"], [])] == [outcome.record.id]
    empty: dict[str, Value] = {field: None for field in values if field not in ("vin", "leadId")}
    [cleared] = write(port, Write(1, name, outcome.record.id, empty), fields=tuple(empty))
    assert cleared.record == Record(name, outcome.record.id, {**empty, "sold": False})
    assert write(port, Write(1, name, outcome.record.id, {}, delete=True)) == [Outcome(1, "written")]


@pytest.mark.parametrize("quirks", [frozenset(), frozenset({"unknown_parent_per_record"})])
def test_a_record_of_nobody_is_refused_and_the_others_are_written(port: MarketoPort) -> None:
    name = port.create_object(CAR)
    outcomes = write(
        port,
        Write(1, name, None, {"vin": "V1", "leadId": 4711}),
        Write(2, name, None, {"vin": "V2", "leadId": 7}),
    )
    assert codes(outcomes) == ["1004", ""]


@pytest.mark.parametrize("name", ["reset_before", "reset_after", "timeout_after"])
@pytest.mark.parametrize("step", ["schema", "addField", "approve"])
@pytest.mark.parametrize("quirks", [frozenset(), frozenset({"custom_object_suffix"})])
def test_a_custom_object_that_was_interrupted_is_finished(
    port: MarketoPort, connect: Callable[[], MarketoPort], sandbox: Sandbox, name: str, step: str
) -> None:
    sandbox.faults.script(Fault(name, "marketo", rf"{step}\.json", "POST"))
    with pytest.raises(OutcomeUnknown):
        port.create_object(CAR)
    again = connect()
    made = again.create_object(CAR)
    [listed] = again.object_types()
    assert (listed.name, listed.state) == (made, "approved")
    assert {field.name for field in listed.fields} == {field.name for field in CAR.fields}
    assert listed.links == CAR.links


def test_a_custom_object_of_another_shape_is_refused(port: MarketoPort) -> None:
    port.create_object(CAR)
    other = ObjectType("car", "Car", (*CAR.fields, Field("more", "More", FieldType.TEXT)), ("color",), CAR.links)
    with pytest.raises(ConfigError, match="other custom object car"):
        port.create_object(other)


def test_an_approved_custom_object_is_given_one_more_field(port: MarketoPort, sandbox: Sandbox) -> None:
    name = port.create_object(CAR)
    more = Field("more", "More", FieldType.TEXT)
    sandbox.faults.script(Fault("reset_before", "marketo", r"approve\.json"))
    with pytest.raises(OutcomeUnknown):
        port.create_field(name, more)
    port.create_field(name, more)
    port.create_field(name, more)
    [outcome] = write(port, Write(1, name, None, {"vin": "V1", "more": "yes"}), fields=("more",))
    assert outcome.record is not None
    assert outcome.record.values == {"more": "yes"}
