"""Companies, sales persons, opportunities, roles and custom objects: describing and reading them."""

from dataclasses import replace

import pytest

from mksync.core.records import FieldType, Gone, Record, Schema, Value
from mksync.errors import AccessError, ConfigError, MksyncError
from mksync.ports import Port, Unavailable
from mksync.ports.abilities import MakesObjects
from tests.vendors.marketo.conftest import DESCRIBE, SECRET, Instance, asked, failed, ok
from tests.vendors.marketo.object_replies import CAR, DESCRIBED, describe_path, path
from tests.wire.scripted import Say

OBJECTS = sorted(DESCRIBED)
IDS = {"company": "id", "salesperson": "id"}


@pytest.fixture(autouse=True)
def described(instance: Instance) -> Instance:
    """The fixture that every test here starts from: an instance that has all objects."""
    for object, (_, raw) in DESCRIBED.items():
        instance.standing[describe_path(object)] = ok([raw])
    return instance


# Describing


@pytest.mark.parametrize("object", OBJECTS)
def test_describe_tells_the_id_and_what_a_record_is_recognised_by(port: Port, object: str) -> None:
    schema = port.describe(object)
    assert (schema.object, schema.id) == (object, IDS.get(object, "marketoGUID"))
    assert schema.dedupe == tuple(DESCRIBED[object][1]["dedupeFields"])
    assert schema.label
    assert schema.id in schema.fields
    assert set(schema.dedupe) <= schema.fields.keys()


@pytest.mark.parametrize("object", OBJECTS)
def test_a_key_is_set_at_creation_and_never_changed_and_the_id_is_marketos(port: Port, object: str) -> None:
    schema = port.describe(object)
    for name in schema.dedupe:
        field = schema.fields[name]
        assert (field.creatable, field.required) == (True, True)
    for name in {schema.id, "createdAt", "updatedAt"} & schema.fields.keys():
        assert not schema.fields[name].creatable
        assert not schema.fields[name].writable


def test_types_lengths_and_what_is_custom(port: Port) -> None:
    fields = port.describe("company").fields
    assert (fields["annualRevenue"].type, fields["annualRevenue"].writable) == (FieldType.DECIMAL, True)
    assert (fields["externalCompanyId"].length, fields["externalCompanyId"].searchable) == (100, True)
    assert (fields["id"].type, fields["company"].searchable) == (FieldType.INTEGER, True)
    assert {name for name, field in fields.items() if field.custom} == {"customerTier"}


def test_what_may_not_be_updated_may_be_given_at_creation(port: Port) -> None:
    email = port.describe("salesperson").fields["email"]
    assert (email.creatable, email.writable) == (True, False)


def test_a_field_that_a_built_in_sync_owns_is_read_only(port: Port) -> None:
    stage = port.describe("opportunity").fields["stage"]
    assert (stage.creatable, stage.writable) == (False, False)


def test_an_opportunity_needs_a_name(port: Port) -> None:
    fields = port.describe("opportunity").fields
    assert {name for name, field in fields.items() if field.required} == {"externalOpportunityId", "name"}


def test_of_a_compound_key_only_what_can_be_looked_up_alone_is_searchable(port: Port) -> None:
    fields = port.describe("role").fields
    assert {name for name, field in fields.items() if field.searchable} == {
        "marketoGUID",
        "leadId",
        "externalOpportunityId",
    }
    assert fields["leadId"].references == ("person",)


def test_a_custom_object_tells_whom_it_belongs_to(port: Port) -> None:
    fields = port.describe("car_c").fields
    assert (fields["leadID"].references, fields["leadID"].type, fields["leadID"].writable) == (
        ("person",),
        FieldType.INTEGER,
        True,
    )
    assert fields["color"].type is FieldType.TEXT
    assert {name for name, field in fields.items() if field.custom} == {"vin", "leadID", "color", "year"}


@pytest.mark.parametrize("kind", ["link", "reference"])
def test_a_link_may_be_written_whatever_its_type_is_called(instance: Instance, port: Port, kind: str) -> None:
    fields = [{**one, "dataType": kind} if one["name"] == "leadID" else one for one in CAR["fields"]]
    related = [{"field": "leadID", "type": "child", "object": {"name": "lead", "field": "id"}}]
    instance.says(describe_path("car_c"), ok([{**CAR, "fields": fields, "relationships": related}]))
    field = port.describe("car_c").fields["leadID"]
    assert (field.type, field.writable, field.references) == (FieldType.INTEGER, True, ("person",))


ABSENT = [
    ("603", "Access denied", "Users & Roles"),
    ("610", "Requested resource not found", "name"),
    ("616", "Subscription type not supported", "Admin"),
    ("703", "Feature not enabled", "Marketo support"),
    ("1013", "Object not found", "deselect"),
    ("1018", "CRM Enabled", "built-in CRM sync"),
    ("1026", "Custom object not enabled", "enable"),
]


@pytest.mark.parametrize("object", ["opportunity", "car_c"])
@pytest.mark.parametrize(("code", "said", "remedy"), ABSENT)
def test_an_object_that_is_not_to_be_had_is_told_with_a_reason_and_a_remedy(
    instance: Instance, port: Port, object: str, code: str, said: str, remedy: str
) -> None:
    instance.says(describe_path(object), failed(code, said))
    with pytest.raises(Unavailable) as caught:
        port.describe(object)
    assert said in caught.value.reason
    assert code in caught.value.reason
    assert remedy in caught.value.remedy


def test_the_permission_that_is_missing_is_named(instance: Instance, port: Port) -> None:
    instance.says(describe_path("salesperson"), failed("603", "Access denied"))
    with pytest.raises(Unavailable) as caught:
        port.describe("salesperson")
    assert '"Read-Write Sales Person"' in caught.value.remedy


def test_a_custom_object_that_describe_says_nothing_of_is_not_there(instance: Instance, port: Port) -> None:
    instance.says(describe_path("car_c"), ok([]))
    with pytest.raises(Unavailable):
        port.describe("car_c")


def test_a_refused_sign_in_is_no_matter_of_the_object(instance: Instance, port: Port) -> None:
    instance.says("/identity/oauth/token", Say(401, {"error": "invalid_client", "error_description": SECRET}))
    with pytest.raises(AccessError):
        port.describe("company")


# The person's fields that are the company's


def test_the_company_fields_of_a_person_are_known_by_their_owner(instance: Instance, port: Port) -> None:
    names = ["company", "billingCity", "industry", "externalCompanyId", "externalSalesPersonId", "customerTier"]
    more = [{"displayName": name, "dataType": "string", "rest": {"name": name}} for name in names]
    instance.standing["/rest/v1/leads/describe.json"] = ok([*DESCRIBE, *more])

    def owned() -> set[str]:
        return {name for name, field in port.describe("person").fields.items() if field.owner == "company"}

    assert owned() == {"company", "billingCity", "industry"}
    assert port.describe("person").fields["externalCompanyId"].writable
    assert port.describe("person").fields["externalSalesPersonId"].writable
    port.describe("company")
    assert owned() == {"company", "billingCity", "industry", "customerTier"}


def test_describing_people_asks_nothing_about_companies(instance: Instance, port: Port) -> None:
    port.describe("person")
    assert instance.server.paths()[1:] == ["/rest/v1/leads/describe.json", "/rest/v1/leads/describe2.json"]


# Reading


def test_every_id_is_answered_for_in_batches_of_300(instance: Instance, port: Port) -> None:
    guids = [f"dff23271-f996-47d7-984f-{number:012}" for number in range(301)]
    found = [{"seq": 0, "marketoGUID": guids[1], "name": "Chairs", "amount": "1604.470", "isWon": None}]
    instance.says(path("opportunity"), ok(found), ok([]))
    answers = list(port.fetch("opportunity", guids, ["name", "amount", "isWon", "vanished"]))
    assert [one.id for one in answers] == guids
    values: dict[str, Value] = {"name": "Chairs", "amount": "1604.47", "isWon": False}
    assert [one for one in answers if isinstance(one, Record)] == [Record("opportunity", guids[1], values)]
    assert answers[0] == Gone("opportunity", guids[0], "deleted")
    first, second = instance.calls(path("opportunity"))
    assert (first.method, first.query) == ("POST", {"_method": ["GET"]}), "too long for an address"
    assert asked(first)["filterType"] == "marketoGUID"
    assert asked(first)["fields"] == "marketoGUID,name,amount,isWon"
    assert [len(asked(call)["filterValues"].split(",")) for call in (first, second)] == [300, 1]


def test_an_integer_id_is_the_cores_text(instance: Instance, port: Port) -> None:
    instance.says(path("company"), ok([{"seq": 0, "id": 3433, "company": "Acme"}]))
    assert list(port.fetch("company", ["3433", "5345"], ["company"])) == [
        Record("company", "3433", {"company": "Acme"}),
        Gone("company", "5345", "deleted"),
    ]
    assert asked(instance.calls(path("company"))[0])["filterType"] == "id"


def test_records_are_found_by_another_field_page_after_page(instance: Instance, port: Port) -> None:
    one, two = ({"seq": 0, "marketoGUID": f"g{n}", "leadId": n, "role": "Buyer"} for n in (1, 2))
    instance.says(path("role"), ok([one], nextPageToken="AB==", moreResult=True), ok([two]))
    found = list(port.find("role", "externalOpportunityId", ["006A", "0,6B", "006C"], ["leadId", "role"]))
    assert found == [
        Record("role", "g1", {"leadId": 1, "role": "Buyer"}),
        Record("role", "g2", {"leadId": 2, "role": "Buyer"}),
    ]
    first, second = instance.calls(path("role"))
    assert asked(first)["filterValues"] == "006A,006C", "a comma cannot be escaped"
    assert asked(second)["nextPageToken"] == "AB=="


def test_one_value_with_too_many_records_is_named_with_their_object(instance: Instance, port: Port) -> None:
    instance.says(path("role"), failed("1003", "Too many results match the filter"))
    with pytest.raises(MksyncError, match="more than 1,000 records of role have the leadId '7'"):
        list(port.find("role", "leadId", ["7"], ["role"]))


def test_the_same_call_serves_a_custom_object(instance: Instance, port: Port) -> None:
    instance.says(path("car_c"), ok([{"seq": 0, "marketoGUID": "g1", "vin": "V1", "color": "red"}]))
    [found] = port.find("car_c", "vin", ["V1"], ["vin", "color", "year"])
    assert found == Record("car_c", "g1", {"vin": "V1", "color": "red", "year": None})


@pytest.mark.parametrize(("code", "said"), [("603", "Access denied"), ("1018", "CRM Enabled")])
def test_an_object_that_is_closed_later_is_unavailable_too(
    instance: Instance, port: Port, code: str, said: str
) -> None:
    instance.says(path("company"), failed(code, said))
    with pytest.raises(Unavailable, match=said):
        list(port.fetch("company", ["1"], ["company"]))


def test_a_field_that_vanished_since_is_a_matter_of_access(instance: Instance, port: Port) -> None:
    instance.says(path("company"), failed("1006", "Field 'customerTier' not found"))
    with pytest.raises(AccessError, match="customerTier"):
        list(port.fetch("company", ["1"], ["customerTier"]))


def test_a_recalled_schema_saves_asking(instance: Instance, port: Port) -> None:
    port.recall(port.describe("company"))
    instance.says(path("company"), ok([{"seq": 0, "id": 1, "company": "Acme"}]))
    before = port.calls
    list(port.fetch("company", ["1"], ["company"]))
    assert port.calls - before == 1


def test_a_schema_from_before_ids_were_kept_is_not_gone_by(instance: Instance, port: Port) -> None:
    port.recall(Schema("company", "Company", port.describe("company").fields))
    port.recall(replace(port.describe("person"), id=""))
    instance.says(path("company"), ok([{"seq": 0, "id": 1, "company": "Acme"}]))
    assert [one.id for one in port.fetch("company", ["1"], ["company"])] == ["1"]
    instance.people["7"] = {"id": 7, "email": "p7@example.com"}
    assert [one.id for one in port.fetch("person", ["7"], ["email"])] == ["7"]


def test_there_is_a_feed_of_people_only(port: Port) -> None:
    with pytest.raises(ConfigError, match="company, role"):
        list(port.changes({"person": ["email"], "role": ["role"], "company": ["company"]}, None))


def test_a_port_to_marketo_makes_objects(port: Port) -> None:
    assert isinstance(port, MakesObjects)
