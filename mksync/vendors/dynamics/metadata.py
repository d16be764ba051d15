"""From table definitions to fields of ours: only what the sync user may read, with what it may write.

Source: Power Apps developer documentation, "Query table definitions using the Web API". Fields of one type only come by
a cast to that type, so a description takes a call a type that the table has.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mksync.core.records import Field, FieldType, Schema
from mksync.core.values import canonical
from mksync.errors import AccessError
from mksync.ports import Unavailable
from mksync.vendors.dynamics.choices import EMPTY, OptionSets, kinds_of, label_of
from mksync.vendors.dynamics.choices import read as read_choices
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.kinds import FORMATS, LOOKUPS, READ_ONLY, SECURED, TYPES, date_kind
from mksync.vendors.dynamics.objects import TABLES, Table
from mksync.vendors.dynamics.odata import query
from mksync.vendors.dynamics.security import Permissions, Rights, Security
from mksync.vendors.dynamics.tables import NO_TABLE, is_custom, objects_of

_TABLE = ("LogicalName", "DisplayName")
_COLUMNS = (
    "LogicalName", "AttributeType", "AttributeTypeName", "AttributeOf", "IsValidForRead", "IsValidForCreate",
    "IsValidForUpdate", "IsValidODataAttribute", "IsCustomAttribute", "IsPrimaryId", "IsSecured", "SourceType",
    "RequiredLevel", "DisplayName",
)  # fmt: skip
_EXTRAS = {
    "String": ("MaxLength", "FormatName"),
    "Memo": ("MaxLength",),
    "DateTime": ("Format", "DateTimeBehavior"),
    "Decimal": ("Precision", "MinValue", "MaxValue"),
    "Double": ("Precision", "MinValue", "MaxValue"),
}
_TARGETS = "ManyToOneRelationships($select=ReferencingAttribute,ReferencedEntity)"
_MONEY_SCALE = 4  # digits after the point of every amount of money on the wire
# What a column may hold at most, where its own limits would take another call ("Column data types in Dataverse").
_WIDEST: Mapping[str, tuple[str, str]] = {
    "Integer": ("-2147483648", "2147483647"),
    "Money": ("-922337203685477", "922337203685477"),
}
_EVERYTHING = Rights(True, True, True)


@dataclass(frozen=True, slots=True)
class Description:
    """`hidden`: secured columns that are left out. `unproven`: why their permissions are not known, if so."""

    schema: Schema
    options: OptionSets
    hidden: tuple[str, ...] = ()
    unproven: str = ""


def describe(client: Client, table: Table, security: Security) -> Description:
    """The fields that the sync user sees."""
    entity = definition(client, table, _TABLE, expand=f"Attributes($select={','.join(_COLUMNS)}),{_TARGETS}")
    columns = [row for row in entity["Attributes"] if _is_column(row)]
    extras = _extras(client, table.name, {_type_name(row) for row in columns})
    secured = [row for row in columns if row.get("IsSecured")]
    permissions = security.permissions(table.name) if secured else Permissions({})
    targets = _targets(entity, table)
    fields = [
        replace(_field(row, extras.get(row["LogicalName"], {}), permissions), references=targets(row))
        for row in columns
    ]
    hidden = [row["LogicalName"] for row in secured if not permissions.of(row["LogicalName"]).read]
    seen = [field for field in fields if field.name not in hidden]
    options = read_choices(client, table.name, kinds_of(seen))
    named = {field.name: _with_choices(field, options) for field in seen}
    label = label_of(entity.get("DisplayName")) or table.name
    return Description(Schema(table.object, label, named), options, tuple(hidden), permissions.unproven)


def definition(client: Client, table: Table, columns: Sequence[str], **more: str) -> Mapping[str, Any]:
    """The definition of a table. If this environment has none of that name: Unavailable, or AccessError of people's."""
    answer = client.get(query(f"EntityDefinitions(LogicalName='{table.name}')", select=columns, **more))
    if answer.status == 404 and table.object not in TABLES:
        raise Unavailable(f"this environment of Dynamics has no table {table.name}", NO_TABLE)
    if answer.status == 404:
        raise AccessError(
            f"this environment of Dynamics has no table {table.name}",
            hint="Leads come with Dynamics 365 Sales. Install it in this environment, or choose another one.",
        )
    found: Mapping[str, Any] = answer.checked()
    return found


def _is_column(row: Mapping[str, Any]) -> bool:
    """A column of its own that can be read and holds a single value; `AttributeOf` marks the shadow of another."""
    if row.get("AttributeOf") or row.get("IsValidForRead") is False or _type_name(row) not in TYPES:
        return False
    return row.get("IsValidODataAttribute") is not False or _type_name(row) in LOOKUPS


def _type_name(row: Mapping[str, Any]) -> str:
    """`AttributeType` calls some types Virtual, `AttributeTypeName` says what they are."""
    named = (row.get("AttributeTypeName") or {}).get("Value")
    return str(named or row.get("AttributeType") or "").removesuffix("Type")


def _extras(client: Client, table: str, types: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for type in sorted(_EXTRAS.keys() & set(types)):
        path = f"EntityDefinitions(LogicalName='{table}')/Attributes/Microsoft.Dynamics.CRM.{type}AttributeMetadata"
        rows = client.read(query(path, select=("LogicalName", *_EXTRAS[type])))["value"]
        found |= {row["LogicalName"]: row for row in rows}
    return found


def _field(row: Mapping[str, Any], extra: Mapping[str, Any], permissions: Permissions) -> Field:
    named, secured = _kind(row, extra), bool(row.get("IsSecured"))
    rights = permissions.of(row["LogicalName"]) if secured else _EVERYTHING
    type = _type(named, extra)
    # Calculated, rolled up or computed by a formula; and kinds that are nobody's to write.
    editable = not row.get("SourceType") and named not in READ_ONLY
    creatable = editable and rights.create and bool(row.get("IsValidForCreate"))
    return Field(
        name=row["LogicalName"],
        label=label_of(row.get("DisplayName")) or row["LogicalName"],
        type=type,
        vendor_type=named + (SECURED if secured else ""),
        length=extra.get("MaxLength"),
        scale=_MONEY_SCALE if named == "Money" else extra.get("Precision"),
        creatable=creatable,
        writable=editable and rights.update and bool(row.get("IsValidForUpdate")),
        required=creatable and _is_required(row) and named not in ("Boolean", "Owner"),
        custom=bool(row.get("IsCustomAttribute")),
        calculated=bool(row.get("SourceType")),
        searchable=named == "String" and type is not FieldType.TEXTAREA,
        lowest=_limit(extra.get("MinValue")) or _WIDEST.get(named, (None, None))[0],
        highest=_limit(extra.get("MaxValue")) or _WIDEST.get(named, (None, None))[1],
    )


def _limit(wire: object) -> str | None:
    return None if wire is None else str(canonical(FieldType.DECIMAL, wire))


def _targets(entity: Mapping[str, Any], table: Table) -> Callable[[Mapping[str, Any]], tuple[str, ...]]:
    """What a column refers to, in mksync's words.

    A team that owns a record is no sales person, and the contact that stands where an account could is no company.
    """
    named: dict[str, list[str]] = {}
    for way in entity.get("ManyToOneRelationships") or ():
        named.setdefault(way["ReferencingAttribute"], []).append(way["ReferencedEntity"])

    def of(row: Mapping[str, Any]) -> tuple[str, ...]:
        kind = _type_name(row)
        if kind == "Owner":
            return ("user",)
        if kind == "Customer":
            return ("account", "contact") if is_custom(table.name) else ("account",)
        return objects_of(named.get(row["LogicalName"], ())) if kind == "Lookup" else ()

    return of


def _kind(row: Mapping[str, Any], extra: Mapping[str, Any]) -> str:
    name = _type_name(row)
    if name != "DateTime":
        return name
    return date_kind(str((extra.get("DateTimeBehavior") or {}).get("Value")), str(extra.get("Format")))


def _type(kind: str, extra: Mapping[str, Any]) -> FieldType:
    format = str((extra.get("FormatName") or {}).get("Value"))
    return FORMATS.get(format, TYPES[kind]) if kind == "String" else TYPES[kind]


def _is_required(row: Mapping[str, Any]) -> bool:
    """Only what the system itself requires is enforced; a business requirement binds forms, not the API.

    An owner and a Boolean have a value of their own where none is given.
    """
    return bool((row.get("RequiredLevel") or {}).get("Value") == "SystemRequired")


def _with_choices(field: Field, options: OptionSets) -> Field:
    found = options.get(field.name, EMPTY).names
    names, numbers = tuple(found.values()), tuple(map(str, found))
    return replace(field, choices=names, codes=numbers, restricted=True) if names else field
