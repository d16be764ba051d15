"""Tables as `EntityDefinitions` shows them: JSON documents made from `tables.py`.

Source: Microsoft Learn, "EntityMetadata EntityType", "EntityKeyMetadata EntityType" and the types of relationships.
"""

from mksync.sandbox.dynamics.access import RIGHTS, privilege_id, privilege_name
from mksync.sandbox.dynamics.catalogue import Catalogue
from mksync.sandbox.dynamics.describe_columns import attributes
from mksync.sandbox.dynamics.labels import Document, label, managed, metadata_id
from mksync.sandbox.dynamics.tables import Key, Relationship, Table


def entity(table: Table, catalogue: Catalogue) -> Document:
    """One EntityMetadata with everything that can be expanded."""
    return {
        "MetadataId": metadata_id(table.name),
        "HasChanged": None,
        "LogicalName": table.name,
        "SchemaName": table.schema_name,
        "LogicalCollectionName": table.set_name,
        "CollectionSchemaName": table.set_name,
        "EntitySetName": table.set_name,
        "ObjectTypeCode": table.code,
        "PrimaryIdAttribute": table.primary_id,
        "PrimaryNameAttribute": table.primary_name or None,
        "PrimaryImageAttribute": None,
        "OwnershipType": table.ownership,
        "TableType": "Standard",
        "IsCustomEntity": table.custom,
        "IsManaged": not table.custom,
        "IsActivity": table.activity,
        "IsIntersect": table.intersect,
        "IsLogicalEntity": False,
        "IsPrivate": False,
        "ChangeTrackingEnabled": table.change_tracking,
        "CanChangeTrackingBeEnabled": managed(table.can_change_tracking, "canchangetrackingbeenabled"),
        "IsOptimisticConcurrencyEnabled": table.optimistic_concurrency,
        "IsDuplicateDetectionEnabled": managed(table.duplicate_detection, "canmodifyduplicatedetectionsettings"),
        "IsStateModelAware": False,
        "EnforceStateTransitions": False,
        "IsValidForAdvancedFind": managed(True, "canmodifysearchsettings"),
        "DisplayName": label(table.label, table.name),
        "DisplayCollectionName": label(f"{table.label}s", table.name),
        "Description": label("", table.name),
        "Privileges": [_privilege(table, right) for right in RIGHTS],
        "Attributes": attributes(table),
        "Keys": [_key(table, key) for key in table.keys],
        "ManyToOneRelationships": [_relationship(catalogue, table, way) for way in table.relationships],
        "OneToManyRelationships": [_relationship(catalogue, *pair) for pair in catalogue.referring(table)],
        "ManyToManyRelationships": _many_to_many(table),
    }


def _privilege(table: Table, right: str) -> Document:
    name = privilege_name(table, right)
    owned = table.has_owner
    depths = {"CanBeBasic": owned, "CanBeLocal": owned, "CanBeDeep": owned, "CanBeGlobal": True}
    return {"Name": name, "PrivilegeId": privilege_id(name), "PrivilegeType": right, **depths}


def _key(table: Table, key: Key) -> Document:
    return {
        "MetadataId": metadata_id(table.name, "key", key.name),
        "HasChanged": None,
        "LogicalName": key.name,
        "SchemaName": key.name,
        "EntityLogicalName": table.name,
        "KeyAttributes": list(key.columns),
        "EntityKeyIndexStatus": key.status,
        "IsManaged": False,
        "DisplayName": label(key.name, table.name),
    }


def _relationship(catalogue: Catalogue, table: Table, way: Relationship) -> Document:
    target = catalogue.named(way.target)
    cascade = dict.fromkeys(("Assign", "Share", "Unshare", "Reparent"), "NoCascade")
    return {
        "MetadataId": metadata_id("relationship", table.name, way.collection, way.navigation),
        "HasChanged": None,
        "SchemaName": way.collection,
        "RelationshipType": "OneToManyRelationship",
        "IsCustomRelationship": table.columns[way.column].custom,
        "IsManaged": not table.columns[way.column].custom,
        "ReferencedEntity": target.name,
        "ReferencedAttribute": target.primary_id,
        "ReferencedEntityNavigationPropertyName": way.collection,
        "ReferencingEntity": table.name,
        "ReferencingAttribute": way.column,
        "ReferencingEntityNavigationPropertyName": way.navigation,
        "CascadeConfiguration": {
            **cascade,
            "Delete": way.on_delete,
            "Merge": "Cascade" if way.on_merge else "NoCascade",
        },
    }


def _many_to_many(table: Table) -> list[Document]:
    return [
        {
            "MetadataId": metadata_id("relationship", pair.navigation),
            "SchemaName": pair.navigation,
            "RelationshipType": "ManyToManyRelationship",
            "Entity1LogicalName": table.name,
            "Entity1NavigationPropertyName": pair.navigation,
            "Entity1IntersectAttribute": pair.here,
            "Entity2LogicalName": pair.target,
            "Entity2NavigationPropertyName": pair.navigation,
            "Entity2IntersectAttribute": pair.there,
            "IntersectEntityName": pair.through,
        }
        for pair in table.many_to_many
    ]
