"""Describe Global and sObject Describe as the acting user sees them.

Source: REST API Developer Guide, "Describe Global", "sObject Describe".
"""

from typing import Any

from mksync.sandbox.salesforce.catalogue import Catalogue, View
from mksync.sandbox.salesforce.fields import NUMBERS, TEXTS, Field
from mksync.sandbox.salesforce.standard.children import CASCADES, CHILDREN

_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
_MASTER_TYPE = "012000000000000AAA"
_NEVER = dict.fromkeys(
    (
        "aiPredictionField",
        "autoNumber",
        "cascadeDelete",
        "dependentPicklist",
        "deprecatedAndHidden",
        "displayLocationInDecimal",
        "encrypted",
        "formulaTreatNullNumberAsZero",
        "highScaleNumber",
        "htmlFormatted",
        "namePointing",
        "queryByDistance",
        "restrictedDelete",
        "writeRequiresMasterRead",
    ),
    False,
)
_EMPTY = dict.fromkeys(
    (
        "calculatedFormula",
        "controllerName",
        "defaultValueFormula",
        "filteredLookupInfo",
        "inlineHelpText",
        "mask",
        "maskType",
        "referenceTargetField",
        "relationshipOrder",
    )
)


def summary(view: View, path: str) -> dict[str, Any]:
    """An object's entry in Describe Global; `path` is what record urls begin with."""
    object = view.object
    writable, here = view.editable, path + object.name
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": writable,
        "custom": object.name.endswith("__c"),
        "customSetting": False,
        "deepCloneable": False,
        "deletable": writable and object.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": object.mergeable,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": object.prefix,
        "label": object.label,
        "labelPlural": object.plural,
        "layoutable": object.deletable,
        "mergeable": writable and object.mergeable,
        "mruEnabled": object.deletable,
        "name": object.name,
        "queryable": True,
        "replicateable": object.replicateable,
        "retrieveable": True,
        "searchable": object.deletable,
        "triggerable": object.deletable,
        "undeletable": writable and object.undeletable,
        "updateable": writable,
        "urls": {
            "sobject": here,
            "describe": f"{here}/describe",
            "rowTemplate": f"{here}/{{ID}}",
        },
    }


def describe_all(catalogue: Catalogue, path: str, admin: bool) -> dict[str, Any]:
    views = (catalogue.view(object.name, admin) for object in catalogue)
    listed = sorted((view for view in views if view), key=lambda view: view.name)
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [summary(view, path) for view in listed]}


def describe(catalogue: Catalogue, view: View, path: str) -> dict[str, Any]:
    return {
        **summary(view, path),
        "actionOverrides": [],
        "childRelationships": _children(catalogue, view),
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [field_json(field) for field in view.fields.values()],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [_master_type(view.name, path)],
        "searchLayoutable": view.object.deletable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {view.object.plural.lower()}", "name": "everything"}],
    }


def field_json(field: Field) -> dict[str, Any]:
    """One field, with the keys a v59 describe carries."""
    is_text = field.type in TEXTS
    sizeable = field.type in NUMBERS - {"int"}
    return {
        **_NEVER,
        **_EMPTY,
        "aggregatable": field.filterable,
        "byteLength": field.length * 3 if is_text else field.length,
        "calculated": False,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": False if field.type == "boolean" else None,
        "defaultedOnCreate": field.defaulted,
        "digits": 9 if field.type == "int" else 0,
        "externalId": field.external_id,
        "extraTypeInfo": _extra_type(field),
        "filterable": field.filterable,
        "groupable": field.filterable and field.type not in ("datetime", "double", "currency", "multipicklist"),
        "idLookup": field.id_lookup or field.external_id,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name == "Name",
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "picklistValues": [_choice(choice.value, choice.default, choice.active) for choice in field.choices],
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "precision": field.precision if sizeable else 0,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "searchPrefilterable": field.type == "reference",
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "sortable": field.filterable and field.type != "multipicklist",
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
    }


def _extra_type(field: Field) -> str | None:
    if field.type == "textarea":
        return "plaintextarea"
    return "personname" if field.compound == "Name" or (field.name == "Name" and not field.createable) else None


def _choice(value: str, default: bool, active: bool) -> dict[str, Any]:
    return {"active": active, "defaultValue": default, "label": value, "validFor": None, "value": value}


def _children(catalogue: Catalogue, view: View) -> list[dict[str, Any]]:
    names = {link: name for name, link in CHILDREN.get(view.name, {}).items()}
    cascades = CASCADES.get(view.name, ())
    return [
        {
            "cascadeDelete": (child.name, field.name) in cascades,
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": names.get((child.name, field.name)),
            "restrictedDelete": False,
        }
        for child, field in catalogue.children(view.name)
    ]


def _master_type(object: str, path: str) -> dict[str, Any]:
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": _MASTER_TYPE,
        "urls": {"layout": f"{path}{object}/describe/layouts/{_MASTER_TYPE}"},
    }
