"""What Marketo's guide shows describe to answer for the objects beside people."""

from typing import Any

SYSTEM = [
    {"name": "createdAt", "displayName": "Created At", "dataType": "datetime", "updateable": False},
    {"name": "updatedAt", "displayName": "Updated At", "dataType": "datetime", "updateable": False},
]
GUID = {"name": "marketoGUID", "displayName": "Marketo GUID", "dataType": "string", "length": 36, "updateable": False}


def _field(name: str, kind: str = "string", *, updateable: bool = True, **more: object) -> dict[str, Any]:
    length = {"length": 255} if kind == "string" else {}
    return {"name": name, "displayName": name.title(), "dataType": kind, **length, "updateable": updateable, **more}


COMPANY: dict[str, Any] = {
    "name": "Company",
    "idField": "id",
    "dedupeFields": ["externalCompanyId"],
    "searchableFields": [["externalCompanyId"], ["id"], ["company"]],
    "fields": [
        *SYSTEM,
        {"name": "id", "displayName": "Id", "dataType": "integer", "updateable": False},
        _field("externalCompanyId", updateable=False, length=100),
        _field("company"),
        _field("annualRevenue", "currency"),
        _field("customerTier"),
    ],
}
SALESPERSON: dict[str, Any] = {
    "name": "SalesPerson",
    "idField": "id",
    "dedupeFields": ["externalSalesPersonId"],
    "searchableFields": [["email"], ["id"], ["externalSalesPersonId"]],
    "fields": [
        *SYSTEM,
        {"name": "id", "displayName": "Marketo Id", "dataType": "integer", "updateable": False},
        _field("email", updateable=False),
        _field("externalSalesPersonId", updateable=False),
        _field("firstName"),
    ],
}
OPPORTUNITY: dict[str, Any] = {
    "name": "opportunity",
    "displayName": "Opportunity",
    "idField": "marketoGUID",
    "dedupeFields": ["externalOpportunityId"],
    "searchableFields": [["externalOpportunityId"], ["marketoGUID"]],
    "fields": [
        *SYSTEM,
        GUID,
        _field("externalOpportunityId", updateable=False, length=50),
        _field("name"),
        _field("amount", "currency"),
        _field("externalCompanyId"),
        _field("isWon", "boolean"),
        _field("stage", crmManaged=True),
    ],
}
ROLE: dict[str, Any] = {
    "name": "opportunityRole",
    "displayName": "Opportunity Role",
    "idField": "marketoGUID",
    "dedupeFields": ["externalOpportunityId", "leadId", "role"],
    "searchableFields": [
        ["externalOpportunityId", "leadId", "role"],
        ["marketoGUID"],
        ["leadId"],
        ["externalOpportunityId"],
    ],
    "fields": [
        GUID,
        _field("externalOpportunityId", updateable=False, length=50),
        _field("leadId", "integer", updateable=False),
        _field("role", updateable=False, length=50),
        _field("isPrimary", "boolean"),
    ],
}
CAR: dict[str, Any] = {
    "name": "car_c",
    "displayName": "Car",
    "description": "Car owner",
    "idField": "marketoGUID",
    "dedupeFields": ["vin"],
    "searchableFields": [["vin"], ["marketoGUID"], ["leadID"]],
    "relationships": [{"field": "leadID", "type": "parent", "relatedTo": {"name": "Lead", "field": "Id"}}],
    "fields": [
        *SYSTEM,
        GUID,
        _field("vin", updateable=False, length=36),
        _field("leadID", "integer"),
        _field("color", "String"),
        _field("year", "integer"),
    ],
}
DESCRIBED: dict[str, tuple[str, dict[str, Any]]] = {
    "company": ("companies", COMPANY),
    "salesperson": ("salespersons", SALESPERSON),
    "opportunity": ("opportunities", OPPORTUNITY),
    "role": ("opportunities/roles", ROLE),
    "car_c": ("customobjects/car_c", CAR),
}


def path(object: str) -> str:
    return f"/rest/v1/{DESCRIBED[object][0]}.json"


def describe_path(object: str) -> str:
    return f"/rest/v1/{DESCRIBED[object][0]}/describe.json"


def delete_path(object: str) -> str:
    return f"/rest/v1/{DESCRIBED[object][0]}/delete.json"
