"""A JSON body taken apart: values of columns, references, and rows to be made along with this one (deep insert).

Source: Microsoft Learn, "Create a table row using the Web API", "Update and delete table rows using the Web API".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mksync.sandbox.dynamics import addresses, values
from mksync.sandbox.dynamics.errors import ODataError, bad_payload
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Row
from mksync.sandbox.dynamics.tables import Column, Kind, Relationship, Table

Body = Mapping[str, Any]
_BIND = "@odata.bind"


@dataclass(frozen=True, slots=True)
class Intake:
    """What a body says. `values` holds only what may be written; what may not was silently left out."""

    values: Row = field(default_factory=dict)
    parents: list[tuple[Relationship, Body]] = field(default_factory=list)
    children: list[tuple[Table, Relationship, Body]] = field(default_factory=list)
    referred: list[Table] = field(default_factory=list)  # tables of the rows that lookups were pointed at


def read(org: Org, table: Table, body: Body, operation: str) -> Intake:
    """Take a body apart; `operation` is create or update. Raises 400 0x80048d19 for what the table has not."""
    found = Intake()
    for name, value in body.items():
        if name.endswith(_BIND):
            _bind(org, table, name.removesuffix(_BIND), value, operation, found)
        elif "@" not in name:  # other annotations say nothing
            _property(org, table, name, value, operation, found)
    return found


def _property(org: Org, table: Table, name: str, value: Any, operation: str, found: Intake) -> None:  # noqa: ANN401
    column = table.by_property(name)
    ways = list(table.navigations(name))
    if ways:
        _navigated(table, ways, value, operation, found)
    elif column is not None:
        _valued(org, table, column, value, operation, found)
    elif (back := org.catalogue.collection(table, name)) and isinstance(value, list) and operation == "create":
        found.children.extend((*back, child) for child in value)
    else:
        raise undeclared(table, name)


def _valued(org: Org, table: Table, column: Column, value: Any, operation: str, found: Intake) -> None:  # noqa: ANN401
    if column.is_lookup:
        raise bad_payload(
            table.set_name,
            "Microsoft.Crm.CrmException: CRM do not support direct update of Entity Reference properties, "
            "Use Navigation properties instead.",
        )
    if not (column.create if operation == "create" else column.update):
        return
    if value is None and column.kind is Kind.BOOLEAN and column.default is not None:
        if "null_boolean_refused" in org.quirks:
            raise bad_payload(table.set_name, f"A null value was found for the property named '{column.name}'.")
        return
    found.values[column.name] = values.take(table, column, value, org.quirks)


def _navigated(
    table: Table,
    ways: list[Relationship],
    value: Any,  # noqa: ANN401 - any JSON value
    operation: str,
    found: Intake,
) -> None:
    if value is None:
        _point(table, ways[0].column, None, None, operation, found)
    elif isinstance(value, Mapping) and operation == "create":
        found.parents.append((ways[0], value))
    else:
        raise bad_payload(
            table.set_name, f"The navigation property '{ways[0].navigation}' cannot be written like this."
        )


def _bind(org: Org, table: Table, navigation: str, value: Any, operation: str, found: Intake) -> None:  # noqa: ANN401
    ways = list(table.navigations(navigation))
    if not ways:
        raise undeclared(table, navigation)
    if value is None:
        _point(table, ways[0].column, None, None, operation, found)
        return
    place = addresses.referred(org, value)
    if all(way.target != place.table.name for way in ways):
        raise bad_payload(table.set_name, f"A row of '{place.table.name}' cannot be bound to '{navigation}'.")
    row = addresses.row(org, place)
    _point(table, ways[0].column, place.table, str(row[place.table.primary_id]), operation, found)


def _point(table: Table, name: str, target: Table | None, id: str | None, operation: str, found: Intake) -> None:
    column = table.columns[name]
    if not (column.create if operation == "create" else column.update):
        return
    found.values[name] = id
    if column.is_polymorphic:
        found.values[f"{name}type"] = target.name if target else None
    if target is not None and column.kind is not Kind.OWNER:
        found.referred.append(target)


def undeclared(table: Table, name: str) -> ODataError:
    return bad_payload(
        table.set_name,
        f"Microsoft.OData.ODataException: An undeclared property '{name}' which only has property annotations in the "
        f"payload but no property value was found in the payload. Type: 'Microsoft.Dynamics.CRM.{table.name}'.",
    )
