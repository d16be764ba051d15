"""Custom objects for tests: a car that belongs to a lead, as in the developer guide."""

from typing import Any

from tests.sandbox.marketo.api import Api

SCHEMA = "customobjects/schema"
VIN = {"name": "vin", "displayName": "VIN", "dataType": "string", "isDedupeField": True}
LEAD = {
    "name": "leadID",
    "displayName": "Lead ID",
    "dataType": "link",
    "relatedTo": {"name": "lead", "field": "id"},
}
YEAR = {"name": "year", "displayName": "Year", "dataType": "integer"}


def draft(api: Api, name: str = "car", *fields: dict[str, Any], **more: Any) -> None:
    """A new type with these fields, not approved."""
    done(api.post(SCHEMA, {"apiName": name, "displayName": name.title(), "action": "createOnly", **more}))
    if fields:
        done(api.post(f"{SCHEMA}/{name}/addField", {"input": list(fields)}))


def approved(api: Api, name: str = "car", *fields: dict[str, Any]) -> None:
    draft(api, name, *(fields or (VIN, LEAD, YEAR)))
    done(api.post(f"{SCHEMA}/{name}/approve"))


def done(reply: Any) -> None:
    assert reply["success"], reply
    assert reply["result"] == []


def described(api: Api, name: str = "car", **params: Any) -> Any:
    (told,) = api.get(f"{SCHEMA}/{name}/describe", **params)["result"]
    return told


def plain(name: str, type: str = "string", **more: Any) -> dict[str, Any]:
    """A field that is called like its name."""
    return {"name": name, "displayName": name, "dataType": type, **more}
