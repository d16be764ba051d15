"""`$select`, `$filter` and `$expand` on metadata documents."""

from typing import Any

import pytest

from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.dynamics.odata import documents, options

ATTRIBUTES: list[dict[str, Any]] = [
    {
        "LogicalName": "firstname",
        "MetadataId": "m1",
        "AttributeType": "String",
        "AttributeTypeName": {"Value": "StringType"},
        "RequiredLevel": {"Value": "Recommended", "CanBeChanged": True},
        "IsCustomAttribute": False,
        "ColumnNumber": 3,
        "AttributeOf": None,
        "DisplayName": {"LocalizedLabels": []},
    },
    {
        "LogicalName": "new_tier",
        "MetadataId": "m2",
        "AttributeType": "Picklist",
        "AttributeTypeName": {"Value": "PicklistType"},
        "RequiredLevel": {"Value": "None", "CanBeChanged": True},
        "IsCustomAttribute": True,
        "ColumnNumber": 9,
        "AttributeOf": "firstname",
        "DisplayName": {"LocalizedLabels": []},
        "OptionSet": {"MetadataId": "o1", "Name": "new_tier", "Options": [{"Value": 1}]},
    },
]
TABLE: dict[str, Any] = {"LogicalName": "lead", "MetadataId": "t1", "Attributes": ATTRIBUTES, "Keys": []}


def names(condition: str) -> list[str]:
    found = documents.collection(ATTRIBUTES, options.read(f"$filter={condition}"), "AttributeMetadata")
    return [document["LogicalName"] for document in found]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("LogicalName eq 'new_tier'", ["new_tier"]),
        ("LogicalName eq 'nope'", []),
        ("AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist'", ["new_tier"]),
        ("AttributeType ne Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist'", ["firstname"]),
        ("AttributeTypeName/Value eq 'StringType'", ["firstname"]),
        ("RequiredLevel/Value eq Microsoft.Dynamics.CRM.AttributeRequiredLevel'None'", ["new_tier"]),
        ("RequiredLevel/CanBeChanged eq true", ["firstname", "new_tier"]),
        ("IsCustomAttribute eq false and AttributeOf eq null", ["firstname"]),
        ("ColumnNumber gt 3 or LogicalName eq 'firstname'", ["firstname", "new_tier"]),
        ("not (ColumnNumber ge 9)", ["firstname"]),
    ],
)
def test_filters_on_plain_values_enums_and_managed_properties(condition: str, expected: list[str]) -> None:
    assert names(condition) == expected


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("AttributeType eq 'Picklist'", "incompatible types"),
        ("LogicalName eq 3", "incompatible types"),
        ("DisplayName eq 'Lead'", "cannot be used in the $filter"),
        ("contains(LogicalName,'x')", "SingleValueFunctionCall is not supported"),
        ("Nope eq 1", "Could not find a property named 'Nope' on type 'Microsoft.Dynamics.CRM.AttributeMetadata'."),
    ],
)
def test_what_metadata_cannot_be_asked_is_refused(condition: str, message: str) -> None:
    with pytest.raises(ODataError) as raised:
        names(condition)
    assert (raised.value.status, message in raised.value.message) == (400, True)


@pytest.mark.parametrize("query", ["$orderby=LogicalName", "$top=3", "$apply=aggregate($count as n)"])
def test_there_is_neither_order_nor_paging_of_metadata(query: str) -> None:
    with pytest.raises(ODataError, match="not supported"):
        documents.collection(ATTRIBUTES, options.read(query), "AttributeMetadata")


def test_the_metadata_id_always_comes_along_and_navigations_only_when_expanded() -> None:
    everything = documents.single(TABLE, options.read(""), "EntityMetadata")
    assert everything == {"LogicalName": "lead", "MetadataId": "t1"}
    chosen = "$select=LogicalName&$expand=Keys,Attributes($select=LogicalName;$filter=IsCustomAttribute eq true)"
    assert documents.single(TABLE, options.read(chosen), "EntityMetadata") == {
        "LogicalName": "lead",
        "MetadataId": "t1",
        "Keys": [],
        "Attributes": [{"LogicalName": "new_tier", "MetadataId": "m2"}],
    }


def test_an_option_set_is_expanded_with_what_is_selected_of_it() -> None:
    asked = options.read("$select=LogicalName&$expand=OptionSet($select=Options)")
    assert documents.single(ATTRIBUTES[1], asked, "PicklistAttributeMetadata")["OptionSet"] == {
        "Options": [{"Value": 1}],
        "MetadataId": "o1",
    }
