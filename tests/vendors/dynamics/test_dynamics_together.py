"""Describing several tables in one call, and each by casts where that is refused or not told whole."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mksync.core.records import Field, Record, Schema
from mksync.ports import Unavailable
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.sandbox_org import World, world
from tests.vendors.dynamics.scripted_org import CONTACT_COLUMNS, LEAD_COLUMNS, USER, Asked, Org, error, label, rows

STANDARD = ["user", "account", "lead", "contact", "opportunity", "role", "team"]
PEOPLE = ["lead", "contact"]
TOGETHER = "RetrieveMetadataChanges"
ADMINISTRATORS = "572329c1-a042-4e22-be47-367c6374ea45"
ALWAYS = ("LogicalName", "MetadataId", "HasChanged")


@pytest.fixture
def here() -> Iterator[World]:
    with world(20) as found:
        yield found


def described(port: DynamicsPort, objects: list[str]) -> Mapping[str, Schema | Unavailable]:
    return port.describe_together(objects)


def fields(found: Mapping[str, Schema | Unavailable], object: str) -> Mapping[str, Field]:
    schema = found[object]
    assert isinstance(schema, Schema)
    return schema.fields


def test_both_ways_of_asking_give_the_same_fields_of_every_table(here: World) -> None:
    objects = [*STANDARD, *(one.name for one in here.port.custom_objects() if one.name not in STANDARD)]
    assert len(objects) > len(STANDARD), "custom tables are among them"
    together = described(here.connected(), objects)
    here.fails("0x8004023b", TOGETHER)
    by_casts = described(here.connected(), objects)
    assert together == by_casts
    assert all(isinstance(one, Schema) and one.fields for one in together.values())


def test_described_alone_a_table_has_the_same_fields(here: World) -> None:
    together = described(here.port, STANDARD)
    assert {object: here.connected().describe(object) for object in STANDARD} == together


def test_people_are_described_in_one_call_and_one_for_column_security(here: World) -> None:
    here.port.organisation()
    before = here.port.calls
    described(here.port, PEOPLE)
    assert here.port.calls - before == 2


def test_by_casts_the_same_takes_a_call_for_each_type_and_table(here: World) -> None:
    here.port.organisation()
    before = here.port.calls
    here.fails("0x8004023b", TOGETHER)
    described(here.port, PEOPLE)
    assert here.port.calls - before == 1 + 19 + 1, "the one that was refused, and column security"
    before = here.port.calls
    described(here.port, PEOPLE)
    assert here.port.calls - before == 19 + 1, "what was refused is not asked for again"


def test_what_comes_with_the_columns_is_read_and_written_without_another_call(here: World) -> None:
    described(here.port, PEOPLE)
    id = here.others.creates("leads", lastname="Roe", leadsourcecode=8)
    before = here.port.calls
    (found,) = here.port.fetch("lead", [id], ["leadsourcecode", "statecode"])
    assert isinstance(found, Record)
    assert (found.values, here.port.calls - before) == ({"leadsourcecode": "Web", "statecode": "Open"}, 1)


class Definitions:
    """Tells tables together as the documentation says: what was not asked for comes as null."""

    def __init__(self, org: Org) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self.spoilt: Mapping[str, Mapping[str, Any]] = {}  # of leads
        self.tables = {
            "lead": [{**one, "OptionSet": one.get("OptionSet") or one.get("GlobalOptionSet")} for one in LEAD_COLUMNS],
            "contact": [dict(one) for one in CONTACT_COLUMNS],
        }
        org.on("GET", rf"/{TOGETHER}\(Query=@p1\)", self.answer)
        profiles = rows({"fieldsecurityprofileid": ADMINISTRATORS})
        org.on("GET", rf"/systemusers\({USER}\)/systemuserprofiles_association", profiles)
        org.on("GET", rf"/systemusers\({USER}\)/teammembership_association", rows())

    def answer(self, asked: Asked) -> tuple[int, Any]:
        query = json.loads(asked.query["@p1"])
        self.asked.append(query)
        wanted = [one["Value"]["Value"] for one in query["Criteria"]["Conditions"]]
        names = query["AttributeQuery"]["Properties"]["PropertyNames"]
        told = [
            {
                "LogicalName": table,
                "DisplayName": label(table.title()),
                "ChangeTrackingEnabled": True,
                "ManyToOneRelationships": [],
                "Attributes": [self.told(table, one, names) for one in columns],
            }
            for table, columns in self.tables.items()
            if table in wanted
        ]
        return 200, {"EntityMetadata": told, "ServerVersionStamp": "1!x", "DeletedMetadata": {"Count": 0}}

    def told(self, table: str, column: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
        kind = column["AttributeTypeName"]["Value"]
        whole = {"MinValue": 0, "MaxValue": 9, "FormatName": {"Value": "Text"}, **column}
        lacking = {"StringType": set(), "MemoType": {"FormatName"}}.get(kind, {"FormatName", "MaxLength"})
        told = {name: whole[name] if name in (*names, *ALWAYS) and name not in lacking else None for name in whole}
        return {**told, **(self.spoilt.get(column["LogicalName"], {}) if table == "lead" else {})}


@pytest.fixture
def definitions(org: Org) -> Definitions:
    return Definitions(org)


def casts(org: Org) -> list[str]:
    return [call for call in org.calls if "EntityDefinitions" in call]


def test_one_call_asks_for_exactly_the_tables_that_are_wanted(
    org: Org, port: DynamicsPort, definitions: Definitions
) -> None:
    assert all(isinstance(one, Schema) for one in described(port, PEOPLE).values())
    assert casts(org) == []
    (asked,) = definitions.asked
    assert [one["Value"] for one in asked["Criteria"]["Conditions"]] == [
        {"Type": "System.String", "Value": "lead"}, {"Type": "System.String", "Value": "contact"},
    ]  # fmt: skip
    assert asked["Criteria"]["FilterOperator"] == "Or"
    assert {"Attributes", "ManyToOneRelationships"} <= {*asked["Properties"]["PropertyNames"]}


@pytest.mark.parametrize(
    ("column", "spoilt"),
    [
        ("new_secret", {"IsSecured": None}),
        ("firstname", {"MaxLength": None}),
        ("emailaddress1", {"FormatName": None}),
        ("estimatedvalue", {"Precision": None}),
        ("estimatedclosedate", {"DateTimeBehavior": None}),
        ("leadsourcecode", {"OptionSet": None}),
        ("jobtitle", {"AttributeTypeName": None, "AttributeType": None}),
        ("jobtitle", {"IsValidForUpdate": None}),
    ],
)
def test_a_table_that_is_not_told_whole_is_asked_for_by_casts(
    org: Org, port: DynamicsPort, definitions: Definitions, column: str, spoilt: Mapping[str, Any]
) -> None:
    whole = described(port, PEOPLE)
    assert not casts(org)
    definitions.spoilt = {column: spoilt}
    found = described(port, PEOPLE)
    assert {call.partition("'")[2].partition("'")[0] for call in casts(org)} == {"lead"}
    assert fields(found, "lead").keys() == fields(whole, "lead").keys()
    assert len(definitions.asked) == 2
    described(port, PEOPLE)
    told = [[one["Value"]["Value"] for one in asked["Criteria"]["Conditions"]] for asked in definitions.asked]
    assert told == [PEOPLE, PEOPLE, ["contact"]], "what it does not tell whole is not asked for in this way again"


def test_a_table_that_is_left_out_is_asked_for_by_itself(
    org: Org, port: DynamicsPort, definitions: Definitions
) -> None:
    definitions.tables.pop("contact")
    assert fields(described(port, PEOPLE), "contact")
    assert casts(org)


@pytest.mark.parametrize("status", [400, 403, 404, 501])
def test_where_it_is_refused_tables_are_asked_for_by_casts(org: Org, port: DynamicsPort, status: int) -> None:
    Definitions(org)
    org.on("GET", rf"/{TOGETHER}\(Query=@p1\)", error("0x80040203", "no such function"), status)
    found = described(port, PEOPLE)
    assert all(fields(found, object) for object in PEOPLE)


def test_an_object_that_is_not_there_does_not_keep_others_from_being_described(here: World) -> None:
    found = described(here.port, ["lead", "new_nothing", "account"])
    assert isinstance(found["new_nothing"], Unavailable)
    assert "new_nothing" in found["new_nothing"].reason
    assert isinstance(found["account"], Schema)
