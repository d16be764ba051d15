"""A custom object type as mksync wants it, and as Marketo lists it."""

from collections.abc import Sequence
from typing import Any

from mksync.core.object_types import ObjectLink, ObjectType
from mksync.core.records import Field, FieldType
from tests.vendors.marketo.conftest import Instance
from tests.vendors.marketo.object_replies import GUID, SYSTEM

SCHEMA = "/rest/v1/customobjects/schema"
TYPES = f"{SCHEMA}.json"
ADD, APPROVE, DRAFT = (f"{SCHEMA}/car_c/{call}.json" for call in ("addField", "approve", "describe"))
TYPE = ObjectType(
    name="car_c",
    label="Car (new)",
    fields=(
        Field("vin", "VIN", FieldType.TEXT),
        Field("color", "Colour", FieldType.PICKLIST),
        Field("remarks", "Remarks", FieldType.TEXTAREA),
        Field("homepage", "Colour", FieldType.URL),
        Field("price", "Created At", FieldType.DECIMAL),
    ),
    dedupe=("vin",),
    links=(ObjectLink("leadID", "person"),),
    description="Cars of the CRM",
)


def raw_type(state: str = "approved", fields: Sequence[dict[str, Any]] | None = None, **more: object) -> dict[str, Any]:
    """As Marketo lists the type above."""
    kinds = {"vin": "string", "color": "string", "remarks": "text", "homepage": "string", "price": "float"}
    own = [{"name": name, "displayName": name, "dataType": kind, "updateable": True} for name, kind in kinds.items()]
    link = {"name": "leadID", "displayName": "leadID", "dataType": "integer", "updateable": True}
    return {
        "apiName": "car_c",
        "displayName": "Car",
        "state": state,
        "idField": "marketoGUID",
        "dedupeFields": ["vin"],
        "relationships": [{"field": "leadID", "type": "child", "relatedTo": {"name": "Lead", "field": "Id"}}],
        "fields": [*SYSTEM, GUID, *([link, *own] if fields is None else fields)],
        **more,
    }


EMPTY_DRAFT = raw_type("draft", [], dedupeFields=[], searchableFields=[[]], relationships=[], idField=None)


def posted(instance: Instance) -> list[tuple[str, Any]]:
    return [(call.path, call.json()) for call in instance.server.heard if call.method == "POST" and "json" in call.path]


def fields_but(name: str, **more: object) -> list[dict[str, Any]]:
    """The fields of the type above, one of them changed."""
    return [{**one, **more} if one["name"] == name else one for one in raw_type()["fields"]]
