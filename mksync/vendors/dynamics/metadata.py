"""From definitions of tables to fields of ours: only what the sync user may read, with what it may write."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.records import Field, FieldType, Schema
from mksync.core.values import canonical
from mksync.vendors.dynamics.choices import EMPTY, OptionSets, kinds_of, label_of
from mksync.vendors.dynamics.definitions import EXTRAS, Definition, type_name
from mksync.vendors.dynamics.kinds import FORMATS, READ_ONLY, SECURED, TYPES, date_kind
from mksync.vendors.dynamics.objects import Table
from mksync.vendors.dynamics.security import Permissions, Rights
from mksync.vendors.dynamics.tables import is_custom, objects_of

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


def described(table: Table, found: Definition, permissions: Permissions) -> Description:
    """The fields that the sync user sees. `permissions`: on the secured columns of this table."""
    secured = [row["LogicalName"] for row in found.columns if row.get("IsSecured")]
    targets = _targets(found.table, table)
    fields = [replace(_field(row, permissions), references=targets(row)) for row in found.columns]
    hidden = [name for name in secured if not permissions.of(name).read]
    seen = [field for field in fields if field.name not in hidden]
    options = found.options(kinds_of(seen))
    named = {field.name: _with_choices(field, options) for field in seen}
    label = label_of(found.table.get("DisplayName")) or table.name
    return Description(Schema(table.object, label, named), options, tuple(hidden), permissions.unproven)


def _field(row: Mapping[str, Any], permissions: Permissions) -> Field:
    named, secured = _kind(row), bool(row.get("IsSecured"))
    extra = {name: row.get(name) for name in EXTRAS.get(named, ())}
    rights = permissions.of(row["LogicalName"]) if secured else _EVERYTHING
    type = _type(named, row)
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
        kind = type_name(row)
        if kind == "Owner":
            return ("user",)
        if kind == "Customer":
            return ("account", "contact") if is_custom(table.name) else ("account",)
        return objects_of(named.get(row["LogicalName"], ())) if kind == "Lookup" else ()

    return of


def _kind(row: Mapping[str, Any]) -> str:
    name = type_name(row)
    if name != "DateTime":
        return name
    return date_kind(str((row.get("DateTimeBehavior") or {}).get("Value")), str(row.get("Format")))


def _type(kind: str, row: Mapping[str, Any]) -> FieldType:
    format = str((row.get("FormatName") or {}).get("Value"))
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
