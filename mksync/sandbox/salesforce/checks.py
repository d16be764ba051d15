"""What a record must hold to be saved: required fields, parents that exist, unique keys, active owners.

Source: REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, "StatusCode".
"""

from mksync.sandbox.salesforce.errors import refuse
from mksync.sandbox.salesforce.fields import Field, SObject
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.tables import Row
from mksync.sandbox.salesforce.values import bad_id


def require(object: SObject, row: Row) -> None:
    """Raises REQUIRED_FIELD_MISSING naming every field that must not be empty and is."""
    missing = [name for name in object.required if row.get(name) is None]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise refuse("REQUIRED_FIELD_MISSING", message, *missing)


def check_references(org: Org, object: SObject, changed: Row) -> None:
    """Every id in `changed` names a live record of an object that the field may point at."""
    for name, id in changed.items():
        field = object.fields[name.lower()]
        if field.type == "reference" and isinstance(id, str):
            _check_reference(org, object, field, id)


def _check_reference(org: Org, object: SObject, field: Field, id: str) -> None:
    parent = org.catalogue.by_id(id)
    known = [name for name in field.reference_to if org.catalogue.object(name)]
    if known and (parent is None or parent.name not in field.reference_to):
        raise bad_id(field, id)
    row = org.tables.get(parent.name, id) if parent else None
    if parent is None or row is None:
        raise refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if row.get("IsDeleted"):
        raise refuse("ENTITY_IS_DELETED", "entity is deleted")
    if field.name == "OwnerId" and parent.name == "User" and not row["IsActive"]:
        message = f"operation performed with inactive user [{id[:15]}] as owner of {object.name.lower()}"
        raise refuse("INACTIVE_OWNER_OR_USER", message, field.name)


def check_unique(org: Org, object: SObject, changed: Row, own_id: str | None) -> None:
    """Raises DUPLICATE_VALUE when another live record holds the value of a unique field."""
    for name, value in changed.items():
        field = object.fields[name.lower()]
        if not field.unique or value is None:
            continue
        for other in org.tables.find(object.name, field.name, value):
            if other["Id"] != own_id:
                holder = str(other["Id"])[:15]
                message = f"duplicate value found: {field.name} duplicates value on record with id: {holder}"
                raise refuse("DUPLICATE_VALUE", message, field.name)
