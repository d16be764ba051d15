"""The four standard objects beside the lead: companies, opportunities, opportunity roles, sales persons.

Sources: the developer guide's page of each; opportunity fields also from the SOAP API's page on syncMObjects; sales
person fields that the guide does not list are those of a lead that say who somebody is and where.
"""

from collections.abc import Sequence

from mksync.sandbox.marketo.catalogue import COMPANY_FIELDS, LeadField, standard_fields
from mksync.sandbox.marketo.objecttypes import CREATED_AT, GUID, ID, UPDATED_AT, ObjectType

COMPANY = "company"
OPPORTUNITY = "opportunity"
ROLE = "opportunityRole"
SALES_PERSON = "salesPerson"
STANDARD = (COMPANY, OPPORTUNITY, ROLE, SALES_PERSON)

_PERSON = (
    "salutation",
    "firstName",
    "lastName",
    "title",
    "department",
    "phone",
    "mobilePhone",
    "fax",
    "address",
    "city",
    "state",
    "postalCode",
    "country",
)


def standard_type(name: str, custom: Sequence[LeadField] = ()) -> ObjectType:
    """The object of this name with the fields that the instance's admin has added to it."""
    return {COMPANY: _company, OPPORTUNITY: _opportunity, ROLE: _role, SALES_PERSON: _sales_person}[name](tuple(custom))


def _company(custom: tuple[LeadField, ...]) -> ObjectType:
    own = tuple(field for field in standard_fields(native_sync=False) if field.name in COMPANY_FIELDS)
    keys = (_text("externalCompanyId", 100), ID, CREATED_AT, UPDATED_AT, _text("externalSalesPersonId", 100))
    return ObjectType(
        "Company",
        "Company",
        "marketo_company",
        "id",
        ("externalCompanyId",),
        (*keys, *own, *custom),
        (("externalCompanyId",), ("id",), ("company",)),
        description="Company object",
    )


def _opportunity(custom: tuple[LeadField, ...]) -> ObjectType:
    own = (
        GUID,
        CREATED_AT,
        UPDATED_AT,
        LeadField(0, "externalOpportunityId", "SFDC Oppty Id", "string", 50),
        _text("name"),
        _text("description", 2000),
        _text("type"),
        _text("stage"),
        _field("amount", "currency"),
        _field("closeDate", "date"),
        _field("expectedRevenue", "currency"),
        _text("externalCompanyId", 100),
        _field("externalCreatedDate", "datetime"),
        _text("externalSalesPersonId", 100),
        _text("fiscal"),
        _text("fiscalQuarter"),
        _text("fiscalYear"),
        _text("forecastCategory"),
        _field("isClosed", "boolean"),
        _field("isWon", "boolean"),
        _field("lastActivityDate", "date"),
        _text("leadSource"),
        _text("nextStep"),
        _field("probability", "integer"),
        _field("quantity", "float"),
        _text("source"),
    )
    # Of custom fields only those of type string and integer are keys (guide, Opportunities).
    found = tuple((field.name,) for field in custom if field.type in ("string", "integer"))
    return ObjectType(
        "opportunity",
        "Opportunity",
        "marketo_opportunity",
        "marketoGUID",
        ("externalOpportunityId",),
        (*own, *custom),
        (("externalOpportunityId",), ("marketoGUID",), *found),
        required=frozenset({"name"}),
    )


def _role(custom: tuple[LeadField, ...]) -> ObjectType:
    own = (
        GUID,
        CREATED_AT,
        UPDATED_AT,
        _text("externalOpportunityId", 50),
        _field("leadId", "integer"),
        _text("role", 50),
        _field("isPrimary", "boolean"),
        _field("externalCreatedDate", "datetime"),
    )
    keys = ("externalOpportunityId", "leadId", "role")
    return ObjectType(
        "opportunityRole",
        "Opportunity Role",
        "marketo_role",
        "marketoGUID",
        keys,
        (*own, *custom),
        (keys, ("marketoGUID",), ("leadId",), ("externalOpportunityId",)),
    )


def _sales_person(custom: tuple[LeadField, ...]) -> ObjectType:
    leads = {field.name: field for field in standard_fields(native_sync=False)}
    own = (ID, CREATED_AT, UPDATED_AT, _text("email"), _text("externalSalesPersonId"))
    return ObjectType(
        "SalesPerson",
        "Sales Person",
        "marketo_sales_person",
        "id",
        ("externalSalesPersonId",),
        (*own, *(leads[name] for name in _PERSON), *custom),
        (("email",), ("id",), ("externalSalesPersonId",)),
        frozen=frozenset({"email"}),
        tells_all=True,
    )


def _text(name: str, length: int = 255) -> LeadField:
    return LeadField(0, name, display_of(name), "string", length)


def _field(name: str, type: str) -> LeadField:
    return LeadField(0, name, display_of(name), type)


def display_of(name: str) -> str:
    """ "externalCompanyId" as "External Company Id"."""
    return "".join(f" {letter}" if letter.isupper() else letter for letter in name[0].upper() + name[1:]).strip()
