"""Definitions of tables and their columns, as Dataverse tells them: each type of column by a cast of its own.

Source: Power Apps developer documentation, "Query table definitions using the Web API". `together` asks for the same of
several tables at once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mksync.core.frozen import dataclass
from mksync.errors import AccessError
from mksync.ports import Unavailable
from mksync.vendors.dynamics.choices import OptionSets
from mksync.vendors.dynamics.choices import read as read_choices
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.kinds import LOOKUPS, TYPES
from mksync.vendors.dynamics.objects import TABLES, Table
from mksync.vendors.dynamics.odata import query
from mksync.vendors.dynamics.tables import NO_TABLE

TABLE = ("LogicalName", "DisplayName", "ChangeTrackingEnabled")
COLUMNS = (
    "LogicalName", "AttributeType", "AttributeTypeName", "AttributeOf", "IsValidForRead", "IsValidForCreate",
    "IsValidForUpdate", "IsValidODataAttribute", "IsCustomAttribute", "IsPrimaryId", "IsSecured", "SourceType",
    "RequiredLevel", "DisplayName",
)  # fmt: skip
EXTRAS: Mapping[str, tuple[str, ...]] = {
    "String": ("MaxLength", "FormatName"),
    "Memo": ("MaxLength",),
    "DateTime": ("Format", "DateTimeBehavior"),
    "Decimal": ("Precision", "MinValue", "MaxValue"),
    "Double": ("Precision", "MinValue", "MaxValue"),
}
"""What only columns of one type have, as far as it is of use."""
WAYS = ("ReferencingAttribute", "ReferencedEntity")

Wire = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Definition:
    """`table` and its `columns`, each with what its type has; `options` gives the option sets of columns of kinds."""

    table: Wire
    columns: Sequence[Wire]
    options: Callable[[Iterable[str]], OptionSets]

    @property
    def secured(self) -> bool:
        """Whether column security covers any of it."""
        return any(row.get("IsSecured") for row in self.columns)


def by_casts(client: Client, table: Table) -> Definition:
    """A call, and one for each type of column that the table has. Raises as `asked`."""
    expand = f"Attributes($select={','.join(COLUMNS)}),ManyToOneRelationships($select={','.join(WAYS)})"
    found = asked(client, table, TABLE, expand=expand)
    columns = [row for row in found["Attributes"] if is_column(row)]
    extras: dict[str, Wire] = {}
    for type in sorted(EXTRAS.keys() & {type_name(row) for row in columns}):
        path = (
            f"EntityDefinitions(LogicalName='{table.name}')/Attributes/Microsoft.Dynamics.CRM.{type}AttributeMetadata"
        )
        rows = client.read(query(path, select=("LogicalName", *EXTRAS[type])))["value"]
        extras |= {row["LogicalName"]: row for row in rows}
    whole = [{**row, **extras.get(row["LogicalName"], {})} for row in columns]
    return Definition(found, whole, lambda kinds: read_choices(client, table.name, kinds))


def asked(client: Client, table: Table, names: Sequence[str], **more: str) -> Wire:
    """The definition of a table. If this environment has none of that name: Unavailable, or AccessError of people's."""
    answer = client.get(query(f"EntityDefinitions(LogicalName='{table.name}')", select=names, **more))
    if answer.status == 404 and table.object not in TABLES:
        raise Unavailable(f"this environment of Dynamics has no table {table.name}", NO_TABLE)
    if answer.status == 404:
        raise AccessError(
            f"this environment of Dynamics has no table {table.name}",
            hint="Leads come with Dynamics 365 Sales. Install it in this environment, or choose another one.",
        )
    found: Wire = answer.checked()
    return found


def is_column(row: Wire) -> bool:
    """A column of its own that can be read and holds a single value; `AttributeOf` marks the shadow of another."""
    if row.get("AttributeOf") or row.get("IsValidForRead") is False or type_name(row) not in TYPES:
        return False
    return row.get("IsValidODataAttribute") is not False or type_name(row) in LOOKUPS


def type_name(row: Wire) -> str:
    """`AttributeType` calls some types Virtual, `AttributeTypeName` says what they are."""
    named = (row.get("AttributeTypeName") or {}).get("Value")
    return str(named or row.get("AttributeType") or "").removesuffix("Type")
