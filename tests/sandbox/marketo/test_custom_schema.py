"""Types of custom objects: drafted, given fields, approved, changed, deleted."""

from typing import Any

import pytest

from tests.sandbox.marketo.api import Api, code
from tests.sandbox.marketo.conftest import Start
from tests.sandbox.marketo.customs import LEAD, SCHEMA, VIN, YEAR, approved, described, done, draft, plain

STANDARD = ["marketoGUID", "createdAt", "updatedAt"]


def names(api: Api, name: str = "car", **params: Any) -> list[str]:
    return [field["name"] for field in described(api, name, **params)["fields"]]


def add(api: Api, *fields: dict[str, Any], to: str = "car") -> Any:
    return api.post(f"{SCHEMA}/{to}/addField", {"input": list(fields)})


def test_a_new_type_is_an_empty_draft_that_no_record_can_use(api: Api) -> None:
    draft(api, description="Automobile owned", pluralName="Cars")
    told = described(api)
    assert names(api) == STANDARD
    assert {key: told[key] for key in told if key != "fields"} == {
        "state": "draft",
        "version": "draft",
        "displayName": "Car",
        "pluralName": "Cars",
        "description": "Automobile owned",
        "apiName": "car",
        "idField": None,
        "createdAt": None,
        "updatedAt": None,
        "dedupeFields": [],
        "searchableFields": [[]],
        "relationships": [],
    }
    assert api.get("customobjects")["result"] == []
    assert code(api.get("customobjects/car/describe")) == "1013"
    assert code(api.post("customobjects/car", {"input": [{"vin": "1"}]})) == "1013"


def test_an_approved_type_can_be_described_by_both_calls(api: Api) -> None:
    approved(api)
    told = described(api)
    assert (told["state"], told["version"], told["idField"]) == ("approved", "approved", "marketoGUID")
    assert told["createdAt"] == "2026-03-02T10:00:00Z"
    (record,) = api.get("customobjects/car/describe")["result"]
    assert (record["name"], record["displayName"]) == ("car", "Car")
    for key in ("idField", "dedupeFields", "searchableFields", "relationships", "fields"):
        assert record[key] == told[key]
    assert told["dedupeFields"] == ["vin"]
    assert told["searchableFields"] == [["vin"], ["marketoGUID"], ["leadID"]]
    assert told["relationships"] == [{"field": "leadID", "type": "child", "relatedTo": {"name": "Lead", "field": "id"}}]
    fields = {field["name"]: field for field in told["fields"]}
    assert list(fields) == [*STANDARD, "vin", "leadID", "year"]
    assert (fields["leadID"]["dataType"], fields["leadID"]["updateable"]) == ("integer", True)
    assert (fields["vin"]["dataType"], fields["vin"]["length"]) == ("string", 255)
    (listed,) = api.get("customobjects", names="car")["result"]
    assert listed == {key: value for key, value in record.items() if key != "fields"}
    assert api.get("customobjects", names="boat")["result"] == []


def test_creating_what_exists_and_updating_what_does_not_are_refused(api: Api) -> None:
    draft(api)
    again = {"apiName": "CAR", "displayName": "Other"}
    assert code(api.post(SCHEMA, {**again, "action": "createOnly"})) == "1017"
    assert code(api.post(SCHEMA, {"apiName": "boat", "displayName": "Boat", "action": "updateOnly"})) == "1013"
    assert code(api.post(SCHEMA, {"apiName": "boat", "displayName": "Car"})) == "1003"
    done(api.post(SCHEMA, {"apiName": "car", "displayName": "Auto"}))
    assert described(api)["displayName"] == "Auto"


@pytest.mark.parametrize(
    "wish",
    [
        {"displayName": "Car"},
        {"apiName": "car"},
        {"apiName": "", "displayName": "Car"},
        {"apiName": "my-car", "displayName": "Car"},
        {"apiName": "car", "displayName": "Car!"},
        {"apiName": "car", "displayName": "Car", "action": "replace"},
    ],
)
def test_a_type_that_cannot_be_is_refused(api: Api, wish: dict[str, str]) -> None:
    assert code(api.post(SCHEMA, wish)) == "1003"
    assert api.get(SCHEMA)["result"] == []


def test_by_switch_the_instance_adds_a_suffix_to_the_name(start: Start) -> None:
    api = start("custom_object_suffix")
    done(api.post(SCHEMA, {"apiName": "car", "displayName": "Car"}))
    assert [told["apiName"] for told in api.get(SCHEMA)["result"]] == ["car_c"]
    assert code(api.get(f"{SCHEMA}/car/describe")) == "1013"
    done(api.post(SCHEMA, {"apiName": "boat_c", "displayName": "Boat"}))
    assert described(api, "boat_c")["apiName"] == "boat_c"


def test_there_are_ten_types_at_most(api: Api) -> None:
    for number in range(10):
        draft(api, f"type{number}")
    assert code(api.post(SCHEMA, {"apiName": "one_more", "displayName": "One more"})) == "1003"


@pytest.mark.parametrize(
    "field",
    [
        {**YEAR, "name": None},
        {**YEAR, "displayName": ""},
        {**YEAR, "dataType": "percent"},
        {**YEAR, "name": "the year"},
        {**YEAR, "name": "VIN"},
        {**YEAR, "displayName": "vin"},
        {**YEAR, "name": "createdAt"},
        {**YEAR, "dataType": "link"},
        {**YEAR, "relatedTo": {"name": "lead", "field": "id"}},
        {**LEAD, "relatedTo": {"name": "lead", "field": "firstName"}},
        {**LEAD, "relatedTo": {"name": "planet", "field": "id"}},
        {**LEAD, "relatedTo": {"name": "company", "field": "company"}},
    ],
)
def test_a_field_that_cannot_be_refuses_the_whole_call(api: Api, field: dict[str, Any]) -> None:
    draft(api, "car", VIN)
    assert code(add(api, plain("make"), field)) == "1003"
    assert names(api) == [*STANDARD, "vin"]


def test_every_data_type_that_is_listed_can_be_used(api: Api) -> None:
    types = api.get(f"{SCHEMA}/fieldDataTypes")["result"]
    assert set(types) == {
        "string",
        "boolean",
        "integer",
        "float",
        "link",
        "email",
        "currency",
        "date",
        "datetime",
        "phone",
        "text",
    }
    draft(api, "car", *(plain(f"my_{type}", type) for type in types if type != "link"))
    told = {field["name"]: field["dataType"] for field in described(api)["fields"]}
    assert {told[f"my_{type}"] for type in types if type != "link"} == set(types) - {"link"}


def test_fields_are_limited_in_number(api: Api) -> None:
    draft(api, "car", VIN, *(plain(f"f{n}") for n in range(49)))
    assert code(add(api, plain("one_more"))) == "1003"
    draft(api, "boat", *(plain(f"k{n}", isDedupeField=True) for n in range(3)))
    assert code(add(api, plain("k4", isDedupeField=True), to="boat")) == "1003"


def test_after_approval_twenty_more_fields_may_be_added(api: Api) -> None:
    approved(api)
    done(add(api, *(plain(f"f{n}") for n in range(20))))
    assert code(add(api, plain("one_more"))) == "1003"


def test_a_field_of_a_draft_can_be_changed_and_taken_away(api: Api) -> None:
    draft(api, "car", VIN, YEAR, plain("make"))
    change = {"displayName": "Built in", "dataType": "text", "name": "built"}
    done(api.post(f"{SCHEMA}/car/year/updateField", change))
    done(api.post(f"{SCHEMA}/car/deleteField", {"input": [{"name": "make"}]}))
    told = {field["name"]: field for field in described(api)["fields"]}
    assert list(told) == [*STANDARD, "vin", "built"]
    assert (told["built"]["displayName"], told["built"]["dataType"]) == ("Built in", "text")
    assert code(api.post(f"{SCHEMA}/car/nothing/updateField", change)) == "1013"
    assert code(api.post(f"{SCHEMA}/car/deleteField", {"input": [{"name": "marketoGUID"}]})) == "1013"


def test_a_change_of_an_approved_type_waits_in_a_draft(api: Api) -> None:
    approved(api)
    done(add(api, plain("make")))
    assert (described(api)["state"], described(api)["version"]) == ("approvedWithDraft", "approved")
    assert "make" not in names(api)
    assert "make" in names(api, state="draft")
    assert described(api, state="draft")["version"] == "draft"
    assert "make" in names(api, state="approvedWithDraft")
    assert "make" not in [field["name"] for field in api.get("customobjects/car/describe")["result"][0]["fields"]]
    done(api.post(f"{SCHEMA}/car/approve"))
    assert described(api)["state"] == "approved"
    assert "make" in names(api)
    assert code(api.get(f"{SCHEMA}/car/describe", state="draft")) == "1013"
    assert code(api.get(f"{SCHEMA}/car/describe", state="new")) == "1003"


def test_the_list_of_types_can_be_narrowed(api: Api) -> None:
    approved(api)
    draft(api, "boat", VIN)

    def listed(**params: str) -> list[str]:
        return [told["apiName"] for told in api.get(SCHEMA, **params)["result"]]

    assert listed() == ["car", "boat"]
    assert listed(names="boat,plane") == ["boat"]
    assert listed(state="approved") == ["car"]
    assert listed(state="draft") == ["boat"]
    assert listed(state="approvedWithDraft") == []


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("addField", {"input": [plain("key", isDedupeField=True)]}),
        ("addField", {"input": [{**LEAD, "name": "other", "displayName": "Other"}]}),
        ("vin/updateField", {"displayName": "Number"}),
        ("leadID/updateField", {"displayName": "Owner"}),
        ("year/updateField", {"name": "built"}),
        ("year/updateField", {"dataType": "string"}),
        ("year/updateField", {"isDedupeField": True}),
        ("deleteField", {"input": [{"name": "vin"}]}),
        ("deleteField", {"input": [{"name": "leadID"}]}),
    ],
)
def test_keys_links_and_names_are_frozen_once_approved(api: Api, address: str, body: Any) -> None:
    approved(api)
    assert code(api.post(f"{SCHEMA}/car/{address}", body)) == "1003"
    assert described(api)["state"] == "approved"


def test_the_name_on_the_screen_is_frozen_too_and_the_description_is_not(api: Api) -> None:
    approved(api)
    update = {"apiName": "car", "action": "updateOnly"}
    assert code(api.post(SCHEMA, {**update, "displayName": "Auto"})) == "1003"
    done(api.post(SCHEMA, {**update, "description": "Really"}))
    assert described(api, state="draft")["description"] == "Really"
    assert described(api)["description"] is None


def test_only_a_draft_with_a_dedupe_field_can_be_approved(api: Api) -> None:
    draft(api, "car", YEAR)
    assert code(api.post(f"{SCHEMA}/car/approve")) == "1003"
    done(add(api, VIN))
    done(api.post(f"{SCHEMA}/car/approve"))
    assert code(api.post(f"{SCHEMA}/car/approve")) == "1003"
    assert code(api.post(f"{SCHEMA}/boat/approve")) == "1013"


def test_a_draft_can_be_discarded_and_nothing_else(api: Api) -> None:
    approved(api)
    assert code(api.post(f"{SCHEMA}/car/discardDraft")) == "1048"
    done(add(api, plain("make")))
    done(api.post(f"{SCHEMA}/car/discardDraft"))
    assert described(api)["state"] == "approved"
    assert "make" not in names(api)
    draft(api, "boat", VIN)
    done(api.post(f"{SCHEMA}/boat/discardDraft"))
    assert code(api.get(f"{SCHEMA}/boat/describe")) == "1013"


def test_links_can_be_made_to_leads_companies_and_objects_without_links(api: Api) -> None:
    approved(api, "course", plain("courseID", isDedupeField=True), plain("title"))
    approved(api)
    draft(api, "boat", VIN)
    told = {found["name"]: [field["name"] for field in found["fields"]] for found in _linkable(api)}
    assert list(told) == ["lead", "company", "course"]
    assert {"Id", "Email Address", "Customer Tier"} <= set(told["lead"])
    assert "First Name" not in told["lead"]
    assert told["company"] == ["Id"]
    assert told["course"] == ["marketoGUID", "courseID"]
    links = [
        {**LEAD, "name": f"link{place}", "displayName": f"Link {place}", "relatedTo": {"name": name, "field": field}}
        for place, (name, fields) in enumerate(told.items())
        for field in fields[:1]
    ]
    done(add(api, *links, to="boat"))
    related = [found["relatedTo"] for found in described(api, "boat")["relationships"]]
    assert related == [
        {"name": "Lead", "field": "id"},
        {"name": "Company", "field": "id"},
        {"name": "course", "field": "marketoGUID"},
    ]


def _linkable(api: Api) -> Any:
    return api.get(f"{SCHEMA}/linkableObjects")["result"]


def test_a_deleted_type_is_gone_with_its_records_and_may_come_again_empty(api: Api) -> None:
    approved(api)
    api.write("customobjects/car", {"vin": "1"})
    done(api.post(f"{SCHEMA}/car/delete"))
    assert code(api.get(f"{SCHEMA}/car/describe")) == "1013"
    assert code(api.get("customobjects/car", filterType="vin", filterValues="1")) == "1013"
    approved(api)
    assert api.read("customobjects/car", "vin", "1") == []


def test_a_type_that_another_links_to_stays(api: Api) -> None:
    approved(api, "course", plain("courseID", isDedupeField=True))
    link = {**LEAD, "relatedTo": {"name": "course", "field": "courseID"}}
    draft(api, "enrollment", VIN, link)
    assert code(api.post(f"{SCHEMA}/course/delete")) == "1022"
    done(api.post(f"{SCHEMA}/enrollment/delete"))
    done(api.post(f"{SCHEMA}/course/delete"))


def test_no_asset_uses_a_custom_object_here(api: Api) -> None:
    approved(api)
    done(api.get(f"{SCHEMA}/car/dependentAssets"))
    assert code(api.get(f"{SCHEMA}/boat/dependentAssets")) == "1013"


def test_an_instance_may_lack_custom_objects_or_the_api_that_makes_them(start: Start) -> None:
    without = start("no_custom_objects")
    for address in ("customobjects", "customobjects/car", "customobjects/car/describe", SCHEMA):
        assert code(without.get(address)) == "1026"
    assert code(without.post("customobjects/car", {"input": [{}]})) == "1026"
    by_hand = start("no_custom_schema")
    assert code(by_hand.get(SCHEMA)) == code(by_hand.post(f"{SCHEMA}/car/approve")) == "616"
    assert by_hand.get("customobjects")["result"] == []
