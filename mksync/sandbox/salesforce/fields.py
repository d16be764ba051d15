"""Fields and objects as data, and the one-line notation the tables of standard fields are written in.

A line is `Name type(length) flags`: `Email email(80) ncu-p+i`. The five flags are n nillable, c createable, u
updateable, d defaultedOnCreate, p permissionable; after them `+i` idLookup, `+r` restricted picklist, `+x` external id,
`+q` unique. A reference is `ref(Group|User)`, a number `currency(18,2)`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

_LINE = re.compile(r"(\w+) (\w+)(?:\(([\w,|]+)\))? ([n-][c-][u-][d-][p-])((?:\+\w)*)")
_ADDRESS_PART = re.compile(
    r"(Mailing|Other|Billing|Shipping|)(Street|City|State|PostalCode|Country|Latitude|Longitude|GeocodeAccuracy)"
)
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LABELS = {
    "HasOptedOutOfEmail": "Email Opt Out",
    "HasOptedOutOfFax": "Fax Opt Out",
    "DoNotCall": "Do Not Call",
    "IsDeleted": "Deleted",
    "SystemModstamp": "System Modstamp",
    "Name": "Full Name",
    "NumberOfEmployees": "Employees",
    "PostalCode": "Zip/Postal Code",
    "State": "State/Province",
}
TEXTS = frozenset({"string", "textarea", "phone", "url", "email", "picklist", "multipicklist", "combobox"})
NUMBERS = frozenset({"double", "currency", "percent", "int"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a picklist."""

    value: str
    default: bool = False
    active: bool = True


@dataclass(frozen=True)
class Field:
    """One field of an object. `createable` and `updateable` are what the acting user may do (profile included)."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    permissionable: bool = True
    id_lookup: bool = False
    restricted: bool = False
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    custom: bool = False
    reference_to: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    compound: str | None = None

    @cached_property
    def relationship(self) -> str | None:
        """The name SOQL follows this reference by: `OwnerId` gives `Owner`, `Parent__c` gives `Parent__r`."""
        if self.type != "reference":
            return None
        return self.name[:-1] + "r" if self.custom else self.name.removesuffix("Id")

    @cached_property
    def filterable(self) -> bool:
        """Long text can be neither filtered nor sorted nor grouped by; nor can an address."""
        return self.type != "address" and not (self.type == "textarea" and self.length > 255)

    @cached_property
    def default_choice(self) -> str | None:
        return next((choice.value for choice in self.choices if choice.default), None)

    @cached_property
    def is_key(self) -> bool:
        """Whether records can be addressed by it: an external id, an idLookup field, or the Id."""
        return self.external_id or self.id_lookup


@dataclass(frozen=True)
class SObject:
    """One object: its three-character id prefix, its fields by lower-case name, and what the API offers for it."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: Mapping[str, Field] = field(repr=False)
    editable: bool = True  # set-up objects can be read only
    deletable: bool = True
    mergeable: bool = False
    replicateable: bool = True
    undeletable: bool = True

    def has(self, name: str) -> bool:
        return name.lower() in self.fields

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Fields that may be written, must not be empty, and are not filled by the server."""
        return tuple(
            f.name
            for f in self.fields.values()
            if not f.nillable and not f.defaulted and f.type != "boolean" and (f.createable or f.updateable)
        )

    @cached_property
    def defaulted_choices(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields.values() if f.default_choice is not None)

    @cached_property
    def references(self) -> Mapping[str, Field]:
        """The reference fields by lower-case relationship name."""
        return {f.relationship.lower(): f for f in self.fields.values() if f.relationship}


def parse_fields(object: str, lines: str, choices: Mapping[str, tuple[Choice, ...]]) -> dict[str, Field]:
    """Read a table of fields; `choices` gives the picklist values by `Object.Field`."""
    fields = (parse_field(object, line.strip(), choices) for line in lines.strip().splitlines())
    return by_name(fields)


def by_name(fields: Iterable[Field]) -> dict[str, Field]:
    return {field.name.lower(): field for field in fields}


def parse_field(object: str, line: str, choices: Mapping[str, tuple[Choice, ...]]) -> Field:
    match = _LINE.fullmatch(line)
    if not match:
        raise ValueError(f"{object}: not a line of the field notation: {line}")
    name, type, inside, flags, marks = match.groups()
    size = _size(type, inside or "")
    return Field(
        name=name,
        label=label_of(object, name),
        type="reference" if type == "ref" else type,
        length=size[0],
        precision=size[1],
        scale=size[2],
        nillable="n" in flags,
        createable="c" in flags,
        updateable="u" in flags,
        defaulted="d" in flags,
        permissionable="p" in flags,
        id_lookup="+i" in marks,
        restricted="+r" in marks,
        external_id="+x" in marks,
        unique="+q" in marks,
        custom=name.endswith("__c"),
        reference_to=tuple((inside or "").split("|")) if type == "ref" else (),
        choices=choices.get(f"{object}.{name}", ()),
        compound=_compound(object, name),
    )


def _size(type: str, inside: str) -> tuple[int, int, int]:
    """Length, precision, scale."""
    if type in ("id", "ref"):
        return 18, 0, 0
    if type in NUMBERS:
        precision, _, scale = inside.partition(",")
        return 0, int(precision or 0), int(scale or 0)
    return int(inside or 0), 0, 0


def _compound(object: str, name: str) -> str | None:
    address = _ADDRESS_PART.fullmatch(name)
    if address and object in ("Lead", "Contact", "Account", "User"):
        return f"{address[1]}Address"
    if name in ("FirstName", "LastName", "Salutation") and object in ("Lead", "Contact"):
        return "Name"
    return None


def label_of(object: str, name: str) -> str:
    """What people read: `LastName` gives "Last Name", a reference ends in " ID"."""
    if name == "Id":
        return "Record ID" if object.endswith("__c") else f"{object} ID"
    if name in _LABELS and not (name == "Name" and object not in ("Lead", "Contact", "User")):
        return _LABELS[name]
    if name == "Name":
        return f"{object.removesuffix('__c').replace('_', ' ')} Name"
    words = " ".join(_WORD.split(name.removesuffix("__c").replace("_", " ")))
    return re.sub(r"\bId$", "ID", words)
