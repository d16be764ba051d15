"""Stored rows as the JSON of single records."""

from collections.abc import Iterable
from typing import Any

from mksync.sandbox.salesforce.catalogue import View
from mksync.sandbox.salesforce.fields import Field
from mksync.sandbox.salesforce.intake import unknown_field
from mksync.sandbox.salesforce.soql.shape import address_parts
from mksync.sandbox.salesforce.tables import Row


def record(view: View, row: Row, fields: Iterable[Field], path: str) -> dict[str, Any]:
    """A record with some of its fields; `path` is what record urls begin with."""
    made: dict[str, Any] = {"attributes": {"type": view.name, "url": f"{path}{view.name}/{row['Id']}"}}
    for field in fields:
        made[field.name] = value(view, row, field)
    return made


def value(view: View, row: Row, field: Field) -> Any:  # noqa: ANN401 - JSON
    if field.type == "boolean":
        return bool(row[field.name])
    if field.type != "address":
        return row[field.name]
    parts = {key: row[name] for key, name in address_parts(field).items() if view.find(name) and name in row}
    return parts if any(part is not None for part in parts.values()) else None


def chosen(view: View, names: Iterable[str]) -> list[Field]:
    """The fields of these names, without regard to case. Raises INVALID_FIELD."""
    fields = []
    for name in names:
        field = view.find(name)
        if field is None:
            raise unknown_field(name, view.name)
        fields.append(field)
    return fields
