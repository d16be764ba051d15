"""Companies, sales persons, opportunities, roles and custom objects against the sandbox's Marketo.

It was written apart from the port, from the same documents of Marketo's. What these leave open are its switches.
"""

from collections.abc import Callable, Iterator, Mapping

import pytest

from mksync.core.object_types import ObjectLink, ObjectType
from mksync.core.records import Field, FieldType, Gone, Outcome, Record, Value, Write
from mksync.errors import ConfigError, OutcomeUnknown
from mksync.ports import Unavailable
from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox
from mksync.vendors.marketo import VENDOR
from mksync.vendors.marketo.port import MarketoPort
from tests.scenarios.sandbox_world import NOW, SteeredClock

LINKS = ["externalCompanyId", "externalSalesPersonId"]
CAR = ObjectType(
    name="car",
    label="Car",
    fields=(
        Field("vin", "VIN", FieldType.TEXT),
        Field("color", "Colour", FieldType.PICKLIST),
        Field("notes", "Notes", FieldType.TEXTAREA),
        Field("price", "Price", FieldType.DECIMAL),
        Field("sold", "Sold", FieldType.BOOLEAN),
        Field("soldOn", "Sold on", FieldType.DATE),
        Field("seenAt", "Seen at", FieldType.DATETIME),
        Field("doors", "Doors", FieldType.INTEGER),
        Field("page", "Page", FieldType.URL),
    ),
    dedupe=("vin",),
    links=(ObjectLink("leadId", "person"),),
    description="Cars of the CRM",
)


@pytest.fixture
def quirks() -> frozenset[str]:
    return frozenset()


@pytest.fixture
def sandbox(quirks: frozenset[str]) -> Iterator[Sandbox]:
    clock = SandboxClock(frozen_at=NOW)
    with Sandbox.start(vendors=("marketo",), people=30, clock=clock, quirks={"marketo": quirks}) as sandbox:
        yield sandbox


@pytest.fixture
def connect(sandbox: Sandbox) -> Callable[[], MarketoPort]:
    def opened() -> MarketoPort:
        table = {"url": sandbox.marketo_url, "client_id": "sandbox", "client_secret": "sandbox"}
        port = VENDOR.open(VENDOR.settings(table, "[marketo]"), SteeredClock(sandbox.clock))
        assert isinstance(port, MarketoPort)
        return port

    return opened


@pytest.fixture
def port(connect: Callable[[], MarketoPort]) -> MarketoPort:
    return connect()


def _write(port: MarketoPort, *writes: Write, fields: tuple[str, ...] = ()) -> list[Outcome]:
    outcomes = {outcome.ref: outcome for outcome in port.write(writes[0].object, writes, fields)}
    assert len(outcomes) == len(writes)
    return [outcomes[write.ref] for write in writes]


def _made(port: MarketoPort, object: str, **values: Value) -> str:
    """The id of a new record."""
    [outcome] = _write(port, Write(1, object, None, values))
    assert outcome.created, outcome
    assert outcome.record is not None
    return outcome.record.id


def _codes(outcomes: list[Outcome]) -> list[str]:
    """Refusal codes; "" for what was written."""
    return [outcome.refusal.code if outcome.refusal else "" for outcome in outcomes]


@pytest.fixture
def deal(port: MarketoPort) -> str:
    """A company and its owner; the answer is the id of their opportunity."""
    _made(port, "salesperson", externalSalesPersonId="005A", email="sam@example.com", firstName="Sam")
    _made(port, "company", externalCompanyId="001A", company="Acme", externalSalesPersonId="005A")
    return _made(
        port,
        "opportunity",
        externalOpportunityId="006A",
        name="Chairs",
        amount="1604.47",
        externalCompanyId="001A",
        externalSalesPersonId="005A",
    )


# One object after the other


@pytest.mark.parametrize("object", ["company", "salesperson", "opportunity", "role"])
def test_every_object_is_described(port: MarketoPort, object: str) -> None:
    schema = port.describe(object)
    assert schema.id
    assert schema.dedupe
    assert all(schema.fields[name].creatable and schema.fields[name].required for name in schema.dedupe)


KEYS: Mapping[str, Mapping[str, Value]] = {
    "company": {"externalCompanyId": "001B"},
    "salesperson": {"externalSalesPersonId": "005B"},
    "opportunity": {"externalOpportunityId": "006B", "name": "Tables"},
    "role": {"externalOpportunityId": "006A", "leadId": 7, "role": "Buyer"},
}
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
    id = _made(port, object, **key)
    searched = next(iter(key))
    assert id in {record.id for record in port.find(object, searched, [str(key[searched])], [field])}
    assert list(port.fetch(object, [id], [field])) == [Record(object, id, {field: empty})]

    [by_id] = _write(port, Write(1, object, id, {field: value}), fields=(field,))
    assert (by_id.record, by_id.created) == (Record(object, id, {field: value}), False)
    [by_key] = _write(port, Write(1, object, None, {**key, field: None}), fields=(field, *key))
    assert (by_key.record, by_key.created) == (Record(object, id, {**key, field: empty}), False)

    delete = Write(1, object, id, {}, delete=True)
    assert _write(port, delete) == [Outcome(1, "written")]
    assert _write(port, delete) == [Outcome(1, "gone")]
    assert list(port.fetch(object, [id], [field])) == [Gone(object, id, "deleted")]
    assert _write(port, Write(1, object, id, {field: value}), fields=(field,)) == [Outcome(1, "gone")]


def test_a_whole_batch_is_one_write_and_one_read(port: MarketoPort) -> None:
    port.describe("company")
    before = port.calls
    writes = [Write(n, "company", None, {"externalCompanyId": f"C{n}", "company": f"Co {n}"}) for n in range(300)]
    outcomes = _write(port, *writes, fields=("company",))
    assert port.calls - before == 2
    assert [one.record and one.record.values["company"] for one in outcomes] == [f"Co {n}" for n in range(300)]
    found = port.find("company", "externalCompanyId", [f"C{n}" for n in range(300)], ["externalCompanyId"])
    assert len({record.id for record in found}) == 300


def test_long_lists_of_guids_are_read_at_once(port: MarketoPort) -> None:
    writes = [Write(n, "opportunity", None, {"externalOpportunityId": f"O{n}", "name": "x"}) for n in range(301)]
    ids = [one.record.id for one in _write(port, *writes) if one.record]
    assert [one.id for one in port.fetch("opportunity", [*ids, "nobody"], ["name"])] == [*ids, "nobody"]


def test_one_key_twice_is_written_one_after_the_other(port: MarketoPort) -> None:
    first, second = _write(
        port,
        Write(1, "company", None, {"externalCompanyId": "001A", "company": "First"}),
        Write(2, "company", None, {"externalCompanyId": "001A", "company": "Second"}),
        fields=("company",),
    )
    assert (first.created, second.created) == (True, False)
    assert second.record is not None
    assert second.record.values == {"company": "Second"}


# What belongs to what


@pytest.mark.parametrize("quirks", [frozenset(), frozenset({"unknown_parent_per_record"})])
def test_a_record_that_names_an_unknown_one_is_refused_and_the_others_are_written(port: MarketoPort, deal: str) -> None:
    key = "externalOpportunityId"
    outcomes = _write(
        port,
        Write(1, "opportunity", None, {key: "006B", "name": "x", "externalCompanyId": "nobody"}),
        Write(2, "opportunity", None, {key: "006C", "name": "x", "externalCompanyId": "001A"}),
        Write(3, "opportunity", None, {key: "006D", "name": "x", "externalSalesPersonId": "nobody"}),
        Write(4, "opportunity", None, {key: "006E", "name": "x", "externalSalesPersonId": "005A"}),
        Write(5, "opportunity", None, {key: "006F"}),
        Write(6, "opportunity", deal, {"externalCompanyId": "nobody"}),
        fields=("name",),
    )
    assert _codes(outcomes)[:4] == ["718", "", "718", ""]
    assert [one.kind for one in outcomes[4:]] == ["refused", "refused"]
    assert all(one.refusal.cause and one.refusal.remedy for one in outcomes if one.refusal)
    keys = ["006B", "006C", "006D", "006E", "006F"]
    assert {str(one.values[key]) for one in port.find("opportunity", key, keys, [key])} == {"006C", "006E"}


def test_a_role_needs_its_opportunity_and_its_person(port: MarketoPort, deal: str) -> None:
    key: dict[str, Value] = {"externalOpportunityId": "006A", "leadId": 7, "role": "Buyer"}
    outcomes = _write(
        port,
        Write(1, "role", None, {**key, "externalOpportunityId": "nobody"}),
        Write(2, "role", None, {**key, "leadId": 4711}),
        Write(3, "role", None, key),
        Write(4, "role", None, {**key, "role": "User"}),
    )
    assert [one.kind for one in outcomes] == ["refused", "refused", "written", "written"]
    found = list(port.find("role", "externalOpportunityId", ["006A"], ["role", "leadId"]))
    assert {(one.values["role"], one.values["leadId"]) for one in found} == {("Buyer", 7), ("User", 7)}
    assert [one.id for one in port.find("role", "leadId", ["7"], [])] == [one.id for one in found]


@pytest.mark.parametrize("quirks", [frozenset(), frozenset({"in_use_stays"})])
def test_a_sales_person_with_people_stays(port: MarketoPort, deal: str) -> None:
    [owner] = port.find("salesperson", "externalSalesPersonId", ["005A"], ["email"])
    assert _write(port, Write(1, "person", "7", {"externalSalesPersonId": "005A"}))[0].kind == "written"
    [outcome] = _write(port, Write(1, "salesperson", owner.id, {}, delete=True))
    assert _codes([outcome]) == ["1022"]
    assert outcome.refusal is not None
    assert outcome.refusal.passing


# People and their company


def test_a_person_is_given_a_company_and_an_owner_and_shows_the_companys_values(port: MarketoPort, deal: str) -> None:
    fields = port.describe("person").fields
    assert {name for name in LINKS if fields[name].writable and not fields[name].owner} == set(LINKS)
    assert fields["company"].owner == "company"
    values: dict[str, Value] = {"externalCompanyId": "001A", "externalSalesPersonId": "005A"}
    [outcome] = _write(port, Write(1, "person", "7", values), fields=(*LINKS, "company"))
    assert outcome.record == Record("person", "7", {**values, "company": "Acme"})
    [cleared] = _write(port, Write(1, "person", "7", {"externalSalesPersonId": None}), fields=tuple(LINKS))
    assert cleared.record == Record("person", "7", {"externalCompanyId": "001A", "externalSalesPersonId": None})


def test_a_person_is_not_taken_out_of_a_company(port: MarketoPort, deal: str) -> None:
    """A lead can be moved to another company only (Marketo developer guide, Companies)."""
    _write(port, Write(1, "person", "7", {"externalCompanyId": "001A"}))
    [outcome] = _write(port, Write(1, "person", "7", {"externalCompanyId": None}), fields=("externalCompanyId",))
    assert outcome.kind in ("refused", "written")
    [record] = port.fetch("person", ["7"], ["externalCompanyId"])
    assert isinstance(record, Record)
    assert record.values == {"externalCompanyId": "001A"}


def test_a_person_who_names_an_unknown_company_or_owner_leaves_the_others_alone(port: MarketoPort, deal: str) -> None:
    outcomes = _write(
        port,
        Write(1, "person", "7", {"externalCompanyId": "nobody"}),
        Write(2, "person", "8", {"externalCompanyId": "001A"}),
        Write(3, "person", "9", {"externalSalesPersonId": "nobody"}),
    )
    assert [one.kind for one in outcomes] == ["refused", "written", "refused"]
    assert all(one.refusal.cause and one.refusal.remedy for one in outcomes if one.refusal)


def test_a_companys_value_is_not_written_through_its_people(port: MarketoPort, deal: str) -> None:
    _write(port, Write(1, "person", "7", {"externalCompanyId": "001A"}))
    outcomes = _write(port, Write(1, "person", "7", {"industry": "Mine"}), Write(2, "person", "8", {"title": "CTO"}))
    assert _codes(outcomes) == ["1021", ""]
    assert outcomes[0].refusal is not None
    assert outcomes[0].refusal.fields == ("industry",)


# What an instance or a role lacks


@pytest.mark.parametrize("object", ["company", "salesperson", "opportunity", "role"])
@pytest.mark.parametrize("quirks", [frozenset({"native_sync"}), frozenset({"native_sync", "native_objects_disabled"})])
def test_a_built_in_sync_keeps_others_out(port: MarketoPort, object: str) -> None:
    with pytest.raises(Unavailable) as caught:
        _write(port, Write(1, object, None, KEYS[object]))
    assert "1018" in caught.value.reason
    assert "built-in CRM sync" in caught.value.remedy


@pytest.mark.parametrize(
    ("object", "permission"),
    [
        ("company", "Company"),
        ("salesperson", "Sales Person"),
        ("opportunity", "Opportunity"),
        ("role", "Opportunity"),
    ],
)
def test_a_role_is_told_what_it_lacks(port: MarketoPort, sandbox: Sandbox, object: str, permission: str) -> None:
    sandbox.marketo.permissions.revoke(f"Read-Write {permission}")
    assert port.describe(object).fields
    with pytest.raises(Unavailable, match="603") as caught:
        _write(port, Write(1, object, None, KEYS[object]))
    assert f'"Read-Write {permission}"' in caught.value.remedy
    sandbox.marketo.permissions.revoke(f"Read-Only {permission}")
    with pytest.raises(Unavailable, match="603"):
        port.describe(object)
    assert port.describe("person").fields, "people go on"


def test_a_custom_object_that_nobody_made_is_unavailable(port: MarketoPort) -> None:
    with pytest.raises(Unavailable, match="spaceship"):
        port.describe("spaceship")


@pytest.mark.parametrize(
    ("quirks", "code"), [(frozenset({"no_custom_objects"}), "1026"), (frozenset({"no_custom_schema"}), "616")]
)
def test_an_instance_without_custom_objects_says_what_to_do(port: MarketoPort, code: str) -> None:
    with pytest.raises(Unavailable, match=code) as caught:
        port.create_object(CAR)
    assert caught.value.remedy


@pytest.mark.parametrize("quirks", [frozenset({"no_custom_schema"})])
def test_without_the_interface_for_types_there_are_those_with_records(port: MarketoPort) -> None:
    assert list(port.object_types()) == []


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
    [outcome] = _write(port, Write(1, object, None, KEYS[object]))
    assert outcome.kind == "written"
    key, value = next(iter(KEYS[object].items()))
    assert len(list(port.find(object, key, [str(value)], []))) == 1
    assert sandbox.faults.to_come() == 0


@pytest.mark.parametrize("name", HAPPENED)
def test_a_delete_that_happened_without_an_answer_leaves_nothing(
    port: MarketoPort, sandbox: Sandbox, name: str
) -> None:
    id = _made(port, "company", externalCompanyId="001A")
    sandbox.faults.script(Fault(name, "marketo", r"companies/delete\.json"))
    assert _write(port, Write(1, "company", id, {}, delete=True)) == [Outcome(1, "gone")]
    assert list(port.find("company", "externalCompanyId", ["001A"], [])) == []


def test_a_record_with_what_never_changes_is_sent_again_as_it_was(port: MarketoPort, sandbox: Sandbox) -> None:
    port.describe("salesperson")
    sandbox.faults.script(Fault("reset_after", "marketo", r"salespersons\.json", "POST"))
    values: dict[str, Value] = {"externalSalesPersonId": "005A", "email": "sam@example.com"}
    [outcome] = _write(port, Write(1, "salesperson", None, values), fields=("email",))
    assert (outcome.kind, outcome.record and outcome.record.values) == ("written", {"email": "sam@example.com"})


# Custom objects


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
    [outcome] = _write(port, Write(1, name, None, values), fields=tuple(values))
    assert outcome.created
    assert outcome.record is not None
    assert outcome.record.values == values
    assert [one.id for one in port.find(name, "leadId", ["7"], [])] == [outcome.record.id]
    empty: dict[str, Value] = {field: None for field in values if field not in ("vin", "leadId")}
    [cleared] = _write(port, Write(1, name, outcome.record.id, empty), fields=tuple(empty))
    assert cleared.record == Record(name, outcome.record.id, {**empty, "sold": False})
    assert _write(port, Write(1, name, outcome.record.id, {}, delete=True)) == [Outcome(1, "written")]


@pytest.mark.parametrize("quirks", [frozenset(), frozenset({"unknown_parent_per_record"})])
def test_a_record_of_nobody_is_refused_and_the_others_are_written(port: MarketoPort) -> None:
    name = port.create_object(CAR)
    outcomes = _write(
        port,
        Write(1, name, None, {"vin": "V1", "leadId": 4711}),
        Write(2, name, None, {"vin": "V2", "leadId": 7}),
    )
    assert _codes(outcomes) == ["1004", ""]


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
    [outcome] = _write(port, Write(1, name, None, {"vin": "V1", "more": "yes"}), fields=("more",))
    assert outcome.record is not None
    assert outcome.record.values == {"more": "yes"}
