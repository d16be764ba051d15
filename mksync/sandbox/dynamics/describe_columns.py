"""Columns as metadata shows them: one document each, with the members of its own type.

Source: Microsoft Learn, "AttributeMetadata EntityType" and the types below it.
"""

from collections.abc import Callable, Mapping

from mksync.sandbox.dynamics.labels import Document, label, managed, metadata_id
from mksync.sandbox.dynamics.tables import Column, Kind, Option, Table

_OLD_NAMES = {Kind.MULTI: "Virtual", Kind.IMAGE: "Virtual"}
_LARGEST_STAMP = "9999-12-30T23:59:59Z"


def attributes(table: Table) -> list[Document]:
    """The columns, each typed in full, and the shadows that come along with lookups, choices and booleans."""
    found: list[Document] = []
    for column in table.columns.values():
        found.append(attribute(table, column))
        found += [_shadow(table, column, name) for name in _shadow_names(column)]
    return found


def attribute(table: Table, column: Column) -> Document:
    """One AttributeMetadata with the members of its own type."""
    common = _common(table, column)
    typed = _TYPED.get(column.kind)
    return {**common, **(typed(table, column) if typed else {})}


def type_of(column_type: str) -> str:
    """`StringType` to `StringAttributeMetadata`, the name of its cast."""
    if column_type == Kind.BIG_INT:
        return "BigIntAttributeMetadata"
    if column_type == Kind.UNIQUEIDENTIFIER:
        return "UniqueIdentifierAttributeMetadata"
    return f"{column_type.removesuffix('Type')}AttributeMetadata"


def _common(table: Table, column: Column) -> Document:
    securable = column.can_be_secured and column.name != table.primary_name
    return {
        "@odata.type": f"#Microsoft.Dynamics.CRM.{type_of(column.kind)}",
        "MetadataId": metadata_id(table.name, column.name),
        "HasChanged": None,
        "LogicalName": column.name,
        "SchemaName": column.schema_name,
        "EntityLogicalName": table.name,
        "AttributeType": _OLD_NAMES.get(column.kind, column.kind.removesuffix("Type")),
        "AttributeTypeName": {"Value": column.kind},
        "AttributeOf": column.attribute_of,
        "IsLogical": False,
        "IsValidForRead": column.read,
        "IsValidForCreate": column.create,
        "IsValidForUpdate": column.update,
        "IsValidODataAttribute": column.odata,
        "IsRetrievable": column.read,
        "IsFilterable": column.read,
        "IsSearchable": False,
        "IsCustomAttribute": column.custom,
        "IsManaged": not column.custom,
        "IsPrimaryId": column.name == table.primary_id,
        "IsPrimaryName": column.name == table.primary_name,
        "IsSecured": column.secured,
        "CanBeSecuredForRead": securable,
        "CanBeSecuredForCreate": securable and column.create,
        "CanBeSecuredForUpdate": securable and column.update,
        "SourceType": column.source_type,
        "AutoNumberFormat": "" if column.kind is Kind.STRING else None,
        "RequiredLevel": managed(column.required, "canmodifyrequirementlevelsettings"),
        "IsValidForAdvancedFind": managed(column.read, "canmodifysearchsettings"),
        "IsAuditEnabled": managed(False, "canmodifyauditsettings"),
        "DisplayName": label(column.label, table.name, column.name),
        "Description": label("", table.name, column.name),
    }


def _text(_: Table, column: Column) -> Document:
    # FormatName has names that the older Format has not.
    old = column.format if column.format in ("Email", "Phone", "Text", "TextArea", "TickerSymbol", "Url") else "Text"
    extra = {"FormatName": {"Value": column.format}, "DatabaseLength": column.length * 2}
    return {"MaxLength": column.length, "Format": old, **extra, "FormulaDefinition": "", "SourceTypeMask": 0}


def _memo(_: Table, column: Column) -> Document:
    return {"MaxLength": column.length, "Format": "TextArea", "FormatName": {"Value": "TextArea"}, "ImeMode": "Auto"}


def _moment(_: Table, column: Column) -> Document:
    return {
        "Format": column.format,
        "DateTimeBehavior": {"Value": column.behavior},
        "CanChangeDateTimeBehavior": managed(False, "canchangedatetimebehavior"),
        "MinSupportedValue": "1753-01-01T00:00:00Z",
        "MaxSupportedValue": _LARGEST_STAMP,
        "FormulaDefinition": "",
        "SourceTypeMask": 0,
    }


def _number(_: Table, column: Column) -> Document:
    found: Document = {"MinValue": column.minimum, "MaxValue": column.maximum, "FormulaDefinition": ""}
    if column.kind in (Kind.INTEGER, Kind.BIG_INT):
        whole = {name: None if found[name] is None else int(found[name]) for name in ("MinValue", "MaxValue")}
        return {**found, **whole, "Format": column.format or "None"}
    if column.kind is Kind.MONEY:
        base = column.name.endswith("_base")
        extra = {"PrecisionSource": 2, "IsBaseCurrency": base}
        return {**found, "Precision": column.precision, **extra, "CalculationOf": column.name[:-5] if base else None}
    return {**found, "Precision": column.precision}


def _lookup(_: Table, column: Column) -> Document:
    return {"Targets": list(column.targets), "Format": "None"}


def _option(table: Table, column: Column, option: Option) -> Document:
    found: Document = {
        "Value": option.value,
        "Color": None,
        "IsManaged": not column.custom,
        "ExternalValue": None,
        "MetadataId": None,
        "HasChanged": None,
        "Label": label(option.label, table.name, column.name, str(option.value)),
        "Description": label(""),
    }
    if column.kind is Kind.STATE:
        found |= {"DefaultStatus": option.default_status, "InvariantName": option.label.replace(" ", "")}
    if column.kind is Kind.STATUS:
        found |= {"State": option.state, "TransitionData": None}
    return found


def _options(table: Table, column: Column) -> Document:
    kinds = {Kind.STATE: "State", Kind.STATUS: "Status"}
    choices = {
        "MetadataId": metadata_id(table.name, column.name, "options"),
        "HasChanged": None,
        "Name": f"{table.name}_{column.name}" if not column.custom else column.name,
        "IsGlobal": False,
        "IsManaged": not column.custom,
        "IsCustomOptionSet": column.custom,
        "OptionSetType": kinds.get(column.kind, "Picklist"),
        "Options": [_option(table, column, option) for option in column.options],
    }
    default = -1 if column.default is None else column.default
    return {"OptionSet": choices, "GlobalOptionSet": None, "DefaultFormValue": default}


def _boolean(table: Table, column: Column) -> Document:
    false, true = (_option(table, column, option) for option in column.options)
    choices = {
        "MetadataId": metadata_id(table.name, column.name, "options"),
        "Name": f"{table.name}_{column.name}",
        "IsGlobal": False,
        "OptionSetType": "Boolean",
        "FalseOption": false,
        "TrueOption": true,
    }
    return {"OptionSet": choices, "GlobalOptionSet": None, "DefaultValue": bool(column.default)}


_TYPED: Mapping[Kind, Callable[[Table, Column], Document]] = {
    Kind.STRING: _text,
    Kind.MEMO: _memo,
    Kind.DATE_TIME: _moment,
    Kind.INTEGER: _number,
    Kind.BIG_INT: _number,
    Kind.DECIMAL: _number,
    Kind.DOUBLE: _number,
    Kind.MONEY: _number,
    Kind.LOOKUP: _lookup,
    Kind.CUSTOMER: _lookup,
    Kind.OWNER: _lookup,
    Kind.PICKLIST: _options,
    Kind.MULTI: _options,
    Kind.STATE: _options,
    Kind.STATUS: _options,
    Kind.BOOLEAN: _boolean,
}


def _shadow_names(column: Column) -> tuple[str, ...]:
    if column.is_lookup:
        return (f"{column.name}name", f"{column.name}yominame")
    return (f"{column.name}name",) if column.options else ()


def _shadow(table: Table, column: Column, name: str) -> Document:
    """The name of what a column refers to: no property of the Web API, but part of the metadata."""
    kind = Kind.STRING if column.is_lookup else "VirtualType"
    fixed = {"IsValidForCreate": False, "IsValidForUpdate": False, "IsSecured": False, "IsValidODataAttribute": False}
    securable = {f"CanBeSecuredFor{way}": False for way in ("Read", "Create", "Update")}
    typed = _text(table, Column(name, Kind.STRING, length=100, format="Text")) if kind == Kind.STRING else {}
    return {
        **_common(table, column),
        **fixed,
        **securable,
        "@odata.type": f"#Microsoft.Dynamics.CRM.{type_of(kind) if column.is_lookup else 'AttributeMetadata'}",
        "MetadataId": metadata_id(table.name, name),
        "LogicalName": name,
        "SchemaName": f"{column.schema_name}Name",
        "AttributeType": kind.removesuffix("Type"),
        "AttributeTypeName": {"Value": kind},
        "AttributeOf": column.name,
        "IsLogical": True,
        "IsPrimaryId": False,
        "IsPrimaryName": False,
        "RequiredLevel": managed("None", "canmodifyrequirementlevelsettings"),
        "DisplayName": label("", table.name, name),
        **typed,
    }
