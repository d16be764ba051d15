"""What a table of the organisation is, as data: columns, lookups, keys, states.

Source: Microsoft Learn, "Attribute (column) metadata for Microsoft Dataverse", "EntityMetadata EntityType".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """`AttributeTypeName` of a column."""

    BIG_INT = "BigIntType"
    BOOLEAN = "BooleanType"
    CUSTOMER = "CustomerType"
    DATE_TIME = "DateTimeType"
    DECIMAL = "DecimalType"
    DOUBLE = "DoubleType"
    ENTITY_NAME = "EntityNameType"
    IMAGE = "ImageType"
    INTEGER = "IntegerType"
    LOOKUP = "LookupType"
    MEMO = "MemoType"
    MONEY = "MoneyType"
    MULTI = "MultiSelectPicklistType"
    OWNER = "OwnerType"
    PICKLIST = "PicklistType"
    STATE = "StateType"
    STATUS = "StatusType"
    STRING = "StringType"
    UNIQUEIDENTIFIER = "UniqueidentifierType"


LOOKUPS = frozenset({Kind.LOOKUP, Kind.CUSTOMER, Kind.OWNER})
TEXTS = frozenset({Kind.STRING, Kind.MEMO})
CHOICES = frozenset({Kind.PICKLIST, Kind.STATE, Kind.STATUS})
FRACTIONS = frozenset({Kind.DECIMAL, Kind.DOUBLE, Kind.MONEY})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. Of a state: its default status; of a status: the state it belongs to."""

    value: int
    label: str
    default_status: int | None = None
    state: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute. `create`, `update` and `read` are IsValidFor…; what is not valid is silently ignored or null."""

    name: str  # LogicalName
    kind: Kind
    label: str = ""
    schema_name: str = ""
    length: int = 0  # characters; String and Memo
    format: str = ""  # String: Text, Email, Phone, Url …; DateTime: DateOnly or DateAndTime
    behavior: str = ""  # DateTime: UserLocal, DateOnly or TimeZoneIndependent
    precision: int = 0  # decimals; Decimal, Double, Money
    minimum: float | None = None
    maximum: float | None = None
    options: tuple[Option, ...] = ()  # Boolean: (false, true)
    targets: tuple[str, ...] = ()  # logical names; lookups
    required: str = "None"  # None, Recommended, ApplicationRequired, SystemRequired
    create: bool = True
    update: bool = True
    read: bool = True
    odata: bool = True  # IsValidODataAttribute: whether the Web API knows it at all
    secured: bool = False
    can_be_secured: bool = True
    custom: bool = False
    default: int | None = None  # value of a new row that does not say; booleans and choices
    attribute_of: str | None = None
    source_type: int = 0  # 1 calculated, 2 rollup

    @property
    def is_lookup(self) -> bool:
        return self.kind in LOOKUPS

    @property
    def is_polymorphic(self) -> bool:
        """Whether a companion column `<name>type` holds the logical name of the row referred to."""
        return len(self.targets) > 1

    @property
    def property(self) -> str:
        """The name of the property in JSON, `$select` and `$filter`."""
        return f"_{self.name}_value" if self.is_lookup else self.name


@dataclass(frozen=True, slots=True)
class Relationship:
    """A many-to-one: `column` of this table refers to rows of `target`."""

    column: str
    target: str
    navigation: str  # ReferencingEntityNavigationPropertyName: for $expand and @odata.bind, case-sensitive
    collection: str  # ReferencedEntityNavigationPropertyName: the way back, a property of `target`
    on_delete: str = "RemoveLink"  # of the row referred to: Cascade, Restrict, RemoveLink or NoCascade
    on_merge: bool = True  # whether children follow the winner of a merge


@dataclass(frozen=True, slots=True)
class ManyToMany:
    """An N:N as seen from one side; both sides call it by the same name."""

    navigation: str
    through: str  # logical name of the intersect table
    here: str  # its column that holds this side's id
    there: str
    target: str  # the table on the other side


@dataclass(frozen=True, slots=True)
class Key:
    """An alternate key; `columns` are logical names."""

    name: str
    columns: tuple[str, ...]
    status: str = "Active"


@dataclass(frozen=True, slots=True)
class Table:
    """One entity. Columns keep their order, the primary key first."""

    name: str  # LogicalName
    set_name: str  # EntitySetName
    schema_name: str
    label: str
    code: int  # ObjectTypeCode
    primary_id: str
    primary_name: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    relationships: tuple[Relationship, ...] = ()
    many_to_many: tuple[ManyToMany, ...] = ()
    keys: tuple[Key, ...] = ()
    ownership: str = "UserOwned"  # UserOwned, OrganizationOwned, BusinessOwned, None
    change_tracking: bool = False
    can_change_tracking: bool = True
    optimistic_concurrency: bool = True
    duplicate_detection: bool = False
    custom: bool = False
    intersect: bool = False
    bulk: bool = True  # CreateMultiple and UpdateMultiple are available
    activity: bool = False

    @property
    def has_state(self) -> bool:
        return "statecode" in self.columns

    @property
    def has_owner(self) -> bool:
        return self.ownership == "UserOwned"

    def by_property(self, property: str) -> Column | None:
        """The column behind a property name of the Web API: `firstname`, `_ownerid_value`."""
        found = self.columns.get(property.removeprefix("_").removesuffix("_value")) if property[:1] == "_" else None
        found = found or self.columns.get(property)
        return found if found is not None and found.odata and found.property == property else None

    def navigations(self, name: str) -> Iterator[Relationship]:
        """The many-to-one of this navigation name. `ownerid` yields one for each kind of owner."""
        return (one for one in self.relationships if one.navigation == name)

    def key(self, columns: frozenset[str]) -> Key | None:
        """The alternate key over exactly these columns."""
        return next((key for key in self.keys if frozenset(key.columns) == columns), None)
