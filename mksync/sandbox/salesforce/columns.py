"""Column metadata of a query (`columns=true`), which the Salesforce CLI asks for before it prints a table."""

from typing import Any

from mksync.sandbox.salesforce.fields import NUMBERS, TEXTS, Field
from mksync.sandbox.salesforce.soql.compiler import Compiled
from mksync.sandbox.salesforce.soql.tree import Path

_APEX = {
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "int": "Integer",
    "double": "Double",
    "currency": "Double",
    "percent": "Double",
    "date": "Date",
    "datetime": "Datetime",
    "address": "Address",
}


def column_metadata(compiled: Compiled) -> dict[str, Any]:
    columns: list[dict[str, Any]] = []
    for number, picked in enumerate(compiled.selected):
        what, field = picked.what, picked.field
        relations = what.parts[:-1] if isinstance(what, Path) else ()
        siblings = columns
        for relation in relations:
            siblings = _joined(siblings, relation)
        name = field.name if isinstance(what, Path) else f"expr{number}"
        siblings.append(_column(name, field, is_aggregate=not isinstance(what, Path)))
    return {
        "columnMetadata": columns,
        "entityName": compiled.view.name,
        "groupBy": bool(compiled.query.group),
        "idSelected": any(picked.field.type == "id" for picked in compiled.selected),
        "keyPrefix": compiled.view.object.prefix,
    }


def _joined(siblings: list[dict[str, Any]], relation: str) -> list[dict[str, Any]]:
    """The list that a parent's columns go to."""
    for column in siblings:
        if column["columnName"].lower() == relation.lower():
            return column["joinColumns"]  # type: ignore[no-any-return]
    parent = _column(relation, Field(relation, relation, "string"))
    siblings.append(parent)
    return parent["joinColumns"]  # type: ignore[no-any-return]


def _column(name: str, field: Field, is_aggregate: bool = False) -> dict[str, Any]:
    return {
        "aggregate": is_aggregate,
        "apexType": _APEX.get(field.type, "String"),
        "booleanType": field.type == "boolean",
        "columnName": name,
        "custom": field.custom,
        "displayName": name,
        "foreignKeyName": None,
        "insertable": field.createable,
        "joinColumns": [],
        "numberType": field.type in NUMBERS,
        "textType": field.type in TEXTS,
        "updatable": field.updateable,
    }
