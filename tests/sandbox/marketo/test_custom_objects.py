"""Records of custom objects."""

from typing import Any

import pytest

from mksync.sandbox.marketo.emulator import MarketoEmulator
from tests.sandbox.marketo.api import Api, code, reason
from tests.sandbox.marketo.conftest import Start
from tests.sandbox.marketo.customs import LEAD, SCHEMA, VIN, approved, done, plain

CAR = "customobjects/car"


def cars(api: Api, *vins: str, **values: Any) -> Any:
    return api.write(CAR, *({"vin": vin, **values} for vin in vins))


def test_records_are_created_updated_and_found_by_every_key(api: Api) -> None:
    approved(api)
    lead_id = api.create(email="a@example.com")
    created = cars(api, "V1", "V2", leadID=lead_id, year=2003)
    assert [(item["seq"], item["status"]) for item in created] == [(0, "created"), (1, "created")]
    id = created[0]["marketoGUID"]
    assert len(id) == 36
    assert cars(api, "V1", year=2004) == [{"seq": 0, "status": "updated", "marketoGUID": id}]
    assert api.read(CAR, "vin", "v1", fields="year,leadID") == [{"marketoGUID": id, "year": 2004, "leadID": lead_id}]
    assert [car["vin"] for car in api.read(CAR, "leadID", lead_id, fields="vin")] == ["V1", "V2"]
    assert api.read(CAR, "idField", id) == [
        {"marketoGUID": id, "vin": "V1", "createdAt": "2026-03-02T10:00:00Z", "updatedAt": "2026-03-02T10:00:00Z"}
    ]
    assert code(api.get(CAR, filterType="year", filterValues="2003")) == "1011"


def test_a_record_of_an_unknown_lead_is_skipped(api: Api) -> None:
    approved(api)
    good, bad = api.write(CAR, {"vin": "V1"}, {"vin": "V2", "leadID": 99})
    assert good["status"] == "created"
    assert bad == {"seq": 1, "status": "skipped", "reasons": [{"code": "1004", "message": "Lead not found"}]}
    assert reason(cars(api, "V1", leadID=99)[0]) == "1004"


def test_a_link_may_go_by_a_custom_field_of_the_lead_or_to_a_company(api: Api) -> None:
    tier = {**LEAD, "relatedTo": {"name": "Lead", "field": "customerTier"}}
    firm = {**LEAD, "name": "firm", "displayName": "Firm", "relatedTo": {"name": "company", "field": "id"}}
    approved(api, "car", VIN, tier, firm)
    api.create(customerTier="Gold")
    company = api.company("C1")
    assert cars(api, "V1", leadID="Gold", firm=company)[0]["status"] == "created"
    assert reason(cars(api, "V2", leadID="Silver")[0]) == "1004"
    assert reason(cars(api, "V3", firm=company + 1)[0]) == "1013"


def test_a_bridge_ties_leads_to_an_object_without_links(api: Api) -> None:
    approved(api, "course", plain("courseID", isDedupeField=True), plain("title"))
    course = {**LEAD, "name": "course", "displayName": "Course", "relatedTo": {"name": "course", "field": "courseID"}}
    approved(api, "enrollment", plain("enrollmentID", isDedupeField=True), LEAD, course)
    api.write("customobjects/course", {"courseID": "C1", "title": "Chairs"})
    lead_id = api.create()
    record = {"enrollmentID": "E1", "leadID": lead_id, "course": "C1"}
    assert api.write("customobjects/enrollment", record)[0]["status"] == "created"
    missing = {"enrollmentID": "E2", "leadID": lead_id, "course": "C9"}
    assert reason(api.write("customobjects/enrollment", missing)[0]) == "1013"
    assert [found["enrollmentID"] for found in api.read("customobjects/enrollment", "course", "C1")] == ["E1"]


def test_a_compound_key_of_three_parts(api: Api) -> None:
    keys = [plain(name, isDedupeField=True) for name in ("a", "b")]
    approved(api, "car", *keys, plain("c", "integer", isDedupeField=True), plain("note"))
    described = api.get(f"{CAR}/describe")["result"][0]
    assert described["dedupeFields"] == ["a", "b", "c"]
    assert described["searchableFields"] == [["a", "b", "c"], ["marketoGUID"]]
    one, other = {"a": "x", "b": "y", "c": 1}, {"a": "x", "b": "y", "c": 2}
    created = api.write(CAR, one, {**other, "note": "two"})
    assert [item["status"] for item in created] == ["created", "created"]
    body = {"filterType": "dedupeFields", "fields": ["marketoGuid", "note"], "input": [other]}
    assert api.post(CAR, body, _method="GET")["result"] == [
        {"seq": 0, "marketoGUID": created[1]["marketoGUID"], "note": "two"}
    ]
    assert reason(api.write(CAR, {"a": "x", "b": "y"})[0]) == "1003"
    assert api.write(f"{CAR}/delete", one)[0]["status"] == "deleted"
    assert len(api.post(CAR, {"input": [one, other]}, _method="GET")["result"]) == 1


def test_an_id_finds_a_record_in_a_body_too(api: Api) -> None:
    approved(api)
    id = cars(api, "V1")[0]["marketoGUID"]
    body = {"filterType": "marketoGUID", "input": [{"marketoGUID": id}], "fields": ["vin"]}
    assert api.post(CAR, body, _method="GET")["result"] == [{"seq": 0, "marketoGUID": id, "vin": "V1"}]


def test_what_is_not_there_is_called_an_object(api: Api) -> None:
    approved(api)
    missing = [{"code": "1013", "message": "Object not found"}]
    assert api.write(f"{CAR}/delete", {"vin": "V9"})[0]["reasons"] == missing
    assert api.write(CAR, {"vin": "V9"}, action="updateOnly")[0]["reasons"] == missing


def test_a_record_is_updated_and_deleted_by_its_id(api: Api) -> None:
    approved(api)
    id = cars(api, "V1", year=1)[0]["marketoGUID"]
    by_id = {"action": "updateOnly", "dedupeBy": "idField"}
    assert api.write(CAR, {"marketoGUID": id, "year": 2}, **by_id)[0]["status"] == "updated"
    assert reason(api.write(CAR, {"marketoGUID": id, "vin": "V2"}, **by_id)[0]) == "1006"
    assert api.read(CAR, "vin", "V1", fields="year")[0]["year"] == 2
    assert api.write(f"{CAR}/delete", {"marketoGUID": id}, deleteBy="idField") == [
        {"seq": 0, "marketoGUID": id, "status": "deleted"}
    ]


@pytest.mark.parametrize(
    ("type", "value", "read"),
    [
        ("boolean", "true", True),
        ("boolean", None, False),
        ("integer", "7", 7),
        ("float", 2.5, 2.5),
        ("currency", "2.5", 2.5),
        ("date", "2026-01-02", "2026-01-02"),
        ("datetime", "2026-01-02T03:04:05.678+01:00", "2026-01-02T02:04:05Z"),
        ("email", "a@example.com", "a@example.com"),
        ("text", "two\nlines", "two\nlines"),
        ("string", "", None),
    ],
)
def test_values_are_read_as_their_type_says(api: Api, type: str, value: Any, read: Any) -> None:
    approved(api, "car", VIN, plain("value", type))
    assert cars(api, "V1", value=value)[0]["status"] == "created"
    assert api.read(CAR, "vin", "V1", fields="value")[0]["value"] == read


@pytest.mark.parametrize(("type", "value"), [("integer", 1.5), ("date", "soon"), ("email", "x"), ("string", "x" * 256)])
def test_a_value_that_does_not_fit_skips_the_record(api: Api, type: str, value: Any) -> None:
    approved(api, "car", VIN, plain("value", type))
    assert reason(cars(api, "V1", value=value)[0]) == "1003"


def test_a_field_that_is_approved_later_begins_empty_and_a_deleted_one_takes_its_values_along(api: Api) -> None:
    approved(api)
    cars(api, "V1", year=2003)
    done(api.post(f"{SCHEMA}/car/addField", {"input": [plain("make")]}))
    assert reason(cars(api, "V1", make="BMW")[0]) == "1006"
    done(api.post(f"{SCHEMA}/car/approve"))
    assert api.read(CAR, "vin", "V1", fields="make,year")[0]["make"] is None
    cars(api, "V1", make="BMW")
    for change in ("deleteField", "approve", "addField", "approve"):
        body = {"deleteField": {"input": [{"name": "make"}]}, "addField": {"input": [plain("make")]}}.get(change)
        done(api.post(f"{SCHEMA}/car/{change}", body))
    (car,) = api.read(CAR, "vin", "V1", fields="make,year")
    assert (car["make"], car["year"]) == (None, 2003)


def test_records_outlive_their_lead_unless_the_switch_is_on(start: Start) -> None:
    for quirks, left in (((), ["V1", "V2"]), (("orphans_deleted",), ["V2"])):
        api = start(*quirks)
        approved(api)
        gone, stays = api.create(), api.create()
        api.write(CAR, {"vin": "V1", "leadID": gone}, {"vin": "V2", "leadID": stays})
        api.post("leads/delete", {"input": [{"id": gone}]})
        assert [car["vin"] for car in api.read(CAR, "vin", "V1", "V2")] == left


def test_a_custom_object_may_be_called_like_a_standard_one(api: Api) -> None:
    approved(api, "company", plain("key", isDedupeField=True))
    api.company("C1", company="Acme")
    assert api.write("customobjects/company", {"key": "C1"})[0]["status"] == "created"
    assert len(api.read("customobjects/company", "key", "C1")) == 1
    assert len(api.read("companies", "company", "Acme")) == 1
    link = {**LEAD, "name": "firm", "displayName": "Firm", "relatedTo": {"name": "company", "field": "id"}}
    approved(api, "car", VIN, link)
    assert cars(api, "V1", firm=1)[0]["status"] == "created"
    assert reason(cars(api, "V2", firm="C1")[0]) == "1003"
    done(api.post(f"{SCHEMA}/company/delete"))
    assert cars(api, "V2", firm=1)[0]["status"] == "created"


def test_custom_objects_survive_a_restart(start: Start) -> None:
    api = start()
    approved(api)
    cars(api, "V1", year=2003)
    again = MarketoEmulator(api.sandbox.store, api.sandbox.clock)
    assert [(car["vin"], car["year"]) for car in again.rows("car")] == [("V1", 2003)]
