"""Custom object types that are there: listing them, and giving one a field more."""

from typing import Any

import pytest

from mksync.core.object_types import ObjectLink
from mksync.core.records import Field, FieldType
from mksync.errors import ConfigError
from mksync.ports import Port, Unavailable
from mksync.vendors.marketo.port import MarketoPort
from tests.vendors.marketo.conftest import Instance, failed, ok
from tests.vendors.marketo.object_replies import CAR
from tests.vendors.marketo.type_replies import ADD, APPROVE, DRAFT, EMPTY_DRAFT, TYPES, fields_but, posted, raw_type

# Listing


def test_all_types_are_listed_with_their_fields_drafts_included(instance: Instance, marketo: MarketoPort) -> None:
    instance.says(
        TYPES, ok([raw_type()], nextPageToken="AB==", moreResult=True), ok([{**EMPTY_DRAFT, "apiName": "new"}])
    )
    car, draft = marketo.object_types()
    assert (car.name, car.label, car.state, car.dedupe) == ("car_c", "Car", "approved", ("vin",))
    assert car.links == (ObjectLink("leadID", "person"),)
    assert [(field.name, field.type) for field in car.fields] == [
        ("vin", FieldType.TEXT),
        ("color", FieldType.TEXT),
        ("remarks", FieldType.TEXTAREA),
        ("homepage", FieldType.TEXT),
        ("price", FieldType.DECIMAL),
    ]
    assert (draft.name, draft.state, draft.fields) == ("new", "draft", ())


@pytest.mark.parametrize("code", ["603", "610", "616"])
def test_without_the_interface_for_types_those_with_records_are_listed(
    instance: Instance, marketo: MarketoPort, code: str
) -> None:
    instance.says(TYPES, failed(code, "no"))
    instance.says("/rest/v1/customobjects.json", ok([{"name": "car_c", "dedupeFields": ["vin"]}]))
    instance.says("/rest/v1/customobjects/car_c/describe.json", ok([CAR]))
    [car] = marketo.object_types()
    assert (car.name, car.description, car.state) == ("car_c", "Car owner", "approved")
    assert [field.name for field in car.fields] == ["vin", "color", "year"]
    assert car.links == (ObjectLink("leadID", "person"),)


def test_an_instance_without_custom_objects_says_so(instance: Instance, marketo: MarketoPort) -> None:
    instance.says(TYPES, failed("616", "no"))
    instance.says("/rest/v1/customobjects.json", failed("1026", "Custom object not enabled"))
    with pytest.raises(Unavailable, match="1026"):
        list(marketo.object_types())


# One more field

DESCRIBED = "/rest/v1/customobjects/car_c/describe.json"
SIZE = Field("size", "VIN", FieldType.INTEGER)


@pytest.fixture
def car(instance: Instance) -> Instance:
    instance.standing[DESCRIBED] = ok([CAR])
    return instance


def test_a_field_is_added_to_an_approved_type(car: Instance, marketo: MarketoPort) -> None:
    raw = raw_type(fields=fields_but("vin", displayName="VIN"))
    car.says(TYPES, ok([raw]))
    car.says(ADD, ok([]))
    car.says(APPROVE, ok([]))
    marketo.create_field("car_c", SIZE)
    assert posted(car) == [
        (ADD, {"input": [{"name": "size", "displayName": "size", "dataType": "integer"}]}),
        (APPROVE, {}),
    ]


def test_a_field_that_is_there_is_not_added(car: Instance, marketo: MarketoPort) -> None:
    marketo.create_field("car_c", Field("color", "Colour", FieldType.TEXT))
    assert posted(car) == []


def test_a_field_that_was_added_and_not_approved_is_approved(car: Instance, marketo: MarketoPort) -> None:
    drafted = [*raw_type()["fields"], {"name": "size", "displayName": "Size", "dataType": "integer"}]
    car.says(TYPES, ok([raw_type("approvedWithDraft")]))
    car.says(DRAFT, ok([raw_type("approvedWithDraft", drafted)]))
    car.says(APPROVE, ok([]))
    marketo.create_field("car_c", SIZE)
    assert [called for called, _ in posted(car)] == [APPROVE]
    assert [call.query["state"] for call in car.calls(DRAFT)] == [["draft"]]


@pytest.mark.parametrize("change", [["stranger"], None])
def test_changes_of_somebody_else_are_not_approved_along(
    car: Instance, marketo: MarketoPort, change: list[str] | None
) -> None:
    fields = raw_type()["fields"]
    drafted = [one for one in fields if one["name"] != "price"] if change is None else fields
    drafted = [*drafted, *({"name": name, "displayName": name, "dataType": "text"} for name in change or ())]
    car.says(TYPES, ok([raw_type("approvedWithDraft")]))
    car.says(DRAFT, ok([raw_type("approvedWithDraft", drafted)]))
    with pytest.raises(ConfigError, match=r"wait to be approved: (stranger|price)"):
        marketo.create_field("car_c", SIZE)
    assert posted(car) == []


@pytest.mark.parametrize("listed", [[], [EMPTY_DRAFT]])
def test_a_type_that_is_not_approved_gets_no_field(
    car: Instance, marketo: MarketoPort, listed: list[dict[str, Any]]
) -> None:
    car.says(TYPES, ok(listed))
    with pytest.raises(ConfigError, match="no approved custom object car_c"):
        marketo.create_field("car_c", SIZE)
    assert posted(car) == []


@pytest.mark.parametrize("object", ["company", "salesperson", "opportunity", "role"])
def test_marketo_creates_no_fields_of_its_own_objects(instance: Instance, port: Port, object: str) -> None:
    with pytest.raises(ConfigError, match="creates no fields") as caught:
        port.create_field(object, SIZE)
    assert "Field Management" in caught.value.hint
    assert instance.server.heard == []
